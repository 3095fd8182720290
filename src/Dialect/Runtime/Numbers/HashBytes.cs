using System.Buffers.Binary;
using System.Numerics;

namespace Rqlite.Pg.Dialect.Runtime.Numbers;

/// <summary>PostgreSQL's hash of bytes (common/hashfn.c): Jenkins' lookup3, with words of little-endian machines.</summary>
internal static class HashBytes
{
    private const uint Start = 0x9e3779b9 + 3_923_095;
    private const int BlockBytes = 12;

    /// <param name="seed">0 gives a hash whose lower half is that of 32 bits.</param>
    public static ulong Of(ReadOnlySpan<byte> bytes, ulong seed)
    {
        var (a, b, c) = Begin(bytes.Length, seed);
        while (bytes.Length >= BlockBytes)
        {
            a += BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            b += BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            c += BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
            Mix(ref a, ref b, ref c);
            bytes = bytes[BlockBytes..];
        }

        // The lowest byte of the third word is kept for the length.
        for (var i = 0; i < bytes.Length; i++)
        {
            switch (i)
            {
                case < 4:
                    a += (uint)bytes[i] << (8 * i);
                    break;
                case < 8:
                    b += (uint)bytes[i] << (8 * (i - 4));
                    break;
                default:
                    c += (uint)bytes[i] << (8 * (i - 7));
                    break;
            }
        }

        return End(a, b, c);
    }

    public static ulong Of(uint value, ulong seed)
    {
        var (a, b, c) = Begin(sizeof(uint), seed);
        return End(a + value, b, c);
    }

    /// <summary>Numbers that fit in 32 bits have the hash of those.</summary>
    public static ulong Of(long value, ulong seed)
    {
        var high = (uint)(value >> 32);
        return Of((uint)value ^ (value >= 0 ? high : ~high), seed);
    }

    private static (uint A, uint B, uint C) Begin(int length, ulong seed)
    {
        var (a, b, c) = (Start + (uint)length, Start + (uint)length, Start + (uint)length);
        if (seed != 0)
        {
            a += (uint)(seed >> 32);
            b += (uint)seed;
            Mix(ref a, ref b, ref c);
        }

        return (a, b, c);
    }

    private static void Mix(ref uint a, ref uint b, ref uint c)
    {
        a -= c;
        a ^= BitOperations.RotateLeft(c, 4);
        c += b;
        b -= a;
        b ^= BitOperations.RotateLeft(a, 6);
        a += c;
        c -= b;
        c ^= BitOperations.RotateLeft(b, 8);
        b += a;
        a -= c;
        a ^= BitOperations.RotateLeft(c, 16);
        c += b;
        b -= a;
        b ^= BitOperations.RotateLeft(a, 19);
        a += c;
        c -= b;
        c ^= BitOperations.RotateLeft(b, 4);
        b += a;
    }

    private static ulong End(uint a, uint b, uint c)
    {
        c ^= b;
        c -= BitOperations.RotateLeft(b, 14);
        a ^= c;
        a -= BitOperations.RotateLeft(c, 11);
        b ^= a;
        b -= BitOperations.RotateLeft(a, 25);
        c ^= b;
        c -= BitOperations.RotateLeft(b, 16);
        a ^= c;
        a -= BitOperations.RotateLeft(c, 4);
        b ^= a;
        b -= BitOperations.RotateLeft(a, 14);
        c ^= b;
        c -= BitOperations.RotateLeft(b, 24);
        return ((ulong)b << 32) | c;
    }
}
