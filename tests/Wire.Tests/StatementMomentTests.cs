using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>The clock goes on within a block that writes, where now() stands still. The answers are PostgreSQL's.</summary>
public sealed class StatementMomentTests : IAsyncLifetime
{
    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _connection = await _server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");
        await _connection.AskAsync("create table t (id int, at timestamptz default clock_timestamp(), began timestamptz default statement_timestamp())");
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Each_statement_of_a_block_has_its_moment()
    {
        await _connection.AskAsync("begin");
        for (var i = 0; i < 3; i++)
        {
            await PassMomentAsync();
            Assert.Equal("t|t", await _connection.AskAsync($"insert into t(id) values ({i}) returning at > now(), began > now()"));
        }

        await PassMomentAsync();
        Assert.Equal("3|3|t|t", await _connection.AskAsync(
            "select count(distinct at), count(distinct began), max(at) < clock_timestamp(), max(began) < statement_timestamp() from t"));
        Assert.Equal("t", await _connection.AskAsync("update t set at = clock_timestamp() where id = 0 returning at > began"));
        await _connection.AskAsync("commit");
        Assert.Equal("3", await _connection.AskAsync("select count(*) from t where at < clock_timestamp()"));
    }

    [Fact]
    public async Task A_statement_by_itself_is_not_older_than_its_transaction() =>
        Assert.Equal("t|t", await _connection.AskAsync("insert into t(id) values (1) returning at >= now(), began >= now()"));

    [Fact]
    public async Task A_prepared_statement_has_a_moment_at_each_execution()
    {
        await _connection.AskAsync("begin");
        await using var command = new NpgsqlCommand("insert into t(id) values ($1)", _connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = 1 });
        await command.PrepareAsync();
        for (var i = 0; i < 3; i++)
        {
            await PassMomentAsync();
            await command.ExecuteNonQueryAsync();
        }

        Assert.Equal("3", await _connection.AskAsync("select count(distinct at) from t"));
    }

    // The clock counts microseconds.
    private static async Task PassMomentAsync()
    {
        var before = DateTime.UtcNow;
        while ((DateTime.UtcNow - before).Ticks < TimeSpan.TicksPerMicrosecond * 2)
        {
            await Task.Yield();
        }
    }
}
