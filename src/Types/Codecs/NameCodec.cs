using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>name: a text of at most 63 bytes; a longer one is cut at a character.</summary>
internal sealed class NameCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        output.SetText(Strings.CutBytes(TypeErrors.RequireText(text), Strings.NameBytes));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        output.Write(Stored.Text(value, buffer));
    }

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output)
    {
        var text = TypeErrors.RequireText(data);
        if (text.Length > Strings.NameBytes)
        {
            throw new TypeException(SqlState.NameTooLong, "identifier too long", $"Identifier must be less than {Strings.NameBytes + 1} characters.");
        }

        output.SetText(text);
    }

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        WriteText(value, type, context, output);
}
