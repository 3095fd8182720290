using Npgsql;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Advisory locks as Npgsql's users use them.</summary>
public sealed class AdvisoryLockTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task One_waits_until_the_other_gives_back()
    {
        await using var server = new SocketServer();
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await ExecuteAsync(first, "select pg_advisory_lock(1)");
        Assert.Equal(false, await ScalarAsync(second, "select pg_try_advisory_lock(1)"));
        var waiting = ExecuteAsync(second, "select pg_advisory_lock(1)");
        await WaitingAsync(server);
        Assert.Equal(true, await ScalarAsync(first, "select pg_advisory_unlock(1)"));
        await waiting.WaitAsync(Bound);
        Assert.Equal(false, await ScalarAsync(first, "select pg_try_advisory_lock(1)"));
    }

    [Theory]
    [InlineData("commit")]
    [InlineData("rollback")]
    public async Task A_lock_of_a_transaction_ends_with_it_and_one_of_a_session_does_not(string end)
    {
        await using var server = new SocketServer();
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await ExecuteAsync(first, "create table t (a int)");
        await ExecuteAsync(first, "begin");
        await ExecuteAsync(first, "select pg_advisory_xact_lock(1), pg_advisory_lock(2)");
        await ExecuteAsync(first, "insert into t values (1)");
        await ExecuteAsync(first, end);
        Assert.Equal(true, await ScalarAsync(second, "select pg_try_advisory_lock(1)"));
        Assert.Equal(false, await ScalarAsync(second, "select pg_try_advisory_lock(2)"));
    }

    [Fact]
    public async Task A_failed_transaction_gives_its_locks_back_at_once()
    {
        await using var server = new SocketServer();
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await ExecuteAsync(first, "begin");
        await ExecuteAsync(first, "select pg_advisory_xact_lock(1)");
        await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(first, "select nothing"));
        Assert.Equal(true, await ScalarAsync(second, "select pg_try_advisory_lock(1)"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_return_to_a_savepoint_gives_back_what_the_transaction_took_behind_it(bool writes)
    {
        await using var server = new SocketServer();
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await ExecuteAsync(first, "create table t (a int)");
        await ExecuteAsync(first, "begin");
        await ExecuteAsync(first, "select pg_advisory_xact_lock(1), pg_advisory_lock(10)");
        await ExecuteAsync(first, writes ? "insert into t values (1)" : "select 1");
        await ExecuteAsync(first, "savepoint a");
        await ExecuteAsync(first, "select pg_advisory_xact_lock(1), pg_advisory_xact_lock(2), pg_advisory_lock(11), pg_advisory_xact_lock_shared(3)");
        await ExecuteAsync(first, "savepoint b");
        await ExecuteAsync(first, "select pg_advisory_xact_lock(3), pg_advisory_xact_lock(4)");
        Assert.Equal("1,2,3,4,10,11", await HeldAsync(second));
        await ExecuteAsync(first, "rollback to b");
        Assert.Equal("1,2,3s,10,11", await HeldAsync(second));
        await ExecuteAsync(first, "select pg_advisory_xact_lock(5)");
        await ExecuteAsync(first, "savepoint c");
        await ExecuteAsync(first, "select pg_advisory_xact_lock(6)");
        await ExecuteAsync(first, "release c");
        Assert.Equal("1,2,3s,5,6,10,11", await HeldAsync(second));

        // An error gives back at once what was taken behind the last savepoint.
        await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(first, "select nothing"));
        Assert.Equal("1,2,3s,10,11", await HeldAsync(second));
        await ExecuteAsync(first, "rollback to a");
        Assert.Equal("1,10,11", await HeldAsync(second));
        await ExecuteAsync(first, "select pg_advisory_xact_lock(2)");
        await ExecuteAsync(first, "commit");
        Assert.Equal("10,11", await HeldAsync(second));
        Assert.Equal(writes ? 1L : 0L, await ScalarAsync(second, "select count(*) from t"));
    }

    [Fact]
    public async Task A_session_that_ends_gives_its_locks_back()
    {
        await using var server = new SocketServer();
        var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await ExecuteAsync(first, "select pg_advisory_lock(1)");
        var waiting = ExecuteAsync(second, "select pg_advisory_lock(1)");
        await WaitingAsync(server);
        await first.DisposeAsync();
        await waiting.WaitAsync(Bound);
    }

    [Theory]
    [InlineData("lock_timeout", "55P03")]
    [InlineData("statement_timeout", "57014")]
    public async Task A_wait_is_limited_and_leaves_nothing_behind(string setting, string state)
    {
        await using var server = new SocketServer();
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await using var third = await server.ConnectAsync();
        await ExecuteAsync(first, "select pg_advisory_lock_shared(1)");
        await ExecuteAsync(second, $"set {setting} = 50");
        var error = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(second, "select pg_advisory_lock(1)"));
        Assert.Equal(state, error.SqlState);

        await NobodyWaitsAsync(server);
        Assert.Equal(true, await ScalarAsync(third, "select pg_try_advisory_lock_shared(1)"));
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_nothing_behind()
    {
        await using var server = new SocketServer();
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await ExecuteAsync(first, "select pg_advisory_lock_shared(1)");
        await using var command = new NpgsqlCommand("select pg_advisory_lock(1)", second);
        var waiting = command.ExecuteNonQueryAsync();
        await WaitingAsync(server);
        command.Cancel();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Bound));
        Assert.Equal("57014", Assert.IsType<PostgresException>(error.InnerException).SqlState);
        await NobodyWaitsAsync(server);
        Assert.Equal(true, await ScalarAsync(first, "select pg_try_advisory_lock_shared(1)"));
        Assert.Equal(1, await ScalarAsync(second, "select 1"));
    }

    [Fact]
    public async Task A_deadlock_is_told_to_the_one_who_closes_it()
    {
        await using var server = new SocketServer();
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await ExecuteAsync(first, "select pg_advisory_lock(1)");
        await ExecuteAsync(second, "select pg_advisory_lock(2)");
        var waiting = ExecuteAsync(first, "select pg_advisory_lock(2)");
        await WaitingAsync(server);
        var error = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(second, "select pg_advisory_lock(1)"));
        Assert.Equal(("40P01", "deadlock detected"), (error.SqlState, error.MessageText));
        await ExecuteAsync(second, "select pg_advisory_unlock(2)");
        await waiting.WaitAsync(Bound);
    }

    [Theory]
    [InlineData("commit", 2L)]
    [InlineData("rollback", 1L)]
    public async Task Who_waits_for_a_lock_lets_its_holder_write(string end, long rows)
    {
        await using var server = new SocketServer();
        await using var first = await server.ConnectAsync();
        await using var second = await server.ConnectAsync();
        await ExecuteAsync(first, "create table t (a int)");
        await ExecuteAsync(first, "select pg_advisory_lock(1)");
        await ExecuteAsync(second, "begin");
        await ExecuteAsync(second, "insert into t values (1)");
        var waiting = ExecuteAsync(second, "select pg_advisory_xact_lock(1)");
        await WaitingAsync(server);
        await ExecuteAsync(first, "insert into t values (2)");
        Assert.Equal(true, await ScalarAsync(first, "select pg_advisory_unlock(1)"));
        await waiting.WaitAsync(Bound);
        Assert.Equal(false, await ScalarAsync(first, "select pg_try_advisory_lock(1)"));
        Assert.Equal(2L, await ScalarAsync(second, "select count(*) from t"));
        await ExecuteAsync(second, end);
        Assert.Equal(rows, await ScalarAsync(first, "select count(*) from t"));
        Assert.Equal(true, await ScalarAsync(first, "select pg_try_advisory_lock(1)"));
    }

    [Fact]
    public async Task What_is_read_behind_a_lock_is_as_new_as_the_lock()
    {
        await using var server = new SocketServer();
        await using var setup = await server.ConnectAsync();
        await ExecuteAsync(setup, "create table t (n int)");
        await ExecuteAsync(setup, "insert into t values (0)");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(client => Task.Run(async () =>
        {
            await using var connection = await server.ConnectAsync();
            for (var i = 0; i < 20; i++)
            {
                if (client % 2 == 0)
                {
                    var n = Convert.ToInt32(await ScalarAsync(connection, "select pg_advisory_lock(1); select n from t", result: 1));
                    await ExecuteAsync(connection, $"update t set n = {n + 1}; select pg_advisory_unlock(1)");
                }
                else
                {
                    await using var transaction = await connection.BeginTransactionAsync();
                    await ExecuteAsync(connection, "select pg_advisory_xact_lock(1)");
                    var n = Convert.ToInt32(await ScalarAsync(connection, "select n from t"));
                    await ExecuteAsync(connection, $"update t set n = {n + 1}");
                    await transaction.CommitAsync();
                }
            }
        }))).WaitAsync(Bound);
        Assert.Equal(120, await ScalarAsync(setup, "select n from t"));
    }

    [Fact]
    public async Task What_cannot_be_kept_apart_from_writes_is_refused()
    {
        await using var server = new SocketServer();
        await using var first = await server.ConnectAsync();
        await ExecuteAsync(first, "create table t (a text)");
        await RefusedAsync("insert into t select pg_advisory_lock(1)");
        await RefusedAsync("insert into t values ('a'); select pg_advisory_lock(1)");
        Assert.Equal(0L, await ScalarAsync(first, "select count(*) from t"));
        await ExecuteAsync(first, "select pg_advisory_lock(1); insert into t values ('a'); select pg_advisory_unlock(1)");
        Assert.Equal(1L, await ScalarAsync(first, "select count(*) from t"));

        async Task RefusedAsync(string sql) =>
            Assert.Equal("0A000", (await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(first, sql))).SqlState);
    }

    [Fact]
    public async Task A_pool_that_resets_its_connections_gives_their_locks_back()
    {
        await using var server = new SocketServer();
        var pooled = server.ConnectionString.Replace("Pooling=false", "Pooling=true;Maximum Pool Size=1", StringComparison.Ordinal);
        await using var other = await server.ConnectAsync();
        await using (var source = NpgsqlDataSource.Create(pooled))
        {
            await using (var connection = await source.OpenConnectionAsync())
            {
                await ExecuteAsync(connection, "select pg_advisory_lock(1)");
            }

            await using (var connection = await source.OpenConnectionAsync())
            {
                Assert.Equal(1, await ScalarAsync(connection, "select 1"));
                Assert.Equal(true, await ScalarAsync(other, "select pg_try_advisory_lock(1)"));
            }
        }
    }

    /// <summary>Waits until somebody queues for a lock.</summary>
    private static async Task WaitingAsync(SocketServer server)
    {
        using var bound = new CancellationTokenSource(Bound);
        while ((await server.Database.Storage.LocksOfAsync(Guid.Empty, bound.Token)).All(row => row.Granted))
        {
            await Task.Delay(5, bound.Token);
        }
    }

    /// <summary>The numbers up to 11 that others hold, as a session sees them that holds nothing.</summary>
    private static async Task<string> HeldAsync(NpgsqlConnection connection)
    {
        var held = new List<string>();
        for (var key = 1; key <= 11; key++)
        {
            if (Equals(await ScalarAsync(connection, $"select pg_try_advisory_lock({key})"), true))
            {
                await ExecuteAsync(connection, $"select pg_advisory_unlock({key})");
            }
            else if (Equals(await ScalarAsync(connection, $"select pg_try_advisory_lock_shared({key})"), true))
            {
                await ExecuteAsync(connection, $"select pg_advisory_unlock_shared({key})");
                held.Add($"{key}s");
            }
            else
            {
                held.Add($"{key}");
            }
        }

        return string.Join(',', held);
    }

    private static async Task NobodyWaitsAsync(SocketServer server) =>
        Assert.DoesNotContain(await server.Database.Storage.LocksOfAsync(Guid.Empty, default), row => !row.Granted);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, int result = 0)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        for (; result > 0; result--)
        {
            Assert.True(await reader.NextResultAsync());
        }

        return await reader.ReadAsync() ? reader.GetValue(0) : null;
    }
}
