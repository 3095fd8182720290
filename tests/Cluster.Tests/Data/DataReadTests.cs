using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

public sealed class DataReadTests
{
    private static readonly ReadOptions None = new() { Consistency = ReadConsistency.None };
    private static readonly ReadOptions Weak = new() { Consistency = ReadConsistency.Weak };
    private static readonly ReadOptions Linearizable = new() { Consistency = ReadConsistency.Linearizable };
    private static readonly ReadOptions Strong = new() { Consistency = ReadConsistency.Strong };
    private static readonly ReadOptions Auto = new() { Consistency = ReadConsistency.Auto };

    [Fact]
    public async Task None_answers_from_where_it_is_asked_and_may_be_old()
    {
        await using var cluster = await OneRowAsync();
        Assert.Equal("1", await cluster.Nodes[1].Database.ReadAsync("SELECT a FROM t", None));
        await cluster.Nodes[0].Database.ExecuteAsync("INSERT INTO t VALUES(2)");
        Assert.Equal("1", await cluster.Nodes[1].Database.ReadAsync("SELECT a FROM t", None));
        Assert.Equal(0, cluster.Nodes[1].Peers.Sent);
        cluster.Lead(null);
        Assert.Equal("1", await cluster.Nodes[1].Database.ReadAsync("SELECT a FROM t", None));
    }

    [Fact]
    public async Task A_new_node_without_its_copy_says_so_and_asks_others_where_it_can()
    {
        await using var cluster = await OneRowAsync();
        var fresh = cluster.Nodes[1];
        fresh.Log.AwaitsDatabase = true;
        await RefusedAsync(() => fresh.Database.ReadAsync("SELECT a FROM t", None));
        await RefusedAsync(() => fresh.Database.QueryAsync(Sql.Batch("SELECT a FROM t"), None, default).TextAsync());
        await RefusedAsync(async () => await (await fresh.Database.BeginReadAsync(None, default)).DisposeAsync());
        await RefusedAsync(() => fresh.Database.ReadAsync("SELECT a FROM t", None with { MinIndex = cluster.LastIndex }));
        Assert.Equal("1", await fresh.Database.ReadAsync("SELECT a FROM t", Weak));
        Assert.NotNull((await fresh.Database.DescribeAsync(Sql.Statement("SELECT a FROM missing"), BatchOptions.None, 0, default)).Error);
        cluster.Lead(null);
        await RefusedAsync(async () => await fresh.Database.DescribeAsync(Sql.Statement("SELECT a FROM missing"), BatchOptions.None, 0, default));
        fresh.Log.AwaitsDatabase = false;
        Assert.Equal("1", await fresh.Database.ReadAsync("SELECT a FROM t", None));

        static async Task RefusedAsync(Func<Task> read) =>
            Assert.Equal(ClusterError.AwaitsDatabase, (await Assert.ThrowsAsync<ClusterException>(read)).Error);
    }

    [Fact]
    public async Task Weak_and_none_on_a_leader_complete_at_once()
    {
        await using var cluster = await OneRowAsync();
        await cluster.Nodes[0].Database.ReadAsync("SELECT 1", Weak);
        foreach (var (node, read) in new[] { (0, Weak), (0, None), (1, None), (0, Auto) })
        {
            var reading = cluster.Nodes[node].Database.ReadAsync(Sql.Statement("SELECT a FROM t"), BatchOptions.None, read, default);
            Assert.True(reading.IsCompletedSuccessfully);
            await using var rows = await reading;
            Assert.Equal("1", await Sql.TextAsync(rows));
        }
    }

    [Theory]
    [InlineData(ReadConsistency.Weak)]
    [InlineData(ReadConsistency.Linearizable)]
    [InlineData(ReadConsistency.Strong)]
    [InlineData(ReadConsistency.Auto)]
    public async Task All_others_see_what_was_acknowledged_before_on_any_node(ReadConsistency consistency)
    {
        await using var cluster = await OneRowAsync();
        for (var i = 2; i < 10; i++)
        {
            await cluster.Nodes[0].Database.ExecuteAsync($"INSERT INTO t VALUES({i})");
            foreach (var node in cluster.Nodes)
            {
                Assert.Equal($"{i}", await node.Database.ReadAsync("SELECT max(a) FROM t", new() { Consistency = consistency }));
            }
        }
    }

    [Fact]
    public async Task The_first_weak_read_of_a_new_leader_waits_for_what_the_old_one_acknowledged()
    {
        await using var cluster = await OneRowAsync();
        await cluster.Nodes[0].Database.ExecuteAsync("INSERT INTO t VALUES(2)");
        cluster.Lead(cluster.Nodes[1]);
        Assert.True(cluster.Nodes[1].Log.AppliedIndex < cluster.LastIndex);
        Assert.Equal("1;2", await cluster.Nodes[1].Database.ReadAsync("SELECT a FROM t", Weak));
        Assert.Equal("1;2", await cluster.Nodes[0].Database.ReadAsync("SELECT a FROM t", Weak));
    }

    [Fact]
    public async Task A_weak_read_of_a_leader_that_has_heard_of_no_majority_asks_for_one_first()
    {
        await using var cluster = await OneRowAsync();
        var leader = cluster.Nodes[0];
        await leader.Database.ReadAsync("SELECT 1", Weak);
        Assert.Equal(0, leader.Log.ReadIndexRounds);
        leader.Log.Quorum = static () => false;
        Assert.Equal("1", await leader.Database.ReadAsync("SELECT a FROM t", Weak));
        Assert.Equal(1, leader.Log.ReadIndexRounds);
        Assert.Equal(["1"], await leader.Database.QueryAsync(Sql.Batch("SELECT a FROM t"), Weak, default).TextAsync());
        Assert.Equal(2, leader.Log.ReadIndexRounds);
        await using (var snapshot = await leader.Database.BeginReadAsync(Weak, default))
        {
            Assert.Equal(3, leader.Log.ReadIndexRounds);
        }

        leader.Log.NoReadIndex = true;
        var error = await Assert.ThrowsAsync<ClusterException>(() => leader.Database.ReadAsync(
            "SELECT a FROM t", Weak with { Timeout = TimeSpan.FromMilliseconds(50) }));
        Assert.True(error.Error is ClusterError.NoLeader or ClusterError.Timeout, error.Message);
        Assert.Equal("1", await leader.Database.ReadAsync("SELECT a FROM t", None));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_weak_read_during_which_the_node_slept_and_lost_the_lead_is_done_again(int kind)
    {
        await using var cluster = await OneRowAsync();
        var (old, other) = (cluster.Nodes[0], cluster.Nodes[1]);
        await old.Database.ReadAsync("SELECT 1", Weak);
        var asked = 0;
        old.Log.Quorum = () =>
        {
            if (++asked == 1)
            {
                return true;
            }

            if (asked == 2)
            {
                other.Log.CatchUp(cluster.LastIndex);
                cluster.Lead(other);
                other.Database.ExecuteAsync("INSERT INTO t VALUES(2)").GetAwaiter().GetResult();
            }

            return false;
        };
        switch (kind)
        {
            case 0:
                Assert.Equal("1;2", await old.Database.ReadAsync("SELECT a FROM t", Weak));
                break;
            case 1:
                Assert.Equal(["1;2"], await old.Database.QueryAsync(Sql.Batch("SELECT a FROM t"), Weak, default).TextAsync());
                break;
            default:
                await using (var snapshot = await old.Database.BeginReadAsync(Weak, default))
                {
                    await using var rows = await snapshot.ReadAsync(Sql.Statement("SELECT a FROM t"), BatchOptions.None, null, default);
                    Assert.Equal("1;2", await Sql.TextAsync(rows));
                }

                break;
        }

        Assert.True(asked >= 2);
    }

    [Theory]
    [InlineData(ReadConsistency.None)]
    [InlineData(ReadConsistency.Weak)]
    [InlineData(ReadConsistency.Linearizable)]
    [InlineData(ReadConsistency.Strong)]
    public async Task Every_read_names_an_index_beyond_which_it_has_seen_nothing(ReadConsistency consistency)
    {
        await using var cluster = await OneRowAsync();
        await cluster.Nodes[0].Database.ExecuteAsync("INSERT INTO t VALUES(2)");
        foreach (var node in cluster.Nodes)
        {
            await using var result = await node.Database.QueryAsync(
                Sql.Batch("SELECT count(*) FROM t"), new() { Consistency = consistency, MinIndex = 2 }, default);
            Assert.InRange(result.SnapshotIndex, 2, cluster.LastIndex);
            Assert.Equal(["2"], await result.TextAsync());
        }
    }

    [Theory]
    [InlineData(ReadConsistency.None)]
    [InlineData(ReadConsistency.Weak)]
    [InlineData(ReadConsistency.Linearizable)]
    [InlineData(ReadConsistency.Strong)]
    public async Task A_read_at_the_index_of_another_is_never_older_on_any_node(ReadConsistency consistency)
    {
        await using var cluster = new FakeCluster(3);
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(n INTEGER)", "INSERT INTO t VALUES(0)");
        const int Writes = 300;
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < Writes; i++)
            {
                await cluster.Nodes[0].Database.ExecuteAsync("UPDATE t SET n = n + 1");
                cluster.Nodes[1 + (i % 2)].Log.CatchUp(cluster.LastIndex);
            }
        });
        for (var turn = 0; turn < 200 || !writing.IsCompleted; turn++)
        {
            var first = cluster.Nodes[turn % 3].Database;
            var batch = new StatementBatch([Sql.Statement("SELECT n FROM t")], turn % 2 == 0 ? BatchOptions.None : BatchOptions.Atomic);
            await using var result = await first.QueryAsync(batch, new() { Consistency = consistency, MinIndex = 1 }, default);
            var seen = long.Parse((await result.TextAsync())[0]);
            var index = result.SnapshotIndex;
            var again = long.Parse(await cluster.Nodes[(turn + 1 + (turn / 3 % 2)) % 3].Database.ReadAsync("SELECT n FROM t", None with { MinIndex = index }));
            Assert.True(again >= seen, $"{again} was read at index {index}, behind {seen}");
        }

        await writing;
    }

    [Fact]
    public async Task None_shows_a_prefix_of_the_history_and_never_a_part_of_a_transaction()
    {
        await using var cluster = await OneRowAsync();
        await cluster.Nodes[0].Database.ExecuteAsync("DELETE FROM t");
        var begun = cluster.LastIndex;
        const int Transactions = 200;
        for (var i = 0; i < Transactions; i++)
        {
            var batch = Sql.Atomic($"INSERT INTO t VALUES({i})", $"INSERT INTO t VALUES({i})", $"INSERT INTO t VALUES({i})");
            await cluster.Nodes[0].Database.ExecuteAsync(batch, WriteOptions.Default, default).TextAsync();
        }

        var follower = cluster.Nodes[1];
        follower.Log.CatchUp(begun);
        var applying = Task.Run(() =>
        {
            for (var index = begun + 1; index <= cluster.LastIndex; index++)
            {
                follower.Log.CatchUp(index);
            }
        });
        var seen = 0L;
        while (seen < Transactions)
        {
            await using var result = await follower.Database.QueryAsync(
                Sql.Batch("SELECT count(*), count(DISTINCT a), ifnull(max(a), -1) + 1 FROM t"), None, default);
            var index = result.SnapshotIndex;
            var numbers = (await result.TextAsync())[0].Split(',').Select(long.Parse).ToArray();
            Assert.Equal((3 * numbers[1], numbers[1]), (numbers[0], numbers[2]));
            Assert.InRange(numbers[1], seen, index - begun);
            seen = numbers[1];
        }

        await applying;
    }

    [Fact]
    public async Task A_text_of_several_statements_is_a_read_only_if_all_are()
    {
        await using var cluster = await OneRowAsync();
        var before = cluster.LastIndex;
        foreach (var sql in new[] { "SELECT 1; SELECT 2", "SELECT 1; INSERT INTO t VALUES(2)" })
        {
            await cluster.Nodes[0].Database.RequestAsync(Sql.Batch(sql), Weak, WriteOptions.Default, default).TextAsync();
        }

        Assert.Equal(before + 1, cluster.LastIndex);
        await cluster.Nodes[0].Database.QueryAsync(Sql.Batch("SELECT 1; INSERT INTO t VALUES(3)"), Strong, default).TextAsync();
        Assert.Equal("1;2", await cluster.Nodes[0].Database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task Linearizable_on_a_follower_reads_there_after_asking_the_leader_for_its_index()
    {
        await using var cluster = await OneRowAsync();
        await cluster.Nodes[0].Database.ExecuteAsync("INSERT INTO t VALUES(2)");
        Assert.Equal("1;2", await cluster.Nodes[1].Database.ReadAsync("SELECT a FROM t", Linearizable));
        Assert.Equal(0, cluster.Nodes[1].Peers.Sent);
        Assert.Equal(1, cluster.Nodes[1].Log.ReadIndexRounds);
    }

    [Fact]
    public async Task Strong_goes_through_the_log_and_names_its_entry()
    {
        await using var cluster = await OneRowAsync();
        foreach (var node in cluster.Nodes)
        {
            var before = cluster.LastIndex;
            await using var result = await node.Database.QueryAsync(Sql.Batch("SELECT a FROM t", "SELECT 7"), Strong, default);
            Assert.Equal(before + 1, cluster.LastIndex);
            Assert.Equal(cluster.LastIndex, result.RaftIndex);
            Assert.Equal(["1", "7"], await result.TextAsync());
        }
    }

    [Fact]
    public async Task A_query_never_writes_at_any_level()
    {
        await using var cluster = await OneRowAsync();
        foreach (var node in cluster.Nodes)
        {
            foreach (var read in new[] { None, Weak, Linearizable, Strong, Auto })
            {
                var texts = await node.Database.QueryAsync(
                    Sql.Batch("SELECT a FROM t", "INSERT INTO t VALUES(9)", "SELECT b FROM nowhere", "SELECT 5"), read, default).TextAsync();
                Assert.Equal(4, texts.Count);
                Assert.Equal("1", texts[0]);
                Assert.Equal("error: attempt to change database via query operation", texts[1]);
                Assert.Equal("error: no such table: nowhere", texts[2]);
                Assert.Equal("5", texts[3]);
            }
        }

        Assert.Equal("1", await cluster.Nodes[0].Database.ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_strong_query_puts_only_a_barrier_into_the_log()
    {
        await using var cluster = await OneRowAsync();
        var before = cluster.LastIndex;
        var texts = await cluster.Nodes[0].Database.QueryAsync(Sql.Batch("DELETE FROM t", "SELECT a FROM t"), Strong, default).TextAsync();
        Assert.Equal(["error: attempt to change database via query operation", "1"], texts);
        Assert.Equal(before + 1, cluster.LastIndex);
        Assert.All(LogBatchEncoding.Read(cluster.LastEntry).Commands, static command => Assert.Empty(command.Batch.Statements));
    }

    [Fact]
    public async Task Freshness_refuses_a_node_that_has_not_heard_of_its_leader()
    {
        await using var cluster = await OneRowAsync();
        var node = cluster.Nodes[1];
        var read = None with { Freshness = TimeSpan.FromSeconds(2) };
        node.Log.SinceLeaderContact = TimeSpan.FromSeconds(1);
        Assert.Equal("1", await node.Database.ReadAsync("SELECT a FROM t", read));
        node.Log.SinceLeaderContact = TimeSpan.FromSeconds(3);
        var error = await Assert.ThrowsAsync<ClusterException>(() => node.Database.ReadAsync("SELECT a FROM t", read));
        Assert.Equal(ClusterError.StaleRead, error.Error);
        Assert.Equal("stale read", error.Message);
        Assert.Equal("1", await node.Database.ReadAsync("SELECT a FROM t", None));
    }

    [Fact]
    public async Task Strict_freshness_refuses_a_node_that_is_behind_in_applying()
    {
        await using var cluster = await OneRowAsync();
        var node = cluster.Nodes[1];
        var loose = None with { Freshness = TimeSpan.FromTicks(1) };
        var strict = loose with { FreshnessStrict = true };
        Assert.Equal("1", await node.Database.ReadAsync("SELECT a FROM t", strict));
        await cluster.Nodes[0].Database.ExecuteAsync("INSERT INTO t VALUES(2)");
        Assert.Equal("1", await node.Database.ReadAsync("SELECT a FROM t", loose));
        var error = await Assert.ThrowsAsync<ClusterException>(() => node.Database.ReadAsync("SELECT a FROM t", strict));
        Assert.Equal(ClusterError.StaleRead, error.Error);
        Assert.Equal("1", await node.Database.ReadAsync("SELECT a FROM t", strict with { Freshness = TimeSpan.FromHours(1) }));
    }

    [Fact]
    public async Task A_minimum_index_is_waited_for()
    {
        await using var cluster = await OneRowAsync();
        await using var written = await cluster.Nodes[0].Database.ExecuteAsync(
            Sql.Batch("INSERT INTO t VALUES(2)"), WriteOptions.Default, default);
        foreach (var consistency in Enum.GetValues<ReadConsistency>())
        {
            Assert.Equal("1;2", await cluster.Nodes[1].Database.ReadAsync(
                "SELECT a FROM t", new() { Consistency = consistency, MinIndex = written.RaftIndex }));
        }
    }

    [Theory]
    [InlineData(ReadConsistency.None, 0)]
    [InlineData(ReadConsistency.None, 1)]
    [InlineData(ReadConsistency.Weak, 0)]
    [InlineData(ReadConsistency.Weak, 1)]
    [InlineData(ReadConsistency.Linearizable, 1)]
    [InlineData(ReadConsistency.Strong, 0)]
    public async Task A_minimum_index_that_does_not_come_ends_in_a_timeout(ReadConsistency consistency, int node)
    {
        await using var cluster = await OneRowAsync();
        var read = new ReadOptions { Consistency = consistency, MinIndex = 1000, Timeout = TimeSpan.FromMilliseconds(50) };
        var error = await Assert.ThrowsAsync<ClusterException>(() => cluster.Nodes[node].Database.ReadAsync("SELECT a FROM t", read));
        Assert.Equal(ClusterError.Timeout, error.Error);
        Assert.Contains("index 1000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Auto_is_none_on_a_read_replica_and_weak_on_a_voter()
    {
        await using var cluster = await OneRowAsync(voters: [true, true, false]);
        await cluster.Nodes[0].Database.ExecuteAsync("INSERT INTO t VALUES(2)");
        Assert.Equal("1;2", await cluster.Nodes[1].Database.ReadAsync("SELECT a FROM t", Auto));
        Assert.Equal("1", await cluster.Nodes[2].Database.ReadAsync("SELECT a FROM t", Auto));
        Assert.Equal(0, cluster.Nodes[2].Peers.Sent);
    }

    [Fact]
    public async Task Without_forwarding_a_follower_names_the_leader()
    {
        await using var cluster = await OneRowAsync();
        foreach (var read in new[] { Weak, Strong })
        {
            var error = await Assert.ThrowsAsync<ClusterException>(
                () => cluster.Nodes[1].Database.ReadAsync("SELECT a FROM t", read with { Forward = false }));
            Assert.Equal(ClusterError.NotLeader, error.Error);
            Assert.Equal(cluster.Nodes[0].Log.Self, error.Leader);
        }
    }

    [Theory]
    [InlineData(ReadConsistency.Weak)]
    [InlineData(ReadConsistency.Strong)]
    [InlineData(ReadConsistency.Linearizable)]
    public async Task Without_a_leader_a_read_that_needs_one_fails_after_a_while(ReadConsistency consistency)
    {
        await using var cluster = await OneRowAsync(limits: new() { LeaderWait = TimeSpan.FromMilliseconds(30) });
        cluster.Lead(null);
        var error = await Assert.ThrowsAsync<ClusterException>(
            () => cluster.Nodes[1].Database.ReadAsync("SELECT a FROM t", new() { Consistency = consistency }));
        Assert.Equal(ClusterError.NoLeader, error.Error);
    }

    [Fact]
    public async Task A_read_waits_for_an_election()
    {
        await using var cluster = await OneRowAsync(limits: new() { LeaderWait = TimeSpan.FromSeconds(60) });
        cluster.Lead(null);
        var reading = cluster.Nodes[1].Database.ReadAsync("SELECT a FROM t", Weak);
        Assert.False(reading.IsCompleted);
        cluster.Lead(cluster.Nodes[0]);
        Assert.Equal("1", await reading);
    }

    [Fact]
    public async Task An_atomic_query_is_one_snapshot()
    {
        await using var cluster = await OneRowAsync();
        var database = cluster.Nodes[0].Database;
        await using var result = await database.QueryAsync(Sql.Atomic("SELECT count(*) FROM t", "SELECT count(*) FROM t"), Weak, default);
        await using (var first = (await result.NextAsync(default))!)
        {
            Assert.Equal("1", await Sql.TextAsync(first));
        }

        await database.ExecuteAsync("INSERT INTO t VALUES(2)");
        await using (var second = (await result.NextAsync(default))!)
        {
            Assert.Equal("1", await Sql.TextAsync(second));
        }
    }

    [Fact]
    public async Task A_read_transaction_keeps_its_snapshot_and_refuses_writes()
    {
        await using var cluster = await OneRowAsync();
        foreach (var node in cluster.Nodes)
        {
            foreach (var read in new[] { Weak, Linearizable, Strong, Auto })
            {
                await using var transaction = await node.Database.BeginReadAsync(read, default);
                var before = await TextAsync(transaction, "SELECT count(*) FROM t");
                Assert.Equal(await cluster.Nodes[0].Database.ReadAsync("SELECT count(*) FROM t"), before);
                await cluster.Nodes[0].Database.ExecuteAsync("INSERT INTO t VALUES(2)");
                Assert.Equal(before, await TextAsync(transaction, "SELECT count(*) FROM t"));
                Assert.StartsWith("error: ", await TextAsync(transaction, "DELETE FROM t"), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_request_that_only_reads_stays_out_of_the_log()
    {
        await using var cluster = await OneRowAsync();
        var before = cluster.LastIndex;
        foreach (var node in cluster.Nodes)
        {
            await using var result = await node.Database.RequestAsync(
                Sql.Batch("SELECT a FROM t", "EXPLAIN DELETE FROM t", "-- nothing"), Weak, WriteOptions.Default, default);
            Assert.Equal(0, result.RaftIndex);
            Assert.Equal("1", (await result.TextAsync())[0]);
        }

        Assert.Equal(before, cluster.LastIndex);
    }

    [Theory]
    [InlineData("INSERT INTO t VALUES(2)")]
    [InlineData("CREATE TABLE u(a)")]
    [InlineData("SELECT a FROM nowhere")]
    public async Task A_request_with_anything_else_is_one_entry(string sql)
    {
        await using var cluster = await OneRowAsync();
        foreach (var node in cluster.Nodes)
        {
            var before = cluster.LastIndex;
            await using var result = await node.Database.RequestAsync(
                Sql.Batch("SELECT 7", sql), Weak, WriteOptions.Default, default);
            Assert.Equal(before + 1, result.RaftIndex);
            Assert.Equal("7", (await result.TextAsync())[0]);
        }
    }

    [Fact]
    public async Task A_description_waits_for_its_index_and_asks_the_leader_about_what_has_not_arrived()
    {
        await using var cluster = await OneRowAsync();
        await using var written = await cluster.Nodes[0].Database.ExecuteAsync(
            Sql.Batch("CREATE TABLE u(b TEXT)"), WriteOptions.Default, default);
        var statement = Sql.Statement("SELECT b FROM u WHERE b = :x");
        var follower = cluster.Nodes[1];
        var asked = await follower.Database.DescribeAsync(statement, BatchOptions.None, 0, default);
        Assert.Equal(1, follower.Peers.Sent);
        Assert.True(follower.Log.AppliedIndex < written.RaftIndex);
        var waited = await follower.Database.DescribeAsync(statement, BatchOptions.None, written.RaftIndex, default);
        Assert.Equal(1, follower.Peers.Sent);
        foreach (var shape in new[] { asked, waited })
        {
            Assert.Null(shape.Error);
            Assert.True(shape.ReadOnly);
            Assert.Equal([":x"], shape.ParameterNames);
            Assert.Equal("TEXT", shape.Rows.Columns[0].DeclaredType);
        }
    }

    [Fact]
    public async Task A_description_of_nonsense_is_an_error_with_and_without_a_leader()
    {
        await using var cluster = await OneRowAsync();
        foreach (var leader in new[] { cluster.Nodes[0], null })
        {
            cluster.Lead(leader);
            foreach (var node in cluster.Nodes)
            {
                var shape = await node.Database.DescribeAsync(Sql.Statement("SELEC 1"), BatchOptions.None, 0, default);
                Assert.Contains("syntax error", shape.Error!.Message, StringComparison.Ordinal);
            }
        }
    }

    private static async Task<FakeCluster> OneRowAsync(RequestLimits? limits = null, bool[]? voters = null)
    {
        var cluster = new FakeCluster(voters?.Length ?? 2, limits, voters: voters);
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
        foreach (var node in cluster.Nodes)
        {
            node.Log.CatchUp(cluster.LastIndex);
        }

        return cluster;
    }

    private static async Task<string> TextAsync(IReadTransaction transaction, string sql)
    {
        await using var rows = await transaction.ReadAsync(Sql.Statement(sql), BatchOptions.None, null, default);
        return await Sql.TextAsync(rows);
    }
}
