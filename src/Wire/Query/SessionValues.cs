using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Query;

/// <summary>The session's identity for statements that ask for it, and the sequence values that they leave with it.</summary>
internal sealed class SessionValues(IDatabase database)
{
    private readonly Dictionary<long, SequenceValue> _sequences = [];
    private long _lastSequence;
    private bool _doubted;
    private long _changes = database.SequenceChanges;

    public Guid Node { get; set; }

    public long Session { get; set; }

    public int ProcessId { get; set; }

    /// <summary>The session in its present state.</summary>
    public CallerSession Caller
    {
        get
        {
            ResolveDoubt();
            return new(Node, Session, ProcessId, _sequences.Values.ToArray(), _lastSequence);
        }
    }

    /// <summary>Takes over a statement's effects on the session.</summary>
    public void Note(SessionEffects? effects)
    {
        if (effects is null)
        {
            return;
        }

        foreach (var value in effects.Sequences)
        {
            _sequences[value.Id] = value;
        }

        _lastSequence = effects.LastSequence != 0 ? effects.LastSequence : _lastSequence;
    }

    /// <summary>Takes the next value of a block that the session has cached, if there is one.</summary>
    public bool TryDraw(string sequence, out long value)
    {
        value = 0;
        ResolveDoubt();
        SequenceValue? own = null;
        foreach (var one in _sequences.Values)
        {
            if (one.Name == sequence)
            {
                if (own is not null)
                {
                    // The name was given to another sequence; only the database knows which one is meant.
                    return false;
                }

                own = one;
            }
        }

        if (own is not { } block || block.Last == block.Cached)
        {
            return false;
        }

        value = block.Last + block.Increment;
        _sequences[block.Id] = block with { Last = value };
        _lastSequence = block.Id;
        return true;
    }

    /// <summary>Drops cached values that another draw may have used already; the values drawn last stay known.</summary>
    public void DropCaches()
    {
        foreach (var (id, value) in _sequences)
        {
            _sequences[id] = value with { Cached = value.Last };
        }
    }

    /// <summary>
    /// Marks the caches as invalid: the current block may draw more than its statements report, or report it late, so after the block no value
    /// is cached.
    /// </summary>
    public void Doubt() => _doubted = true;

    public void ForgetSequences()
    {
        _sequences.Clear();
        _lastSequence = 0;
    }

    private void ResolveDoubt()
    {
        var changes = database.SequenceChanges;
        if (_doubted || changes != _changes)
        {
            (_doubted, _changes) = (false, changes);
            DropCaches();
        }
    }
}
