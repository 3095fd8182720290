using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Session;

internal enum PortalState
{
    Ready,

    /// <summary>Part of a result has been sent.</summary>
    Suspended,

    /// <summary>The portal waits with others for the end of its pipeline.</summary>
    Gathered,
    Done,
}

/// <summary>A bound statement and, once executed, its open result.</summary>
internal sealed class Portal(string name, BoundStatement bound, short[] formats) : IAsyncDisposable
{
    public string Name { get; } = name;

    public BoundStatement Bound { get; } = bound;

    /// <summary>When the portal was made, in ticks.</summary>
    public long Created { get; } = TimeProvider.System.GetUtcNow().Ticks;

    public PreparedStatement Prepared => Bound.Prepared;

    public PlannedStatement Plan => Bound.Plan;

    /// <summary>The result format codes of Bind.</summary>
    public short[] Formats { get; } = formats;

    /// <summary>The memory of the portal, without its statement; kept rows are counted as they come.</summary>
    public long Bytes { get; set; } = 512 + (2L * name.Length) + bound.Statement.Parameters.Length + (34L * formats.Length);

    public PortalState State { get; set; }

    /// <summary>The Execute that waits has a row limit, so that rows may be left behind it.</summary>
    public bool Limited { get; set; }

    /// <summary>The number of savepoints when the portal was bound: the portal ends when the last of them is rolled back to.</summary>
    public int Level { get; set; }

    /// <summary>The columns, known at Describe or at the first Execute.</summary>
    public OutputColumn[]? Columns { get; set; }

    /// <summary>The live result of a read.</summary>
    public RowCursor? Cursor { get; set; }

    /// <summary>The cursor stands on a row that has not been sent.</summary>
    public bool RowAtHand { get; set; }

    /// <summary>Set for a cursor of DECLARE.</summary>
    public DeclaredCursor? Declared { get; init; }

    /// <summary>The kept rows of a result that is not live.</summary>
    public RowFrames? Rows { get; set; }

    public async ValueTask DisposeAsync()
    {
        Rows = null;
        RowAtHand = false;
        if (Cursor is { } cursor)
        {
            Cursor = null;
            await cursor.DisposeAsync().ConfigureAwait(false);
        }
    }
}
