using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>double precision: stored as a real; NaN, which SQLite would make NULL, as the text NaN.</summary>
internal sealed class Float8Codec : Codec
{
    private const string Name = "double precision";

    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        Set(output, Floats.ParseFloat8(text));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Advance(FloatText.Write(output.GetSpan(FloatText.LengthMax), Stored.Real(value, Name), context.Settings.ExtraFloatDigits));

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        Set(output, BinaryPrimitives.ReadDoubleBigEndian(Binary.Exact(data, 8)));

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var number = Stored.Real(value, Name);
        BinaryPrimitives.WriteDoubleBigEndian(output.GetSpan(8), double.IsNaN(number) ? Floats.NaN : number);
        output.Advance(8);
    }

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) =>
        Floats.Compare(Stored.Real(left, Name), Stored.Real(right, Name));

    internal static void Set(StoredValue output, double value)
    {
        if (double.IsNaN(value))
        {
            output.SetText("NaN"u8);
        }
        else
        {
            output.SetReal(value);
        }
    }
}
