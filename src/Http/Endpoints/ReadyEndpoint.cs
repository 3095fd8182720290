using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary><c>GET /readyz</c>: a line for each thing that must work before clients should come.</summary>
internal static class ReadyEndpoint
{
    private static readonly Statement s_probe = new("SELECT 1"u8.ToArray(), ReadOnlyMemory<byte>.Empty);

    public static async Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        const string node = "[+]node ok";
        var (ready, lines) = parameters.NoLeader
            ? (true, node)
            : await CheckAsync(services, parameters, node, context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await ErrorMapping.WritePlainAsync(context, lines).ConfigureAwait(false);
    }

    private static async ValueTask<(bool Ready, string Lines)> CheckAsync(
        ApiServices services, QueryParameters parameters, string lines, CancellationToken token)
    {
        var control = services.Control;
        if (control.Removed)
        {
            return (false, lines + "\n[+]this node was removed from the cluster");
        }

        if (control.Leader is null)
        {
            return (false, lines + "\n[+]leader does not exist");
        }

        if (!control.IsLeader && await ContactLeaderAsync(control, parameters, token).ConfigureAwait(false) is { } error)
        {
            return (false, $"{lines}\n[+]leader not contactable: {error}");
        }

        lines += "\n[+]leader ok";
        if (control.Stalled is { } stalled)
        {
            return (false, $"{lines}\n[+]store not ready: {stalled}");
        }

        if (!control.Ready)
        {
            return (false, lines + "\n[+]store not ready");
        }

        lines += "\n[+]store ok";
        if (parameters.Sync)
        {
            try
            {
                await control.SyncAsync(parameters.Timeout, token).ConfigureAwait(false);
            }
            catch (ClusterException e)
            {
                return (false, $"{lines}\n[+]sync {ErrorMapping.Text(e)}");
            }

            lines += "\n[+]sync ok";
        }

        return await ProbeAsync(services.Database, parameters, token).ConfigureAwait(false) is { } failure
            ? (false, $"{lines}\n[+]db not ok: ({failure})")
            : (true, lines + "\n[+]db ok");
    }

    private static async ValueTask<string?> ContactLeaderAsync(
        IClusterControl control, QueryParameters parameters, CancellationToken token)
    {
        try
        {
            var report = await control.LeaderReportAsync(parameters.Timeout, token).ConfigureAwait(false);
            return report is { Reachable: true } ? null : report?.Error ?? "leader not found";
        }
        catch (ClusterException e)
        {
            return ErrorMapping.Text(e);
        }
    }

    private static async ValueTask<string?> ProbeAsync(IDatabase database, QueryParameters parameters, CancellationToken token)
    {
        try
        {
            var options = new ReadOptions { Consistency = ReadConsistency.None, Timeout = parameters.Timeout };
            var rows = await database.ReadAsync(s_probe, BatchOptions.None, options, token).ConfigureAwait(false);
            await using var _ = rows.ConfigureAwait(false);
            while (await rows.WaitToReadAsync(token).ConfigureAwait(false))
            {
                while (rows.TryRead())
                {
                }
            }

            return rows.Outcome.Error?.Message;
        }
        catch (ClusterException e)
        {
            return ErrorMapping.Text(e);
        }
    }
}
