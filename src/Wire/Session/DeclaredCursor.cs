using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Session;

/// <summary>Where a cursor of DECLARE stands among the rows of its result.</summary>
internal sealed class DeclaredCursor(CursorOptions options)
{
    public CursorOptions Options { get; } = options;

    public bool IsBinary => (Options & CursorOptions.Binary) != 0;

    /// <summary>The cursor outlives its transaction, so that all its rows are kept.</summary>
    public bool IsHoldable => (Options & CursorOptions.Hold) != 0;

    /// <summary>The transaction of a holdable cursor has been committed.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The cursor may move back.</summary>
    public bool IsScrollable { get; set; } = (options & CursorOptions.NoScroll) == 0;

    /// <summary>The number of the row on which the cursor stands; 0 before the first, one more than <see cref="Read"/> behind the last.</summary>
    public long Position { get; set; }

    /// <summary>How many rows were taken from the result.</summary>
    public long Read { get; set; }

    /// <summary>The result has no more rows.</summary>
    public bool Ended { get; set; }

    /// <summary>The rows read so far; null if they are not kept.</summary>
    public KeptRows? Kept { get; set; }
}
