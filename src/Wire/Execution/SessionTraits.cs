namespace Rqlite.Pg.Wire.Execution;

/// <summary>The state of a session as far as it decides where a statement runs.</summary>
[Flags]
internal enum SessionTraits
{
    None = 0,

    /// <summary>An explicit transaction is open.</summary>
    InBlock = 1,

    /// <summary>The block has the writer.</summary>
    HasWriter = 2,

    /// <summary>The transaction may not write.</summary>
    ReadOnly = 4,

    /// <summary>All reads of the block see one snapshot.</summary>
    SharesSnapshot = 8,

    /// <summary>The block's snapshot is taken already.</summary>
    BlockPinned = 16,

    /// <summary>The reads of a query string share a snapshot, which is taken already.</summary>
    QueryPinned = 32,

    /// <summary>Writes that have not run yet are gathered before the statement.</summary>
    Gathers = 64,

    /// <summary>The cluster has advisory locks.</summary>
    HasLockService = 128,

    /// <summary>The session may hold an advisory lock.</summary>
    HoldsLocks = 256,

    /// <summary>The session's cache has the value that the statement draws.</summary>
    HasCachedValue = 512,

    /// <summary>The client is told the columns before the rows, so they must be known.</summary>
    AnnouncesColumns = 1024,
}
