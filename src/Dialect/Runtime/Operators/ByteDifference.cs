using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Operators;

/// <summary>
/// Comparisons whose answer is the difference of two bytes of PostgreSQL's representation, for functions that give it to whoever calls them.
/// Comparison operators do without.
/// </summary>
internal static class ByteDifference
{
    public static CompareTexts? Of(uint type) => type switch
    {
        PgTypes.Uuid => CompareUuids,
        PgTypes.Bit or PgTypes.VarBit => CompareBits,
        PgTypes.Inet => CompareAddresses,
        PgTypes.OidVector => CompareVectors,
        _ => null,
    };

    public delegate int CompareTexts(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right);

    private static int CompareUuids(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        Difference(Uuids.Parse(left).ToByteArray(bigEndian: true), Uuids.Parse(right).ToByteArray(bigEndian: true));

    private static int CompareBits(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var difference = Difference(Pack(left), Pack(right));
        return difference != 0 ? difference : left.Length.CompareTo(right.Length);
    }

    private static int CompareAddresses(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var (a, b) = (InetAddress.Parse(left, cidr: false), InetAddress.Parse(right, cidr: false));
        if (a.IsVersion6 != b.IsVersion6)
        {
            return a.IsVersion6 ? 1 : -1;
        }

        var common = CompareBits(a.Bytes, b.Bytes, Math.Min(a.Prefix, b.Prefix));
        return common != 0 ? common : a.Prefix != b.Prefix ? a.Prefix - b.Prefix : CompareBits(a.Bytes, b.Bytes, a.Bytes.Length * 8);
    }

    /// <summary>Compares whole bytes by their difference, and the bits after them by which address has the first 1.</summary>
    private static int CompareBits(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, int bits)
    {
        var whole = bits / 8;
        var difference = Difference(left[..whole], right[..whole]);
        if (difference != 0 || bits % 8 == 0)
        {
            return difference;
        }

        var mask = 0xFF00 >> (bits % 8) & 0xFF;
        return (left[whole] & mask).CompareTo(right[whole] & mask);
    }

    private static int CompareVectors(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var (a, b) = (Count(left), Count(right));
        return a != b ? a - b : Math.Sign(Types.Codecs.Codec.For(PgTypes.OidVector).Compare(
            Storage.SqliteValue.FromText(left), Storage.SqliteValue.FromText(right), new PgType(PgTypes.OidVector)));
    }

    private static int Count(ReadOnlySpan<byte> vector) => vector.IsEmpty ? 0 : vector.Count((byte)' ') + 1;

    private static int Difference(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var same = left.CommonPrefixLength(right);
        return same < left.Length && same < right.Length ? left[same] - right[same] : 0;
    }

    private static byte[] Pack(ReadOnlySpan<byte> bits)
    {
        var bytes = new byte[(bits.Length + 7) / 8];
        for (var i = 0; i < bits.Length; i++)
        {
            bytes[i / 8] |= (byte)((bits[i] - '0') << (7 - (i % 8)));
        }

        return bytes;
    }
}
