using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Query;

/// <summary>What the session tells of itself to statements that ask, and what they leave with it: the values drawn from sequences.</summary>
internal sealed class SessionValues
{
    // The last one drawn lies last.
    private readonly List<SequenceValue> _sequences = [];

    public Guid Node { get; set; }

    public long Session { get; set; }

    public int ProcessId { get; set; }

    /// <summary>The session as it is now.</summary>
    public CallerSession Caller => new(Node, Session, ProcessId, _sequences.ToArray());

    /// <summary>Takes over what a statement has left.</summary>
    public void Note(SessionEffects? effects)
    {
        if (effects is null)
        {
            return;
        }

        foreach (var value in effects.Sequences)
        {
            _sequences.RemoveAll(v => v.Id == value.Id);
            _sequences.Add(value);
        }
    }

    public void ForgetSequences() => _sequences.Clear();
}
