using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Support;

namespace Rqlite.Pg.Wire.Tests.Isolation;

/// <summary>
/// Our own listeners, one for each session, over one database: so it is known which session's request waits for the writer.
/// </summary>
internal sealed class OwnIsolation : IIsolationServer
{
    private readonly StandaloneDatabase _database = StandaloneDatabase.Open();
    private readonly Dictionary<string, (PgListener Listener, WriterWatch Watch)> _doors = [];

    public async ValueTask<IsolationSession> ConnectAsync(string name)
    {
        var watch = new WriterWatch(_database.Database);
        var listener = new PgListener(
            watch, _database.Control, new WireOptions { Dialect = "sqlite", EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }, NullLoggerFactory.Instance);
        listener.Start();
        _doors.Add(name, (listener, watch));
        var session = await IsolationSession.ConnectAsync(name, listener.EndPoint, "postgres", "postgres");

        // The scripts say who waits for whom, however long a step takes.
        await session.QueryAsync("SET rqlite.writer_slice = 0");
        return session;
    }

    public ValueTask<bool> WaitsAsync(IsolationSession session) => new(WriterWaits.Waits(
        _doors[session.Name].Watch, [.. _doors.Values.Select(static door => door.Watch)], () => _database.WriterHeld, () => _database.WritersWaiting));

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
        foreach (var (listener, _) in _doors.Values)
        {
            await listener.DisposeAsync();
        }

        await _database.DisposeAsync();
    }
}
