namespace Rqlite.Pg.Storage;

/// <summary>What a statement does or asks besides rows, as the functions that it names tell before it runs.</summary>
[Flags]
public enum StatementEffects : byte
{
    None = 0,

    /// <summary>Draws from or sets a sequence.</summary>
    Sequences = 1,

    /// <summary>Sends notifications.</summary>
    Notifications = 2,

    /// <summary>Takes advisory locks.</summary>
    Locks = 4,

    /// <summary>Asks what its session has drawn.</summary>
    SessionValues = 8,

    /// <summary>Gives back an advisory lock.</summary>
    Unlocks = 16,

    /// <summary>
    /// Gives back all advisory locks of the session. For a session without any it is a plain read, since connection pools send it with each
    /// connection that they hand out.
    /// </summary>
    UnlocksAll = 32,

    /// <summary>All that has to do with advisory locks.</summary>
    AnyLocks = Locks | Unlocks | UnlocksAll,
}
