using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Session;

/// <summary>The values that the session has drawn from sequences, and those of each CACHE that it has not used yet.</summary>
internal sealed class DrawnSequences(IDatabase database)
{
    private readonly Dictionary<long, SequenceValue> _sequences = [];
    private bool _cachesInvalid;
    private long _changes = database.SequenceChanges;

    /// <summary>The sequence that the session drew from last; 0 for none.</summary>
    public long Last { get; private set; }

    /// <summary>The values as they travel with statements.</summary>
    public IReadOnlyList<SequenceValue> Values
    {
        get
        {
            DropInvalidCaches();
            return _sequences.Values.ToArray();
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

        Last = effects.LastSequence != 0 ? effects.LastSequence : Last;
    }

    /// <summary>True if the next value of a sequence lies in the session's cache.</summary>
    public bool CanDraw(string sequence)
    {
        DropInvalidCaches();
        return Find(sequence) is not null;
    }

    /// <summary>Takes the next value after <see cref="CanDraw"/> has found it.</summary>
    public long Draw(string sequence)
    {
        var cached = Find(sequence) ?? throw new InvalidOperationException("The session has no value of the sequence.");
        var value = cached.Last + cached.Increment;
        _sequences[cached.Id] = cached with { Last = value };
        Last = cached.Id;
        return value;
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
    public void InvalidateCaches() => _cachesInvalid = true;

    public void Forget()
    {
        _sequences.Clear();
        Last = 0;
    }

    private SequenceValue? Find(string sequence)
    {
        SequenceValue? own = null;
        foreach (var one in _sequences.Values)
        {
            if (one.Name == sequence)
            {
                if (own is not null)
                {
                    // The name was given to another sequence; only the database knows which one is meant.
                    return null;
                }

                own = one;
            }
        }

        return own is { } cached && cached.Last != cached.Cached ? cached : null;
    }

    private void DropInvalidCaches()
    {
        var changes = database.SequenceChanges;
        if (_cachesInvalid || changes != _changes)
        {
            (_cachesInvalid, _changes) = (false, changes);
            DropCaches();
        }
    }
}
