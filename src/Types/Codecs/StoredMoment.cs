using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>
/// Stored dates, times and intervals. Dates and timestamps are ISO text that sorts as bytes, so the years from 1 to 9999 and the infinities;
/// integers are Unix time.
/// </summary>
public static class StoredMoment
{
    // 10000-01-01 and 0001-01-01.
    private const int DaysEnd = 2_921_940;
    private const int DaysMin = -730_119;

    // One second less than 16 hours.
    private const int OffsetMax = (16 * 3600) - 1;

    public static int Date(in SqliteValue value) => value.Class switch
    {
        StorageClass.Text when IsoText.TryRead(value.Bytes, out var days, out _) => days,
        StorageClass.Text => DateTimes.ParseDate(value.Bytes, ValueContext.Stored),
        StorageClass.Integer => (int)Calendar.FloorDivide(Stored.UnixTime(value.Integer), Calendar.DayMicroseconds),
        _ => throw Wrong(value, "date"),
    };

    public static long Timestamp(in SqliteValue value, bool withZone) => value.Class switch
    {
        StorageClass.Text when IsoText.TryRead(value.Bytes, out var days, out var time) => (days * Calendar.DayMicroseconds) + time,
        StorageClass.Text when withZone => DateTimes.ParseTimestampTz(value.Bytes, ValueContext.Stored),
        StorageClass.Text => DateTimes.ParseTimestamp(value.Bytes, ValueContext.Stored),
        StorageClass.Integer => Stored.UnixTime(value.Integer),
        _ => throw Wrong(value, withZone ? "timestamp with time zone" : "timestamp"),
    };

    public static void Set(StoredValue output, int date)
    {
        if (!Calendar.IsInfiniteDate(date))
        {
            RequireYear(date, "date");
        }

        var target = output.BeginText();
        target.Advance(DateTimeText.WriteStoredDate(target.GetSpan(DateTimeText.LengthMax), date));
    }

    public static void Set(StoredValue output, long timestamp)
    {
        if (!Calendar.IsInfinite(timestamp))
        {
            RequireYear(Calendar.FloorDivide(timestamp, Calendar.DayMicroseconds), "timestamp");
        }

        var target = output.BeginText();
        target.Advance(DateTimeText.WriteStoredTimestamp(target.GetSpan(DateTimeText.LengthMax), timestamp));
    }

    /// <summary>Microseconds since midnight.</summary>
    public static long Time(in SqliteValue value) => value.Class == StorageClass.Text
        ? DateTimes.ParseTime(value.Bytes, ValueContext.Stored)
        : throw Wrong(value, "time");

    public static TimeTz TimeTz(in SqliteValue value) => value.Class == StorageClass.Text
        ? DateTimes.ParseTimeTz(value.Bytes, ValueContext.Stored)
        : throw Wrong(value, "time with time zone");

    public static Interval Interval(in SqliteValue value) => value.Class == StorageClass.Text
        ? Values.Interval.Parse(value.Bytes)
        : throw Wrong(value, "interval");

    /// <param name="time">Microseconds since midnight.</param>
    public static void SetTime(StoredValue output, long time)
    {
        var target = output.BeginText();
        target.Advance(DateTimeText.WriteTime(target.GetSpan(DateTimeText.LengthMax), time));
    }

    public static void Set(StoredValue output, TimeTz value)
    {
        // A POSIX zone may lie up to a week away, but its offset could not be read again.
        if (value.Offset is < -OffsetMax or > OffsetMax)
        {
            throw new TypeException(
                SqlState.InvalidTimeZoneDisplacementValue, "time zone displacement out of range", "Offsets of less than 16 hours can be stored.");
        }

        var target = output.BeginText();
        target.Advance(DateTimeText.WriteTimeTz(target.GetSpan(DateTimeText.LengthMax), value));
    }

    public static void Set(StoredValue output, Interval value)
    {
        var target = output.BeginText();
        target.Advance(IntervalText.Write(target.GetSpan(IntervalText.LengthMax), value, IntervalStyle.Postgres));
    }

    public static TypeException Wrong(in SqliteValue value, string type)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        return TypeErrors.DateSyntax(type, value.Class == StorageClass.Blob ? "\\x…"u8 : Stored.Text(value, buffer));
    }

    private static void RequireYear(long days, string type)
    {
        if (days is < DaysMin or >= DaysEnd)
        {
            throw new TypeException(
                SqlState.DatetimeFieldOverflow, $"{type} out of range", "Years from 1 to 9999 can be stored.");
        }
    }
}
