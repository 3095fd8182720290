using Npgsql;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Npgsql as its users use it.</summary>
public sealed class NpgsqlTests
{
    private const string Endless = "with recursive c(n) as (select 1 union all select n + 1 from c where n < 100000000000) select count(*) as n from c";

    [Fact]
    public async Task Commands_create_write_and_read()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        Assert.Equal(-1, await ExecuteAsync(connection, "create table t (id int primary key, v text, r double precision, b bytea)"));
        await using (var insert = new NpgsqlCommand("insert into t values ($1, $2, $3, $4)", connection))
        {
            insert.Parameters.Add(new() { Value = 7 });
            insert.Parameters.Add(new() { Value = "sieben" });
            insert.Parameters.Add(new() { Value = 7.5 });
            insert.Parameters.Add(new() { Value = new byte[] { 7, 0, 255 } });
            Assert.Equal(1, await insert.ExecuteNonQueryAsync());
        }

        await using var select = new NpgsqlCommand("select id, v, r, b, null as n from t where id = $1", connection);
        select.Parameters.Add(new() { Value = 7 });
        await using var reader = await select.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        Assert.Equal(7, reader.GetInt32(0));
        Assert.Equal("sieben", reader.GetString(1));
        Assert.Equal(7.5, reader.GetDouble(2));
        Assert.Equal([7, 0, 255], (byte[])reader[3]);
        Assert.True(await reader.IsDBNullAsync(4));
        Assert.False(await reader.ReadAsync());
    }

    [Theory]
    [InlineData("select $1::int + 1 as n", 41, 42L)]
    [InlineData("select $1 ::int4 as n", 41, 41)]
    [InlineData("select 1 as n where $1::int = 41 and $1 = 41", 41, 1)]
    [InlineData("select $1::text || 'x' as n", "y", "yx")]
    [InlineData("select $1::double precision as n", 1.5, 1.5)]
    [InlineData("select $1::bool as n", true, true)]
    public async Task A_parameter_may_be_cast(string sql, object value, object expected)
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = value });
        Assert.Equal(expected, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Settings_of_a_transaction_act_on_the_open_block()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id int)");
        await ExecuteAsync(connection, "begin");
        await ExecuteAsync(connection, "set transaction_isolation = 'repeatable read'");
        Assert.Equal(0L, await ScalarAsync(connection, "select count(*) from t"));
        await ExecuteAsync(other, "insert into t values (1)");
        Assert.Equal(0L, await ScalarAsync(connection, "select count(*) from t"));
        var late = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, "set transaction_isolation = 'read committed'"));
        Assert.Equal("25001", late.SqlState);
        await ExecuteAsync(connection, "rollback");
        Assert.Equal(1L, await ScalarAsync(connection, "select count(*) from t"));

        await ExecuteAsync(connection, "begin");
        await ExecuteAsync(connection, "set transaction_read_only = on");
        var refused = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, "insert into t values (2)"));
        Assert.Equal("25006", refused.SqlState);
        await ExecuteAsync(connection, "rollback");
        Assert.Equal(1, await ExecuteAsync(connection, "insert into t values (2)"));
    }

    [Fact]
    public async Task Prepared_commands_run_again_and_again()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id bigint primary key, v text)");
        await using var insert = new NpgsqlCommand("insert into t values ($1, $2)", connection);
        insert.Parameters.Add(new() { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint });
        insert.Parameters.Add(new() { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await insert.PrepareAsync();
        for (var i = 0L; i < 50; i++)
        {
            insert.Parameters[0].Value = i;
            insert.Parameters[1].Value = $"v{i}";
            Assert.Equal(1, await insert.ExecuteNonQueryAsync());
        }

        await using var select = new NpgsqlCommand("select v from t where id = $1", connection);
        select.Parameters.Add(new() { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint });
        await select.PrepareAsync();
        for (var i = 0L; i < 50; i++)
        {
            select.Parameters[0].Value = i;
            Assert.Equal($"v{i}", await select.ExecuteScalarAsync());
        }
    }

    [Fact]
    public async Task A_batch_is_all_or_nothing()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync(";Include Failed Batched Command=true");
        await ExecuteAsync(connection, "create table t (id int primary key)");
        await using (var good = new NpgsqlBatch(connection))
        {
            good.BatchCommands.Add(new("insert into t values (1)"));
            good.BatchCommands.Add(new("insert into t values (2), (3)"));
            good.BatchCommands.Add(new("select count(*) as n from t"));
            await using var reader = await good.ExecuteReaderAsync();
            Assert.True(await reader.ReadAsync());
            Assert.Equal(3, Convert.ToInt32(reader[0], System.Globalization.CultureInfo.InvariantCulture));
        }

        await using (var bad = new NpgsqlBatch(connection))
        {
            bad.BatchCommands.Add(new("insert into t values (4)"));
            bad.BatchCommands.Add(new("insert into t values (1)"));
            bad.BatchCommands.Add(new("insert into t values (5)"));
            var error = await Assert.ThrowsAsync<PostgresException>(() => bad.ExecuteNonQueryAsync());
            Assert.Equal("23505", error.SqlState);
            Assert.Equal("t_pkey", error.ConstraintName);
            Assert.Same(bad.BatchCommands[1], error.BatchCommand);
        }

        Assert.Equal(3L, await ScalarAsync(connection, "select count(*) as n from t"));
    }

    [Fact]
    public async Task Errors_carry_their_sqlstate_and_leave_the_connection_usable()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        foreach (var (sql, state) in new[]
        {
            ("selec 1", "42601"), ("select * from nope", "42P01"), ("select nope", "42703"), ("select nope(1)", "42883"),
        })
        {
            var error = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(connection, sql));
            Assert.Equal(state, error.SqlState);
        }

        Assert.Equal(1, Convert.ToInt32(await ScalarAsync(connection, "select 1"), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_running_query_is_cancelled_and_the_next_one_is_not()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await using var command = new NpgsqlCommand(Endless, connection);
        using var cancel = new CancellationTokenSource();
        var running = command.ExecuteScalarAsync(cancel.Token);
        await using (var other = await server.ConnectAsync())
        {
            Assert.Equal(1, Convert.ToInt32(await ScalarAsync(other, "select 1"), System.Globalization.CultureInfo.InvariantCulture));
        }

        await cancel.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal("57014", Assert.IsType<PostgresException>(error.InnerException).SqlState);
        Assert.Equal(2, Convert.ToInt32(await ScalarAsync(connection, "select 2"), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Statement_timeout_ends_a_read()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync(";Options=-c statement_timeout=50");
        var error = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(connection, Endless));
        Assert.Equal("57014", error.SqlState);
        Assert.Contains("statement timeout", error.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_million_rows_pass_in_bounded_memory()
    {
        const int Rows = 1_000_000;
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await using var command = new NpgsqlCommand(
            $"with recursive c(n) as (select 1 union all select n + 1 from c where n < {Rows}) select n, printf('%084d', n) as v from c", connection);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = 0L;
        var count = 0;
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            if (++count % 100_000 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        Assert.Equal(Rows, count);
        Assert.InRange(most, long.MinValue, 32 << 20);
    }

    [Fact]
    public async Task A_session_idle_in_a_transaction_is_ended_with_25P03()
    {
        await using var server = new SocketServer();
        await using var client = await Scripting.WireClient.ConnectAsync(server.Listener.EndPoint);
        await client.SendAsync(new Scripting.ClientMessages()
            .Startup(196608, ("user", "u")).Query("set idle_in_transaction_session_timeout = 20").Query("begin").Bytes);
        var frames = await client.ReadUntilClosedAsync();
        Assert.Equal("25P03", frames[^1].Field('C'));
    }

    [Fact]
    public async Task Stopping_the_listener_ends_sessions_with_57P01()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await server.Listener.DisposeAsync();
        var error = await Assert.ThrowsAnyAsync<NpgsqlException>(() => ScalarAsync(connection, "select 1"));
        Assert.True(error is PostgresException { SqlState: "57P01" } || error.InnerException is IOException, error.ToString());
    }

    [Fact]
    public async Task Too_many_connections_are_refused_with_53300()
    {
        await using var server = new SocketServer(options => options with { ConnectionsMax = 2 });
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        var error = await Assert.ThrowsAsync<PostgresException>(() => server.ConnectAsync());
        Assert.Equal("53300", error.SqlState);
    }

    [Fact]
    public async Task Target_session_attributes_find_the_leader()
    {
        await using var server = new SocketServer();
        await using var source = new NpgsqlDataSourceBuilder(server.ConnectionString).BuildMultiHost();
        await using var connection = await source.OpenConnectionAsync(TargetSessionAttributes.Primary);
        Assert.Equal(1, Convert.ToInt32(await ScalarAsync(connection, "select 1"), System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
