using System.Net;

namespace Rqlite.Pg.Wire.Tests.Isolation;

/// <summary>A database of its own on PostgreSQL 15, which says itself who waits for whom.</summary>
internal sealed class PostgresIsolation : IIsolationServer
{
    private readonly IPEndPoint _endPoint;
    private readonly string _database;
    private readonly IsolationSession _admin;
    private readonly List<int> _processes = [];

    private PostgresIsolation(IPEndPoint endPoint, string database, IsolationSession admin)
    {
        _endPoint = endPoint;
        _database = database;
        _admin = admin;
    }

    public static async Task<PostgresIsolation> CreateAsync(int port, string database)
    {
        var endPoint = new IPEndPoint(IPAddress.Loopback, port);
        var admin = await IsolationSession.ConnectAsync("admin", endPoint, "postgres", "postgres");
        var created = await admin.QueryAsync($"create database {database}");
        Assert.DoesNotContain(created, f => f.Code == 'E');
        return new(endPoint, database, admin);
    }

    public async ValueTask<IsolationSession> ConnectAsync(string name)
    {
        var session = await IsolationSession.ConnectAsync(name, _endPoint, "postgres", _database);
        _processes.Add(session.ProcessId);
        return session;
    }

    public async ValueTask<bool> WaitsAsync(IsolationSession session) =>
        await AskAsync($"select pg_isolation_test_session_is_blocked({session.ProcessId}, '{{{string.Join(',', _processes)}}}')") == "SELECT 1 (t)";

    public Task CancelAsync(IsolationSession session) => session.CancelAsync();

    public async Task GoneAsync(IsolationSession session)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await AskAsync($"select count(*) from pg_stat_activity where pid = {session.ProcessId}") != "SELECT 1 (0)")
        {
            await Task.Delay(5, limit.Token);
        }
    }

    public ValueTask DisposeAsync() => _admin.DisposeAsync();

    private async Task<string> AskAsync(string sql) => IsolationSession.Describe(await _admin.QueryAsync(sql));
}
