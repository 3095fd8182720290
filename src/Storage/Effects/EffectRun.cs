using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>What functions with effects work on: the writer's connection, its digest, and the transaction at hand.</summary>
internal sealed unsafe class EffectRun(Connection connection, EntryState* state, LooseSequences loose) : IDisposable
{
    private readonly List<Action> _afterwards = [];

    public Connection Connection => connection;

    /// <summary>What the transaction that runs has done so far.</summary>
    public TransactionEffects Current { get; set; } = new(null);

    public SequenceStore Sequences { get; } = new(connection, loose);

    public ulong NextRandom() => state->NextRandom();

    /// <summary>Changes tables of ours once the statement that calls the function has succeeded.</summary>
    public void Afterwards(Action action) => _afterwards.Add(action);

    /// <summary>The statement has succeeded: brings into the tables what its functions have done.</summary>
    public void Settle()
    {
        if (!Sequences.HasMoved && _afterwards.Count == 0)
        {
            return;
        }

        // What is ours to change does not count as the client's.
        var db = connection.Handle;
        var (total, changes, rowId) = (state->TotalChanges(db), state->Changes(db), Native.sqlite3_last_insert_rowid(db));
        Sequences.Settle();
        foreach (var action in _afterwards)
        {
            action();
        }

        _afterwards.Clear();
        state->SetChanges(db, total, changes);
        Native.sqlite3_set_last_insert_rowid(db, rowId);
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

    /// <summary>Makes an effect part of what replicas compare.</summary>
    public void AddToDigest(ulong value) => state->Digest.Add(value);

    public void AddToDigest(string text) => state->Digest.Add(Encoding.UTF8.GetBytes(text));

    public void Dispose() => Sequences.Dispose();
}
