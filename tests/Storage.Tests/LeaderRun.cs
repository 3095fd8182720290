namespace Rqlite.Pg.Storage.Tests;

/// <summary>A command as a leader runs it before it is proposed, with limits that a test sets.</summary>
internal sealed class LeaderRun(ApplyCommand command, Func<StatementError?>? exceeded = null) : WriteRun
{
    public override ApplyCommand Command => command;

    public override StatementError? Exceeded => exceeded?.Invoke();

    /// <summary>Runs commands on the leader and gives their batch; fails if one of them is refused.</summary>
    public static BatchRehearsal Rehearse(Writer writer, in EntryStamp stamp, IReadOnlyList<ApplyCommand> commands)
    {
        var runs = commands.Select(command => new LeaderRun(command)).ToArray();
        var batch = writer.RehearseBatch(stamp.Term, stamp.UnixMicroseconds, stamp.Seed, runs, out var kept, out var taken);
        Assert.Equal((runs.Length, runs.Length), (kept, taken));
        return batch!;
    }

    /// <summary>Keeps a batch as its entry would on the node that ran it.</summary>
    public static void Keep(Writer writer, in EntryStamp stamp, BatchRehearsal batch)
    {
        batch.Appended(stamp.Index, stamp.Term);
        Assert.True(writer.ApplyBatch(stamp, () => throw new InvalidOperationException("It was to be kept."), batch, null));
        Assert.Equal(RehearsalState.Committed, batch.State);
    }
}
