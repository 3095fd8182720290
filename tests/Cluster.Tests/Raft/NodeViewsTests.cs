using System.Globalization;
using Rqlite.Pg.Cluster.Tests.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>PostgreSQL's functions and views of replication on a leader, a follower and a read replica.</summary>
public sealed class NodeViewsTests : IAsyncLifetime
{
    private static readonly ReadConsistency[] s_levels =
        [ReadConsistency.Weak, ReadConsistency.None, ReadConsistency.Auto, ReadConsistency.Linearizable, ReadConsistency.Strong];

    private readonly TestNodes _nodes = new();

    public async Task InitializeAsync()
    {
        var first = await _nodes.StartAsync("n1", adjust: Patient);
        await TestCluster.Until(() => first.IsLeader, "a leader");
        await _nodes.StartAsync("n2", first, adjust: Patient);
        await _nodes.StartAsync("n3", first, voter: false, Patient);
        await _nodes.ReadyAsync();
        await Leader.Database.ExecuteAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)");
    }

    public async Task DisposeAsync() => await _nodes.DisposeAsync();

    /// <summary>The lead shall stay where it is.</summary>
    private static ClusterOptions Patient(ClusterOptions options)
        => options with { HeartbeatTimeout = TimeSpan.FromSeconds(2), ElectionTimeout = TimeSpan.FromSeconds(2) };

    private ClusterNode Leader => _nodes.Single(static node => node.IsLeader);

    [Fact]
    public async Task Every_node_tells_at_every_level_whether_it_leads()
    {
        foreach (var node in _nodes)
        {
            foreach (var level in s_levels)
            {
                var read = new ReadOptions { Consistency = level };
                await HoldsInOneTermAsync(async () =>
                {
                    var expected = node.IsLeader ? "0" : "1";
                    Assert.Equal(expected, await node.Database.ReadAsync("SELECT pg_is_in_recovery()", read));
                    Assert.Equal([expected], await node.Database.QueryAsync(Sql.Batch("SELECT pg_is_in_recovery()"), read, default).TextAsync());
                    Assert.Equal($"{expected},1", await node.Database.ReadAsync("SELECT pg_is_in_recovery(), count(*) FROM t", read));
                });
            }
        }
    }

    /// <summary>A failure counts if the lead was not lost or won meanwhile.</summary>
    private async Task HoldsInOneTermAsync(Func<Task> check)
    {
        while (true)
        {
            var before = Leads();
            var failed = await Record.ExceptionAsync(check);
            if (failed is null)
            {
                return;
            }

            if (Leads().SequenceEqual(before))
            {
                throw failed;
            }
        }

        (bool, object?)[] Leads()
            => [.. _nodes.Select(static node => (node.IsLeader, ((IReadOnlyDictionary<string, object?>)node.Status()["raft"]!)["term"]))];
    }

    [Fact]
    public async Task Positions_are_indexes_of_the_log()
    {
        var written = await Leader.Database.ReadAsync("SELECT pg_current_wal_lsn()");
        Assert.StartsWith("0/", written, StringComparison.Ordinal);
        Assert.InRange(long.Parse(written[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), 2, long.MaxValue);
        Assert.Equal("0", await Leader.Database.ReadAsync("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), pg_current_wal_lsn())"));
        Assert.Equal("null,null", await Leader.Database.ReadAsync("SELECT pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"));
        foreach (var node in _nodes.Where(static node => !node.IsLeader))
        {
            await node.SyncAsync(TestCluster.Patience, default);
            Assert.Equal("1", await node.Database.ReadAsync(
                $"SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '{written}') >= 0 AND pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '{written}') >= 0"));
            foreach (var function in (string[])["pg_current_wal_lsn", "pg_current_wal_insert_lsn", "pg_current_wal_flush_lsn"])
            {
                Assert.Equal("error: recovery is in progress", await node.Database.ReadAsync($"SELECT {function}()"));
            }
        }
    }

    [Fact]
    public async Task Differences_follow_from_their_arguments_alone()
    {
        foreach (var (sql, expected) in new[]
        {
            ("SELECT pg_wal_lsn_diff('1/0', '0/FFFFFFFF')", "1"),
            ("SELECT pg_wal_lsn_diff('0/A', '0/1F')", "-21"),
            ("SELECT pg_wal_lsn_diff(NULL, '0/1')", "null"),
            ("SELECT pg_wal_lsn_diff('x', '0/1')", "error: invalid input syntax for type pg_lsn: \"x\""),
        })
        {
            Assert.Equal(expected, await Leader.Database.ReadAsync(sql));
            Assert.Equal(expected, await Leader.Database.ReadAsync(sql, new() { Consistency = ReadConsistency.Strong }));
        }
    }

    [Fact]
    public async Task The_leader_has_a_row_for_each_other_member_and_others_have_none()
    {
        const string Rows = "SELECT application_name, client_addr, state, sync_state, sync_priority, flush_lsn IS NULL FROM pg_stat_replication ORDER BY 1";
        using var limit = new CancellationTokenSource(TestCluster.Patience);
        while (await Leader.Database.ReadAsync(Rows) != "n2,127.0.0.1,streaming,quorum,1,0;n3,127.0.0.1,null,async,0,1")
        {
            Assert.False(limit.IsCancellationRequested, await Leader.Database.ReadAsync(Rows));
            await Task.Delay(10);
        }

        Assert.Equal("2", await Leader.Database.ReadAsync("SELECT count(*) FROM pg_stat_replication a, t"));
        Assert.Equal("4", await Leader.Database.ReadAsync("SELECT count(*) FROM pg_stat_replication a, pg_stat_replication b"));
        foreach (var node in _nodes.Where(static node => !node.IsLeader))
        {
            Assert.Equal("", await node.Database.ReadAsync(Rows));
        }
    }

    [Fact]
    public async Task A_write_cannot_depend_on_the_node_and_replicas_stay_equal()
    {
        const string Refusal = " differs from node to node and cannot be used in a statement that goes through the log";
        var answers = await _nodes[1].Database.ExecuteAsync(
            "INSERT INTO t VALUES(pg_is_in_recovery())",
            "INSERT INTO t VALUES(pg_current_wal_lsn())",
            "INSERT INTO t SELECT application_name FROM pg_stat_replication",
            "CREATE TABLE d(a, b DEFAULT (pg_is_in_recovery()))",
            "INSERT INTO d(a) VALUES(1)",
            "CREATE TABLE pg_stat_replication(a)");
        Assert.Equal(
            [
                "changed 1", "error: pg_current_wal_lsn()" + Refusal, "error: pg_stat_replication" + Refusal, "changed 0", "changed 1",
                "error: not authorized: the name pg_stat_replication is that of a table of the server",
            ],
            answers);
        foreach (var node in _nodes)
        {
            await node.SyncAsync(TestCluster.Patience, default);
            Assert.Equal("1;0", await node.Database.ReadAsync("SELECT a FROM t", new() { Consistency = ReadConsistency.None }));
            Assert.Equal("0", await node.Database.ReadAsync("SELECT b FROM d", new() { Consistency = ReadConsistency.None }));
        }
    }
}
