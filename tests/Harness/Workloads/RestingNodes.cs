namespace Rqlite.Pg.Harness.Workloads;

/// <summary>Waits until nodes have given back what their clients took.</summary>
internal static class RestingNodes
{
    /// <summary>No connection that its client has closed is left, none of those named, and no reader is at work.</summary>
    /// <param name="followed">The system's names of connections that have been left.</param>
    public static async Task CheckAsync(NodeProcess node, IReadOnlyCollection<string> followed)
    {
        await Until.TrueAsync(
            $"node {node.Options.Id} has let go of clients that left",
            () => Task.FromResult(Closed(node) == 0 && NodeSockets.Held(node.Id, followed) == 0),
            () => $"{Closed(node)} closed by clients, {NodeSockets.Held(node.Id, followed)} of those followed\n{node.Log}");
        await Until.TrueAsync(
            $"node {node.Options.Id} has no reader at work",
            async () => (await node.Api.GetAsync("/status?key=store.sqlite3.conn_pool_stats.ro.in_use")).Body.Trim() == "0");
    }

    /// <summary>The writer can be had by way of a node, which gives it back.</summary>
    public static async Task WriterIsFreeAsync(NodeProcess node, string table)
    {
        var answer = "";
        await Until.TrueAsync($"the writer is free for node {node.Options.Id}", async () =>
        {
            try
            {
                using var session = await PgText.ConnectAsync(node.Options.PgPort, "-c lock_timeout=2s");
                var began = await session.RunAsync($"BEGIN; LOCK TABLE {table} NOWAIT");
                answer = began.ToString();
                return began.Ok && (await session.RunAsync("ROLLBACK")).Ok;
            }
            catch (IOException e)
            {
                answer = e.Message;
                return false;
            }
        }, () => answer);
    }

    private static int Closed(NodeProcess node) => NodeSockets.Closed(node.Id, node.Options.PgPort);
}
