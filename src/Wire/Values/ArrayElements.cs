using System.Buffers.Binary;

namespace Rqlite.Pg.Wire.Values;

/// <summary>The OID of the elements in the binary form of an array, behind its number of dimensions and its flags.</summary>
internal static class ArrayElements
{
    private const int Position = 8;

    public static uint OidOf(ReadOnlySpan<byte> array) => array.Length < Position + sizeof(uint) ? 0 : BinaryPrimitives.ReadUInt32BigEndian(array[Position..]);

    /// <summary>The same array with other elements.</summary>
    public static byte[] With(ReadOnlySpan<byte> array, uint oid)
    {
        var changed = array.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(changed.AsSpan(Position), oid);
        return changed;
    }
}
