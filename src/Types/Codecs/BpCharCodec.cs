using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>character(n): stored without the blanks at its end, which do not count in comparisons, and padded when it is written.</summary>
internal sealed class BpCharCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        output.SetText(Strings.Limit(TypeErrors.RequireText(text), type).TrimEnd((byte)' '));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        var text = Stored.Text(value, buffer);
        output.Write(text);
        for (var missing = Modifiers.Length(type.Modifier) - Strings.CountCharacters(text); missing > 0;)
        {
            var blanks = output.GetSpan(missing)[..missing];
            blanks.Fill((byte)' ');
            output.Advance(blanks.Length);
            missing -= blanks.Length;
        }
    }

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        ReadText(data, type, context, output);

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        WriteText(value, type, context, output);

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) =>
        left.Bytes.TrimEnd((byte)' ').SequenceCompareTo(right.Bytes.TrimEnd((byte)' '));
}
