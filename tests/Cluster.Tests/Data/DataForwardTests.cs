using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

public sealed class DataForwardTests
{
    private static readonly ReadOptions Weak = new() { Consistency = ReadConsistency.Weak };
    private static readonly RequestLimits Impatient = new() { LeaderWait = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public async Task A_write_on_a_follower_is_run_by_the_leader()
    {
        await using var cluster = await TableAsync();
        await using var result = await Follower(cluster).ExecuteAsync(
            Sql.Batch("INSERT INTO t VALUES(1)", "INSERT INTO t VALUES(2) RETURNING a", "nonsense"), WriteOptions.Default, default);
        Assert.Equal(cluster.LastIndex, result.RaftIndex);
        Assert.Equal(cluster.Nodes[0].Log.Self, result.ServedBy);
        Assert.Equal(["changed 1", "2", "error: near \"nonsense\": syntax error"], await result.TextAsync());
    }

    [Fact]
    public async Task Without_forwarding_a_write_on_a_follower_names_the_leader()
    {
        await using var cluster = await TableAsync();
        var error = await Assert.ThrowsAsync<ClusterException>(() => Follower(cluster).ExecuteAsync(
            Sql.Batch("INSERT INTO t VALUES(1)"), new() { Forward = false }, default).AsTask());
        Assert.Equal(ClusterError.NotLeader, error.Error);
        Assert.Equal(cluster.Nodes[0].Log.Self, error.Leader);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_write_whose_answer_was_lost_is_answered_again_and_happened_once(int lost)
    {
        await using var cluster = await TableAsync();
        cluster.Nodes[1].Peers.AnswersLost = lost;
        await using var result = await Follower(cluster).ExecuteAsync(
            Sql.Batch("INSERT INTO t VALUES(1) RETURNING a, rowid"), WriteOptions.Default, default);
        Assert.Equal(["1,1"], await result.TextAsync());
        Assert.Equal(2, result.RaftIndex);
        Assert.Equal(lost + 1, cluster.Nodes[1].Peers.Sent);
        Assert.Equal("1", await cluster.Nodes[0].Database.ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_connection_that_breaks_within_large_results_is_not_told_as_a_failure_of_the_write()
    {
        await using var cluster = await TableAsync();
        await cluster.Nodes[0].Database.ExecuteAsync(
            "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT i || 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' FROM n");
        cluster.Nodes[1].Peers.FramesMax = 2;
        var error = await Assert.ThrowsAsync<ClusterException>(() => Follower(cluster).ExecuteAsync(
            Sql.Batch("DELETE FROM t RETURNING a"), WriteOptions.Default, default).AsTask());
        Assert.Equal(ClusterError.ResultLost, error.Error);
        Assert.Contains("the write took effect", error.Message, StringComparison.Ordinal);
        Assert.Equal("0", await cluster.Nodes[0].Database.ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_retry_after_the_leader_changed_happens_once()
    {
        await using var cluster = await TableAsync(3);
        foreach (var node in cluster.Nodes)
        {
            node.Log.CatchUp(cluster.LastIndex);
        }

        // The old leader appends and loses its lead before it applies; the new one has the entry in its log.
        cluster.Nodes[0].Log.Fate = Fate.LostAfterAppend;
        cluster.Nodes[0].Log.Settled = () => cluster.Lead(cluster.Nodes[2]);
        await using var result = await Follower(cluster).ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(1)"), WriteOptions.Default, default);
        Assert.Equal(cluster.Nodes[2].Log.Self, result.ServedBy);
        Assert.Equal(2, result.RaftIndex);
        Assert.Equal("1", await cluster.Nodes[2].Database.ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_retry_runs_here_when_this_node_has_become_the_leader()
    {
        await using var cluster = await TableAsync();
        cluster.Nodes[1].Log.CatchUp(cluster.LastIndex);
        cluster.Nodes[0].Log.Fate = Fate.LostAfterAppend;
        cluster.Nodes[0].Log.Settled = () => cluster.Lead(cluster.Nodes[1]);
        await using var result = await Follower(cluster).ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(1)"), WriteOptions.Default, default);
        Assert.Null(result.ServedBy);
        Assert.Equal(2, result.RaftIndex);
        Assert.Equal("1", await Follower(cluster).ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_leader_that_falls_silent_is_left_when_another_one_leads()
    {
        await using var cluster = await TableAsync(3);
        cluster.Nodes[2].Log.CatchUp(cluster.LastIndex);
        cluster.Nodes[0].Log.Hold();
        var writing = Follower(cluster).ExecuteAsync(
            Sql.Batch("INSERT INTO t VALUES(1)"), new() { Timeout = TimeSpan.FromMinutes(2) }, default).AsTask();
        while (cluster.Nodes[0].Log.Held == 0)
        {
            await Task.Delay(1);
        }

        cluster.Nodes[1].Log.Follow(cluster.Nodes[2]);
        cluster.Nodes[2].Log.Follow(cluster.Nodes[2]);
        await using var result = await writing.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(cluster.Nodes[2].Log.Self, result.ServedBy);
        Assert.Equal("1", await cluster.Nodes[2].Database.ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_leader_deposed_before_the_append_hands_the_write_to_the_next()
    {
        await using var cluster = await TableAsync();
        cluster.Nodes[1].Log.CatchUp(cluster.LastIndex);
        cluster.Nodes[0].Log.Fate = Fate.NotAppended;
        cluster.Nodes[0].Log.Settled = () => cluster.Lead(cluster.Nodes[1]);
        await using var result = await cluster.Nodes[0].Database.ExecuteAsync(
            Sql.Batch("INSERT INTO t VALUES(1)"), WriteOptions.Default, default);
        Assert.Equal(cluster.Nodes[1].Log.Self, result.ServedBy);
        Assert.Equal("1", await cluster.Nodes[1].Database.ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_write_whose_answers_are_all_lost_ends_as_unknown_and_happened_once()
    {
        await using var cluster = await TableAsync();
        cluster.Nodes[1].Peers.AnswersLost = int.MaxValue;
        var error = await Assert.ThrowsAsync<ClusterException>(() => Follower(cluster).ExecuteAsync(
            Sql.Batch("INSERT INTO t VALUES(1)"), new() { Timeout = TimeSpan.FromSeconds(1) }, default).AsTask());
        Assert.Equal(ClusterError.OutcomeUnknown, error.Error);
        Assert.Equal("1", await cluster.Nodes[0].Database.ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task An_unknown_outcome_is_never_told_as_another_error()
    {
        await using var cluster = await TableAsync();
        cluster.Nodes[0].Log.Fate = Fate.LostAfterAppend;
        cluster.Nodes[0].Log.Settled = () => cluster.Lead(null);
        var error = await Assert.ThrowsAsync<ClusterException>(() => Follower(cluster).ExecuteAsync(
            Sql.Batch("INSERT INTO t VALUES(1)"), new() { Timeout = TimeSpan.FromSeconds(1) }, default).AsTask());
        Assert.Equal(ClusterError.OutcomeUnknown, error.Error);
    }

    [Fact]
    public async Task Cancelling_a_write_that_was_sent_is_an_unknown_outcome()
    {
        await using var cluster = await TableAsync();
        cluster.Nodes[0].Log.Hold();
        using var cancel = new CancellationTokenSource();
        var writing = Follower(cluster).ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(1)"), WriteOptions.Default, cancel.Token).AsTask();
        while (cluster.Nodes[0].Log.Held == 0)
        {
            await Task.Delay(1);
        }

        await cancel.CancelAsync();
        Assert.Equal(ClusterError.OutcomeUnknown, (await Assert.ThrowsAsync<ClusterException>(() => writing)).Error);
    }

    [Fact]
    public async Task Cancelling_a_write_that_the_leader_runs_has_left_nothing_behind()
    {
        await using var cluster = await TableAsync();
        using var cancel = new CancellationTokenSource();
        var writing = Follower(cluster).ExecuteAsync(
            Sql.Batch("INSERT INTO t WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT count(*) FROM c"),
            WriteOptions.Default, cancel.Token).AsTask();
        await Task.Delay(100);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        Assert.Equal("0", await cluster.Nodes[0].Database.ReadAsync("SELECT count(*) FROM t"));
        Assert.Equal(["changed 1"], await Follower(cluster).ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(1)"), WriteOptions.Default, default).TextAsync());
    }

    [Theory]
    [InlineData(true, ClusterError.Unreachable)]
    [InlineData(false, ClusterError.NoLeader)]
    public async Task A_write_that_reached_nobody_did_not_happen(bool leader, ClusterError expected)
    {
        await using var cluster = await TableAsync(limits: Impatient);
        cluster.Nodes[1].Peers.Unsent = int.MaxValue;
        cluster.Lead(leader ? cluster.Nodes[0] : null);
        var error = await Assert.ThrowsAsync<ClusterException>(() => Follower(cluster).ExecuteAsync(
            Sql.Batch("INSERT INTO t VALUES(1)"), WriteOptions.Default, default).AsTask());
        Assert.Equal(expected, error.Error);
    }

    [Fact]
    public async Task Requests_that_were_not_sent_are_sent_again()
    {
        await using var cluster = await TableAsync();
        cluster.Nodes[1].Peers.Unsent = 3;
        Assert.Equal(["changed 1"], await Follower(cluster).ExecuteAsync("INSERT INTO t VALUES(1)"));
        cluster.Nodes[1].Peers.Unsent = 3;
        Assert.Equal("1", await Follower(cluster).ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_lost_answer_to_a_read_is_asked_for_again()
    {
        await using var cluster = await TableAsync();
        cluster.Nodes[1].Peers.AnswersLost = 2;
        Assert.Equal("0", await Follower(cluster).ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_reader_learns_of_a_leader_that_it_did_not_know()
    {
        await using var cluster = await TableAsync(3);
        cluster.Nodes[2].Log.CatchUp(cluster.LastIndex);
        cluster.Lead(cluster.Nodes[2]);
        cluster.Nodes[1].Log.Follow(cluster.Nodes[0]);
        Assert.Equal(["changed 1"], await Follower(cluster).ExecuteAsync("INSERT INTO t VALUES(1)"));
        Assert.Equal("1", await Follower(cluster).ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Nodes_that_take_each_other_for_the_leader_end_as_an_error()
    {
        await using var cluster = await TableAsync(3, Impatient);
        cluster.Nodes[0].Log.Follow(cluster.Nodes[1]);
        cluster.Nodes[1].Log.Follow(cluster.Nodes[2]);
        cluster.Nodes[2].Log.Follow(cluster.Nodes[1]);
        var error = await Assert.ThrowsAsync<ClusterException>(() => Follower(cluster).ExecuteAsync(
            Sql.Batch("INSERT INTO t VALUES(1)"), WriteOptions.Default, default).AsTask());
        Assert.Equal(ClusterError.NotLeader, error.Error);
    }

    [Fact]
    public async Task Many_rows_and_large_values_arrive_as_they_are()
    {
        await using var cluster = await TableAsync();
        const string Rows = "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i, i * 0.5, NULL, 'x' || i FROM n";
        var here = await cluster.Nodes[0].Database.QueryAsync(
            Sql.Batch(Rows, "SELECT hex(zeroblob(500000)), 'ä'", "SELECT 1 WHERE 0"), Weak, default).TextAsync();
        var there = await Follower(cluster).QueryAsync(
            Sql.Batch(Rows, "SELECT hex(zeroblob(500000)), 'ä'", "SELECT 1 WHERE 0"), Weak, default).TextAsync();
        Assert.Equal(here, there);
        Assert.Equal(20000, there[0].Split(';').Length);
        Assert.Equal(1_000_002, there[1].Length);
        Assert.InRange(cluster.Nodes[1].Peers.FrameBytesMax, 1, 64 << 10);
    }

    [Fact]
    public async Task The_schema_of_forwarded_rows_is_the_leaders()
    {
        await using var cluster = await TableAsync();
        await using var rows = await Follower(cluster).ReadAsync(Sql.Statement("SELECT a AS b FROM t"), BatchOptions.None, Weak, default);
        Assert.False(await rows.WaitToReadAsync(default));
        Assert.Equal([new Column("b", "INTEGER", "t", "a")], rows.Schema.Columns);
    }

    [Fact]
    public async Task A_forwarded_read_streams_and_ends_when_it_is_disposed()
    {
        await using var cluster = await TableAsync();
        var endless = Sql.Statement("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n");
        var rows = await Follower(cluster).ReadAsync(endless, BatchOptions.None, Weak, default);
        Assert.True(await rows.WaitToReadAsync(default));
        Assert.True(rows.TryRead());
        Assert.Equal(1, rows[0].Integer);
        await rows.DisposeAsync();
    }

    [Fact]
    public async Task A_connection_that_breaks_within_rows_is_an_error_and_not_an_end()
    {
        await using var cluster = await TableAsync();
        cluster.Nodes[1].Peers.FramesMax = 3;
        var error = await Assert.ThrowsAsync<ClusterException>(() => Follower(cluster).ReadAsync(
            "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT i FROM n"));
        Assert.Equal(ClusterError.Unreachable, error.Error);
    }

    [Fact]
    public async Task A_request_that_this_node_cannot_read_is_refused()
    {
        await using var cluster = await TableAsync();
        var response = await cluster.Nodes[1].Peers.SendAsync("n0:4002", NodeRequestKind.Batch, Encoding.UTF8.GetBytes("nonsense"), default);
        await using (response)
        {
            var error = await Assert.ThrowsAsync<ClusterException>(() => response.ReadFrameAsync(default).AsTask());
            Assert.Equal(ClusterError.Invalid, error.Error);
        }
    }

    [Fact]
    public async Task Writers_on_all_nodes_with_answers_lost_at_random_are_all_there_once()
    {
        const int Writers = 16;
        const int Each = 20;
        var seed = Environment.TickCount;
        await using var cluster = await TableAsync(3);
        var random = new Random(seed);
        using var stop = new CancellationTokenSource();
        var faults = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (var node in cluster.Nodes.Skip(1))
                {
                    node.Peers.AnswersLost = random.Next(2);
                    node.Peers.Unsent = random.Next(2);
                }

                await Task.Delay(5);
            }
        });
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                var database = cluster.Nodes[(writer + i) % 3].Database;
                Assert.Equal(["changed 1"], await database.ExecuteAsync($"INSERT INTO t VALUES({(writer * Each) + i})"));
            }
        })));
        await stop.CancelAsync();
        await faults;
        Assert.True(
            $"{Writers * Each},{Writers * Each}" == await cluster.Nodes[0].Database.ReadAsync("SELECT count(*), count(DISTINCT a) FROM t"),
            $"seed {seed}");
    }

    private static ClusterDatabase Follower(FakeCluster cluster) => cluster.Nodes[1].Database;

    private static async Task<FakeCluster> TableAsync(int nodes = 2, RequestLimits? limits = null)
    {
        var cluster = new FakeCluster(nodes, limits);
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a INTEGER)");
        return cluster;
    }
}
