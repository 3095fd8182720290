using Npgsql;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>BEGIN … COMMIT on any of three nodes, and what becomes of it when the leader dies.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class TransactionsTests(ThreeNodes three)
{
    private TestCluster Cluster => three.Cluster;

    [ClientFact("psql")]
    public async Task Psql_runs_blocks_on_any_node()
    {
        for (var node = 0; node < Cluster.Count; node++)
        {
            var table = $"block{Random.Shared.Next()}";
            var answer = await PsqlAsync(node, $"""
                BEGIN;
                SAVEPOINT early;
                CREATE TABLE {table} (a integer PRIMARY KEY, b text);
                INSERT INTO {table} VALUES (1, 'one') RETURNING b;
                SAVEPOINT late;
                INSERT INTO {table} VALUES (2, 'two');
                ROLLBACK TO late;
                INSERT INTO {table} VALUES (3, 'three');
                RELEASE early;
                COMMIT;
                BEGIN IMMEDIATE;
                UPDATE {table} SET b = 'gone';
                ROLLBACK;
                BEGIN;
                LOCK TABLE {table};
                DELETE FROM {table} WHERE a = 3 RETURNING b;
                COMMIT;
                SELECT a, b FROM {table};
                """);
            Assert.Equal(
                "BEGIN SAVEPOINT CREATE TABLE one INSERT 0 1 SAVEPOINT INSERT 0 1 ROLLBACK INSERT 0 1 RELEASE COMMIT BEGIN UPDATE 2 ROLLBACK "
                + "BEGIN LOCK TABLE three DELETE 1 COMMIT 1|one",
                string.Join(' ', answer.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        }
    }

    [Fact]
    public async Task Npgsql_transactions_see_themselves_alone_until_they_commit_on_any_node()
    {
        for (var node = 0; node < Cluster.Count; node++)
        {
            var table = $"alone{Random.Shared.Next()}";
            await using var connection = await OpenAsync(node);
            await using var other = await OpenAsync((node + 1) % Cluster.Count);
            await ExecuteAsync(connection, $"CREATE TABLE {table} (a integer PRIMARY KEY)");
            await using (var transaction = await connection.BeginTransactionAsync())
            {
                await ExecuteAsync(connection, $"ALTER TABLE {table} ADD COLUMN b text");
                await using var insert = new NpgsqlCommand($"INSERT INTO {table} VALUES ($1, $2) RETURNING a", connection)
                {
                    Parameters = { new() { Value = 0 }, new() { Value = "row" } },
                };
                await insert.PrepareAsync();
                for (var i = 0; i < 10; i++)
                {
                    insert.Parameters[0].Value = i;
                    Assert.Equal(i, await insert.ExecuteScalarAsync());
                }

                await transaction.SaveAsync("s");
                Assert.Equal("23505", (await Assert.ThrowsAsync<PostgresException>(() => insert.ExecuteScalarAsync())).SqlState);
                Assert.Equal("25P02", (await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, "SELECT 1"))).SqlState);
                await transaction.RollbackAsync("s");
                Assert.Equal(10L, await ScalarAsync(connection, $"SELECT count(*) FROM {table}"));
                Assert.Equal(0L, await ScalarAsync(other, $"SELECT count(*) FROM {table}"));
                await transaction.CommitAsync();
            }

            await ExecuteAsync(connection, "SET rqlite.consistency = 'none'");
            Assert.Equal(10L, await ScalarAsync(connection, $"SELECT count(*) FROM {table}"));
            Assert.Equal(10L, await ScalarAsync(other, $"SELECT count(*) FROM {table}"));
        }
    }

    [Fact]
    public async Task A_portal_of_a_block_gives_its_rows_in_pieces_on_any_node()
    {
        for (var node = 0; node < Cluster.Count; node++)
        {
            using var session = await RawPg.ConnectAsync(Cluster.Options[node].PgPort);
            await session.SendAsync(RawPg.Query("BEGIN IMMEDIATE"));
            await session.UntilAsync('Z');
            await session.SendAsync(
            [
                .. RawPg.Frame('P', "\0SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5\0\0\0"u8.ToArray()),
                .. RawPg.Frame('B', "p\0\0\0\0\0\0\0\0"u8.ToArray()),
                .. RawPg.Frame('E', [.. "p\0"u8, .. RawPg.Number(2)]),
                .. RawPg.Frame('S', []),
            ]);
            Assert.Equal("", await session.UntilAsync('Z'));
            Assert.Equal("12DDsZ", session.Kinds);
            await session.SendAsync([.. RawPg.Frame('E', [.. "p\0"u8, .. RawPg.Number(0)]), .. RawPg.Frame('S', [])]);
            Assert.Equal("", await session.UntilAsync('Z'));
            Assert.Equal("DDDCZ", session.Kinds);
        }
    }

    [Fact]
    public async Task Every_node_tells_whether_it_leads_and_takes_writing_blocks_all_the_same()
    {
        var leader = await Cluster.LeaderAsync();
        for (var node = 0; node < Cluster.Count; node++)
        {
            await using var connection = await OpenAsync(node);
            Assert.Equal(node == leader ? "off" : "on", await ScalarAsync(connection, "SHOW in_hot_standby"));
            Assert.Equal("off", await ScalarAsync(connection, "SHOW default_transaction_read_only"));
            Assert.Equal("off", await ScalarAsync(connection, "SHOW transaction_read_only"));
            await ExecuteAsync(connection, "BEGIN");
            await ExecuteAsync(connection, $"CREATE TABLE standby{Random.Shared.Next()} (a integer)");
            await ExecuteAsync(connection, "ROLLBACK");
            await ExecuteAsync(connection, "BEGIN READ ONLY");
            Assert.Equal("25006", (await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, "CREATE TABLE no (a integer)"))).SqlState);
            await ExecuteAsync(connection, "ROLLBACK");
        }
    }

    [Fact]
    public async Task Repeatable_reads_on_a_follower_may_write_unless_what_they_read_has_changed()
    {
        var table = $"repeatable{Random.Shared.Next()}";
        var follower = (await Cluster.LeaderAsync() + 1) % Cluster.Count;
        await using var connection = await OpenAsync(follower);
        await using var other = await OpenAsync((follower + 1) % Cluster.Count);
        await ExecuteAsync(connection, $"CREATE TABLE {table} (a integer PRIMARY KEY, b integer)");
        await ExecuteAsync(connection, $"INSERT INTO {table} VALUES (1, 10), (2, 20)");
        foreach (var (changed, holds) in new[] { (2, true), (1, false) })
        {
            await ExecuteAsync(connection, "BEGIN ISOLATION LEVEL SERIALIZABLE");
            Assert.Equal(10, await ScalarAsync(connection, $"SELECT b FROM {table} WHERE a = 1"));
            await ExecuteAsync(other, $"UPDATE {table} SET b = b + 5 WHERE a = {changed}");
            var write = ExecuteAsync(connection, $"UPDATE {table} SET b = 30 WHERE a = 2");
            if (holds)
            {
                await write;
                await ExecuteAsync(connection, "COMMIT");
            }
            else
            {
                Assert.Equal("40001", (await Assert.ThrowsAsync<PostgresException>(() => write)).SqlState);
                await ExecuteAsync(connection, "ROLLBACK");
            }
        }
    }

    [Fact]
    public async Task A_client_of_a_follower_that_vanishes_or_gives_up_leaves_the_writer_to_others()
    {
        var table = $"vanish{Random.Shared.Next()}";
        var leader = await Cluster.LeaderAsync();
        var follower = (leader + 1) % Cluster.Count;
        await using var observer = await OpenAsync(leader);
        await ExecuteAsync(observer, $"CREATE TABLE {table} (a integer)");
        using (var session = await RawPg.ConnectAsync(Cluster.Options[follower].PgPort))
        {
            await session.SendAsync(RawPg.Query("BEGIN"));
            await session.UntilAsync('Z');
            await session.SendAsync(RawPg.Query($"INSERT INTO {table} VALUES (1)"));
            Assert.Equal("", await session.UntilAsync('Z'));
        }

        await ExecuteAsync(observer, $"INSERT INTO {table} VALUES (2)");
        await using var holder = await OpenAsync(leader);
        await ExecuteAsync(holder, "SET rqlite.writer_slice = 0");
        await ExecuteAsync(holder, "BEGIN IMMEDIATE");
        await using var waiting = await OpenAsync(follower);
        await ExecuteAsync(waiting, "SET lock_timeout = '100ms'");
        await ExecuteAsync(waiting, "BEGIN");
        Assert.Equal(
            "55P03", (await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(waiting, $"INSERT INTO {table} VALUES (3)"))).SqlState);
        await ExecuteAsync(waiting, "ROLLBACK");
        await ExecuteAsync(waiting, "SET lock_timeout = 0");
        await ExecuteAsync(waiting, "BEGIN");
        await using (var insert = new NpgsqlCommand($"INSERT INTO {table} VALUES (4)", waiting))
        {
            var inserting = insert.ExecuteNonQueryAsync();
            insert.Cancel();
            var cancelled = await Assert.ThrowsAsync<OperationCanceledException>(() => inserting);
            Assert.Equal("57014", Assert.IsType<PostgresException>(cancelled.InnerException).SqlState);
        }

        await ExecuteAsync(waiting, "ROLLBACK");
        await ExecuteAsync(holder, "ROLLBACK");
        await ExecuteAsync(observer, $"INSERT INTO {table} VALUES (5)");
        Assert.Equal(7L, await ScalarAsync(observer, $"SELECT sum(a) FROM {table}"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_death_of_the_leader_undoes_open_transactions_and_a_retry_meets_its_successor(bool atCommit)
    {
        var table = $"death{Random.Shared.Next()}";
        var leader = await Cluster.LeaderAsync();
        var follower = (leader + 1) % Cluster.Count;
        await using var connection = await OpenAsync(follower);
        await using var there = await OpenAsync(leader);
        await ExecuteAsync(connection, $"CREATE TABLE {table} (a integer)");
        await ExecuteAsync(there, $"BEGIN; INSERT INTO {table} VALUES (1); COMMIT");
        await ExecuteAsync(connection, "BEGIN");
        await ExecuteAsync(connection, $"INSERT INTO {table} VALUES (2)");
        await ExecuteAsync(there, "BEGIN");
        var queued = ExecuteAsync(there, $"INSERT INTO {table} VALUES (3)");
        await Cluster.Nodes[leader].KillAsync();
        var died = await Assert.ThrowsAnyAsync<NpgsqlException>(() => queued);
        Assert.IsNotType<PostgresException>(died);
        var lost = await Assert.ThrowsAsync<PostgresException>(
            () => ExecuteAsync(connection, atCommit ? "COMMIT" : $"INSERT INTO {table} VALUES (4)"));
        Assert.Equal("40001", lost.SqlState);
        if (!atCommit)
        {
            Assert.Equal("25P02", (await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, "SELECT 1"))).SqlState);
            await ExecuteAsync(connection, "ROLLBACK");
        }

        await RetryAsync(follower, "BEGIN", $"INSERT INTO {table} VALUES (5)", "COMMIT");
        await Cluster.Restart(leader).ReadyAsync();
        await RetryAsync(leader, "BEGIN", $"INSERT INTO {table} VALUES (6)", "COMMIT");
        for (var node = 0; node < Cluster.Count; node++)
        {
            await using var reader = await OpenAsync(node);
            await ExecuteAsync(reader, "SET rqlite.consistency = 'linearizable'");
            Assert.Equal(12L, await ScalarAsync(reader, $"SELECT sum(a) FROM {table}"));
        }
    }

    [Fact]
    public async Task Transactions_on_all_nodes_lose_and_double_nothing_while_leaders_are_killed()
    {
        var table = $"pairs{Random.Shared.Next()}";
        await using (var first = await OpenAsync(0))
        {
            await ExecuteAsync(first, $"CREATE TABLE {table} (id integer PRIMARY KEY, other integer)");
        }

        using var stop = new CancellationTokenSource();
        var pairs = new TransactionPairs(Cluster.Options, table);
        var running = pairs.RunAsync(clients: 6, stop.Token);
        for (var round = 0; round < 3; round++)
        {
            var before = pairs.Acknowledged;
            await Until.TrueAsync("pairs are committed", () => Task.FromResult(pairs.Acknowledged > before + 60), Cluster.Logs);
            var leader = await Cluster.LeaderAsync();
            await Cluster.Nodes[leader].KillAsync();
            before = pairs.Acknowledged;
            await Until.TrueAsync("pairs are committed without it", () => Task.FromResult(pairs.Acknowledged > before + 30), Cluster.Logs);
            await Cluster.Restart(leader).ReadyAsync();
        }

        await stop.CancelAsync();
        await running;
        await Cluster.ReadyAsync();
        for (var node = 0; node < Cluster.Count; node++)
        {
            await using var connection = await OpenAsync(node);
            await ExecuteAsync(connection, "SET rqlite.consistency = 'linearizable'");
            pairs.Check(await pairs.ReadAsync(connection));
        }
    }

    private async Task RetryAsync(int node, params string[] statements)
    {
        await Until.TrueAsync("a transaction is committed", async () =>
        {
            await using var connection = await OpenAsync(node);
            try
            {
                foreach (var statement in statements)
                {
                    await ExecuteAsync(connection, statement);
                }

                return true;
            }
            catch (PostgresException e) when (e.SqlState is "40001" or "57P03")
            {
                return false;
            }
        }, Cluster.Logs);
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

    private async Task<string> PsqlAsync(int node, string sql)
    {
        var result = await CommandLine.BashAsync(
            $"psql -X -A -t -v ON_ERROR_STOP=1 -h localhost -p {Cluster.Options[node].PgPort} -U postgres -d postgres <<'SQL'\n{sql}\nSQL");
        Assert.True(result.ExitCode == 0, $"node {node}: {sql}\n{result}\n{Cluster.Logs()}");
        return result.Output;
    }

    private async Task<NpgsqlConnection> OpenAsync(int node)
    {
        var connection = new NpgsqlConnection(TransactionPairs.ConnectionString(Cluster.Options[node]));
        await connection.OpenAsync();
        return connection;
    }
}
