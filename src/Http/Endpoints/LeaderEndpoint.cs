using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Http;

/// <summary><c>GET /leader</c> shows the leader; <c>POST /leader</c> makes it step down.</summary>
internal static class LeaderEndpoint
{
    public static Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters) =>
        HttpMethods.IsGet(context.Request.Method)
            ? ShowAsync(services, context, parameters)
            : StepDownAsync(services, context, parameters);

    private static async Task ShowAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var token = context.RequestAborted;
        var report = await services.Control.LeaderReportAsync(parameters.Timeout, token).ConfigureAwait(false)
            ?? throw new ClusterException(ClusterError.NoLeader, "leader not found");
        using var response = new JsonResponse(context, parameters.Pretty);
        NodeDocument.Write(response.Json, report, services.Options);
        await response.CompleteAsync(token).ConfigureAwait(false);
    }

    private static async Task StepDownAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var token = context.RequestAborted;
        string? successor = null;
        if (context.Request.ContentLength is not (null or 0) && context.Request.ContentType is { } type
            && type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase))
        {
            var body = await BodyReader.ReadAllAsync(context, NodeIdBody.BytesMax, token).ConfigureAwait(false);
            successor = NodeIdBody.Parse(body)
                ?? throw RequestException.BadRequest("invalid JSON: an object with the one key \"id\" is expected");
        }

        var control = services.Control;
        var leader = control.Leader ?? throw new ClusterException(ClusterError.NoLeader, "leader not found");
        if (parameters.Redirect && !control.IsLeader)
        {
            await ErrorMapping.RedirectAsync(context, services, leader).ConfigureAwait(false);
            return;
        }

        try
        {
            await control.StepDownAsync(successor, parameters.Wait, parameters.Timeout, token).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Error is not ClusterError.NoLeader)
        {
            throw new RequestException(StatusCodes.Status500InternalServerError, $"stepdown: {ErrorMapping.Text(e)}", e);
        }

        services.SetServedBy(context, leader);
    }
}
