using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Session;

/// <summary>The last log entries that the session has written and seen.</summary>
internal sealed class ReadHorizon(IDatabase database)
{
    private long _seen;
    private bool _hasRead;

    /// <summary>The last entry that the session has written; no read may be older.</summary>
    public long LastWritten { get; private set; }

    /// <summary>Something was read since the client was last told that the session is ready, outside of a block.</summary>
    public bool HasQueried { get; set; }

    public void NoteWrite(long index) => LastWritten = Math.Max(LastWritten, index);

    public void NoteRead(RowCursor cursor)
    {
        _seen = Math.Max(_seen, cursor.SeenIndex);
        _hasRead |= cursor.SeenIndex == 0;
    }

    /// <summary>Notes how far the reads have seen that have ended by now; until then nothing is spent on it.</summary>
    public void NoteSeen()
    {
        if (_hasRead)
        {
            _hasRead = false;
            _seen = Math.Max(_seen, database.SeenIndex);
        }
    }

    /// <summary>The last entry that the session has written or seen.</summary>
    public long Seen()
    {
        NoteSeen();
        return Math.Max(LastWritten, _seen);
    }
}
