using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Query;

/// <summary>What the session tells of itself to statements that ask, and what they leave with it: the values drawn from sequences.</summary>
internal sealed class SessionValues
{
    private readonly Dictionary<long, SequenceValue> _sequences = [];
    private long _lastSequence;

    public Guid Node { get; set; }

    public long Session { get; set; }

    public int ProcessId { get; set; }

    /// <summary>The session as it is now.</summary>
    public CallerSession Caller => new(Node, Session, ProcessId, _sequences.Values.ToArray(), _lastSequence);

    /// <summary>Takes over what a statement has left.</summary>
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

    public void ForgetSequences()
    {
        _sequences.Clear();
        _lastSequence = 0;
    }
}
