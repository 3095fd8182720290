namespace Rqlite.Pg.Wire.Execution;

/// <summary>The ways in which a statement reaches the database.</summary>
internal enum StatementRoute
{
    /// <summary>A snapshot of its own, on the node that the consistency level asks for; in a block at the block's time.</summary>
    OwnSnapshot,

    /// <summary>The snapshot that all reads of a query string share.</summary>
    QuerySnapshot,

    /// <summary>The snapshot that all reads of a block share.</summary>
    BlockSnapshot,

    /// <summary>The block's transaction on the writer, which a statement that writes or locks rows takes if the block does not have it.</summary>
    BlockWriter,

    /// <summary>The writer for this statement alone: it locks rows outside of a block.</summary>
    RowLocks,

    /// <summary>A log entry of its own, which takes or gives back advisory locks.</summary>
    LockEntry,

    /// <summary>The session's cache of a sequence.</summary>
    LocalDraw,

    /// <summary>The one entry that the writes of a pipeline or query string become, with all that stands behind the first of them.</summary>
    GatheredBatch,
}

/// <summary>The reasons for which a statement may not run.</summary>
internal enum StatementRefusal
{
    None,

    /// <summary>It writes or locks rows in a read-only transaction.</summary>
    ReadOnly,

    /// <summary>Its columns have to be announced before it runs in a block, and the database did not know it when it was planned.</summary>
    NotKnown,

    /// <summary>It takes advisory locks behind writes of the same pipeline.</summary>
    LocksBehindWrites,

    /// <summary>It has other effects besides those on advisory locks, in a block.</summary>
    LocksWithOtherEffects,

    /// <summary>It says how it is to be read, but its snapshot was taken before.</summary>
    HintTooLate,
}

internal readonly record struct RouteDecision(StatementRoute Route, StatementRefusal Refusal = StatementRefusal.None)
{
    public static implicit operator RouteDecision(StatementRoute route) => new(route);

    public static implicit operator RouteDecision(StatementRefusal refusal) => new(default, refusal);
}
