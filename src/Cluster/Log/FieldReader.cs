using System.Buffers.Binary;

namespace Rqlite.Pg.Cluster;

/// <summary>Reads little-endian fields one after the other; an incomplete field is an <see cref="InvalidDataException"/>.</summary>
internal ref struct FieldReader(ReadOnlyMemory<byte> bytes)
{
    private ReadOnlyMemory<byte> _rest = bytes;

    public readonly int Remaining => _rest.Length;

    public byte ReadByte() => Take(1).Span[0];

    public bool ReadBoolean() => ReadByte() switch
    {
        0 => false,
        1 => true,
        var other => throw new InvalidDataException($"A flag has the value {other}."),
    };

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8).Span);

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8).Span);

    public UInt128 ReadUInt128() => BinaryPrimitives.ReadUInt128LittleEndian(Take(16).Span);

    /// <summary>Reads so many bytes.</summary>
    public ReadOnlySpan<byte> ReadSpan(int length) => Take(length).Span;

    /// <summary>Reads length and bytes, as a slice of the input.</summary>
    public ReadOnlyMemory<byte> ReadBytes() => Take(ReadInt32());

    public string ReadString() => StrictText.Read(ReadBytes().Span);

    public long? ReadOptionalInt64() => ReadBoolean() ? ReadInt64() : null;

    public string? ReadOptionalString() => ReadBoolean() ? ReadString() : null;

    /// <summary>
    /// Reads a count of items of at least <paramref name="itemBytesMin"/> bytes each, so that a false count cannot make us allocate.
    /// </summary>
    public int ReadCount(int itemBytesMin)
    {
        var count = ReadInt32();
        if (count < 0 || count > _rest.Length / itemBytesMin)
        {
            throw new InvalidDataException($"A count of {count} does not fit into the {_rest.Length} bytes left.");
        }

        return count;
    }

    public readonly void End()
    {
        if (!_rest.IsEmpty)
        {
            throw new InvalidDataException($"{_rest.Length} bytes follow the end.");
        }
    }

    private ReadOnlyMemory<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length)
        {
            throw new InvalidDataException($"A field of {length} bytes does not fit into the {_rest.Length} bytes left.");
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
