namespace Rqlite.Pg.Storage;

/// <summary>The memory that all accounts of the pool may allocate together.</summary>
internal sealed class MemoryPool(long bytesMax)
{
    private const long Piece = 1 << 20;

    private long _taken;

    public long BytesMax => bytesMax;

    public long Taken => Volatile.Read(ref _taken);

    /// <summary>
    /// Raises an account's share to so many bytes at least, in whole pieces; false, and nothing is changed, if the pool has not that much.
    /// </summary>
    public bool TryTake(ref long taken, long bytes)
    {
        var wanted = (bytes + Piece - 1) / Piece * Piece;
        if (Interlocked.Add(ref _taken, wanted - taken) > bytesMax)
        {
            Interlocked.Add(ref _taken, taken - wanted);
            return false;
        }

        taken = wanted;
        return true;
    }

    public void Give(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
