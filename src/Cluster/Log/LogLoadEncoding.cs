using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The content of an entry that puts a file in the place of the database.</summary>
/// <param name="Nonce">Tells this entry from another one that was proposed for the same index.</param>
/// <param name="UnixMicroseconds">The time of the entry.</param>
internal sealed record LogLoad(UInt128 Nonce, long UnixMicroseconds, DatabaseLoad Load);

/// <summary>
/// The payload of an entry that puts a file in the place of the database: format version (byte), nonce (16 bytes), time (int64, µs since 1970),
/// then the load: its id (16 bytes), the count of chunks (int32), the length (int64) and the SHA-256 (32 bytes) of the file. All numbers are
/// little-endian. A request to the leader is the load alone.
/// </summary>
internal static class LogLoadEncoding
{
    public const byte Version = 7;

    public static bool Is(ReadOnlyMemory<byte> entry) => entry is { Length: > 0 } && entry.Span[0] == Version;

    public static byte[] Write(LogLoad entry)
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteByte(Version);
        output.WriteUInt128(entry.Nonce);
        output.WriteInt64(entry.UnixMicroseconds);
        WriteLoad(output, entry.Load);
        return output.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no such entry.</exception>
    public static LogLoad Read(ReadOnlyMemory<byte> entry)
    {
        var reader = new FieldReader(entry);
        if (reader.ReadByte() != Version)
        {
            throw new InvalidDataException("The entry is no load.");
        }

        var nonce = reader.ReadUInt128();
        var time = reader.ReadInt64();
        var load = ReadLoad(ref reader);
        reader.End();
        return new(nonce, time, load);
    }

    public static void WriteLoad(IBufferWriter<byte> output, DatabaseLoad load)
    {
        output.Write(load.Id.Span);
        output.WriteInt32(load.Chunks);
        output.WriteInt64(load.Bytes);
        output.Write(load.Hash.Span);
    }

    /// <exception cref="InvalidDataException">The bytes are no load.</exception>
    public static DatabaseLoad ReadLoad(ref FieldReader reader)
    {
        var id = reader.ReadSpan(DatabaseLoad.IdLength).ToArray();
        var chunks = reader.ReadInt32();
        var bytes = reader.ReadInt64();
        var load = new DatabaseLoad(id, chunks, bytes, reader.ReadSpan(DatabaseLoad.HashLength).ToArray());
        return load.IsPossible ? load : throw new InvalidDataException("A load has numbers that belong to no file.");
    }
}
