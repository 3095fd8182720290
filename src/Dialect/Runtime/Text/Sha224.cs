using System.Buffers.Binary;
using System.Numerics;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>SHA-224, which the framework does not have: SHA-256 with another beginning, cut to 28 bytes (FIPS 180-4).</summary>
internal static class Sha224
{
    private const int BlockBytes = 64;
    private const int HashBytes = 28;

    private static readonly uint[] s_constants = Constants();

    public static byte[] Hash(ReadOnlySpan<byte> data)
    {
        Span<uint> state =
        [
            0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4,
        ];
        var length = (ulong)data.Length * 8;
        for (; data.Length >= BlockBytes; data = data[BlockBytes..])
        {
            Add(state, data[..BlockBytes]);
        }

        Span<byte> last = stackalloc byte[2 * BlockBytes];
        last.Clear();
        data.CopyTo(last);
        last[data.Length] = 0x80;
        last = last[..(data.Length + 9 <= BlockBytes ? BlockBytes : 2 * BlockBytes)];
        BinaryPrimitives.WriteUInt64BigEndian(last[^8..], length);
        for (var at = 0; at < last.Length; at += BlockBytes)
        {
            Add(state, last.Slice(at, BlockBytes));
        }

        var hash = new byte[HashBytes];
        for (var i = 0; i < HashBytes / 4; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(4 * i), state[i]);
        }

        return hash;
    }

    private static void Add(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> words = stackalloc uint[64];
        for (var i = 0; i < 16; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]);
        }

        for (var i = 16; i < 64; i++)
        {
            var (a, b) = (words[i - 15], words[i - 2]);
            words[i] = words[i - 16] + (BitOperations.RotateRight(a, 7) ^ BitOperations.RotateRight(a, 18) ^ (a >> 3)) + words[i - 7]
                + (BitOperations.RotateRight(b, 17) ^ BitOperations.RotateRight(b, 19) ^ (b >> 10));
        }

        Span<uint> v = stackalloc uint[8];
        state.CopyTo(v);
        for (var i = 0; i < 64; i++)
        {
            var sum1 = BitOperations.RotateRight(v[4], 6) ^ BitOperations.RotateRight(v[4], 11) ^ BitOperations.RotateRight(v[4], 25);
            var first = v[7] + sum1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + s_constants[i] + words[i];
            var sum0 = BitOperations.RotateRight(v[0], 2) ^ BitOperations.RotateRight(v[0], 13) ^ BitOperations.RotateRight(v[0], 22);
            var second = sum0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v[..7].CopyTo(v[1..]);
            v[4] += first;
            v[0] = first + second;
        }

        for (var i = 0; i < 8; i++)
        {
            state[i] += v[i];
        }
    }

    /// <summary>The first 32 bits of the fractions of the cube roots of the first 64 primes.</summary>
    private static uint[] Constants()
    {
        var constants = new List<uint>(64);
        for (var number = 2; constants.Count < 64; number++)
        {
            if (!Enumerable.Range(2, Math.Max(0, (int)Math.Sqrt(number) - 1)).Any(divisor => number % divisor == 0))
            {
                constants.Add(CubeRootFraction(number));
            }
        }

        return [.. constants];
    }

    private static uint CubeRootFraction(int number)
    {
        // The largest integer whose cube is not larger than the number times 2 to the power of 96 has 32 bits of fraction.
        var cube = (BigInteger)number << 96;
        BigInteger low = 0, high = BigInteger.One << 40;
        while (high - low > 1)
        {
            var middle = (low + high) >> 1;
            (low, high) = middle * middle * middle <= cube ? (middle, high) : (low, middle);
        }

        return (uint)(low & uint.MaxValue);
    }
}
