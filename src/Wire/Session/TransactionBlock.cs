using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Session;

internal enum TransactionStatus : byte
{
    Idle = (byte)'I',
    InBlock = (byte)'T',
    Failed = (byte)'E',
}

/// <summary>The transaction block of a session, explicit or implicit: its status, modes, snapshot, and transaction on the writer.</summary>
internal sealed class TransactionBlock : IScoped
{
    // Whether the block was read-only at each savepoint, and which constraints it checked: both are those of its savepoint level.
    private readonly List<(bool ReadOnly, ImmediateConstraints Immediate)> _marks = [];
    private IReadTransaction? _snapshot;
    private bool _queried;
    private bool _lost;

    public TransactionStatus Status { get; private set; } = TransactionStatus.Idle;

    public IsolationLevel Isolation { get; private set; }

    public bool ReadOnly { get; private set; }

    /// <summary>Shown and otherwise without an effect: no read ever waits for a safe snapshot.</summary>
    public bool Deferrable { get; private set; }

    /// <summary>The transaction on the writer, from the first write on.</summary>
    public ITransaction? Writing { get; private set; }

    /// <summary>The snapshot that all reads of the block see, once it is taken.</summary>
    public IReadTransaction? Snapshot => _snapshot;

    /// <summary>True if all reads of the block see one snapshot, which is taken already.</summary>
    public bool Pinned => _snapshot is not null;

    /// <summary>The version of the schema that the transaction on the writer sees; 0 as long as it is not known.</summary>
    public long SchemaVersion { get; private set; }

    /// <summary>The schema that the transaction on the writer sees, if it is not a committed one.</summary>
    public ISchema? Schema { get; private set; }

    /// <summary>The time at which the block began, in µs since 1970, which its statements see as now; null outside of a block.</summary>
    public long? UnixMicroseconds { get; private set; }

    /// <summary>
    /// The present moment, in µs since 1970, for a statement of an explicit block; 0 elsewhere, where the entry has the moment of its statement. A repetition
    /// of an entry under its idempotency key has to be the same request.
    /// </summary>
    public long Moment => Open && !Implicit ? Present : 0;

    /// <summary>The present moment by this node's clock, in µs since 1970.</summary>
    public static long Present => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The client's name for the block; its first write takes the name from the settings. Null for none.</summary>
    public string? IdempotencyKey { get; set; }

    /// <summary>The deferred constraints that SET CONSTRAINTS has made immediate.</summary>
    public ImmediateConstraints Immediate { get; set; } = ImmediateConstraints.None;

    /// <summary>
    /// True for the implicit block of a query string or pipeline: for what stands before a BEGIN there, for definitions and what follows them, and for
    /// modes of the transaction.
    /// </summary>
    public bool Implicit { get; set; }

    public bool Open => Status != TransactionStatus.Idle;

    /// <summary>True if the block has failed without a savepoint to return to.</summary>
    public bool Dead => Status == TransactionStatus.Failed && _marks.Count == 0;

    /// <param name="modes">All of them.</param>
    public void Begin(TransactionModes modes)
    {
        Status = TransactionStatus.InBlock;
        UnixMicroseconds = Present;
        (Isolation, ReadOnly, Deferrable) = (modes.Isolation!.Value, modes.ReadOnly!.Value, modes.Deferrable!.Value);
        _queried = false;
        _lost = false;
    }

    /// <param name="schema">The schema, if it was loaded through the transaction.</param>
    public void KnowSchema(long version, ISchema? schema = null) => (SchemaVersion, Schema) = (version, schema);

    /// <summary>The transaction on the writer may see another schema from now on.</summary>
    public void ForgetSchema() => KnowSchema(0);

    /// <summary>Lets go of the transaction on the writer, which is over.</summary>
    public async ValueTask LoseAsync()
    {
        ForgetSchema();
        if (Writing is { } writing)
        {
            Writing = null;
            _lost = true;
            await writing.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Throws in a failed block, except for the commands that end it or return to a savepoint, which may have no parameters.</summary>
    /// <param name="part">The statement; null for an empty text.</param>
    public void RequireAlive(StatementPart? part, int parameters = 0)
    {
        if (Status == TransactionStatus.Failed
            && (part?.Command is not (CommitTransaction or RollbackTransaction or RollbackToSavepoint) || parameters > 0))
        {
            throw new PgException(
                SqlState.InFailedSqlTransaction,
                "current transaction is aborted, commands ignored until end of transaction block");
        }
    }

    public static PgException IsolationTooLate() => TooLate("SET TRANSACTION ISOLATION LEVEL must be called before any query");

    /// <exception cref="PgException">25001: it is too late for a mode, or a savepoint stands before it.</exception>
    public void SetModes(TransactionModes modes)
    {
        if (modes.Isolation is { } isolation && isolation != Isolation)
        {
            if (_queried)
            {
                throw IsolationTooLate();
            }

            if (_marks.Count > 0)
            {
                throw TooLate("SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction");
            }

            Isolation = isolation;
        }

        if (modes.ReadOnly is { } readOnly)
        {
            if (!readOnly && ReadOnly)
            {
                if (_marks.Count > 0)
                {
                    throw TooLate("cannot set transaction read-write mode inside a read-only transaction");
                }

                if (_queried)
                {
                    throw TooLate("transaction read-write mode must be set before any query");
                }
            }

            ReadOnly = readOnly;
        }

        if (modes.Deferrable is { } deferrable)
        {
            if (_marks.Count > 0)
            {
                throw TooLate("SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction");
            }

            if (_queried)
            {
                throw TooLate("SET TRANSACTION [NOT] DEFERRABLE must be called before any query");
            }

            Deferrable = deferrable;
        }
    }

    /// <summary>All reads of the block see one snapshot.</summary>
    public bool SharesSnapshot => Isolation is IsolationLevel.RepeatableRead or IsolationLevel.Serializable;

    /// <summary>The block runs a statement: from now on it is too late for some modes.</summary>
    public void NoteQuery() => _queried = true;

    /// <summary>The snapshot of the block, taken by the first statement that reads.</summary>
    public async ValueTask<IReadTransaction> SnapshotAsync(IDatabase database, ReadOptions read, CancellationToken token) =>
        _snapshot ??= await database.BeginReadAsync(read, token).ConfigureAwait(false);

    /// <summary>Takes the writer, if this block does not have it yet; from then on all its statements run there.</summary>
    /// <returns>True if this call took the writer.</returns>
    public async ValueTask<bool> WriteAsync(IDatabase database, TransactionOptions options, CancellationToken token)
    {
        if (Writing is not null)
        {
            return false;
        }

        _queried = true;
        Writing = await database.BeginAsync(options with { Savepoints = _marks.Count }, _snapshot, token).ConfigureAwait(false);
        KnowSchema(options.SchemaVersion);
        if (_snapshot is { } snapshot)
        {
            _snapshot = null;
            await snapshot.DisposeAsync().ConfigureAwait(false);
        }

        return true;
    }

    async ValueTask IScoped.MarkAsync(CancellationToken token)
    {
        if (Writing is { } writing)
        {
            await writing.SetSavepointAsync(token).ConfigureAwait(false);
        }

        _marks.Add((ReadOnly, Immediate));
    }

    async ValueTask IScoped.ReleaseAsync(int mark, CancellationToken token)
    {
        if (Writing is { } writing)
        {
            await writing.ReleaseAsync(mark, token).ConfigureAwait(false);
        }

        ReadOnly = _marks[mark].ReadOnly;
        _marks.RemoveRange(mark, _marks.Count - mark);
    }

    async ValueTask IScoped.ReturnAsync(int mark, CancellationToken token)
    {
        if (_lost)
        {
            throw new PgException(SqlState.SerializationFailure, "could not serialize access: the transaction was rolled back");
        }

        if (Writing is { } writing)
        {
            ForgetSchema();
            await writing.RollBackToAsync(mark, token).ConfigureAwait(false);
        }

        (ReadOnly, Immediate) = _marks[mark];
        _marks.RemoveRange(mark + 1, _marks.Count - mark - 1);
        Status = TransactionStatus.InBlock;
    }

    async ValueTask IScoped.FailAsync()
    {
        if (Status == TransactionStatus.InBlock)
        {
            Status = TransactionStatus.Failed;
        }

        // Without a savepoint the block cannot go on, so other transactions may write.
        if (_marks.Count == 0)
        {
            await LoseAsync().ConfigureAwait(false);
        }
    }

    private static PgException TooLate(string message) => new(SqlState.ActiveSqlTransaction, message);

    ValueTask IScoped.CommitAsync() => EndAsync();

    ValueTask IScoped.RollbackAsync() => EndAsync();

    private async ValueTask EndAsync()
    {
        Implicit = false;
        Status = TransactionStatus.Idle;
        UnixMicroseconds = null;
        IdempotencyKey = null;
        Immediate = ImmediateConstraints.None;
        ForgetSchema();
        _marks.Clear();
        if (Writing is { } writing)
        {
            Writing = null;
            await writing.DisposeAsync().ConfigureAwait(false);
        }

        if (_snapshot is { } snapshot)
        {
            _snapshot = null;
            await snapshot.DisposeAsync().ConfigureAwait(false);
        }
    }
}
