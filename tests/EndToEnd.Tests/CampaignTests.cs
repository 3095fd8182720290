using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Faults;
using Rqlite.Pg.Harness.Workloads;
using Rqlite.Pg.Histories;
using Xunit.Abstractions;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Several workloads at once while nodes die, sleep and are cut off from one another; everything seen is judged.</summary>
public sealed class CampaignTests(ITestOutputHelper output)
{
    private const FaultKinds Short =
        FaultKinds.KillLeader | FaultKinds.Kill | FaultKinds.PauseLeader | FaultKinds.StepDown | FaultKinds.Network;

    [Fact]
    public async Task Transactions_are_strictly_serializable_and_money_keeps_its_sum_under_faults()
    {
        using var cluster = await TestCluster.StartAsync(3, links: true);
        await RunAsync(cluster, Short, 25, Seed(), o => [new PgLists(o), new HttpLists(o), new PgBank(o), new HttpBank(o)]);
    }

    [Fact]
    public async Task Reads_of_every_level_keep_their_promises_under_faults()
    {
        using var cluster = await TestCluster.StartAsync(3, links: true);
        await RunAsync(cluster, Short, 20, Seed(), o =>
            [new Sessions(o), new SnapshotViews(o), new CommentThreads(o), new RegisterWorkload(o), new RetriedInserts(o), new RetriedBlocks(o)]);
    }

    [Fact]
    public async Task Notifications_sequences_and_locks_keep_their_promises_and_vanished_clients_leave_nothing_under_faults()
    {
        using var cluster = await TestCluster.StartAsync(3, links: true);
        await RunAsync(cluster, Short, 8, Seed(), o =>
            [new NotifyWorkload(o), new SequenceWorkload(o), new LockWorkload(o), new VanishWorkload(o)]);
    }

    [Fact]
    public async Task Misuse_leaves_no_trace_and_takes_nothing_for_good_under_faults()
    {
        using var cluster = await TestCluster.StartAsync(3, ["-write-timeout", "5s"], links: true);
        await RunAsync(cluster, Short, 15, Seed(), o => [new PoisonWorkload(o), new HoardWorkload(o), new AbandonWorkload(o), new CommentThreads(o)]);
    }

    [Fact]
    public async Task What_vanished_clients_leave_is_seen()
    {
        using var cluster = await TestCluster.StartAsync(1);
        var node = cluster.Nodes[0];
        foreach (var reset in (bool[])[false, true])
        {
            using var session = await PgText.ConnectAsync(node.Options.PgPort);
            var name = NodeSockets.Accepted(node.Options.PgPort, session.LocalPort)!;
            node.Pause();
            Assert.Equal((0, 1), Left());
            (reset ? (Action)session.Vanish : session.Dispose)();
            await Until.TrueAsync("the client is missed", () => Task.FromResult(Left() == (reset ? 0 : 1, 1)));
            node.Resume();
            await Until.TrueAsync("its session has ended", () => Task.FromResult(Left() == (0, 0)));

            (int Closed, int Held) Left() => (NodeSockets.Closed(node.Id, node.Options.PgPort), NodeSockets.Held(node.Id, [name]));
        }
    }

    [LongFact]
    public async Task All_workloads_keep_all_promises_under_all_faults_for_ten_minutes()
    {
        using var cluster = await TestCluster.StartAsync(3, ["-raft-snap", "200", "-raft-snap-int", "300ms", "-write-timeout", "5s"], links: true);
        var seed = Seed();
        for (var round = 0; round < 10; round++)
        {
            await RunAsync(cluster, FaultKinds.All, 50, seed + round, o =>
            [
                new PgLists(o), new HttpLists(o), new PgBank(o), new HttpBank(o),
                new Sessions(o), new SnapshotViews(o), new CommentThreads(o), new RegisterWorkload(o),
                new RetriedInserts(o), new RetriedBlocks(o), new NotifyWorkload(o), new SequenceWorkload(o), new LockWorkload(o), new VanishWorkload(o),
                new PoisonWorkload(o), new HoardWorkload(o), new AbandonWorkload(o),
            ]);
        }
    }

    [LongFact]
    public async Task Reads_of_the_level_none_taken_for_linearizable_are_found_out()
    {
        using var cluster = await TestCluster.StartAsync(3, links: true);
        await FoundAsync(cluster, o => new RegisterWorkload(o, "none"));
    }

    [LongFact]
    public async Task Read_committed_taken_for_serializable_is_found_out()
    {
        using var cluster = await TestCluster.StartAsync(3, links: true);
        await FoundAsync(cluster, o => new PgLists(o, "READ COMMITTED"));
    }

    private static int Seed() => Environment.TickCount & 0xFFFFF;

    private async Task FoundAsync(TestCluster cluster, Func<WorkloadOptions, Workload> make)
    {
        var seed = Seed();
        var verdict = Verdict.Valid;
        for (var round = 0; round < 10 && verdict.Kind != VerdictKind.Violation; round++)
        {
            await using var workload = make(new WorkloadOptions(cluster.Options, 4, seed + round, round));
            var report = await Epoch.RunAsync(cluster, [workload], FaultKinds.Network, seed + round, TimeSpan.FromSeconds(15));
            verdict = report.Workloads[0].Verdict;
        }

        output.WriteLine($"seed {seed}: {verdict.Explanation}");
        Assert.Equal(VerdictKind.Violation, verdict.Kind);
    }

    private async Task RunAsync(
        TestCluster cluster, FaultKinds faults, int seconds, int seed, Func<WorkloadOptions, Workload[]> make)
    {
        output.WriteLine($"seed {seed}");
        var workloads = make(new WorkloadOptions(cluster.Options, 2, seed, seed));
        try
        {
            var report = await Epoch.RunAsync(cluster, workloads, faults, seed, TimeSpan.FromSeconds(seconds));
            output.WriteLine($"faults: {report.Faults.Counts}");
            foreach (var workload in report.Workloads)
            {
                output.WriteLine(workload.ToString());
            }

            Assert.True(report.Passed, $"seed {seed}\n{report.Explanation}\n{cluster.Logs()}");
        }
        finally
        {
            await Task.WhenAll(workloads.Select(w => w.DisposeAsync().AsTask()));
        }
    }
}
