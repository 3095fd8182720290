namespace Rqlite.Pg.Storage;

/// <summary>The session that sends statements, as far as they may ask for it; it travels with them, so that every replica knows the same.</summary>
/// <param name="Node">The node that the session is connected to.</param>
/// <param name="Session">Tells the sessions of a node apart, over its restarts too.</param>
/// <param name="ProcessId">The backend process id that the client was given at its start.</param>
/// <param name="Sequences">The values that the session has drawn from sequences so far.</param>
/// <param name="LastSequence">The sequence that the session drew from last; 0 for none.</param>
public sealed record CallerSession(Guid Node, long Session, int ProcessId, IReadOnlyList<SequenceValue> Sequences, long LastSequence)
{
    /// <summary>The session's settings, for statements that ask for them; null for the defaults.</summary>
    public SessionSettings? Settings { get; init; }

    /// <summary>The caller as a statement sees it that brings settings of its own.</summary>
    internal static CallerSession? With(CallerSession? caller, SessionSettings? settings) =>
        settings is null ? caller : (caller ?? new(Guid.Empty, 0, 0, [], 0)) with { Settings = settings };
}

/// <summary>The settings that answers may depend on, as SHOW prints them; shared by the statements of a session until one changes.</summary>
/// <param name="SearchPath">The schemas that exist, in their order, without the implicit ones.</param>
/// <param name="Values">All other settings by name, as the names are spelled.</param>
public sealed record SessionSettings(
    string User, string SessionUser, string Database, IReadOnlyList<string> SearchPath, IReadOnlyDictionary<string, string> Values)
{
    private int _hash;

    /// <summary>Equal settings travel once, also if they were read from different messages.</summary>
    public bool Equals(SessionSettings? other) => ReferenceEquals(this, other)
        || (other is not null && GetHashCode() == other.GetHashCode()
            && (User, SessionUser, Database) == (other.User, other.SessionUser, other.Database)
            && SearchPath.SequenceEqual(other.SearchPath) && Values.Count == other.Values.Count
            && Values.All(value => other.Values.TryGetValue(value.Key, out var text) && text == value.Value));

    public override int GetHashCode()
    {
        if (_hash == 0)
        {
            var hash = HashCode.Combine(User, SessionUser, Database, SearchPath.Count);
            foreach (var (name, value) in Values)
            {
                // In any order.
                hash += HashCode.Combine(name, value);
            }

            _hash = hash == 0 ? 1 : hash;
        }

        return _hash;
    }
}

/// <summary>The values that a session has drawn from a sequence.</summary>
/// <param name="Id">The sequence's id, which stays its own when its name is given to another one.</param>
/// <param name="Last">The answer of <c>currval()</c>.</param>
/// <param name="Cached">The end of the block of values that is the session's own; <paramref name="Last"/> if none are left.</param>
public readonly record struct SequenceValue(long Id, string Name, long Last, long Cached, long Increment);

/// <summary>The changes that a statement leaves with its session.</summary>
/// <param name="Sequences">The sequences that were drawn from or set, each once.</param>
/// <param name="LastSequence">The sequence that was drawn from last; 0 if none was.</param>
public sealed record SessionEffects(IReadOnlyList<SequenceValue> Sequences, long LastSequence)
{
    /// <summary>The effects on advisory locks; null if the statement had nothing to do with them.</summary>
    public LockEffects? Locks { get; init; }
}
