using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>A fast 64-bit hash of a sequence of values. Its results are compared between nodes, so the function may not change within a log format.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Mixer(ulong seed)
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;

    private ulong _state = seed ^ Prime2;

    public readonly ulong Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var z = _state;
            z = (z ^ (z >> 33)) * Prime2;
            z = (z ^ (z >> 29)) * Prime1;
            return z ^ (z >> 32);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong value) => _state = (BitOperations.RotateLeft(_state, 29) ^ (value * Prime2)) * Prime1;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add((ulong)bytes.Length);
        while (bytes.Length >= 16)
        {
            // Two words a round: a 128-bit product folded, which costs one multiplication for 16 bytes.
            var high = Math.BigMul(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ Prime1 ^ _state, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) ^ Prime2, out var low);
            _state = (BitOperations.RotateLeft(_state, 31) + high) ^ (low * Prime1);
            bytes = bytes[16..];
        }

        if (bytes.Length >= 8)
        {
            Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        if (!bytes.IsEmpty)
        {
            var last = 0UL;
            for (var i = 0; i < bytes.Length; i++)
            {
                last |= (ulong)bytes[i] << (8 * i);
            }

            Add(last);
        }
    }
}
