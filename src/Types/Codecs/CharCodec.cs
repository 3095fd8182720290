using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>"char": one byte, here one of ASCII; an empty text is the byte 0.</summary>
internal sealed class CharCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output)
    {
        text = TypeErrors.RequireText(text);
        output.SetText(text.IsEmpty ? text : text[0] < 0x80 ? text[..1]
            : throw TypeErrors.NotSupported("a value of type \"char\" beyond ASCII is not supported"));
    }

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        output.Write(Stored.Text(value, buffer) is { Length: > 0 } text ? text[..1] : default);
    }

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output)
    {
        data = Binary.Exact(data, 1);
        ReadText(data[0] == 0 ? default : data, type, context, output);
    }

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        output.Write(Stored.Text(value, buffer) is { Length: > 0 } text ? text[..1] : "\0"u8);
    }
}
