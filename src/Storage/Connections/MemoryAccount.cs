namespace Rqlite.Pg.Storage;

/// <summary>
/// The memory that one statement may allocate, and has allocated. Used by one thread at a time. With a pool it also takes from the limit that
/// all accounts of the pool share, in pieces, since otherwise all statements would contend at each allocation.
/// </summary>
/// <param name="stop">
/// Asked now and then whether the statement has to end, since a long call of SQLite that allocates does not reach the progress handler: a
/// full-text query of 100,000 words, a marker of 2 MB. If so the statement gets no more memory.
/// </param>
internal sealed class MemoryAccount(long bytesMax, MemoryPool? pool, Func<bool>? stop = null) : IDisposable
{
    // The bytes allocated between two calls of stop, which takes well under a millisecond. An allocation itself counts as some bytes too.
    private const long BytesPerQuestion = 1 << 20;
    private const long BytesPerCall = 256;

    // The most that an account has held at once, from which on the C library is asked to give free memory back to the system.
    private const long BytesToTrim = 64 << 20;

    private long _untilQuestion = BytesPerQuestion;
    private long _reserved = pool is null ? bytesMax : 0;
    private long _most;
    private bool _poolRefused;
    private string? _fileRefusal;

    /// <summary>Bytes allocated on this account less bytes freed, which may have been allocated by others.</summary>
    public long Used { get; private set; }

    /// <summary>An allocation or a temporary file was refused.</summary>
    public bool Exceeded { get; private set; }

    /// <summary>The limit that refused it, for the client.</summary>
    public string Refusal => _fileRefusal ?? (_poolRefused
        ? $"all statements that read may use {pool!.BytesMax} bytes of memory together"
        : $"a statement may use {bytesMax} bytes of memory");

    /// <summary>A temporary file was refused, and not memory.</summary>
    public bool FileRefused => _fileRefusal is not null;

    /// <summary>Makes the account as it was at first, for another statement.</summary>
    public void Renew()
    {
        (Used, _most, _untilQuestion) = (0, 0, BytesPerQuestion);
        (Exceeded, Stopped, _poolRefused, _fileRefusal) = (false, false, false, null);
    }

    public void RefuseFile(string refusal)
    {
        Exceeded = true;
        _fileRefusal = refusal;
    }

    /// <summary>Memory was refused because the statement has to end.</summary>
    public bool Stopped { get; private set; }

    /// <summary>The refusal as an error of the statement.</summary>
    public StatementError ErrorOf(int code) => new(code, (FileRefused ? "" : "out of memory: ") + Refusal, -1);

    public bool TryTake(long bytes) => TryTake(bytes, bytes);

    /// <param name="growth">The bytes that a block grows by.</param>
    /// <param name="size">The block's new size; it may have to be copied.</param>
    public bool TryTake(long growth, long size)
    {
        if (stop is not null && (_untilQuestion -= BytesPerCall + size) < 0)
        {
            _untilQuestion = BytesPerQuestion;
            Stopped |= stop();
        }

        if (Stopped)
        {
            return false;
        }

        if (Used + growth > _reserved && !TryReserve(Used + growth))
        {
            return false;
        }

        Used += growth;
        _most = Math.Max(_most, Used);
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

    /// <summary>Gives everything back to the pool, and free memory to the system; the statement has freed its memory.</summary>
    public void Dispose()
    {
        if (pool is not null)
        {
            pool.Give(_reserved);
            _reserved = 0;
        }

        if (_most >= BytesToTrim)
        {
            SqliteMemory.TrimLater();
        }

        _most = 0;
    }
}
