namespace Rqlite.Pg.Storage;

/// <summary>Commands that were run ahead of their entry: what every node runs, and what must come of it.</summary>
/// <param name="BaseIndex">The entry on whose state they were run. On another state the entry does nothing, on every node alike.</param>
/// <param name="BaseTerm">That entry's term.</param>
/// <param name="Term">The term in which they were run. An entry that got into the log in another term does nothing.</param>
/// <param name="Digest">The digest of their answers and effects.</param>
public sealed record BatchEntry(long BaseIndex, long BaseTerm, long Term, ulong Digest, IReadOnlyList<ApplyCommand> Commands);

/// <summary>A command that the leader is about to run, with the limits of whoever waits for it.</summary>
public abstract class WriteRun
{
    public abstract ApplyCommand Command { get; }

    /// <summary>
    /// Why the command may not go on, or null: its caller has left, or its time is over. Asked from any thread, before each statement and
    /// while one runs.
    /// </summary>
    public abstract StatementError? Exceeded { get; }

    /// <summary>It takes long, or needs the writer without a group beneath it: it is to be an entry of its own, run on a
    /// thread that nobody else waits for.</summary>
    public bool Alone { get; internal set; }

    /// <summary>What it is answered: once it has been run, or refused.</summary>
    public CommandResult? Result { get; internal set; }
}

/// <summary>
/// A batch of commands run ahead of their entry, in an open SQLite transaction that nobody else sees. It is sealed from the start: it takes
/// no more commands.
/// </summary>
public sealed class BatchRehearsal : GroupMember
{
    private readonly Writer _writer;

    internal BatchRehearsal(Writer writer, long term, long unixMilliseconds, ulong seed)
        : base(unixMilliseconds, seed)
    {
        _writer = writer;
        Term = term;
    }

    /// <summary>The term in which it was run.</summary>
    public long Term { get; }

    /// <summary>What the entry has to say.</summary>
    public BatchEntry? Entry { get; internal set; }

    internal CommandResult?[] Results { get; set; } = [];

    /// <summary>The named requests in it, whose rows do not say yet in which entry they are.</summary>
    internal RequestId[] Named { get; set; } = [];

    internal Notification[] Notifications { get; set; } = [];

    internal LockGrant[] Grants { get; set; } = [];

    /// <summary>What no entry had said of sequences when it began.</summary>
    internal SequencePoint[] Loose { get; init; } = [];

    /// <summary>It ran ANALYZE.</summary>
    internal bool Analyzed { get; set; }

    internal override ulong EntryDigest => Entry!.Digest;

    /// <summary>Tells where its entry stands.</summary>
    public void Appended(long index, long term) => _writer.Appended(this, index, term);

    /// <summary>Undoes it: its entry did not get into the log.</summary>
    public void Withdraw() => _writer.Withdraw(this);

    /// <summary>Gives up on it: its entry may never be applied. If the quorum has agreed to it, it is rebuilt from its entry.</summary>
    public void Drop() => _writer.Drop(this);
}
