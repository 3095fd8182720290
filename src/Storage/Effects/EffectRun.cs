using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>The state that functions with effects work on: the writer's connection, its digest, and the current transaction.</summary>
internal sealed unsafe class EffectRun(Connection connection, EntryState* state, LooseSequences loose) : IDisposable
{
    private readonly List<Action> _afterwards = [];
    private LockRun? _locks;

    public Connection Connection => connection;

    /// <summary>The effects of the running transaction so far.</summary>
    public TransactionEffects Current { get; set; } = new(null);

    public SequenceStore Sequences { get; } = new(connection, loose);

    public ulong NextRandom() => state->NextRandom();

    /// <summary>Adds a change to tables of ours, made once the statement that calls the function has succeeded.</summary>
    public void Afterwards(Action action) => _afterwards.Add(action);

    /// <summary>Writes the effects of the statement's functions into the tables, after the statement has succeeded.</summary>
    /// <param name="defines">The schema may have changed.</param>
    /// <returns>The error if a write fails by the statement's fault; nothing of it has then happened.</returns>
    public StatementError? Settle(out bool defines)
    {
        defines = _afterwards.Count > 0;
        if (!Sequences.HasMoved && _afterwards.Count == 0)
        {
            return null;
        }

        // Changes of our own tables do not count as the client's.
        var db = connection.Handle;
        var (total, changes, rowId) = (state->TotalChanges(db), state->Changes(db), Native.sqlite3_last_insert_rowid(db));
        var error = (StatementError?)null;
        try
        {
            Sequences.Settle();
            if (_afterwards.Count > 0)
            {
                error = RunAfterwards();
            }
        }
        finally
        {
            // An interrupt or a lack of memory can end each of these writes; the rest must not become the next statement's.
            _afterwards.Clear();
        }

        state->SetChanges(db, total, changes);
        Native.sqlite3_set_last_insert_rowid(db, rowId);
        return error;
    }

    // A client's own tables, by their names and constraints, can stand in the way of an object that is to be created or dropped.
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
            if (!connection.Autocommit)
            {
                connection.Execute("RELEASE effects");
            }
        }
    }

    /// <summary>Called when the statement has failed.</summary>
    public void Abandon()
    {
        _afterwards.Clear();
        Sequences.Abandon();
        Current.NoteUndone();
        _ = Current.TakeForSession();
    }

    /// <summary>Called when a command has ended, whether its statements remain or not.</summary>
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

    /// <summary>The advisory locks, for statements that may use them.</summary>
    public LockRun Locks => _locks ??= new LockRun(connection);

    /// <summary>The waits for locks that have ended in this entry.</summary>
    public IReadOnlyList<LockGrant> Grants => _locks?.Grants ?? [];

    /// <summary>The term of the running entry; meaningless in a transaction.</summary>
    public long Term { get; private set; }

    /// <summary>Begins an entry that is no transaction.</summary>
    public void BeginEntry(long term)
    {
        Term = term;
        _locks?.BeginEntry();
    }

    /// <summary>Begins a command or a transaction.</summary>
    /// <param name="locks">The statements may use advisory locks.</param>
    public void Begin(TransactionEffects effects, bool locks)
    {
        Current = effects;
        if (locks || _locks is not null)
        {
            Locks.BeginCommand(locks);
        }
    }

    /// <summary>The effects of the statement that has just ended on its session, or null.</summary>
    public SessionEffects? TakeForSession() => WithLocks(Current.TakeForSession());

    /// <summary>The effects of a failed statement on its session, or null.</summary>
    public SessionEffects? TakeOfFailed() => WithLocks(null);

    /// <summary>Undoes the effects that a failed statement may not leave behind.</summary>
    public void StatementFailed() => _locks?.StatementFailed();

    private SessionEffects? WithLocks(SessionEffects? effects) =>
        _locks?.Take() is { } locks ? (effects ?? new SessionEffects([], 0)) with { Locks = locks } : effects;

    /// <summary>Adds an effect to the digest, which replicas compare.</summary>
    public void AddToDigest(ulong value) => state->Digest.Add(value);

    /// <summary>Makes changes that the digest leaves out, since they show where the file has its pages.</summary>
    public void WithoutDigest(Action action)
    {
        state->Own = 1;
        try
        {
            action();
        }
        finally
        {
            state->Own = 0;
        }
    }

    public void AddToDigest(string text) => state->Digest.Add(Encoding.UTF8.GetBytes(text));

    public void Dispose()
    {
        Sequences.Dispose();
        _locks?.Dispose();
    }
}
