using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The head of a segment: magic (8 bytes), first index, term of the entry before it, length of the file (int64 each), 24 random bytes, checksum
/// (uint64); the records follow.
/// </summary>
internal readonly record struct SegmentFormat(long First, long PreviousTerm, long Capacity, ulong Checksum)
{
    public const int HeadBytes = 64;

    private const int ChecksumOffset = HeadBytes - sizeof(ulong);

    public static SegmentFormat Write(Span<byte> output, long first, long previousTerm, long capacity)
    {
        Magic.CopyTo(output);
        BinaryPrimitives.WriteInt64LittleEndian(output[8..], first);
        BinaryPrimitives.WriteInt64LittleEndian(output[16..], previousTerm);
        BinaryPrimitives.WriteInt64LittleEndian(output[24..], capacity);
        RandomNumberGenerator.Fill(output[32..ChecksumOffset]);
        var checksum = XxHash3.HashToUInt64(output[..ChecksumOffset]);
        BinaryPrimitives.WriteUInt64LittleEndian(output[ChecksumOffset..], checksum);
        return new(first, previousTerm, capacity, checksum);
    }

    public static bool TryRead(ReadOnlySpan<byte> input, out SegmentFormat head)
    {
        head = default;
        if (input.Length < HeadBytes || !input[..8].SequenceEqual(Magic))
        {
            return false;
        }

        var checksum = BinaryPrimitives.ReadUInt64LittleEndian(input[ChecksumOffset..]);
        head = new(
            BinaryPrimitives.ReadInt64LittleEndian(input[8..]), BinaryPrimitives.ReadInt64LittleEndian(input[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(input[24..]), checksum);
        return checksum == XxHash3.HashToUInt64(input[..ChecksumOffset]);
    }

    private static ReadOnlySpan<byte> Magic => "RQPGLOG\x01"u8;
}
