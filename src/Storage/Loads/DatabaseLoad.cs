namespace Rqlite.Pg.Storage;

/// <summary>
/// A database file that lies in chunks in <c>_rqlite_load</c> and is to take the place of the database. All that an entry says of it: each node
/// builds the same file from it, or finds that the chunks are not those.
/// </summary>
/// <param name="Id">The 16 bytes that name the load; the first is below 0x80, as in the names of forwarded writes.</param>
/// <param name="Chunks">The number of chunks, numbered from 1.</param>
/// <param name="Bytes">The length of the file.</param>
/// <param name="Hash">The SHA-256 of the file.</param>
public sealed record DatabaseLoad(ReadOnlyMemory<byte> Id, int Chunks, long Bytes, ReadOnlyMemory<byte> Hash)
{
    public const int IdLength = 16;

    public const int HashLength = 32;

    /// <summary>The bytes of the file in one chunk, but for the last.</summary>
    public const int ChunkBytes = 1 << 20;

    public static byte[] NewId()
    {
        var id = Guid.NewGuid().ToByteArray();
        id[0] &= 0x7f;
        return id;
    }

    /// <summary>True if the numbers can belong to one file.</summary>
    public bool IsPossible => Id.Length == IdLength && (Id.Span[0] & 0x80) == 0 && Hash.Length == HashLength && Bytes > 0 && Chunks > 0
        && (Bytes + ChunkBytes - 1) / ChunkBytes == Chunks;
}

/// <summary>A file cannot take the place of the database; the message is for the client.</summary>
public sealed class LoadRefusedException(string message, Exception? inner = null) : Exception(message, inner);
