namespace Rqlite.Pg.Storage;

/// <summary>What has become of a rehearsal.</summary>
public enum RehearsalState
{
    /// <summary>Takes statements.</summary>
    Open,

    /// <summary>A statement failed: only a return to a savepoint or the end is possible.</summary>
    Failed,

    /// <summary>Its entry was made; it waits to be committed by that entry.</summary>
    Sealed,

    /// <summary>It was rolled back to let others write, and can be run again.</summary>
    Evicted,

    /// <summary>It was rolled back, by its owner or because the writer was needed for entries of others. Nothing of it remains.</summary>
    Lost,

    /// <summary>Its entry was applied.</summary>
    Committed,
}

/// <summary>
/// A transaction run ahead of its entry on the writer, inside an open SQLite transaction that nobody else sees. It can be discarded at any
/// moment, since the entry rebuilds it. One caller at a time; the applier may come in between two calls.
/// </summary>
public sealed class Rehearsal : GroupMember, IDisposable
{
    private readonly Writer _writer;

    internal Rehearsal(Writer writer, long unixMilliseconds, long clock, ulong seed, BatchOptions options, TransactionEffects effects)
        : base(unixMilliseconds, seed)
    {
        _writer = writer;
        Clock = clock;
        Options = options;
        Effects = effects;
    }

    /// <summary>What its statements see as now, in ms since 1970.</summary>
    internal long Clock { get; }

    /// <summary>True if it can be evicted: what it has done is remembered and not too much to be done again.</summary>
    public bool Repeatable => History.Complete;

    internal BatchOptions Options { get; }

    internal RequestId RequestId { get; init; }

    /// <summary>What its statements have done besides rows.</summary>
    internal TransactionEffects Effects { get; set; }

    internal int NextOrdinal { get; set; }

    /// <summary>What its owner was told by the statements in the record.</summary>
    internal Mixer Answers { get; set; } = new(0);

    /// <summary>Something ran that is not in the record: a read, a savepoint, a statement that was undone.</summary>
    internal bool Strayed { get; set; }

    /// <summary>What its entry will hold: statements that write and were not undone.</summary>
    internal List<TransactionStatement> Record { get; } = [];

    internal List<RehearsalMark> Marks { get; } = [];

    /// <summary>How many savepoints there are; they are numbered from 0.</summary>
    public int SavepointCount => Marks.Count;

    /// <summary>Everything that was asked of it, to do it again on another base.</summary>
    internal RehearsalHistory History { get; } = new();

    /// <summary>A statement took the SQLite transaction along: nothing of it is in the connection until it is run again.</summary>
    internal bool Gone { get; set; }

    /// <summary>The statement that runs is to be ended and the rehearsal evicted.</summary>
    internal volatile bool EvictionWanted;

    /// <summary>Set when it is sealed.</summary>
    internal TransactionEntry? Entry { get; set; }

    internal override ulong EntryDigest => Entry!.Digest;

    /// <summary>Bytes of SQL and parameters that its entry will hold.</summary>
    public long RecordBytes { get; internal set; }

    /// <summary>Runs a statement and returns its result in <see cref="RowEncoding"/>; an error of it is in the result, and fails the rehearsal.</summary>
    /// <param name="token">Ends the statement, which fails the rehearsal too.</param>
    /// <exception cref="RehearsalLostException">Nothing of the rehearsal remains.</exception>
    /// <exception cref="RehearsalEvictedException">It gave way to others before the statement took effect.</exception>
    public ReadOnlyMemory<byte> Run(Statement statement, CancellationToken token) => _writer.RunRehearsed(this, statement, token);

    /// <summary>Looks at a statement as the rehearsal sees the schema.</summary>
    public StatementShape Describe(ReadOnlySpan<byte> sql) => _writer.DescribeRehearsed(this, sql);

    /// <summary>From now on it does not give way any more: its owner relies on something that it does not know.</summary>
    public void Stay() => _writer.Stay(this);

    /// <summary>Sets a savepoint upon those that exist.</summary>
    public void SetSavepoint() => _writer.SetSavepoint(this);

    /// <summary>Forgets the savepoint with this number, counted from 0, and those upon it.</summary>
    public void Release(int savepoint) => _writer.Release(this, savepoint);

    /// <summary>Undoes what came after the savepoint, which stays, and takes statements again.</summary>
    public void RollBackTo(int savepoint) => _writer.RollBackTo(this, savepoint);

    /// <summary>Closes the rehearsal for statements and gives what its entry has to say; null if it changed nothing.</summary>
    /// <param name="error">Why it cannot be committed: the rehearsal is then rolled back.</param>
    public TransactionEntry? Seal(out StatementError? error) => _writer.Seal(this, out error);

    /// <summary>Tells a sealed rehearsal where its entry stands, so that another one may begin upon it.</summary>
    public void Appended(long index, long term) => _writer.Appended(this, index, term);

    /// <summary>Rolls a sealed rehearsal back whose entry did not get into the log.</summary>
    public void Withdraw() => _writer.Withdraw(this);

    /// <summary>
    /// Gives up on a sealed rehearsal whose entry may never be applied, and with it all that stands upon it. What the quorum has agreed to
    /// is rebuilt from its entries.
    /// </summary>
    public void Drop() => _writer.Drop(this);

    /// <summary>Rolls it back unless it is sealed or has ended.</summary>
    public void Dispose() => _writer.Abandon(this);
}

/// <summary>Where a rehearsal stood at a savepoint.</summary>
/// <param name="TotalChanges">What <c>total_changes()</c> answered.</param>
/// <param name="Changes">What <c>changes()</c> answered.</param>
internal readonly record struct RehearsalMark(
    int Statements, long Bytes, Mixer Answers, Mixer Digest, long LastRowId, long TotalChanges, long Changes, EffectsMark Effects);
