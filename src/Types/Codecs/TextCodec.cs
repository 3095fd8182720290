using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>text, character varying and types whose text is their value.</summary>
internal class TextCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        output.SetText(Strings.Limit(TypeErrors.RequireText(text), type));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        output.Write(Stored.Text(value, buffer));
    }

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        ReadText(data, type, context, output);

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        WriteText(value, type, context, output);
}
