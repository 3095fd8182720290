using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>A leader whose rehearsal does not follow from its entry finds that out when it runs the entry itself.</summary>
public sealed class DifferingRehearsalTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TransactionOptions Patient = new() { WriterSlice = TimeSpan.FromHours(1) };

    [Fact]
    public async Task What_was_agreed_to_and_cannot_be_repeated_ends_the_node_that_loses_the_lead()
    {
        await using var node = await StartAsync();
        using var planted = new PlantedFunction(node.Storage.Writer);
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Storage.Writer.Failed = error => failed.TrySetResult(error);
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(abs(-5))");
        var second = await CommittingAsync(node, "INSERT INTO t VALUES(2)");
        node.Log.Agree(2);
        planted.Error = 1;

        // Whoever comes first meets it: who looks after the entries, or who learns of the lead.
        var met = Record.Exception(() => node.Log.Lose(keeps: 3));
        var told = await failed.Task.WaitAsync(Bound);
        Assert.True(met is null || met == told, $"{met}");
        Assert.Contains("this replica differs", told.Message, StringComparison.Ordinal);
        Assert.False(first.IsCompletedSuccessfully);
        Assert.False(second.IsCompletedSuccessfully);

        // What the next leader commits must not come behind the entry that is missing.
        node.Log.AppendForeign("INSERT INTO t VALUES(9)");
        var refused = Assert.Throws<StorageException>(() => node.Log.Agree());
        Assert.Contains("lacks an entry", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, node.Storage.AppliedIndex);
        Assert.Equal("", await node.Database.ReadAsync("SELECT a FROM t", new() { Consistency = ReadConsistency.None }));
        await node.KillAsync();
        Assert.Equal("5;2;9", await node.Database.ReadAsync("SELECT a FROM t"));
        await node.CheckAgainstReplayAsync("agreed");
    }

    [Fact]
    public async Task What_the_next_leader_commits_and_cannot_be_repeated_ends_the_node()
    {
        await using var node = await StartAsync();
        using var planted = new PlantedFunction(node.Storage.Writer);
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(abs(-5))");
        planted.Error = 1;
        node.Log.Lose(keeps: 2);
        Assert.Equal(ClusterError.OutcomeUnknown, (await Assert.ThrowsAsync<ClusterException>(() => first).WaitAsync(Bound)).Error);
        node.Log.AppendForeign("INSERT INTO t VALUES(9)");
        var told = Assert.Throws<StorageException>(node.Log.Win);
        Assert.Contains("this replica differs", told.Message, StringComparison.Ordinal);
        Assert.Equal(1, node.Storage.AppliedIndex);
        Assert.Equal("", await node.Database.ReadAsync("SELECT a FROM t", new() { Consistency = ReadConsistency.None }));
        await node.KillAsync();
        Assert.Equal("5;9", await node.Database.ReadAsync("SELECT a FROM t"));
        await node.CheckAgainstReplayAsync("in the log");
    }

    [Fact]
    public async Task Without_a_difference_the_same_course_loses_nothing()
    {
        await using var node = await StartAsync();
        using var planted = new PlantedFunction(node.Storage.Writer);
        var first = await CommittingAsync(node, "INSERT INTO t VALUES(abs(-5))");
        _ = await CommittingAsync(node, "INSERT INTO t VALUES(2)");
        node.Log.Agree(2);
        node.Log.Lose(keeps: 3);

        // Its own wait for the entry may end before the entry has been run again; then it cannot tell.
        if (await Record.ExceptionAsync(() => first).WaitAsync(Bound) is { } untold)
        {
            Assert.Equal(ClusterError.OutcomeUnknown, Assert.IsType<ClusterException>(untold).Error);
        }

        node.Log.AppendForeign("INSERT INTO t VALUES(9)");
        node.Log.Win();
        Assert.Equal("5;2;9", await node.Database.ReadAsync("SELECT a FROM t"));
        await node.CheckAgainstReplayAsync("control");
    }

    private static async Task<ScriptedNode> StartAsync()
    {
        var node = new ScriptedNode();
        await node.Database.ExecuteAsync("CREATE TABLE t(a)");
        node.Log.Agrees = false;
        return node;
    }

    private static async Task<Task<CommitResult>> CommittingAsync(ScriptedNode node, string sql)
    {
        var transaction = await node.Database.BeginAsync(Patient, null, default).AsTask().WaitAsync(Bound);
        await using (var cursor = await transaction.RunAsync(Sql.Statement(sql), null, default))
        {
            Assert.Equal("changed 1", await Sql.TextAsync(cursor));
        }

        return await node.CommittingAsync(transaction);
    }
}
