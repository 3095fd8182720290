using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>Takes the fields of one frame's body; a field that does not fit into the body is a protocol violation.</summary>
internal ref struct MessageReader(ReadOnlySpan<byte> body, ClientEncoding encoding)
{
    private ReadOnlySpan<byte> _rest = body;

    public readonly int Left => _rest.Length;

    public byte ReadByte() => Take(1)[0];

    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ReadOnlySpan<byte> ReadBytes(int length) => Take(length);

    /// <summary>A text up to its NUL, as bytes that may be invalid.</summary>
    public ReadOnlySpan<byte> ReadRawText()
    {
        var end = _rest.IndexOf((byte)0);
        if (end < 0)
        {
            throw PgException.Protocol("invalid string in message");
        }

        var text = _rest[..end];
        _rest = _rest[(end + 1)..];
        return text;
    }

    /// <exception cref="PgException">22021 if the bytes are no text.</exception>
    public string ReadText() => encoding.Read(ReadRawText());

    public readonly void End()
    {
        if (!_rest.IsEmpty)
        {
            throw PgException.Protocol("invalid message format");
        }
    }

    public static void RequireUtf8(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            ThrowInvalidUtf8(text);
        }
    }

    private static void ThrowInvalidUtf8(ReadOnlySpan<byte> text)
    {
        while (Rune.DecodeFromUtf8(text, out _, out var consumed) == System.Buffers.OperationStatus.Done)
        {
            text = text[consumed..];
        }

        // PostgreSQL shows as many bytes as the first one announces.
        var announced = text[0] switch { >= 0xf0 and <= 0xf7 => 4, >= 0xe0 and <= 0xef => 3, >= 0xc0 and <= 0xdf => 2, _ => 1 };
        var shown = text[..Math.Min(announced, text.Length)];
        var bytes = string.Join(' ', shown.ToArray().Select(b => $"0x{b:x2}"));
        throw new PgException(SqlState.CharacterNotInRepertoire, $"invalid byte sequence for encoding \"UTF8\": {bytes}");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length)
        {
            throw PgException.Protocol("insufficient data left in message");
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
