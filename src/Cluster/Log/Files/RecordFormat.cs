using System.Buffers.Binary;
using System.IO.Hashing;

namespace Rqlite.Pg.Cluster;

/// <summary>The fields of a record's head.</summary>
/// <param name="Flushed">The last index that was on disk when the record was written.</param>
internal readonly record struct RecordHead(int Length, byte Flags, int CommandId, long Index, long Term, long Flushed);

/// <summary>
/// A record of the log: length of the content (int32), checksum of the head (uint32), flags (byte, then three zeros), command (int32), index,
/// term and last flushed index (int64 each), content, zeros up to a multiple of 8, checksum (uint64). Both checksums begin with the checksum
/// before, so that a record is valid only after the record that it was written after. All numbers are little-endian.
/// </summary>
internal static class RecordFormat
{
    public const int HeadBytes = 40;
    public const int ChecksumBytes = 8;
    public const int Alignment = 8;

    private const int HeadChecksumOffset = 4;

    public static long Measure(int contentLength) => HeadBytes + Padded(contentLength) + ChecksumBytes;

    public static long Padded(int contentLength) => ((long)contentLength + Alignment - 1) & -Alignment;

    public static void WriteHead(Span<byte> output, in RecordHead head, ulong before)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output, head.Length);
        BinaryPrimitives.WriteInt32LittleEndian(output[8..], head.Flags);
        BinaryPrimitives.WriteInt32LittleEndian(output[12..], head.CommandId);
        BinaryPrimitives.WriteInt64LittleEndian(output[16..], head.Index);
        BinaryPrimitives.WriteInt64LittleEndian(output[24..], head.Term);
        BinaryPrimitives.WriteInt64LittleEndian(output[32..], head.Flushed);
        BinaryPrimitives.WriteUInt32LittleEndian(output[HeadChecksumOffset..], HeadChecksum(output, before));
    }

    /// <summary>Reads the head of a record after the given checksum; false if there is none.</summary>
    public static bool TryReadHead(ReadOnlySpan<byte> input, ulong before, out RecordHead head)
    {
        head = default;
        if (input.Length < HeadBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(input[HeadChecksumOffset..]) != HeadChecksum(input, before))
        {
            return false;
        }

        head = new(
            BinaryPrimitives.ReadInt32LittleEndian(input), input[8], BinaryPrimitives.ReadInt32LittleEndian(input[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(input[16..]), BinaryPrimitives.ReadInt64LittleEndian(input[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(input[32..]));
        return head.Length >= 0;
    }

    /// <summary>True if the bytes are one whole record, its checksum included.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> record, ulong before)
        => BinaryPrimitives.ReadUInt64LittleEndian(record[^ChecksumBytes..]) == XxHash3.HashToUInt64(record[..^ChecksumBytes], (long)before);

    private static uint HeadChecksum(ReadOnlySpan<byte> head, ulong before)
    {
        Span<byte> rest = stackalloc byte[HeadBytes - sizeof(uint)];
        head[..HeadChecksumOffset].CopyTo(rest);
        head[(HeadChecksumOffset + sizeof(uint))..HeadBytes].CopyTo(rest[HeadChecksumOffset..]);
        return (uint)XxHash3.HashToUInt64(rest, (long)before);
    }
}
