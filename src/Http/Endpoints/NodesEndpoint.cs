using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Http;

/// <summary><c>GET /nodes</c>: the members, each asked whether it answers.</summary>
internal static class NodesEndpoint
{
    public static async Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var token = context.RequestAborted;
        IReadOnlyList<NodeReport> reports;
        try
        {
            reports = await services.Control.NodesAsync(parameters.NodeTimeout, token).ConfigureAwait(false);
        }
        catch (ClusterException e)
        {
            var text = e.Error == ClusterError.NotReady ? "store not open" : ErrorMapping.Text(e);
            throw new RequestException(StatusCodes.Status503ServiceUnavailable, $"store nodes: {text}", e);
        }

        var shown = reports.Where(report => report.Node.Voter || parameters.NonVoters);
        using var response = new JsonResponse(context, parameters.Pretty);
        if (parameters.NodesVersion == "2")
        {
            WriteArray(response.Json, shown, services.Options);
        }
        else
        {
            WriteMap(response.Json, shown.OrderBy(report => report.Node.Id, StringComparer.Ordinal), services.Options);
        }

        await response.CompleteAsync(token).ConfigureAwait(false);
    }

    private static void WriteArray(JsonWriter json, IEnumerable<NodeReport> reports, HttpOptions options)
    {
        json.BeginObject();
        json.Name("nodes"u8);
        json.BeginArray();
        foreach (var report in reports)
        {
            NodeDocument.Write(json, report, options);
        }

        json.EndArray();
        json.EndObject();
    }

    private static void WriteMap(JsonWriter json, IEnumerable<NodeReport> reports, HttpOptions options)
    {
        json.BeginObject();
        foreach (var report in reports)
        {
            json.Name(report.Node.Id);
            NodeDocument.Write(json, report, options);
        }

        json.EndObject();
    }
}
