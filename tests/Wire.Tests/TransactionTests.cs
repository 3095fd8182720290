using System.Data;
using System.Globalization;
using Npgsql;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Transactions as Npgsql's users use them.</summary>
public sealed class TransactionTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task What_is_committed_stays_and_what_is_rolled_back_does_not(IsolationLevel isolation)
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id int primary key, v text)");
        await using (var kept = await connection.BeginTransactionAsync(isolation))
        {
            await InsertAsync(connection, 1);
            Assert.Equal(1L, await CountAsync(connection));
            Assert.Equal(0L, await CountAsync(other));
            await kept.CommitAsync();
        }

        Assert.Equal(1L, await CountAsync(other));
        await using (await connection.BeginTransactionAsync(isolation))
        {
            await InsertAsync(connection, 2);
        }

        Assert.Equal(1L, await CountAsync(other));
        await InsertAsync(other, 2);
    }

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task A_block_sees_the_time_at_which_it_began_and_stores_it(IsolationLevel isolation)
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id int primary key, v text default (now()))");
        await using (var transaction = await connection.BeginTransactionAsync(isolation))
        {
            var began = await NowAsync();
            await PassAsync(began);
            Assert.Equal(began, await NowAsync());
            await ExecuteAsync(connection, "insert into t (id) values (1)");
            await PassAsync(began);
            Assert.Equal(began, await NowAsync());
            await transaction.CommitAsync();
            await using var stored = new NpgsqlCommand("select v from t", connection);
            var text = (string)(await stored.ExecuteScalarAsync())!;
            Assert.Equal(began, DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal));
        }

        await ExecuteAsync(connection, "begin");
        var first = await NowAsync();
        await PassAsync(first);
        await ExecuteAsync(connection, "commit and chain");
        Assert.True(await NowAsync() > first);

        async Task<DateTime> NowAsync()
        {
            await using var command = new NpgsqlCommand("select now()", connection);
            return (DateTime)(await command.ExecuteScalarAsync())!;
        }

        static async Task PassAsync(DateTime time)
        {
            while (DateTime.UtcNow < time.AddMilliseconds(3))
            {
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task A_commit_whose_outcome_is_unknown_ends_the_session_and_a_write_of_its_own_does_not()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id int primary key, v text)");
        server.Database.Control.Uncertain = true;
        var alone = await Assert.ThrowsAsync<PostgresException>(() => InsertAsync(connection, 1));
        Assert.Equal(("40003", "ERROR"), (alone.SqlState, alone.Severity));
        await ExecuteAsync(connection, "begin");
        await InsertAsync(connection, 2);
        var commit = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, "commit"));
        Assert.Equal(("40003", "FATAL"), (commit.SqlState, commit.Severity));
        Assert.NotEqual(ConnectionState.Open, connection.FullState);
        server.Database.Control.Uncertain = false;
        await using var next = await server.ConnectAsync();
        await InsertAsync(next, 3);
    }

    [Fact]
    public async Task A_block_that_has_lost_the_leader_fails_with_40001_and_is_deaf_until_its_end()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id int primary key, v text)");
        await ExecuteAsync(connection, "begin");
        await InsertAsync(connection, 1);
        server.Database.Control.Follow(null);
        Assert.Equal("40001", (await Assert.ThrowsAsync<PostgresException>(() => InsertAsync(connection, 2))).SqlState);
        Assert.Equal("25P02", (await Assert.ThrowsAsync<PostgresException>(() => InsertAsync(connection, 3))).SqlState);
        server.Database.Control.Lead();
        await ExecuteAsync(connection, "rollback");
        await ExecuteAsync(connection, "begin read only");
        Assert.Equal("25006", (await Assert.ThrowsAsync<PostgresException>(() => InsertAsync(connection, 4))).SqlState);
        await ExecuteAsync(connection, "rollback");
        Assert.Equal(0L, await CountAsync(connection));
    }

    [Fact]
    public async Task Savepoints_lead_back_behind_an_error()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id int primary key, v text)");
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await InsertAsync(connection, 1);
            await transaction.SaveAsync("a");
            await InsertAsync(connection, 2);
            Assert.Equal("23505", (await Assert.ThrowsAsync<PostgresException>(() => InsertAsync(connection, 1))).SqlState);
            Assert.Equal("25P02", (await Assert.ThrowsAsync<PostgresException>(() => CountAsync(connection))).SqlState);
            await transaction.RollbackAsync("a");
            await InsertAsync(connection, 3);
            await transaction.ReleaseAsync("a");
            await transaction.CommitAsync();
        }

        await using var select = new NpgsqlCommand("select group_concat(id) from (select id from t order by id)", connection);
        Assert.Equal("1,3", await select.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Increments_of_many_clients_are_all_counted()
    {
        await using var server = new SocketServer();
        await using var first = await server.ConnectAsync();
        await ExecuteAsync(first, "create table t (id int primary key, n int)");
        await ExecuteAsync(first, "insert into t values (1, 0)");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            await using var connection = await server.ConnectAsync();
            for (var i = 0; i < 10; i++)
            {
                await using var transaction = await connection.BeginTransactionAsync();
                await ExecuteAsync(connection, "update t set n = n + 1 where id = 1");
                await ExecuteAsync(connection, "update t set n = n + 1 where id = 1");
                await transaction.CommitAsync();
            }
        }))).WaitAsync(Bound);
        await using var select = new NpgsqlCommand("select n from t", first);
        Assert.Equal(160, await select.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_snapshot_whose_answers_have_changed_may_not_write()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id int primary key, v text)");
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        Assert.Equal(0L, await CountAsync(connection));
        await InsertAsync(other, 1);
        Assert.Equal("40001", (await Assert.ThrowsAsync<PostgresException>(() => InsertAsync(connection, 2))).SqlState);
        await transaction.RollbackAsync();
        Assert.Equal(1L, await CountAsync(connection));
    }

    [Fact]
    public async Task The_wait_for_a_writer_is_limited_by_lock_timeout_and_statement_timeout()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id int primary key, v text)");
        await ExecuteAsync(connection, "set rqlite.writer_slice = 0");
        await using var transaction = await connection.BeginTransactionAsync();
        await InsertAsync(connection, 1);
        foreach (var (setting, state) in new[] { ("lock_timeout", "55P03"), ("statement_timeout", "57014") })
        {
            await ExecuteAsync(other, $"set {setting} = 30");
            await ExecuteAsync(other, "begin");
            Assert.Equal(state, (await Assert.ThrowsAsync<PostgresException>(() => InsertAsync(other, 2))).SqlState);
            await ExecuteAsync(other, "rollback");
            await ExecuteAsync(other, $"reset {setting}");
        }

        await transaction.CommitAsync();
        await ExecuteAsync(other, "begin immediate");
        await InsertAsync(other, 2);
        await ExecuteAsync(other, "commit");
        Assert.Equal(2L, await CountAsync(connection));
    }

    [Fact]
    public async Task Rows_that_are_locked_outside_of_a_block_are_waited_for()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id int primary key, v text)");
        await InsertAsync(connection, 1);
        await ExecuteAsync(connection, "set rqlite.writer_slice = 0");
        await ExecuteAsync(connection, "begin");
        await ExecuteAsync(connection, "update t set v = 'new'");
        await using var nowait = new NpgsqlCommand("select v from t where id = 1 for update nowait", other);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => nowait.ExecuteScalarAsync());
        Assert.Equal(("55P03", "could not obtain lock on row in relation \"t\""), (refused.SqlState, refused.MessageText));
        await ExecuteAsync(other, "set lock_timeout = 20");
        await using var locking = new NpgsqlCommand("select v from t where id = 1 for share", other);
        Assert.Equal("55P03", (await Assert.ThrowsAsync<PostgresException>(() => locking.ExecuteScalarAsync())).SqlState);
        await ExecuteAsync(other, "set lock_timeout = 0; set statement_timeout = 20");
        Assert.Equal("57014", (await Assert.ThrowsAsync<PostgresException>(() => locking.ExecuteScalarAsync())).SqlState);
        await ExecuteAsync(other, "set statement_timeout = 0");
        var waiting = locking.ExecuteScalarAsync();
        await Task.Delay(20);
        Assert.False(waiting.IsCompleted);
        await ExecuteAsync(connection, "commit");
        Assert.Equal("new", await waiting.WaitAsync(Bound));
        await InsertAsync(connection, 2);
        await using var failing = new NpgsqlCommand(
            "select case id when 1 then 1 else abs(-9223372036854775807 - id + 1) end as n from t order by id for update", other);
        Assert.Equal("22003", (await Assert.ThrowsAsync<PostgresException>(() => failing.ExecuteScalarAsync())).SqlState);
        await ExecuteAsync(other, "set default_transaction_read_only = on");
        Assert.Equal("25006", (await Assert.ThrowsAsync<PostgresException>(() => locking.ExecuteScalarAsync())).SqlState);
    }

    [Fact]
    public async Task A_holder_that_stays_silent_is_ended_and_others_go_on()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id int primary key, v text)");
        await ExecuteAsync(connection, "set idle_in_transaction_session_timeout = 1000");
        await ExecuteAsync(connection, "set rqlite.writer_slice = 0");
        await ExecuteAsync(connection, "begin");
        await InsertAsync(connection, 1);
        await InsertAsync(other, 1).WaitAsync(Bound);
        var ended = await Assert.ThrowsAnyAsync<NpgsqlException>(() => CountAsync(connection));
        Assert.True(ended is not PostgresException { SqlState: not "25P03" }, ended.Message);
    }

    [Fact]
    public async Task A_holder_that_thinks_lets_others_write_and_goes_on_if_nothing_it_saw_has_changed()
    {
        await using var server = new SocketServer();
        await using var connection = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (id int primary key, v text)");
        await ExecuteAsync(connection, "set rqlite.writer_slice = 10");
        foreach (var (id, state) in new[] { (1, null), (3, "40001") })
        {
            await ExecuteAsync(connection, "begin");
            await InsertAsync(connection, id);
            await InsertAsync(other, state is null ? 2 : 3).WaitAsync(Bound);
            var failed = await Record.ExceptionAsync(() => ExecuteAsync(connection, "commit"));
            Assert.Equal(state, (failed as PostgresException)?.SqlState);
        }

        Assert.Equal(3L, await CountAsync(connection));
    }

    [Fact]
    public async Task Clients_that_vanish_leave_the_writer_to_others()
    {
        await using var server = new SocketServer();
        await using var first = await server.ConnectAsync();
        await ExecuteAsync(first, "create table t (id int primary key, v text)");
        for (var i = 0; i < 20; i++)
        {
            await using var connection = await server.ConnectAsync(";Pooling=false");
            await ExecuteAsync(connection, "begin");
            await InsertAsync(connection, 100 + i);
        }

        await InsertAsync(first, 1).WaitAsync(Bound);
        Assert.Equal(1L, await CountAsync(first));
    }

    private static Task InsertAsync(NpgsqlConnection connection, int id) => ExecuteAsync(connection, "insert into t values ($1, 'v')", id);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> CountAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("select count(*) from t", connection);
        return await command.ExecuteScalarAsync();
    }
}
