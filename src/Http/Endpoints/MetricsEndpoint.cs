using Microsoft.AspNetCore.Http;

namespace Rqlite.Pg.Http;

/// <summary><c>GET /metrics</c>: for Prometheus. rqlite has no such endpoint; the permission is that of <c>/status</c>.</summary>
internal static class MetricsEndpoint
{
    public static Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        context.Response.ContentType = PrometheusText.ContentType;
        return context.Response.WriteAsync(PrometheusText.Write(services.Metrics.Collect()), context.RequestAborted);
    }
}
