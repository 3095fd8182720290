namespace Rqlite.Pg.Types.Values;

/// <summary>
/// date, time, timetz, timestamp and timestamptz as text. Dates are days since 2000-01-01, times microseconds since midnight, timestamps
/// microseconds since 2000-01-01 (UTC for timestamptz), offsets seconds east of Greenwich.
/// </summary>
public static class DateTimes
{
    public const int PrecisionMax = 6;

    private static ReadOnlySpan<long> Scales => [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

    public static int ParseDate(ReadOnlySpan<byte> text, in ValueContext context)
    {
        var decoder = Decode(text, "date", context);
        switch (decoder.Special)
        {
            case DateTimeUnit.Epoch:
                return Calendar.UnixEpochDays;
            case DateTimeUnit.Infinity:
                return Calendar.DateInfinity;
            case DateTimeUnit.MinusInfinity:
                return Calendar.DateMinusInfinity;
        }

        var days = Calendar.ToDays(decoder.Time.Year, decoder.Time.Month, decoder.Time.Day);
        return Calendar.DateInRange(days)
            ? (int)days
            : throw new TypeException(SqlState.DatetimeFieldOverflow, $"date out of range: \"{TypeErrors.Show(text)}\"");
    }

    public static long ParseTimestamp(ReadOnlySpan<byte> text, in ValueContext context, int precision = -1)
    {
        var decoder = Decode(text, "timestamp", context);
        return Special(decoder.Special) ?? (decoder.Time.TryToTimestamp(out var value)
            ? RoundTimestamp(value, precision)
            : throw OutOfRange(text));
    }

    public static long ParseTimestampTz(ReadOnlySpan<byte> text, in ValueContext context, int precision = -1)
    {
        var decoder = Decode(text, "timestamp with time zone", context);
        if (Special(decoder.Special) is { } special)
        {
            return special;
        }

        if (!decoder.Time.TryToTimestamp(out var local))
        {
            throw OutOfRange(text);
        }

        var value = (Int128)local - (decoder.Offset * Calendar.SecondMicroseconds);
        return Calendar.TimestampInRange(value) ? RoundTimestamp((long)value, precision) : throw OutOfRange(text);
    }

    public static long ParseTime(ReadOnlySpan<byte> text, in ValueContext context, int precision = -1) =>
        RoundTime(DecodeTime(text, "time", context).Time.TimeOfDay, precision);

    public static TimeTz ParseTimeTz(ReadOnlySpan<byte> text, in ValueContext context, int precision = -1)
    {
        var decoder = DecodeTime(text, "time with time zone", context);
        return new TimeTz(RoundTime(decoder.Time.TimeOfDay, precision), decoder.Offset);
    }

    /// <summary>Rounds to so many digits of a second, half away from zero; -1 for all.</summary>
    public static long RoundTimestamp(long timestamp, int precision)
    {
        if (precision is < 0 or >= PrecisionMax || Calendar.IsInfinite(timestamp))
        {
            return timestamp;
        }

        var scale = Scales[precision];
        return timestamp >= 0
            ? (timestamp + (scale / 2)) / scale * scale
            : -((-timestamp + (scale / 2)) / scale * scale);
    }

    public static long RoundTime(long time, int precision) =>
        precision is < 0 or >= PrecisionMax ? time : (time + (Scales[precision] / 2)) / Scales[precision] * Scales[precision];

    internal static TypeException Error(DecodeResult result, ReadOnlySpan<byte> text, string type) => result switch
    {
        DecodeResult.FieldOverflow => TypeErrors.FieldOverflow(text),
        DecodeResult.MonthDayOverflow => TypeErrors.FieldOverflow(text, "Perhaps you need a different \"datestyle\" setting."),
        DecodeResult.ZoneOverflow => TypeErrors.ZoneDisplacement(text),
        _ => TypeErrors.DateSyntax(type, text),
    };

    private static long? Special(DateTimeUnit word) => word switch
    {
        DateTimeUnit.Epoch => Calendar.UnixEpochDays * Calendar.DayMicroseconds,
        DateTimeUnit.Infinity => Calendar.TimestampInfinity,
        DateTimeUnit.MinusInfinity => Calendar.TimestampMinusInfinity,
        _ => null,
    };

    private static TypeException OutOfRange(ReadOnlySpan<byte> text) =>
        new(SqlState.DatetimeFieldOverflow, $"timestamp out of range: \"{TypeErrors.Show(text)}\"");

    private static Decoded Decode(ReadOnlySpan<byte> text, string type, in ValueContext context)
    {
        Span<byte> buffer = stackalloc byte[DateTimeTokens.DateBytes];
        var tokens = new DateTimeTokens(buffer);
        if (!tokens.TryRead(text))
        {
            throw TypeErrors.DateSyntax(type, text);
        }

        var decoder = new DateTimeDecoder(tokens, context);
        var result = decoder.Decode();
        return result == DecodeResult.Done
            ? new Decoded(decoder.Time, decoder.Offset, decoder.Special)
            : throw Error(result, text, type);
    }

    private static Decoded DecodeTime(ReadOnlySpan<byte> text, string type, in ValueContext context)
    {
        Span<byte> buffer = stackalloc byte[DateTimeTokens.DateBytes];
        var tokens = new DateTimeTokens(buffer);
        if (!tokens.TryRead(text))
        {
            throw TypeErrors.DateSyntax(type, text);
        }

        var decoder = new DateTimeDecoder(tokens, context);
        var result = decoder.DecodeTimeOnly();
        return result == DecodeResult.Done
            ? new Decoded(decoder.Time, decoder.Offset, DateTimeUnit.None)
            : throw Error(result, text, type);
    }

    private readonly record struct Decoded(BrokenTime Time, int Offset, DateTimeUnit Special);
}
