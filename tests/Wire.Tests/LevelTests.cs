using Npgsql;
using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Names of writes and levels of reads, each way in which a client may give them.</summary>
public sealed class LevelTests
{
    [Fact]
    public async Task A_key_names_the_next_write_and_a_repetition_gets_the_first_answer()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        var notices = new List<string>();
        connection.Notice += (_, e) => notices.Add(e.Notice.MessageText);
        await ExecuteAsync(connection, "create table t (id integer primary key, v text)");
        await ExecuteAsync(connection, "set rqlite.idempotency_key = 'k1'");
        Assert.Equal("k1", await ScalarAsync(connection, "show rqlite.idempotency_key"));
        Assert.Equal(1, await ScalarAsync(connection, "insert into t(v) values ('a') returning id"));
        Assert.Equal("", await ScalarAsync(connection, "show rqlite.idempotency_key"));
        var index = await ScalarAsync(connection, "show rqlite.last_index");
        Assert.Empty(notices);

        await using var other = await server.ConnectAsync();
        other.Notice += (_, e) => notices.Add(e.Notice.MessageText);
        await ExecuteAsync(other, "set rqlite.idempotency_key = 'k1'");
        Assert.Equal(1, await ScalarAsync(other, "insert into t(v) values ('a') returning id"));
        Assert.Contains("had run before", Assert.Single(notices), StringComparison.Ordinal);
        Assert.Equal(index, await ScalarAsync(other, "show rqlite.last_index"));
        Assert.Equal(1L, await ScalarAsync(connection, "select count(*) from t"));
        Assert.Equal(2, await ScalarAsync(other, "insert into t(v) values ('a') returning id"));

        await ExecuteAsync(other, "set rqlite.idempotency_key = 'k1'");
        var error = await FailAsync(other, "insert into t(v) values ('b')");
        Assert.Equal("22023", error.SqlState);
        Assert.Contains("another request", error.MessageText, StringComparison.Ordinal);
        Assert.Equal("", await ScalarAsync(other, "show rqlite.idempotency_key"));
    }

    [Fact]
    public async Task A_key_names_a_pipeline()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id integer primary key, v text)");
        for (var i = 0; i < 2; i++)
        {
            await ExecuteAsync(connection, "set rqlite.idempotency_key = 'batch'");
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands = { new("insert into t(v) values ('c')"), new("insert into t(v) values ('d')") },
            };
            await batch.ExecuteNonQueryAsync();
        }

        Assert.Equal(2L, await ScalarAsync(connection, "select count(*) from t"));
        await using (await connection.BeginTransactionAsync())
        {
            Assert.Equal("0A000", (await FailAsync(connection, "set rqlite.idempotency_key = 'inside'")).SqlState);
        }

        // Npgsql sends each as a message of its own, so the key is there before the write is gathered.
        await ExecuteAsync(connection, "set rqlite.idempotency_key = 'ahead'; insert into t(v) values ('f')");
        await ExecuteAsync(connection, "set rqlite.idempotency_key = 'ahead'; insert into t(v) values ('f')");
        Assert.Equal(3L, await ScalarAsync(connection, "select count(*) from t"));
        foreach (var bad in (string[])["'two words'", $"'{new string('x', 256)}'", "'ä'"])
        {
            Assert.Equal("22023", (await FailAsync(connection, $"set rqlite.idempotency_key = {bad}")).SqlState);
        }

        await ExecuteAsync(connection, $"set rqlite.idempotency_key = '{new string('x', 255)}'");
        await ExecuteAsync(connection, "set rqlite.idempotency_key = ''");
        await ExecuteAsync(connection, "insert into t(v) values ('g')");
    }

    [Fact]
    public async Task A_key_names_a_block_and_tells_its_repetition_that_it_was_committed()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id integer primary key, v text)");
        for (var i = 0; i < 3; i++)
        {
            await ExecuteAsync(connection, "set rqlite.idempotency_key = 'block'");
            await using var transaction = await connection.BeginTransactionAsync();
            Assert.Equal((long)i, await ScalarAsync(connection, "select count(*) from t"));
            await transaction.SaveAsync("s");
            if (i == 2)
            {
                var error = await FailAsync(connection, "insert into t(v) values ('again')");
                Assert.Equal("RQ001", error.SqlState);
                Assert.Contains("its work is done", error.Hint, StringComparison.Ordinal);
                await transaction.RollbackAsync("s");
                Assert.Equal("RQ001", (await FailAsync(connection, "insert into t(v) values ('again')")).SqlState);
                await transaction.RollbackAsync();
            }
            else
            {
                await ExecuteAsync(connection, "insert into t(v) values ('first')");
                await transaction.RollbackAsync("s");
                await ExecuteAsync(connection, "insert into t(v) values ('then')");
                await (i == 0 ? transaction.RollbackAsync() : transaction.CommitAsync());
            }

            Assert.Equal("", await ScalarAsync(connection, "show rqlite.idempotency_key"));
            if (i == 0)
            {
                await ExecuteAsync(connection, "insert into t(v) values ('unnamed')");
            }
        }

        Assert.Equal("then,unnamed", await ScalarAsync(connection, "select group_concat(v) from (select v from t order by v)"));
    }

    [Fact]
    public async Task A_key_names_a_block_that_stands_in_one_query_string()
    {
        await using var server = new MemoryServer();
        await using var client = server.Connect();
        const string Key = "set rqlite.idempotency_key = 'block'";
        const string Block = "begin; insert into t(v) values ('a'); insert into t(v) values ('b'); commit";
        await client.SendAsync(new ClientMessages().Startup(196608, ("user", "postgres")).Query("create table t (v text)")
            .Query(Key).Query(Block).Query(Key).Query(Block).Query("select count(*) as n from t")
            .Query(Key + "; insert into t(v) values ('c')").Bytes);
        var frames = await client.ReadUntilReadyAsync(8);
        Assert.Equal("0A000", Assert.Single(frames, static frame => frame.Code == 'E').Field('C'));
        Assert.Single(frames, static frame => frame.Code == 'N');
        Assert.Equal((byte)'2', Assert.Single(frames, static frame => frame.Code == 'D').Body[^1]);
        await client.EndAsync();
    }

    [Fact]
    public async Task Levels_are_set_for_a_session_a_transaction_and_at_the_start()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync(";Options='-c rqlite.consistency=none -c rqlite.freshness=2s'");
        Assert.Equal("none", await ScalarAsync(connection, "show rqlite.consistency"));
        Assert.Equal("2s", await ScalarAsync(connection, "show rqlite.freshness"));
        await ExecuteAsync(connection, "set rqlite.consistency = linearizable");
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await ExecuteAsync(connection, "set local rqlite.consistency = 'strong'");
            Assert.Equal("strong", await ScalarAsync(connection, "show rqlite.consistency"));
            await transaction.CommitAsync();
        }

        Assert.Equal("linearizable", await ScalarAsync(connection, "show rqlite.consistency"));
        await ExecuteAsync(connection, "reset rqlite.consistency");
        Assert.Equal("none", await ScalarAsync(connection, "show rqlite.consistency"));
        Assert.Equal("22023", (await FailAsync(connection, "set rqlite.consistency = 'eventual'")).SqlState);
    }

    [Fact]
    public async Task An_index_that_never_comes_ends_the_wait_with_a_hint()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id int)");
        var index = (string)(await ScalarAsync(connection, "show rqlite.last_index"))!;
        await ExecuteAsync(connection, $"set rqlite.min_index = {index}");
        Assert.Equal(0L, await ScalarAsync(connection, "select count(*) from t"));
        await ExecuteAsync(connection, "set statement_timeout = '100ms'");
        foreach (var sql in (string[])["/* rqlite: min_index=1000000 */ select 1", "/* rqlite: min_index=1000000, consistency=none */ select count(*) from t"])
        {
            var error = await FailAsync(connection, sql);
            Assert.Equal("57014", error.SqlState);
            Assert.StartsWith("timed out waiting", error.Detail, StringComparison.Ordinal);
            Assert.False(string.IsNullOrEmpty(error.Hint));
        }

        Assert.Equal(1, await ScalarAsync(connection, "select 1 as n"));
    }

    [Fact]
    public async Task A_hint_holds_for_its_statement_and_a_wrong_one_is_an_error()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id int)");
        foreach (var level in (string[])["none", "weak", "auto", "linearizable", "strong"])
        {
            Assert.Equal(0L, await ScalarAsync(connection, $"/* rqlite: consistency={level}, freshness=5s, freshness_strict=on */ select count(*) from t"));
            Assert.Equal("weak", await ScalarAsync(connection, "show rqlite.consistency"));
        }

        foreach (var wrong in (string[])["consistency=eventual", "freshness=soon", "min_index=-1", "work_mem=1", "idempotency_key=x", "a note"])
        {
            Assert.Equal("22023", (await FailAsync(connection, $"/* rqlite: {wrong} */ select 1")).SqlState);
        }

        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        Assert.Equal(0L, await ScalarAsync(connection, "/* rqlite: consistency=linearizable */ select count(*) from t"));
        Assert.Equal("0A000", (await FailAsync(connection, "/* rqlite: consistency=linearizable */ select count(*) from t")).SqlState);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static Task<PostgresException> FailAsync(NpgsqlConnection connection, string sql) =>
        Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, sql));
}
