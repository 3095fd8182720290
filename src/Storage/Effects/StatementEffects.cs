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

    /// <summary>Takes or gives back advisory locks.</summary>
    Locks = 4,

    /// <summary>Asks what its session has drawn.</summary>
    SessionValues = 8,
}
