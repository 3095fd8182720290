namespace Rqlite.Pg.Wire.Planning;

/// <summary>The properties of a statement that decide where it runs.</summary>
[Flags]
internal enum StatementTraits
{
    None = 0,

    /// <summary>Has to run on the writer as a part of its transaction. A statement that is not known counts as one that writes.</summary>
    Writes = 1,

    /// <summary>The database knew the statement when it was planned.</summary>
    Known = 2,

    /// <summary>Takes or gives back advisory locks.</summary>
    UsesLocks = 4,

    /// <summary>Takes advisory locks.</summary>
    TakesLocks = 8,

    /// <summary>Gives back all advisory locks of the session.</summary>
    ReleasesAllLocks = 16,

    /// <summary>Has effects besides those on advisory locks.</summary>
    HasOtherEffects = 32,

    /// <summary>FOR UPDATE and its kin.</summary>
    LocksRows = 64,

    /// <summary>Draws one value from a sequence and does nothing else.</summary>
    Draws = 128,

    /// <summary>Brings settings for its own read.</summary>
    Hinted = 256,
}
