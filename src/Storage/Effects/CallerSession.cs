namespace Rqlite.Pg.Storage;

/// <summary>What statements may know of the session that sends them; it travels with them, so that every replica knows the same.</summary>
/// <param name="Node">The node that the session is connected to.</param>
/// <param name="Session">Tells the sessions of a node apart, over its restarts too.</param>
/// <param name="ProcessId">What the client was told at its start as its backend's process id.</param>
/// <param name="Sequences">What the session has drawn from sequences so far.</param>
/// <param name="LastSequence">The sequence that it drew from last; 0 for none.</param>
public sealed record CallerSession(Guid Node, long Session, int ProcessId, IReadOnlyList<SequenceValue> Sequences, long LastSequence);

/// <summary>What a session has drawn from a sequence.</summary>
/// <param name="Id">The sequence, also after its name was given to another one.</param>
/// <param name="Last">What <c>currval()</c> answers.</param>
/// <param name="Cached">The end of the block of values that is the session's own; <paramref name="Last"/> if none are left.</param>
public readonly record struct SequenceValue(long Id, string Name, long Last, long Cached, long Increment);

/// <summary>What a statement leaves with its session.</summary>
/// <param name="Sequences">What was drawn or set, each sequence once.</param>
/// <param name="LastSequence">The sequence that was drawn from last; 0 if none was.</param>
public sealed record SessionEffects(IReadOnlyList<SequenceValue> Sequences, long LastSequence)
{
    /// <summary>Null if it had nothing to do with advisory locks.</summary>
    public LockEffects? Locks { get; init; }
}
