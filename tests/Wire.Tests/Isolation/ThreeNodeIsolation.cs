using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Support;

namespace Rqlite.Pg.Wire.Tests.Isolation;

/// <summary>Sessions on several nodes of one cluster, each through a listener of its own. The database is emptied behind each order of steps.</summary>
/// <param name="place">Says for the number of a session, counted from 0, which node it is connected to.</param>
internal sealed class ThreeNodeIsolation(InProcessCluster cluster, Func<int, ClusterNode> place) : IIsolationServer
{
    private readonly Dictionary<string, (PgListener Listener, WriterWatch Watch)> _doors = [];

    public async ValueTask<IsolationSession> ConnectAsync(string name)
    {
        var node = name == "control" ? cluster.Leader : place(_doors.Count);
        var watch = new WriterWatch(node.Database);
        var listener = new PgListener(watch, node, new WireOptions { Dialect = "sqlite", EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }, NullLoggerFactory.Instance);
        listener.Start();
        _doors.Add(name, (listener, watch));
        var session = await IsolationSession.ConnectAsync(name, listener.EndPoint, "postgres", "postgres");
        await session.QueryAsync("SET rqlite.writer_slice = 0");
        return session;
    }

    public async ValueTask PreparedAsync() => await cluster.SyncAsync();

    public ValueTask<bool> WaitsAsync(IsolationSession session) => new(WriterWaits.Waits(
        _doors[session.Name].Watch, [.. _doors.Values.Select(static door => door.Watch)], () => cluster.WriterHeld, () => cluster.WritersWaiting));

    public Task CancelAsync(IsolationSession session) => session.CancelAsync();

    public async Task GoneAsync(IsolationSession session)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (_doors[session.Name].Listener.Connections > 0)
        {
            await Task.Delay(5, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await using (var session = await ConnectAsync("cleaner"))
        {
            // What refers to others was made behind them.
            var found = IsolationSession.Describe(await session.QueryAsync(
                "SELECT 'drop ' || type || ' \"' || name || '\"' FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%' "
                + "AND name NOT LIKE '\\_rqlite%' ESCAPE '\\' ORDER BY rowid DESC"));
            foreach (var drop in found.Split('(', ')').Where(static part => part.StartsWith("drop ", StringComparison.Ordinal)))
            {
                var answer = IsolationSession.Describe(await session.QueryAsync(drop));
                Assert.StartsWith("DROP", answer, StringComparison.Ordinal);
            }
        }

        foreach (var (listener, _) in _doors.Values)
        {
            await listener.DisposeAsync();
        }
    }
}
