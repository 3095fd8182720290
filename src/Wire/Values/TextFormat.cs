using System.Buffers;
using System.Buffers.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Writes a field of DataRow in text format: its length, then its bytes.</summary>
internal static class TextFormat
{
    private const int ScratchBytes = 128;

    /// <exception cref="DialectException">The value cannot be shown as the announced type without loss.</exception>
    public static void Write(IBufferWriter<byte> output, in SqliteValue value, PgType type, FormatSettings settings)
    {
        if (value.Class == StorageClass.Null)
        {
            FieldBytes.WriteNull(output);
            return;
        }

        Span<byte> scratch = stackalloc byte[ScratchBytes];
        switch (type.Oid)
        {
            case PgTypes.Bytea:
                WriteBytea(output, value.Class is StorageClass.Blob or StorageClass.Text ? value.Bytes : StoredValue.Text(value, scratch), settings);
                break;
            case PgTypes.Numeric:
                var number = StoredValue.Numeric(value, FieldBytes.ScaleOf(type), scratch);
                var length = number.TextLength;
                number.WriteText(FieldBytes.Start(output, length));
                output.Advance(4 + length);
                break;
            case PgTypes.Char:
                FieldBytes.Write(output, StoredValue.Text(value, scratch) is { Length: > 0 } text ? text[..1] : default);
                break;
            default:
                var written = TryFormat(scratch, value, type.Oid, settings);
                FieldBytes.Write(output, written >= 0 ? scratch[..written] : StoredValue.Text(value, scratch));
                break;
        }
    }

    /// <summary>Formats a value; -1 for a type whose text is the stored one.</summary>
    private static int TryFormat(Span<byte> scratch, in SqliteValue value, uint oid, FormatSettings settings)
    {
        switch (oid)
        {
            case PgTypes.Bool:
                scratch[0] = StoredValue.Boolean(value) ? (byte)'t' : (byte)'f';
                return 1;
            case PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 or PgTypes.Oid or PgTypes.Xid:
                _ = Utf8Formatter.TryFormat(StoredValue.Integer(value, oid), scratch, out var digits);
                return digits;
            case PgTypes.Float8:
                return FloatText.Write(scratch, StoredValue.Real(value, oid), settings.ExtraFloatDigits);
            case PgTypes.Float4:
                return FloatText.Write(scratch, FieldBytes.ToSingle(StoredValue.Real(value, oid)), settings.ExtraFloatDigits);
            case PgTypes.Date:
                return DateTimeText.WriteDate(scratch, StoredValue.Date(value));
            case PgTypes.Timestamp:
                return DateTimeText.WriteTimestamp(scratch, StoredValue.Timestamp(value));
            case PgTypes.TimestampTz:
                return DateTimeText.WriteTimestampTz(scratch, StoredValue.Timestamp(value), settings.TimeZone);
            case PgTypes.Time:
                return DateTimeText.WriteTime(scratch, StoredValue.Time(value, "time").Time);
            case PgTypes.TimeTz:
                var (time, offset) = StoredValue.Time(value, "time with time zone");
                var length = DateTimeText.WriteTime(scratch, time);
                return length + DateTimeText.WriteOffset(scratch[length..], offset ?? 0);
            case PgTypes.Interval:
                return StoredValue.Interval(value).Write(scratch, settings.IntervalStyle);
            case PgTypes.PgLsn:
                return LsnText.Write(scratch, StoredValue.Lsn(value));
            case PgTypes.Uuid:
                _ = Utf8Formatter.TryFormat(StoredValue.Uuid(value), scratch, out var characters);
                return characters;
            default:
                return -1;
        }
    }

    private static void WriteBytea(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes, FormatSettings settings)
    {
        if (!settings.ByteaEscape)
        {
            var hex = FieldBytes.Start(output, 2 + (2 * bytes.Length));
            "\\x"u8.CopyTo(hex);
            Convert.TryToHexStringLower(bytes, hex[2..], out _);
            output.Advance(4 + 2 + (2 * bytes.Length));
            return;
        }

        var length = 0;
        foreach (var b in bytes)
        {
            length += b == '\\' ? 2 : b is < 0x20 or > 0x7e ? 4 : 1;
        }

        var span = FieldBytes.Start(output, length);
        var at = 0;
        foreach (var b in bytes)
        {
            if (b is >= 0x20 and <= 0x7e)
            {
                span[at++] = b;
                if (b == '\\')
                {
                    span[at++] = b;
                }
            }
            else
            {
                span[at++] = (byte)'\\';
                span[at++] = (byte)('0' + (b >> 6));
                span[at++] = (byte)('0' + ((b >> 3) & 7));
                span[at++] = (byte)('0' + (b & 7));
            }
        }

        output.Advance(4 + length);
    }
}
