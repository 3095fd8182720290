namespace Rqlite.Pg.Storage;

/// <summary>
/// A bound on the bytes that requests hold at once. A budget may be part of a larger one: bytes reserved in it are reserved in both. Any thread
/// may call it.
/// </summary>
public sealed class MemoryBudget
{
    private readonly MemoryBudget? _whole;
    private long _used;

    /// <param name="whole">The larger budget that this one is a part of; null for none.</param>
    public MemoryBudget(long bytesMax, MemoryBudget? whole = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesMax);
        BytesMax = bytesMax;
        _whole = whole;
    }

    /// <summary>A quarter of the memory that the process may use, between 256 MB and 2 GB.</summary>
    public static long BytesMaxDefault => Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4, 256L << 20, 2L << 30);

    public long BytesMax { get; }

    /// <summary>The bytes left to small requests: those that hold much must not keep everybody else out.</summary>
    public long SmallBytesMin { get; init; }

    public long Used => Interlocked.Read(ref _used);

    /// <summary>Reserves the bytes if they fit; false if they do not, and nothing is reserved then.</summary>
    /// <param name="small">The request or session holds little, with these bytes.</param>
    public bool TryReserve(long bytes, bool small = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var most = small ? BytesMax : BytesMax - SmallBytesMin;
        long used;
        do
        {
            used = Interlocked.Read(ref _used);
            if (bytes > most - used)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _used, used + bytes, used) != used);

        if (_whole is null || _whole.TryReserve(bytes, small))
        {
            return true;
        }

        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    /// <summary>Gives back bytes that were reserved before.</summary>
    public void Release(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Interlocked.Add(ref _used, -bytes);
        _whole?.Release(bytes);
    }
}
