using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>What functions with effects work on: the writer's connection, its digest, and the transaction at hand.</summary>
internal sealed unsafe class EffectRun(Connection connection, EntryState* state, LooseSequences loose) : IDisposable
{
    private readonly List<Action> _afterwards = [];
    private LockRun? _locks;

    public Connection Connection => connection;

    /// <summary>What the transaction that runs has done so far.</summary>
    public TransactionEffects Current { get; set; } = new(null);

    public SequenceStore Sequences { get; } = new(connection, loose);

    public ulong NextRandom() => state->NextRandom();

    /// <summary>Changes tables of ours once the statement that calls the function has succeeded.</summary>
    public void Afterwards(Action action) => _afterwards.Add(action);

    /// <summary>The statement has succeeded: brings into the tables what its functions have done.</summary>
    /// <returns>Why that cannot be, if it is the statement's fault; nothing of it has then happened.</returns>
    public StatementError? Settle()
    {
        if (!Sequences.HasMoved && _afterwards.Count == 0)
        {
            return null;
        }

        // What is ours to change does not count as the client's.
        var db = connection.Handle;
        var (total, changes, rowId) = (state->TotalChanges(db), state->Changes(db), Native.sqlite3_last_insert_rowid(db));
        var error = (StatementError?)null;
        Sequences.Settle();
        if (_afterwards.Count > 0)
        {
            error = RunAfterwards();
        }

        state->SetChanges(db, total, changes);
        Native.sqlite3_set_last_insert_rowid(db, rowId);
        return error;
    }

    // Names and constraints of clients' own tables can stand in the way of what is to be created or dropped.
    private StatementError? RunAfterwards()
    {
        connection.Execute("SAVEPOINT effects");
        try
        {
            foreach (var action in _afterwards)
            {
                action();
            }

            return null;
        }
        catch (StorageException e) when (ResultCode.Classify(e.ResultCode) == ResultKind.Statement)
        {
            connection.Execute("ROLLBACK TO effects");
            connection.RolledBack();
            return new StatementError(e.ResultCode, e.Message, -1);
        }
        finally
        {
            _afterwards.Clear();
            if (!connection.Autocommit)
            {
                connection.Execute("RELEASE effects");
            }
        }
    }

    /// <summary>The statement has failed.</summary>
    public void Abandon()
    {
        _afterwards.Clear();
        Sequences.Abandon();
        Current.NoteUndone();
        _ = Current.TakeForSession();
    }

    /// <summary>A command has ended, whether its statements remain or not.</summary>
    public void EndCommand()
    {
        if (!Sequences.HasGiven)
        {
            return;
        }

        var db = connection.Handle;
        var (total, changes) = (state->TotalChanges(db), state->Changes(db));
        Sequences.EndCommand();
        state->SetChanges(db, total, changes);
    }

    /// <summary>The entry's time.</summary>
    public long UnixMilliseconds => state->UnixMilliseconds;

    /// <summary>The advisory locks, for statements that may use them.</summary>
    public LockRun Locks => _locks ??= new LockRun(connection);

    /// <summary>Who was given a lock in this entry.</summary>
    public IReadOnlyList<LockGrant> Grants => _locks?.Grants ?? [];

    /// <summary>The term of the entry that runs; meaningless in a transaction.</summary>
    public long Term { get; private set; }

    /// <summary>Begins an entry that is no transaction.</summary>
    public void BeginEntry(long term)
    {
        Term = term;
        _locks?.BeginEntry();
    }

    /// <summary>Begins a command or a transaction.</summary>
    /// <param name="locks">Its statements may use advisory locks.</param>
    public void Begin(TransactionEffects effects, bool locks)
    {
        Current = effects;
        if (locks || _locks is not null)
        {
            Locks.BeginCommand(locks);
        }
    }

    /// <summary>What the statement that has just ended leaves with its session, or null.</summary>
    public SessionEffects? TakeForSession() => WithLocks(Current.TakeForSession());

    /// <summary>What is left with the session of a statement that has failed.</summary>
    public SessionEffects? TakeOfFailed() => WithLocks(null);

    /// <summary>Undoes what a statement that has failed may not leave behind.</summary>
    public void StatementFailed() => _locks?.StatementFailed();

    private SessionEffects? WithLocks(SessionEffects? effects) =>
        _locks?.Take() is { } locks ? (effects ?? new SessionEffects([], 0)) with { Locks = locks } : effects;

    /// <summary>Makes an effect part of what replicas compare.</summary>
    public void AddToDigest(ulong value) => state->Digest.Add(value);

    public void AddToDigest(string text) => state->Digest.Add(Encoding.UTF8.GetBytes(text));

    public void Dispose()
    {
        Sequences.Dispose();
        _locks?.Dispose();
    }
}
