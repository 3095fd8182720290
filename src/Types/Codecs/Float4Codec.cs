using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>real: stored as the double with the shortest digits of the number, so that 0.1 is 0.1 for everybody who reads the file.</summary>
internal sealed class Float4Codec : Codec
{
    private const string Name = "real";

    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        Float8Codec.Set(output, Floats.ToStored(Floats.ParseFloat4(text)));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Advance(FloatText.Write(output.GetSpan(FloatText.LengthMax), Read(value), context.Settings.ExtraFloatDigits));

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        Float8Codec.Set(output, Floats.ToStored(BinaryPrimitives.ReadSingleBigEndian(Binary.Exact(data, 4))));

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var number = Read(value);
        BinaryPrimitives.WriteSingleBigEndian(output.GetSpan(4), float.IsNaN(number) ? Floats.SingleNaN : number);
        output.Advance(4);
    }

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) => Floats.Compare(Read(left), Read(right));

    private static float Read(in SqliteValue value) => Floats.ToFloat4(Stored.Real(value, Name));
}
