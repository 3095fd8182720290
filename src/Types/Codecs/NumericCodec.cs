using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>numeric: stored as its text, with all digits of its scale.</summary>
internal sealed class NumericCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        Numeric.Parse(text).ApplyModifier(type.Modifier).WriteText(output.BeginText());

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        // What this codec stored is what PostgreSQL prints; only other doors' numbers have to be read.
        var scale = type.Modifier >= Modifiers.HeaderBytes ? Modifiers.Numeric(type.Modifier).Scale : 0;
        if (value.Class == StorageClass.Text && NumericOrder.IsCanonical(value.Bytes, scale))
        {
            output.Write(value.Bytes);
            return;
        }

        Read(value, type).WriteText(output);
    }

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        Numeric.ReadBinary(data).ApplyModifier(type.Modifier).WriteText(output.BeginText());

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        Read(value, type).WriteBinary(output);

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) =>
        left.Class == StorageClass.Text && right.Class == StorageClass.Text
            ? NumericOrder.Compare(left.Bytes, right.Bytes)
            : Read(left, default).CompareTo(Read(right, default));

    /// <summary>Reads a number; one that another door stored without its zeros gets the scale of the column back.</summary>
    private static Numeric Read(in SqliteValue value, PgType type)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        var number = Numeric.Parse(value.Class == StorageClass.Blob ? throw TypeErrors.Syntax("numeric", "\\x…"u8) : Stored.Text(value, buffer));
        return type.Modifier >= Modifiers.HeaderBytes && number.IsFinite && Modifiers.Numeric(type.Modifier).Scale > number.Scale
            ? number.Round(Modifiers.Numeric(type.Modifier).Scale)
            : number;
    }
}
