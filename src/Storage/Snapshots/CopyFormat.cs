using System.Buffers.Binary;

namespace Rqlite.Pg.Storage;

/// <summary>
/// The stream of a copy: a header (magic, version, length of the main file), the main file, then parts led by a byte: a WAL (its length
/// and bytes; a later one replaces an earlier one) and, last, the end with a 128-bit hash of everything before it. Numbers are little-endian.
/// </summary>
internal static class CopyFormat
{
    public const int Version = 1;
    public const int HeaderLength = 24;
    public const int WalHeadLength = 9;
    public const int HashLength = 16;
    public const int BufferLength = 1 << 20;
    public const byte WalPart = (byte)'W';
    public const byte EndPart = (byte)'E';

    private static ReadOnlySpan<byte> Magic => "rqpgcopy"u8;

    public static void WriteHeader(Span<byte> header, long mainLength)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], mainLength);
    }

    public static long ReadHeader(ReadOnlySpan<byte> header)
    {
        if (!header.StartsWith(Magic))
        {
            throw new StorageException(ResultCode.NotADatabase, "The stream is not a copy of a database.");
        }

        var version = BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
        if (version != Version)
        {
            throw new StorageException(
                ResultCode.NotADatabase, $"The copy has format {version}, this version reads format {Version} only.");
        }

        var length = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
        return length > 0 ? length : throw Damaged("its main file has no length");
    }

    public static void WriteWalHead(Span<byte> head, long length)
    {
        head[0] = WalPart;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], length);
    }

    public static long ReadWalLength(ReadOnlySpan<byte> bytes)
    {
        var length = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return length >= 0 ? length : throw Damaged("its WAL has a negative length");
    }

    public static StorageException Damaged(string how) => new(ResultCode.Corrupt, $"The copy is damaged: {how}.");
}
