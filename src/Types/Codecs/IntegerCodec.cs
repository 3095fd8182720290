using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>smallint, integer, bigint: stored as integers.</summary>
internal sealed class IntegerCodec(uint oid) : Codec
{
    private readonly string _name = PgTypes.SqlNameOf(oid);

    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) => output.SetInteger(oid switch
    {
        PgTypes.Int2 => Integers.ParseInt2(text),
        PgTypes.Int4 => Integers.ParseInt4(text),
        _ => Integers.ParseInt8(text),
    });

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        _ = Utf8Formatter.TryFormat(Read(value), output.GetSpan(20), out var length);
        output.Advance(length);
    }

    /// <summary>Reads an integer of any width, as long as the number fits the type.</summary>
    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        output.SetInteger(Check(data.Length switch
    {
        2 => BinaryPrimitives.ReadInt16BigEndian(data),
        4 => BinaryPrimitives.ReadInt32BigEndian(data),
        8 => BinaryPrimitives.ReadInt64BigEndian(data),
        _ => throw TypeErrors.BinaryLength(PgTypes.LengthOf(oid), data.Length),
    }));

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var number = Read(value);
        switch (oid)
        {
            case PgTypes.Int2:
                Binary.WriteInt16(output, (short)number);
                break;
            case PgTypes.Int4:
                Binary.WriteInt32(output, (int)number);
                break;
            default:
                Binary.WriteInt64(output, number);
                break;
        }
    }

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) => Read(left).CompareTo(Read(right));

    private long Read(in SqliteValue value) => Check(Stored.Integer(value, _name));

    private long Check(long number)
    {
        var fits = oid switch
        {
            PgTypes.Int2 => number is >= short.MinValue and <= short.MaxValue,
            PgTypes.Int4 => number is >= int.MinValue and <= int.MaxValue,
            _ => true,
        };
        return fits ? number : throw new TypeException(
            SqlState.NumericValueOutOfRange, $"{_name} out of range",
            hint: "Declare the column as bigint, or select it with a cast to bigint.");
    }
}
