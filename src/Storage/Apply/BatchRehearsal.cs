namespace Rqlite.Pg.Storage;

/// <summary>Commands that were run ahead of their entry: the commands that every node runs, and the digest that they must give.</summary>
/// <param name="BaseIndex">The entry on whose state the commands were run. On another state the entry does nothing, on every node alike.</param>
/// <param name="BaseTerm">That entry's term.</param>
/// <param name="Term">The term in which the commands were run. An entry that got into the log in another term does nothing.</param>
/// <param name="Digest">The digest of their answers and effects.</param>
public sealed record BatchEntry(long BaseIndex, long BaseTerm, long Term, ulong Digest, IReadOnlyList<ApplyCommand> Commands);

/// <summary>A command that the leader is about to run, with the limits of its caller.</summary>
public abstract class WriteRun
{
    public abstract ApplyCommand Command { get; }

    /// <summary>
    /// Why the command may not go on, or null: its caller has left, or its time is over. Asked from any thread, before each statement and
    /// while one runs.
    /// </summary>
    public abstract StatementError? Exceeded { get; }

    /// <summary>
    /// The command takes long, or needs the writer without a group beneath it: it becomes an entry of its own and runs on a thread that nobody
    /// else waits for.
    /// </summary>
    public bool Alone { get; internal set; }

    /// <summary>The answer to the command, set once it has been run or refused.</summary>
    public CommandResult? Result { get; internal set; }
}

/// <summary>
/// A batch of commands run ahead of their entry, in an open SQLite transaction that nobody else sees. It is sealed from the start: it takes
/// no more commands.
/// </summary>
public sealed class BatchRehearsal : GroupMember
{
    private readonly Writer _writer;

    internal BatchRehearsal(Writer writer, long term, long unixMicroseconds, ulong seed)
        : base(unixMicroseconds, seed)
    {
        _writer = writer;
        Term = term;
    }

    /// <summary>The term in which the batch was run.</summary>
    public long Term { get; }

    /// <summary>The content of the batch's entry.</summary>
    public BatchEntry? Entry { get; internal set; }

    internal CommandResult?[] Results { get; set; } = [];

    /// <summary>The named requests in the batch, whose rows do not hold the index of their entry yet.</summary>
    internal RequestId[] Named { get; set; } = [];

    internal Notification[] Notifications { get; set; } = [];

    internal LockGrant[] Grants { get; set; } = [];

    /// <summary>The unlogged sequence advances at the beginning of the batch.</summary>
    internal SequencePoint[] Loose { get; init; } = [];

    /// <summary>The batch ran ANALYZE.</summary>
    internal bool Analyzed { get; set; }

    internal override ulong EntryDigest => Entry!.Digest;

    /// <summary>Sets the position of the batch's entry in the log.</summary>
    public void Appended(long index, long term)
    {
        // Nothing stands on a batch, and the applier, which may be at work on its entry already, brings the position along.
        if (OnGroup)
        {
            _writer.Appended(this, index, term);
        }
    }

    /// <summary>Rolls the batch back: its entry did not get into the log.</summary>
    public void Withdraw() => _writer.Withdraw(this);

    /// <summary>Gives up on the batch: its entry may never be applied. If the quorum has agreed to the entry, the batch is rebuilt from it.</summary>
    public void Drop() => _writer.Drop(this);
}
