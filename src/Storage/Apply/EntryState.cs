using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// The state that SQLite's callbacks on the writer read and change: clock, random stream, digest and counters of the entry being applied. It
/// lies in native memory, so that callbacks need no handle to a managed object. Applier's thread only.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EntryState
{
    public long UnixMicroseconds;
    public ulong Random;
    public Mixer Digest;
    public long TotalChangesAtStart;

    /// <summary>At this total of the connection, unless it is 0, <c>changes()</c> answers <see cref="RestoredChanges"/>.</summary>
    public long RestoredAt;
    public long RestoredChanges;

    /// <summary>A row got the largest rowid; after it SQLite would draw rowids from its own random numbers.</summary>
    public byte LargestRowId;

    /// <summary>A statement changed something, but the rows that it returns are too large.</summary>
    public byte ResultTooBig;

    /// <summary>A statement of ours runs, which leaves the digest alone.</summary>
    public byte Own;

    /// <summary>A statement has failed after it had run, and what it has changed is there still.</summary>
    public byte NotUndone;

    /// <summary>The statement's own changes have the types of their columns; only rows that triggers and foreign keys change are shown to the guard.</summary>
    public byte GuardsNested;

    /// <summary>A new value could not be read, which only a lack of memory explains.</summary>
    public byte HookFailed;

    /// <summary>The <see cref="RowGuard"/> that sees the rows of the running statement; 0 for none.</summary>
    public nint Guard;

    /// <summary>The answer of <c>total_changes()</c>.</summary>
    public readonly long TotalChanges(nint db) => Native.sqlite3_total_changes64(db) - TotalChangesAtStart;

    /// <summary>The answer of <c>changes()</c>.</summary>
    public readonly long Changes(nint db)
    {
        var total = Native.sqlite3_total_changes64(db);
        return total == TotalChangesAtStart ? 0
            : total == RestoredAt ? RestoredChanges
            : Native.sqlite3_changes64(db);
    }

    /// <summary>Sets the answers of both counters until the next change.</summary>
    public void SetChanges(nint db, long totalChanges, long changes)
    {
        var total = Native.sqlite3_total_changes64(db);
        TotalChangesAtStart = total - totalChanges;
        RestoredAt = total;
        RestoredChanges = changes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextRandom()
    {
        // SplitMix64.
        var z = Random += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Adds a time to the digest, one of whole milliseconds as earlier versions do.</summary>
    public void AddTime(long unixMicroseconds)
    {
        Digest.Add((ulong)(unixMicroseconds / 1000));
        if (unixMicroseconds % 1000 != 0)
        {
            Digest.Add((ulong)(unixMicroseconds % 1000));
        }
    }

    /// <summary>Gives each statement a random stream of its own, so that leaving one out does not shift those of later statements.</summary>
    public void SeedRandom(ulong seed, int command, int statement)
    {
        var mixer = new Mixer(seed);
        mixer.Add((ulong)command);
        mixer.Add((ulong)statement);
        Random = mixer.Value;
    }
}
