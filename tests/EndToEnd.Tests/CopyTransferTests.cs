using System.Diagnostics;
using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;
using Xunit.Abstractions;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>A follower that has lost its disk gets the whole database while clients write.</summary>
public sealed class CopyTransferTests(ITestOutputHelper output)
{
    // The log keeps 64 MB for slow followers: only beyond that must a copy be sent.
    private const int LoggedMegabytes = 80;

    [Fact]
    public Task A_wiped_follower_gets_a_copy_while_clients_write() => TransferAsync(0);

    [LongFact]
    public Task A_wiped_follower_gets_a_copy_of_500_MB_while_clients_write() => TransferAsync(420);

    private async Task TransferAsync(int moreMegabytes)
    {
        using var cluster = await TestCluster.StartAsync(3, ["-raft-snap", "10"]);
        await FillAsync(cluster.Nodes[0].Api, moreMegabytes);
        await IdInserts.CreateTableAsync(cluster.Nodes[0].Api);
        var leader = await cluster.LeaderAsync();
        await Until.TrueAsync(
            "the log is cut",
            async () => (await cluster.Nodes[leader].Api.GetAsync("/status?key=store.raft.last_snapshot_index")).Body.Trim() != "0",
            cluster.Logs);
        var wiped = (leader + 1) % 3;
        await cluster.Nodes[wiped].KillAsync();
        cluster.Wipe(wiped);

        await using var inserts = IdInserts.Start([.. cluster.Options.Where((_, i) => i != wiped)], clients: 4, seed: 1);
        await inserts.MoreAsync(200, cluster.Logs);
        inserts.ForgetGap();
        var before = inserts.Acknowledged;
        var clock = Stopwatch.StartNew();
        var follower = cluster.Restart(wiped);
        await using (var leaderWatch = MemoryWatch.Start(cluster.Nodes[leader]))
        await using (var followerWatch = MemoryWatch.Start(follower))
        {
            await follower.ReadyAsync(TimeSpan.FromMinutes(5));
            await Contents.SyncAsync(follower);
            var size = (await follower.Api.GetAsync("/status?key=store.sqlite3.db_size")).Body.Trim();
            output.WriteLine($"{size} bytes in {clock.Elapsed.TotalSeconds:0.0} s; meanwhile {inserts.Acknowledged - before} writes acknowledged, "
                + $"longest gap {inserts.LongestGap.TotalMilliseconds:0} ms");
            output.WriteLine($"leader: {leaderWatch}\nfollower: {followerWatch}");
        }

        await inserts.MoreAsync(100, cluster.Logs);
        await inserts.StopAsync();
        Assert.Contains("copy of the database", follower.Log, StringComparison.OrdinalIgnoreCase);
        var verdict = await Contents.CheckAsync(cluster.Nodes, inserts.Outcomes);
        verdict = verdict.Passed
            ? await Contents.SameAnswerAsync(cluster.Nodes, "SELECT count(*), sum(id), sum(length(b)), sum(unicode(substr(hex(b), 17, 1))) FROM big")
            : verdict;
        Assert.True(verdict.Passed, $"{verdict.Explanation}\n{cluster.Logs()}");
    }

    /// <summary>Rows that the entries make themselves leave little in the log; rows that come in requests fill it.</summary>
    private static async Task FillAsync(Api api, int megabytes)
    {
        (await api.ExecuteAsync("CREATE TABLE big (id INTEGER PRIMARY KEY, b BLOB)")).Result();
        for (var done = 0; done < megabytes; done += 20)
        {
            (await api.ExecuteAsync(
                "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000) " +
                "INSERT INTO big(b) SELECT randomblob(1000) FROM c")).Result();
        }

        var text = new string('x', 1 << 20);
        for (var done = 0; done < LoggedMegabytes; done++)
        {
            (await api.ExecuteAsync("INSERT INTO big(b) VALUES(?)", text)).Result();
        }
    }
}
