using System.IO.Pipelines;
using Microsoft.Extensions.Logging.Abstractions;
using System.Net;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Support;

namespace Rqlite.Pg.Wire.Tests.Scripting;

/// <summary>Sessions over pipes in memory, on a real database of their own.</summary>
internal sealed class MemoryServer : IAsyncDisposable
{
    private readonly StandaloneDatabase _database = StandaloneDatabase.Open(configure: options => options with { Sql = Implementations.Extensions });
    private readonly List<Task> _sessions = [];
    private readonly SessionContext _context;
    private int _connections;

    public MemoryServer(WireOptions? options = null, Func<IDatabase, IDatabase>? decorate = null, ILeadership? leadership = null) =>
        _context = new SessionContext(
            decorate is null ? _database.Database : decorate(_database.Database),
            leadership ?? _database.Control,
            options ?? new WireOptions { Dialect = "sqlite", EndPoint = new IPEndPoint(IPAddress.Loopback, 0) },
            NullLogger.Instance);

    public PgConnection? Last { get; private set; }

    public WireClient Connect()
    {
        var (up, down) = (new Pipe(), new Pipe());
        Last = new PgConnection(up.Reader, down.Writer, _context, ++_connections);
        _sessions.Add(Last.RunAsync(null));
        return new WireClient(down.Reader, up.Writer);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_sessions);
        await _database.DisposeAsync();
    }
}
