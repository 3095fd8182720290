using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;
using Rqlite.Pg.Histories;
using Xunit.Abstractions;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Three nodes under load while nodes die, sleep, lose their disks, come and go.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class FaultsTests(ThreeNodes three, ITestOutputHelper output)
{
    private TestCluster Cluster => three.Cluster;

    [Fact]
    public async Task Leaders_killed_one_after_the_other_lose_and_double_nothing()
    {
        await using var inserts = three.StartInserts(clients: 6, seed: 1);
        for (var round = 0; round < 3; round++)
        {
            await inserts.MoreAsync(200, Cluster.Logs);
            var leader = await Cluster.LeaderAsync();
            await Cluster.Nodes[leader].KillAsync();
            await inserts.MoreAsync(100, Cluster.Logs);
            await Cluster.Restart(leader).ReadyAsync();
        }

        await inserts.MoreAsync(100, Cluster.Logs);
        await three.CheckAsync(inserts);
        output.WriteLine($"{inserts.Acknowledged} acknowledged");
    }

    [Fact]
    public async Task All_nodes_killed_at_once_lose_and_double_nothing()
    {
        for (var round = 0; round < 2; round++)
        {
            await using var inserts = three.StartInserts(clients: 6, seed: 2 + round);
            await inserts.MoreAsync(300, Cluster.Logs);
            await Cluster.KillAllAsync();
            await inserts.StopAsync();
            for (var i = 0; i < Cluster.Count; i++)
            {
                Cluster.Restart((i + round) % Cluster.Count);
            }

            await Cluster.ReadyAsync();
            await three.CheckAsync(inserts);
        }
    }

    [Fact]
    public async Task A_leader_that_sleeps_and_wakes_answers_nothing_stale_and_loses_nothing()
    {
        await using var inserts = three.StartInserts(clients: 6, seed: 5);
        await inserts.MoreAsync(100, Cluster.Logs);
        var sleeper = await Cluster.LeaderAsync();
        (await Cluster.Nodes[sleeper].Api.ExecuteAsync("CREATE TABLE IF NOT EXISTS wake (v INTEGER)")).Result();
        Cluster.Nodes[sleeper].Pause();
        int marker;
        try
        {
            var leader = await Cluster.LeaderAsync(except: sleeper);
            marker = Environment.TickCount & 0xFFFFFF;
            (await Cluster.Nodes[leader].Api.ExecuteAsync("INSERT INTO wake VALUES(?)", marker)).Result();
        }
        finally
        {
            Cluster.Nodes[sleeper].Resume();
        }

        // Asked at once and again and again: whenever the woken node answers, the answer holds the row.
        var answers = 0;
        for (var i = 0; i < 40; i++)
        {
            var reply = await Cluster.Nodes[sleeper].Api.QueryAsync(i % 2 == 0 ? "linearizable" : "strong", "SELECT count(*) FROM wake WHERE v = ?", marker);
            if (reply.Ok)
            {
                Assert.Equal(1, reply.Scalar().GetInt64());
                answers++;
            }
        }

        Assert.NotEqual(0, answers);
        await inserts.MoreAsync(100, Cluster.Logs);
        await three.CheckAsync(inserts);
    }

    [Fact]
    public async Task A_follower_with_a_wiped_disk_rejoins_under_its_old_id()
    {
        await using var inserts = three.StartInserts(clients: 4, seed: 6);
        await inserts.MoreAsync(200, Cluster.Logs);
        var follower = (await Cluster.LeaderAsync() + 1) % Cluster.Count;
        await Cluster.Nodes[follower].KillAsync();
        Cluster.Wipe(follower);
        await inserts.MoreAsync(100, Cluster.Logs);
        await Cluster.Restart(follower).ReadyAsync();
        await inserts.MoreAsync(100, Cluster.Logs);
        await three.CheckAsync(inserts);
        await Cluster.MembersAsync(3);
    }

    [Fact]
    public async Task Members_that_come_and_go_quickly_disturb_nobody()
    {
        await using var inserts = three.StartInserts(clients: 4, seed: 7);
        for (var round = 0; round < 3; round++)
        {
            var leader = await Cluster.LeaderAsync();
            var join = $"http://localhost:{Cluster.Options[(leader + round) % 3].HttpPort}";
            using var fourth = NodeProcess.Start(Cluster.NewNode($"extra{round}a") with { Join = join });
            using var fifth = NodeProcess.Start(Cluster.NewNode($"extra{round}b") with { Join = join });
            await fourth.ReadyAsync();
            await fifth.ReadyAsync();
            await Cluster.MembersAsync(5);
            await RemoveAsync(fourth.Options.Id);
            await RemoveAsync(fifth.Options.Id);
            await Cluster.MembersAsync(3);
        }

        await inserts.MoreAsync(100, Cluster.Logs);
        await three.CheckAsync(inserts);
    }

    [Fact]
    public async Task Registers_stay_linearizable_while_leaders_are_killed_and_paused()
    {
        var seed = Environment.TickCount & 0xFFFF;
        output.WriteLine($"seed {seed}");
        await Registers.CreateTableAsync(Cluster.Nodes[0].Api);
        await using var registers = Registers.Start(Cluster.Options, clients: 5, seed);
        var end = DateTime.UtcNow + TimeSpan.FromSeconds(int.TryParse(Environment.GetEnvironmentVariable("REGISTER_SECONDS"), out var s) ? s : 20);
        for (var round = 0; DateTime.UtcNow < end; round++)
        {
            await Task.Delay(1500);
            var leader = await Cluster.LeaderAsync();
            if (round % 2 == 0)
            {
                await Cluster.Nodes[leader].KillAsync();
                await Cluster.LeaderAsync(except: leader);
                await Cluster.Restart(leader).ReadyAsync();
            }
            else
            {
                Cluster.Nodes[leader].Pause();
                try
                {
                    await Cluster.LeaderAsync(except: leader);
                    await Task.Delay(300);
                }
                finally
                {
                    Cluster.Nodes[leader].Resume();
                }
            }
        }

        await registers.StopAsync();
        var history = registers.History.ToList();
        output.WriteLine($"{history.Count} operations, {registers.Reads} reads, {history.Count(o => o.Outcome == Outcome.Unknown)} unknown");
        foreach (var (what, times) in registers.Surprises.OrderByDescending(p => p.Value).Take(12))
        {
            output.WriteLine($"{times} x {what}");
        }

        Assert.True(registers.Reads > 100 && history.Count(o => o.Outcome == Outcome.Ok) > 200, $"too little was answered\n{Cluster.Logs()}");
        var verdict = new LinearizableRegisters().Check(history);
        Assert.True(verdict.Passed, $"seed {seed}: {verdict.Kind}: {verdict.Explanation}");
        await Cluster.ReadyAsync();
        var same = await Contents.SameAnswerAsync(Cluster.Nodes, "SELECT count(*), sum(v), sum(unicode(k)) FROM registers");
        Assert.True(same.Passed, same.Explanation);
    }

    private async Task RemoveAsync(string id) => await Until.TrueAsync($"{id} is removed", async () =>
    {
        var reply = await Cluster.Nodes[1].Api.SendAsync(HttpMethod.Delete, "/remove", $"{{\"id\":\"{id}\"}}", "application/json");
        return reply.Status == 200;
    }, Cluster.Logs);
}
