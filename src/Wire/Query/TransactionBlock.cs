using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Query;

internal enum TransactionStatus : byte
{
    Idle = (byte)'I',
    InBlock = (byte)'T',
    Failed = (byte)'E',
}

/// <summary>The explicit transaction of a session: its status, its modes, its savepoints, and the snapshot it reads.</summary>
internal sealed class TransactionBlock
{
    private readonly List<string> _savepoints = [];
    private IReadTransaction? _snapshot;
    private bool _queried;

    public TransactionStatus Status { get; private set; } = TransactionStatus.Idle;

    public IsolationLevel Isolation { get; private set; }

    public bool ReadOnly { get; private set; }

    public bool Open => Status != TransactionStatus.Idle;

    public void Begin(IsolationLevel isolation, bool readOnly)
    {
        Status = TransactionStatus.InBlock;
        Isolation = isolation;
        ReadOnly = readOnly;
        _queried = false;
    }

    public void Fail()
    {
        if (Status == TransactionStatus.InBlock)
        {
            Status = TransactionStatus.Failed;
        }
    }

    /// <summary>In a failed block only the commands that lead out of it are heard.</summary>
    public void RequireAlive(ParsedStatement parsed)
    {
        if (Status == TransactionStatus.Failed
            && parsed.Command is not (CommitTransaction or RollbackTransaction or Dialect.RollbackToSavepoint))
        {
            throw new PgException(
                SqlState.InFailedSqlTransaction,
                "current transaction is aborted, commands ignored until end of transaction block");
        }
    }

    public void SetModes(TransactionModes modes)
    {
        if (modes.Isolation is { } isolation && isolation != Isolation)
        {
            if (_queried)
            {
                throw new PgException(SqlState.ActiveSqlTransaction, "SET TRANSACTION ISOLATION LEVEL must be called before any query");
            }

            Isolation = isolation;
        }

        if (modes.ReadOnly is { } readOnly)
        {
            if (!readOnly && ReadOnly && _queried)
            {
                throw new PgException(SqlState.ActiveSqlTransaction, "transaction read-write mode must be set before any query");
            }

            ReadOnly = readOnly;
        }
    }

    /// <summary>The snapshot that a statement reads, or null if it takes one of its own.</summary>
    public async ValueTask<IReadTransaction?> SnapshotAsync(IDatabase database, ReadOptions read, CancellationToken token)
    {
        _queried = true;
        if (Isolation is IsolationLevel.ReadCommitted or IsolationLevel.ReadUncommitted)
        {
            return null;
        }

        return _snapshot ??= await database.BeginReadAsync(read, token).ConfigureAwait(false);
    }

    public void DefineSavepoint(string name) => _savepoints.Add(name);

    public void ReleaseSavepoint(string name)
    {
        var at = Find(name);
        _savepoints.RemoveRange(at, _savepoints.Count - at);
    }

    public void RollbackToSavepoint(string name)
    {
        var at = Find(name);
        _savepoints.RemoveRange(at + 1, _savepoints.Count - at - 1);
        Status = TransactionStatus.InBlock;
    }

    public async ValueTask EndAsync()
    {
        Status = TransactionStatus.Idle;
        _savepoints.Clear();
        if (_snapshot is { } snapshot)
        {
            _snapshot = null;
            await snapshot.DisposeAsync().ConfigureAwait(false);
        }
    }

    private int Find(string name)
    {
        var at = _savepoints.LastIndexOf(name);
        return at >= 0 ? at : throw new PgException(SqlState.InvalidSavepointSpecification, $"savepoint \"{name}\" does not exist");
    }
}
