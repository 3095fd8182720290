using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Converts a parameter of Bind, in either format, to the form in which the database stores its type.</summary>
internal static class ParameterDecoder
{
    private const int ScratchBytes = 64;

    // SQLite's own limit.
    private const int JsonDepthMax = 1000;

    // A double carries any 15 decimal digits.
    private const int RealDigitsMax = 15;

    /// <summary>The CONTEXT of an error in a parameter.</summary>
    /// <param name="number">1-based.</param>
    public static string Context(string portal, int number) => portal.Length == 0
        ? string.Create(CultureInfo.InvariantCulture, $"unnamed portal parameter ${number}")
        : string.Create(CultureInfo.InvariantCulture, $"portal \"{portal}\" parameter ${number}");

    /// <summary>Writes one parameter that is not NULL (for that one: <see cref="ParameterEncoding.WriteNull"/>).</summary>
    /// <param name="oid">The announced type; 0 counts as text.</param>
    /// <exception cref="DialectException">The bytes are no value of the type.</exception>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> data, bool binary, uint oid, FormatSettings settings)
    {
        if (binary)
        {
            WriteBinary(output, data, oid);
        }
        else
        {
            WriteText(output, ValueErrors.RequireText(data), oid, settings);
        }
    }

    private static void WriteText(IBufferWriter<byte> output, ReadOnlySpan<byte> text, uint oid, FormatSettings settings)
    {
        Span<byte> scratch = stackalloc byte[ScratchBytes * 2];
        switch (oid)
        {
            case PgTypes.Bool:
                ParameterEncoding.WriteInteger(
                    output, StoredValue.TryBoolean(text, out var truth) ? (truth ? 1 : 0) : throw ValueErrors.Syntax("boolean", text));
                break;
            case PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 or PgTypes.Oid or PgTypes.Xid:
                ParameterEncoding.WriteInteger(output, ParseInteger(text, oid));
                break;
            case PgTypes.Float8:
                WriteReal(output, StoredValue.ParseReal(text, "double precision"));
                break;
            case PgTypes.Float4:
                var single = StoredValue.ParseReal(text, "real");
                WriteReal(output, ToShortest(float.IsInfinity((float)single) && double.IsFinite(single)
                    ? throw ValueErrors.RealRange("real", text) : (float)single));
                break;
            case PgTypes.Numeric:
                WriteNumeric(output, Numeric.TryParse(text, 0, out var number) ? number : throw ValueErrors.Syntax("numeric", text));
                break;
            case PgTypes.Bytea:
                ByteaText.Write(output, text);
                break;
            case PgTypes.Date:
                ParameterEncoding.WriteText(output, scratch[..DateTimeText.WriteDate(scratch, DateTimeParser.Date(text, settings.DateOrder))]);
                break;
            case PgTypes.Timestamp:
                ParameterEncoding.WriteText(output, scratch[..DateTimeText.WriteTimestamp(scratch, DateTimeParser.Timestamp(text, settings.DateOrder))]);
                break;
            case PgTypes.TimestampTz:
                var moment = DateTimeParser.TimestampTz(text, settings.TimeZone, settings.DateOrder);
                ParameterEncoding.WriteText(output, scratch[..DateTimeText.WriteTimestamp(scratch, moment)]);
                break;
            case PgTypes.Time:
                ParameterEncoding.WriteText(output, scratch[..DateTimeText.WriteTime(scratch, DateTimeParser.Time(text, "time").Time)]);
                break;
            case PgTypes.TimeTz:
                var (time, offset) = DateTimeParser.Time(text, "time with time zone");
                WriteTimeTz(output, scratch, time, offset ?? (int)settings.TimeZone.BaseUtcOffset.TotalSeconds);
                break;
            case PgTypes.Interval:
                ParameterEncoding.WriteText(output, scratch[..IntervalParser.Parse(text).Write(scratch, IntervalStyle.Postgres)]);
                break;
            case PgTypes.PgLsn:
                ParameterEncoding.WriteText(output, scratch[..LsnText.Write(scratch, LsnText.Parse(text))]);
                break;
            case PgTypes.Uuid:
                WriteUuid(output, StoredValue.ParseUuid(text));
                break;
            case PgTypes.Json or PgTypes.Jsonb:
                WriteJson(output, text);
                break;
            default:
                ParameterEncoding.WriteText(output, text);
                break;
        }
    }

    private static void WriteBinary(IBufferWriter<byte> output, ReadOnlySpan<byte> data, uint oid)
    {
        Span<byte> scratch = stackalloc byte[ScratchBytes * 2];
        switch (oid)
        {
            case PgTypes.Bool:
                ParameterEncoding.WriteInteger(output, Exact(data, 1)[0] != 0 ? 1 : 0);
                break;
            case PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8:
                ParameterEncoding.WriteInteger(output, ReadInteger(data, oid));
                break;
            case PgTypes.Oid or PgTypes.Xid or PgTypes.RegClass or PgTypes.RegType or PgTypes.RegProc:
                ParameterEncoding.WriteInteger(output, BinaryPrimitives.ReadUInt32BigEndian(Exact(data, 4)));
                break;
            case PgTypes.Float8 when data.Length == 4:
            case PgTypes.Float4:
                WriteReal(output, ToShortest(BinaryPrimitives.ReadSingleBigEndian(Exact(data, 4))));
                break;
            case PgTypes.Float8:
                WriteReal(output, BinaryPrimitives.ReadDoubleBigEndian(Exact(data, 8)));
                break;
            case PgTypes.Numeric:
                var digits = new ArrayBufferWriter<byte>(64 + (data.Length * 3));
                if (!Numeric.TryReadBinary(data, digits) || !Numeric.TryParse(digits.WrittenSpan, 0, out var number))
                {
                    throw ValueErrors.Binary();
                }

                WriteNumeric(output, number);
                break;
            case PgTypes.Bytea:
                ParameterEncoding.WriteBlob(output, data);
                break;
            case PgTypes.Date:
                var days = BinaryPrimitives.ReadInt32BigEndian(Exact(data, 4));
                ParameterEncoding.WriteText(
                    output, days is int.MinValue or int.MaxValue || Calendar.DateInRange(days)
                        ? scratch[..DateTimeText.WriteDate(scratch, days)] : throw new DialectException("22008", "date out of range"));
                break;
            case PgTypes.Timestamp or PgTypes.TimestampTz:
                var moment = BinaryPrimitives.ReadInt64BigEndian(Exact(data, 8));
                ParameterEncoding.WriteText(
                    output, moment is long.MinValue or long.MaxValue || Calendar.TimestampInRange(moment)
                        ? scratch[..DateTimeText.WriteTimestamp(scratch, moment)] : throw ValueErrors.TimestampRange());
                break;
            case PgTypes.Time:
                ParameterEncoding.WriteText(output, scratch[..DateTimeText.WriteTime(scratch, ReadTime(Exact(data, 8)))]);
                break;
            case PgTypes.TimeTz:
                WriteTimeTz(output, scratch, ReadTime(Exact(data, 12)), -BinaryPrimitives.ReadInt32BigEndian(data[8..]));
                break;
            case PgTypes.Interval:
                var interval = new Interval(
                    BinaryPrimitives.ReadInt32BigEndian(Exact(data, 16)[12..]), BinaryPrimitives.ReadInt32BigEndian(data[8..]),
                    BinaryPrimitives.ReadInt64BigEndian(data));
                ParameterEncoding.WriteText(output, scratch[..interval.Write(scratch, IntervalStyle.Postgres)]);
                break;
            case PgTypes.PgLsn:
                ParameterEncoding.WriteText(output, scratch[..LsnText.Write(scratch, BinaryPrimitives.ReadUInt64BigEndian(Exact(data, 8)))]);
                break;
            case PgTypes.Uuid:
                WriteUuid(output, new Guid(Exact(data, 16), bigEndian: true));
                break;
            case PgTypes.Json:
                WriteJson(output, ValueErrors.RequireText(data));
                break;
            case PgTypes.Jsonb:
                WriteJson(output, data.Length > 0 && data[0] == 1 ? ValueErrors.RequireText(data[1..]) : throw new DialectException(
                    "XX000", $"unsupported jsonb version number {(data.Length > 0 ? data[0] : 0)}"));
                break;
            default:
                WriteOther(output, data, oid);
                break;
        }
    }

    private static void WriteOther(IBufferWriter<byte> output, ReadOnlySpan<byte> data, uint oid)
    {
        if (oid is not (0 or PgTypes.Text or PgTypes.VarChar or PgTypes.BpChar or PgTypes.Name or PgTypes.Char or PgTypes.Unknown))
        {
            throw new DialectException("0A000", $"binary format of type with OID {oid} is not supported", hint: "Send it as text.");
        }

        ParameterEncoding.WriteText(output, ValueErrors.RequireText(data));
    }

    private static ReadOnlySpan<byte> Exact(ReadOnlySpan<byte> data, int length) =>
        data.Length == length ? data : throw ValueErrors.BinaryLength(length, data.Length);

    /// <summary>Reads an integer of any width, as long as the number fits the announced type.</summary>
    private static long ReadInteger(ReadOnlySpan<byte> data, uint oid)
    {
        var number = data.Length switch
        {
            2 => BinaryPrimitives.ReadInt16BigEndian(data),
            4 => BinaryPrimitives.ReadInt32BigEndian(data),
            8 => BinaryPrimitives.ReadInt64BigEndian(data),
            _ => throw ValueErrors.BinaryLength(PgTypes.LengthOf(oid), data.Length),
        };
        return Fits(number, oid) ? number : throw ValueErrors.Overflow(oid);
    }

    private static bool Fits(long number, uint oid) => oid switch
    {
        PgTypes.Int2 => number is >= short.MinValue and <= short.MaxValue,
        PgTypes.Int4 => number is >= int.MinValue and <= int.MaxValue,
        PgTypes.Int8 => true,
        _ => number is >= int.MinValue and <= uint.MaxValue,
    };

    private static long ParseInteger(ReadOnlySpan<byte> text, uint oid)
    {
        var trimmed = text.Trim(" \t\r\n\f\v"u8);
        var name = PgTypes.SqlNameOf(oid);
        if (long.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return !Fits(number, oid) ? throw ValueErrors.OutOfRange(name, text)
                : oid is PgTypes.Oid or PgTypes.Xid ? unchecked((uint)number) : number;
        }

        var digits = trimmed.TrimStart("+-"u8);
        var numeric = !digits.IsEmpty && trimmed.Length - digits.Length <= 1 && digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
        throw numeric ? ValueErrors.OutOfRange(name, text) : ValueErrors.Syntax(name, text);
    }

    /// <summary>The double with the digits that a float4 shows, so that 0.1 stays 0.1.</summary>
    private static double ToShortest(float value)
    {
        if (!float.IsFinite(value))
        {
            return value;
        }

        Span<byte> text = stackalloc byte[FloatText.LengthMax];
        return double.Parse(text[..FloatText.Write(text, value, extraDigits: 1)], NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    /// <summary>Writes a double; refuses NaN, which SQLite stores as NULL, and -0, whose sign it drops.</summary>
    private static void WriteReal(IBufferWriter<byte> output, double value) => ParameterEncoding.WriteReal(
        output,
        double.IsNaN(value) ? throw ValueErrors.NotStored("double precision", "NaN", "The database has no NaN; store NULL or a text.")
        : value == 0 && double.IsNegative(value) ? throw ValueErrors.NotStored("double precision", "-0", "The database has one zero.")
        : value);

    /// <summary>
    /// Writes a number as a number where that keeps its value: SQLite compares a text with a number by class alone, and a numeric column rounds
    /// a text.
    /// </summary>
    private static void WriteNumeric(IBufferWriter<byte> output, in Numeric number)
    {
        var length = number.TextLength;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var text = rented.AsSpan(0, number.WriteText(rented));
            if (number.Scale == 0 && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
            {
                ParameterEncoding.WriteInteger(output, integer);
            }
            else if (number.SignificantDigits <= RealDigitsMax && length < 64
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real))
            {
                ParameterEncoding.WriteReal(output, real);
            }
            else if (number.SignificantDigits == 0)
            {
                // NaN and the infinities, which no affinity changes.
                ParameterEncoding.WriteText(output, text);
            }
            else
            {
                throw ValueErrors.NotStored(
                    "numeric", $"a value with more than {RealDigitsMax} digits",
                    "It would be rounded. Send it as text, to a column whose type is one for texts, such as NUMERIC_TEXT.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static long ReadTime(ReadOnlySpan<byte> data)
    {
        var time = BinaryPrimitives.ReadInt64BigEndian(data);
        return time is >= 0 and <= Calendar.DayMicroseconds ? time : throw new DialectException("22008", "time out of range");
    }

    private static void WriteTimeTz(IBufferWriter<byte> output, Span<byte> scratch, long time, int offset)
    {
        if (offset is <= -16 * 3600 or >= 16 * 3600)
        {
            throw new DialectException("22009", "time zone displacement out of range");
        }

        var length = DateTimeText.WriteTime(scratch, time);
        length += DateTimeText.WriteOffset(scratch[length..], offset);
        ParameterEncoding.WriteText(output, scratch[..length]);
    }

    private static void WriteUuid(IBufferWriter<byte> output, Guid value)
    {
        Span<byte> text = stackalloc byte[36];
        _ = value.TryFormat(text, out var length);
        ParameterEncoding.WriteText(output, text[..length]);
    }

    private static void WriteJson(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth >= JsonDepthMax)
                {
                    throw new DialectException("54001", "stack depth limit exceeded", hint: $"The value nests more than {JsonDepthMax} levels.");
                }
            }
        }
        catch (JsonException)
        {
            throw new DialectException("22P02", "invalid input syntax for type json");
        }

        ParameterEncoding.WriteText(output, text);
    }
}
