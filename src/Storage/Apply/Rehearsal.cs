namespace Rqlite.Pg.Storage;

/// <summary>The state of a rehearsal.</summary>
public enum RehearsalState
{
    /// <summary>The rehearsal takes statements.</summary>
    Open,

    /// <summary>A statement failed: only a look, a return to a savepoint or a rollback is possible.</summary>
    Failed,

    /// <summary>The entry is made; the rehearsal waits to be committed by it.</summary>
    Sealed,

    /// <summary>The rehearsal was rolled back to let others write, and can be run again.</summary>
    Evicted,

    /// <summary>The rehearsal was rolled back, by its owner or because the writer was needed for other entries. Nothing of it remains.</summary>
    Lost,

    /// <summary>The entry was applied.</summary>
    Committed,
}

/// <summary>
/// A transaction run ahead of its entry on the writer, inside an open SQLite transaction that nobody else sees. It can be discarded at any
/// moment, since the entry rebuilds it. One caller at a time; the applier may come in between two calls.
/// </summary>
public sealed class Rehearsal : GroupMember, IDisposable
{
    private readonly Writer _writer;

    internal Rehearsal(Writer writer, long unixMicroseconds, long clock, ulong seed, BatchOptions options, TransactionEffects effects)
        : base(unixMicroseconds, seed)
    {
        _writer = writer;
        Clock = clock;
        Options = options;
        Effects = effects;
    }

    /// <summary>The time that the statements see as now, in µs since 1970.</summary>
    internal long Clock { get; }

    /// <summary>True if the rehearsal can be evicted: its steps are remembered and are not too many to be run again.</summary>
    public bool Repeatable => History.Complete;

    internal BatchOptions Options { get; }

    internal RequestId RequestId { get; init; }

    /// <summary>The effects of the statements besides rows.</summary>
    internal TransactionEffects Effects { get; set; }

    /// <summary>
    /// The version of the schema on which the rehearsal stands; before it has begun the version that its statements were made for, 0 for any.
    /// </summary>
    internal long SchemaVersion { get; set; }

    /// <summary>The owner has made its statements for the schema, so the rehearsal cannot go on upon another one.</summary>
    internal bool BoundToSchema { get; set; }

    internal int NextOrdinal { get; set; }

    /// <summary>The digest of the answers that the statements in the record gave to the owner.</summary>
    internal Mixer Answers { get; set; } = new(0);

    /// <summary>A step was run that is not in the record: a read, a savepoint, a statement that was undone.</summary>
    internal bool Strayed { get; set; }

    /// <summary>The statements of the entry: those that write and were not undone.</summary>
    internal List<TransactionStatement> Record { get; } = [];

    internal List<RehearsalMark> Marks { get; } = [];

    /// <summary>The number of savepoints; they are numbered from 0.</summary>
    public int SavepointCount => Marks.Count;

    /// <summary>All steps of the rehearsal, to run them again on another base.</summary>
    internal RehearsalHistory History { get; } = new();

    /// <summary>A statement ended the SQLite transaction: nothing of the rehearsal is in the connection until it is run again.</summary>
    internal bool Gone { get; set; }

    /// <summary>The running statement is to be ended and the rehearsal evicted.</summary>
    internal volatile bool EvictionWanted;

    /// <summary>Set when the rehearsal is sealed.</summary>
    internal TransactionEntry? Entry { get; set; }

    internal override ulong EntryDigest => Entry!.Digest;

    /// <summary>Bytes of SQL and parameters in the entry.</summary>
    public long RecordBytes { get; internal set; }

    /// <summary>
    /// Runs a statement and returns its result in <see cref="RowEncoding"/>; an error of the statement is in the result, and fails the
    /// rehearsal.
    /// </summary>
    /// <param name="token">Ends the statement, which fails the rehearsal too.</param>
    /// <exception cref="RehearsalLostException">Nothing of the rehearsal remains.</exception>
    /// <exception cref="RehearsalEvictedException">The rehearsal was evicted before the statement took effect.</exception>
    public ReadOnlyMemory<byte> Run(Statement statement, CancellationToken token) => _writer.RunRehearsed(this, statement, token);

    /// <summary>True if a statement is known to take a short time, whatever the database holds.</summary>
    public bool IsKnownShort(Statement statement) => _writer.IsKnownShort(this, statement);

    /// <summary>Describes a statement with the schema that the rehearsal sees.</summary>
    /// <param name="token">Ends the description, whose error is then SQLITE_INTERRUPT.</param>
    public StatementShape Describe(ReadOnlySpan<byte> sql, CancellationToken token) => _writer.DescribeRehearsed(this, sql, token);

    /// <summary>
    /// Reads without an entry in the history: the owner looks at the schema, and acts on nothing else. An error leaves the rehearsal as it is. If
    /// the rehearsal is evicted and the schema has changed when it resumes, it is lost.
    /// </summary>
    /// <param name="token">Ends the read.</param>
    /// <exception cref="RehearsalLostException">Nothing of the rehearsal remains.</exception>
    /// <exception cref="RehearsalEvictedException">The rehearsal was evicted meanwhile.</exception>
    public ReadOnlyMemory<byte> Peek(Statement statement, CancellationToken token) => _writer.PeekRehearsed(this, statement, token);

    /// <summary>From now on the rehearsal cannot be evicted: its owner relies on a state that the history does not record.</summary>
    public void Stay() => _writer.Stay(this);

    /// <summary>Sets a savepoint after those that exist.</summary>
    public void SetSavepoint() => _writer.SetSavepoint(this);

    /// <summary>Forgets the savepoint with this number, counted from 0, and the later ones.</summary>
    public void Release(int savepoint) => _writer.Release(this, savepoint);

    /// <summary>Undoes all steps after the savepoint, which stays, and takes statements again.</summary>
    public void RollBackTo(int savepoint) => _writer.RollBackTo(this, savepoint);

    /// <summary>Closes the rehearsal for statements and returns its entry; null if it changed nothing.</summary>
    /// <param name="error">Why the rehearsal cannot be committed: it is then rolled back.</param>
    public TransactionEntry? Seal(out StatementError? error) => _writer.Seal(this, out error);

    /// <summary>Tells a sealed rehearsal the position of its entry, so that another one may begin on top of it.</summary>
    public void Appended(long index, long term) => _writer.Appended(this, index, term);

    /// <summary>Rolls back a sealed rehearsal whose entry did not get into the log.</summary>
    public void Withdraw() => _writer.Withdraw(this);

    /// <summary>
    /// Gives up on a sealed rehearsal whose entry may never be applied, and on all members on top of it. Members that the quorum has agreed to
    /// are rebuilt from their entries.
    /// </summary>
    public void Drop() => _writer.Drop(this);

    /// <summary>Rolls the rehearsal back unless it is sealed or has ended.</summary>
    public void Dispose() => _writer.Abandon(this);
}

/// <summary>The state of a rehearsal at a savepoint.</summary>
/// <param name="TotalChanges">The answer of <c>total_changes()</c>.</param>
/// <param name="Changes">The answer of <c>changes()</c>.</param>
internal readonly record struct RehearsalMark(
    int Statements, long Bytes, Mixer Answers, Mixer Digest, long LastRowId, long TotalChanges, long Changes, EffectsMark Effects);
