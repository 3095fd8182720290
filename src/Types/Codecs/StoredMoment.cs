using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>
/// Stored dates and timestamps: ISO text that sorts as bytes, so the years from 1 to 9999 and the infinities; integers are Unix time.
/// </summary>
public static class StoredMoment
{
    // 10000-01-01 and 0001-01-01.
    private const int DaysEnd = 2_921_940;
    private const int DaysMin = -730_119;

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
