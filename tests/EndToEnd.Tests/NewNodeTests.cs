using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;

namespace Rqlite.Pg.EndToEnd.Tests;

public sealed class NewNodeTests
{
    private const string Count = "SELECT count(*) FROM t";

    /// <summary>Alone, both can tell nothing but what their own disks hold: for one that is the database, for the other it is nothing.</summary>
    [Fact]
    public async Task A_wiped_node_says_that_it_has_no_database_yet_and_a_restarted_one_answers_at_once()
    {
        using var cluster = await TestCluster.StartAsync(3);
        (await cluster.Nodes[0].Api.ExecuteAsync("CREATE TABLE t(x)")).Result();
        (await cluster.Nodes[0].Api.ExecuteAsync("INSERT INTO t VALUES(1), (2)")).Result();
        await Task.WhenAll(cluster.Nodes.Select(Contents.SyncAsync));
        await cluster.KillAllAsync();

        var restarted = cluster.Restart(1);
        PgAnswer? answer = null;
        await Until.TrueAsync("the restarted node can be asked", async () => (answer = await AskAsync(restarted, "none")) is not null, cluster.Logs);
        Assert.True(answer!.Ok, answer.ToString());
        Assert.Equal("2", answer.Rows[0][0]);
        await cluster.KillAllAsync();

        cluster.Wipe(2);
        var wiped = cluster.Restart(2);
        PgAnswer? refusal = null;
        await Until.TrueAsync("the wiped node can be asked", async () => (refusal = await AskAsync(wiped, "none")) is not null, cluster.Logs);
        Assert.Equal(("57P03", "the database system is starting up"), (refusal!.State, refusal.Message));
        refusal = await AskAsync(wiped, "weak");
        Assert.Equal(("57P03", "the database system is starting up"), (refusal!.State, refusal.Message));
        var reply = await wiped.Api.GetAsync("/db/query?level=none&q=" + Uri.EscapeDataString(Count));
        Assert.Equal(503, reply.Status);
        Assert.StartsWith("starting up: node 'n3' is new in its cluster and has not got its copy of the database yet", reply.Body);
        Assert.Equal(503, (await wiped.Api.GetAsync("/readyz")).Status);

        await Task.WhenAll(cluster.Restart(0).ReadyAsync(), cluster.Restart(1).ReadyAsync());
        await wiped.ReadyAsync();
        Assert.Equal("2", (await AskAsync(wiped, "none"))!.Rows[0][0]);
    }

    /// <summary>Null as long as nobody listens.</summary>
    private static async Task<PgAnswer?> AskAsync(NodeProcess node, string consistency)
    {
        try
        {
            using var session = await PgText.ConnectAsync(node.Options.PgPort, $"-c rqlite.consistency={consistency}");
            return await session.RunAsync(Count);
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            return null;
        }
    }
}
