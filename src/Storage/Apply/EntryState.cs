using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// What SQLite's callbacks on the writer may see and change: clock, random stream, digest and counters of the entry being applied.
/// It lies in native memory, so that callbacks need no handle to a managed object. Applier's thread only.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EntryState
{
    public long UnixMilliseconds;
    public ulong Random;
    public Mixer Digest;
    public long TotalChangesAtStart;

    /// <summary>A row got the largest rowid; behind it SQLite would draw rowids from its own random numbers.</summary>
    public byte LargestRowId;

    /// <summary>A statement changed something, but its rows were too many.</summary>
    public byte ResultTooBig;

    /// <summary>A statement of ours runs, which leaves the digest alone.</summary>
    public byte Own;

    /// <summary>A new value could not be read, which only a lack of memory explains.</summary>
    public byte HookFailed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextRandom()
    {
        // SplitMix64.
        var z = Random += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Gives each statement a stream of its own, so that leaving one out does not shift those behind it.</summary>
    public void SeedRandom(ulong seed, int command, int statement)
    {
        var mixer = new Mixer(seed);
        mixer.Add((ulong)command);
        mixer.Add((ulong)statement);
        Random = mixer.Value;
    }
}
