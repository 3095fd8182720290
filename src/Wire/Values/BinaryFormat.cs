using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Writes a field of DataRow in binary format: its length, then its bytes.</summary>
internal static class BinaryFormat
{
    private const int ScratchBytes = 64;

    /// <exception cref="DialectException">The value cannot be sent as the announced type without loss.</exception>
    public static void Write(IBufferWriter<byte> output, in SqliteValue value, PgType type)
    {
        if (value.Class == StorageClass.Null)
        {
            FieldBytes.WriteNull(output);
            return;
        }

        Span<byte> scratch = stackalloc byte[ScratchBytes];
        switch (type.Oid)
        {
            case PgTypes.Numeric:
                var number = StoredValue.Numeric(value, FieldBytes.ScaleOf(type), scratch);
                var length = number.BinaryLength;
                number.WriteBinary(FieldBytes.Start(output, length));
                output.Advance(4 + length);
                break;
            case PgTypes.Bytea:
                FieldBytes.Write(output, value.Class is StorageClass.Blob or StorageClass.Text ? value.Bytes : StoredValue.Text(value, scratch));
                break;
            case PgTypes.Jsonb:
                var json = StoredValue.Text(value, scratch);
                var target = FieldBytes.Start(output, 1 + json.Length);
                target[0] = 1;
                json.CopyTo(target[1..]);
                output.Advance(5 + json.Length);
                break;
            case PgTypes.Char:
                FieldBytes.Write(output, StoredValue.Text(value, scratch) is { Length: > 0 } text ? text[..1] : "\0"u8);
                break;
            default:
                var written = TryFormat(scratch, value, type.Oid);
                FieldBytes.Write(output, written >= 0 ? scratch[..written] : StoredValue.Text(value, scratch));
                break;
        }
    }

    // .NET's own NaN has its sign set, PostgreSQL's has not.
    private static double Double(double value) => double.IsNaN(value) ? BitConverter.UInt64BitsToDouble(0x7FF8_0000_0000_0000) : value;

    private static float Single(double value) => double.IsNaN(value) ? BitConverter.UInt32BitsToSingle(0x7FC0_0000) : FieldBytes.ToSingle(value);

    /// <summary>Formats a value; -1 for a type whose binary form is its text.</summary>
    private static int TryFormat(Span<byte> scratch, in SqliteValue value, uint oid)
    {
        switch (oid)
        {
            case PgTypes.Bool:
                scratch[0] = StoredValue.Boolean(value) ? (byte)1 : (byte)0;
                return 1;
            case PgTypes.Int2:
                BinaryPrimitives.WriteInt16BigEndian(scratch, (short)StoredValue.Integer(value, oid));
                return 2;
            case PgTypes.Int4 or PgTypes.Oid or PgTypes.Xid:
                BinaryPrimitives.WriteInt32BigEndian(scratch, unchecked((int)StoredValue.Integer(value, oid)));
                return 4;
            case PgTypes.Int8:
                BinaryPrimitives.WriteInt64BigEndian(scratch, StoredValue.Integer(value, oid));
                return 8;
            case PgTypes.Float4:
                BinaryPrimitives.WriteSingleBigEndian(scratch, Single(StoredValue.Real(value, oid)));
                return 4;
            case PgTypes.Float8:
                BinaryPrimitives.WriteDoubleBigEndian(scratch, Double(StoredValue.Real(value, oid)));
                return 8;
            case PgTypes.Date:
                BinaryPrimitives.WriteInt32BigEndian(scratch, StoredValue.Date(value));
                return 4;
            case PgTypes.Timestamp or PgTypes.TimestampTz:
                BinaryPrimitives.WriteInt64BigEndian(scratch, StoredValue.Timestamp(value));
                return 8;
            case PgTypes.Time:
                BinaryPrimitives.WriteInt64BigEndian(scratch, StoredValue.Time(value, "time").Time);
                return 8;
            case PgTypes.TimeTz:
                var (time, offset) = StoredValue.Time(value, "time with time zone");
                BinaryPrimitives.WriteInt64BigEndian(scratch, time);
                BinaryPrimitives.WriteInt32BigEndian(scratch[8..], -(offset ?? 0));
                return 12;
            case PgTypes.Interval:
                var interval = StoredValue.Interval(value);
                BinaryPrimitives.WriteInt64BigEndian(scratch, interval.Microseconds);
                BinaryPrimitives.WriteInt32BigEndian(scratch[8..], interval.Days);
                BinaryPrimitives.WriteInt32BigEndian(scratch[12..], interval.Months);
                return 16;
            case PgTypes.PgLsn:
                BinaryPrimitives.WriteUInt64BigEndian(scratch, StoredValue.Lsn(value));
                return 8;
            case PgTypes.Uuid:
                StoredValue.Uuid(value).TryWriteBytes(scratch, bigEndian: true, out var bytes);
                return bytes;
            default:
                return -1;
        }
    }
}
