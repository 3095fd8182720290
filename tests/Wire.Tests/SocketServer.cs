using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Support;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>The listener on a free port, over a real database of its own.</summary>
internal sealed class SocketServer : IAsyncDisposable
{
    private readonly StandaloneDatabase _database;

    public SocketServer(
        Func<WireOptions, WireOptions>? configure = null, Func<IDatabase, IDatabase>? decorate = null, Func<StorageOptions, StorageOptions>? storage = null)
    {
        _database = StandaloneDatabase.Open(configure: storage);
        var options = new WireOptions { Dialect = "sqlite", EndPoint = new IPEndPoint(IPAddress.Loopback, 0) };
        Listener = new PgListener(
            decorate is null ? _database.Database : decorate(_database.Database), _database.Control, configure?.Invoke(options) ?? options, NullLoggerFactory.Instance);
        Listener.Start();
    }

    public PgListener Listener { get; }

    public StandaloneDatabase Database => _database;

    public string ConnectionString =>
        $"Host=127.0.0.1;Port={Listener.EndPoint.Port};Username=tester;Database=main;Server Compatibility Mode=NoTypeLoading;Pooling=false;Include Error Detail=true";

    public async Task<NpgsqlConnection> ConnectAsync(string more = "")
    {
        var connection = new NpgsqlConnection(ConnectionString + more);
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        await _database.DisposeAsync();
    }
}
