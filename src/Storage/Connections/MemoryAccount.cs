namespace Rqlite.Pg.Storage;

/// <summary>
/// What one statement may allocate, and has. Used by one thread at a time. With a pool it also takes from what all accounts of that pool may
/// allocate together, in pieces, since every statement would otherwise meet the others at each allocation.
/// </summary>
internal sealed class MemoryAccount(long bytesMax, MemoryPool? pool) : IDisposable
{
    private long _reserved = pool is null ? bytesMax : 0;
    private bool _poolRefused;

    /// <summary>What was allocated on its charge less what was freed, which may be what others had allocated.</summary>
    public long Used { get; private set; }

    /// <summary>An allocation was refused.</summary>
    public bool Exceeded { get; private set; }

    /// <summary>What limit refused it, for the client.</summary>
    public string Refusal => _poolRefused
        ? $"all statements that read may use {pool!.BytesMax} bytes of memory together"
        : $"a statement may use {bytesMax} bytes of memory";

    public bool TryTake(long bytes)
    {
        if (Used + bytes > _reserved && !TryReserve(Used + bytes))
        {
            return false;
        }

        Used += bytes;
        return true;
    }

    public void Give(long bytes) => Used -= bytes;

    private bool TryReserve(long bytes)
    {
        if (bytes <= bytesMax && pool!.TryTake(ref _reserved, bytes))
        {
            return true;
        }

        Exceeded = true;
        _poolRefused = bytes <= bytesMax;
        return false;
    }

    /// <summary>The statement has freed what it had: gives everything back to the pool.</summary>
    public void Dispose()
    {
        if (pool is not null)
        {
            pool.Give(_reserved);
            _reserved = 0;
        }
    }
}
