using System.Buffers.Binary;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Reads the fields of a <see cref="MessageWriter"/>.</summary>
/// <exception cref="InvalidDataException">The message ends early or a length is not possible.</exception>
internal ref struct MessageReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    public readonly bool End => _rest.IsEmpty;

    public byte ReadByte() => Take(1)[0];

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public Guid ReadGuid() => new(Take(16));

    public string ReadText() => StrictText.Read(ReadBytes());

    /// <summary>A flag: 0 or 1.</summary>
    public bool ReadFlag() => ReadByte() switch
    {
        0 => false,
        1 => true,
        var other => throw new InvalidDataException($"A flag has the value {other}."),
    };

    public ReadOnlySpan<byte> ReadBytes() => Take(ReadInt32());

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length)
        {
            throw new InvalidDataException("A message of another node ends early.");
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
