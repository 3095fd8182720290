using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The payload of commands that the leader has run before it proposed them: format version (byte), nonce (16 bytes), time (int64, µs since
/// 1970, in the former format ms), seed (uint64), base index, base term and term (int64 each), digest (uint64), count of commands (int32), commands as
/// <see cref="LogCommandEncoding"/> has them. All numbers are little-endian.
/// </summary>
internal static class LogBatchEncoding
{
    public const byte Version = 5;

    private const byte FormerVersion = 4;

    public const int HeadBytes = 1 + 16 + 8 + 8 + (3 * 8) + 8 + 4;

    public static bool Is(ReadOnlyMemory<byte> entry) => entry is { Length: > 0 } && entry.Span[0] is Version or FormerVersion;

    public static void WriteHead(IBufferWriter<byte> output, UInt128 nonce, long unixMicroseconds, ulong seed, BatchEntry entry)
    {
        output.WriteByte(Version);
        output.WriteUInt128(nonce);
        output.WriteInt64(unixMicroseconds);
        output.WriteUInt64(seed);
        output.WriteInt64(entry.BaseIndex);
        output.WriteInt64(entry.BaseTerm);
        output.WriteInt64(entry.Term);
        output.WriteUInt64(entry.Digest);
        output.WriteInt32(entry.Commands.Count);
    }

    /// <summary>Reads the fields of an entry that precede its commands.</summary>
    /// <exception cref="InvalidDataException">The bytes are no batch.</exception>
    public static (UInt128 Nonce, long UnixMicroseconds, ulong Seed) ReadHead(ReadOnlyMemory<byte> entry)
    {
        var reader = Begin(entry);
        var nonce = reader.ReadUInt128();
        var unixMicroseconds = entry.Span[0] == Version ? reader.ReadInt64() : LogCommandEncoding.ReadMilliseconds(ref reader);
        return (nonce, unixMicroseconds, reader.ReadUInt64());
    }

    /// <summary>The batch of an entry, as slices of it.</summary>
    /// <exception cref="InvalidDataException">The bytes are no batch.</exception>
    public static BatchEntry Read(ReadOnlyMemory<byte> entry)
    {
        var reader = Begin(entry);
        _ = reader.ReadUInt128();
        _ = reader.ReadInt64();
        _ = reader.ReadUInt64();
        var baseIndex = reader.ReadInt64();
        var baseTerm = reader.ReadInt64();
        var term = reader.ReadInt64();
        var digest = reader.ReadUInt64();
        var commands = LogCommandEncoding.ReadCommands(ref reader);
        reader.End();
        return new(baseIndex, baseTerm, term, digest, commands);
    }

    private static FieldReader Begin(ReadOnlyMemory<byte> entry)
    {
        var reader = new FieldReader(entry);
        return reader.ReadByte() is Version or FormerVersion ? reader : throw new InvalidDataException("The entry is no batch.");
    }
}
