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
        // Nearly every number lies there as PostgreSQL prints it, but for zeros at its end; only others have to be read.
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        if (value.Class != StorageClass.Blob && Stored.Text(value, buffer) is var text && NumericDigits.CanWrite(text))
        {
            NumericDigits.WriteText(text, ScaleOf(type), output);
            return;
        }

        Read(value, type).WriteText(output);
    }

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        Numeric.ReadBinary(data).ApplyModifier(type.Modifier).WriteText(output.BeginText());

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        if (value.Class != StorageClass.Blob && Stored.Text(value, buffer) is var text && NumericDigits.CanWrite(text))
        {
            NumericDigits.WriteBinary(text, ScaleOf(type), output);
            return;
        }

        Read(value, type).WriteBinary(output);
    }

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) =>
        left.Class == StorageClass.Text && right.Class == StorageClass.Text
            ? NumericOrder.Compare(left.Bytes, right.Bytes)
            : Read(left, default).CompareTo(Read(right, default));

    /// <summary>Reads a number; one that another door stored without its zeros gets the scale of the column back.</summary>
    private static Numeric Read(in SqliteValue value, PgType type)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        var number = Numeric.Parse(value.Class == StorageClass.Blob ? throw TypeErrors.Syntax("numeric", "\\x…"u8) : Stored.Text(value, buffer));
        return number.IsFinite && ScaleOf(type) > number.Scale ? number.Round(ScaleOf(type)) : number;
    }

    private static int ScaleOf(PgType type) => type.Modifier >= Modifiers.HeaderBytes ? Modifiers.Numeric(type.Modifier).Scale : 0;
}
