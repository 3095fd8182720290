namespace Rqlite.Pg.Storage;

/// <summary>The effects and questions of a statement besides rows, known from the functions that it names before it runs.</summary>
[Flags]
public enum StatementEffects : byte
{
    None = 0,

    /// <summary>Draws from a sequence or sets it.</summary>
    Sequences = 1,

    /// <summary>Sends notifications.</summary>
    Notifications = 2,

    /// <summary>Takes advisory locks.</summary>
    Locks = 4,

    /// <summary>Asks for the values that its session has drawn.</summary>
    SessionValues = 8,

    /// <summary>Gives back an advisory lock.</summary>
    Unlocks = 16,

    /// <summary>
    /// Gives back all advisory locks of the session. For a session without any it is a plain read, since connection pools send it with each
    /// connection that they hand out.
    /// </summary>
    UnlocksAll = 32,

    /// <summary>Asks for the session and its settings; the statement still only reads.</summary>
    AsksSession = 64,

    /// <summary>All effects on advisory locks.</summary>
    AnyLocks = Locks | Unlocks | UnlocksAll,
}
