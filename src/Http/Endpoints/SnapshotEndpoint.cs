using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Http;

/// <summary>
/// <c>POST /snapshot</c> makes this node's database durable and cuts its log; <c>POST /reap</c> removes what is not needed any more.
/// </summary>
internal static class SnapshotEndpoint
{
    public static async Task SnapshotAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        try
        {
            var trailing = parameters.TrailingLogs is > 0 ? parameters.TrailingLogs : null;
            var done = await services.Control.SnapshotAsync(trailing, context.RequestAborted).ConfigureAwait(false);
            context.Response.StatusCode = done ? StatusCodes.Status200OK : StatusCodes.Status204NoContent;
        }
        catch (ClusterException e)
        {
            throw new RequestException(StatusCodes.Status500InternalServerError, ErrorMapping.Text(e), e);
        }
    }

    public static async Task ReapAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var (databases, logs) = await services.Control.ReapAsync(context.RequestAborted).ConfigureAwait(false);
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync($"{{\"snapshots_reaped\":{databases},\"wals_checkpointed\":{logs}}}\n", context.RequestAborted).ConfigureAwait(false);
    }
}
