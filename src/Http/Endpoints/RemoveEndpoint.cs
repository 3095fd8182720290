using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Http;

/// <summary><c>DELETE /remove</c>: takes a member out of the cluster.</summary>
internal static class RemoveEndpoint
{
    public static async Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var token = context.RequestAborted;
        var body = await BodyReader.ReadAllAsync(context, NodeIdBody.BytesMax, token).ConfigureAwait(false);
        if (NodeIdBody.Parse(body) is not { } id)
        {
            throw RequestException.BadRequest("");
        }

        var control = services.Control;
        if (parameters.Redirect && !control.IsLeader)
        {
            await ErrorMapping.RedirectAsync(context, services, control.Leader).ConfigureAwait(false);
            return;
        }

        var leader = control.Leader;
        try
        {
            await control.RemoveAsync(id, parameters.Timeout, token).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Error is not ClusterError.NoLeader)
        {
            throw new RequestException(StatusCodes.Status500InternalServerError, ErrorMapping.Text(e), e);
        }

        services.SetServedBy(context, leader);
    }
}
