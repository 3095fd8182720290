using Npgsql;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Statements that a session holds prepared while another changes the schema.</summary>
public sealed class PreparedShapeTests
{
    [Theory]
    [InlineData(false, "alter table t add column b int")]
    [InlineData(true, "alter table t add column b int")]
    [InlineData(false, "begin; drop table t; create table t (a int primary key, b int); insert into t values (1, 1); commit")]
    [InlineData(true, "begin; drop table t; create table t (a int primary key, b int); insert into t values (1, 1); commit")]
    public async Task A_statement_whose_result_has_changed_is_refused(bool onTheWriter, string change)
    {
        await using var server = new SocketServer();
        await using var holder = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        await using var held = await PrepareAsync(holder, other);
        await ExecuteAsync(other, change);
        await BeginAsync(holder, onTheWriter);
        var error = await Assert.ThrowsAsync<PostgresException>(() => held.ExecuteScalarAsync());
        Assert.Equal(("0A000", "cached plan must not change result type"), (error.SqlState, error.MessageText));
        await ExecuteAsync(holder, "rollback");
    }

    [Theory]
    [InlineData(false, "create index i on t (a)")]
    [InlineData(true, "create index i on t (a)")]
    [InlineData(false, "create table u (x int)")]
    [InlineData(true, "create table u (x int)")]
    [InlineData(false, "begin; drop table t; create table t (a int); insert into t values (1); commit")]
    [InlineData(true, "begin; drop table t; create table t (a int); insert into t values (1); commit")]
    public async Task A_statement_whose_result_is_the_same_goes_on(bool onTheWriter, string change)
    {
        await using var server = new SocketServer();
        await using var holder = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        await using var held = await PrepareAsync(holder, other);
        await ExecuteAsync(other, change);
        await BeginAsync(holder, onTheWriter);
        Assert.Equal(1, await held.ExecuteScalarAsync());
        await ExecuteAsync(holder, "commit");
    }

    private static async Task<NpgsqlCommand> PrepareAsync(NpgsqlConnection holder, NpgsqlConnection other)
    {
        await ExecuteAsync(other, "create table t (a int)");
        await ExecuteAsync(other, "insert into t values (1)");
        var held = new NpgsqlCommand("select * from t", holder);
        await held.PrepareAsync();
        Assert.Equal(1, await held.ExecuteScalarAsync());
        return held;
    }

    private static async Task BeginAsync(NpgsqlConnection connection, bool onTheWriter)
    {
        await ExecuteAsync(connection, "begin");
        if (onTheWriter)
        {
            await ExecuteAsync(connection, "update t set a = a");
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
