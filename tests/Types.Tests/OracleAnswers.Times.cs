using System.Text;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Tests;

internal static partial class OracleAnswers
{
    private static string Date(int date, OracleRow row) => Written(buffer => DateTimeText.WriteDate(buffer, date, row.Settings));

    private static string Timestamp(long value, OracleRow row) => Written(buffer => DateTimeText.WriteTimestamp(buffer, value, row.Settings));

    private static string TimestampTz(long value, OracleRow row) => Written(buffer => DateTimeText.WriteTimestampTz(buffer, value, row.Settings));

    private static string Time(long value) => Written(buffer => DateTimeText.WriteTime(buffer, value));

    private static string TimeWithZone(TimeTz value) => Written(buffer => DateTimeText.WriteTimeTz(buffer, value));

    private static string Span(Interval value, OracleRow row) => Written(buffer => IntervalText.Write(buffer, value, row.Settings.IntervalStyle));

    private static string Written(Func<byte[], int> write)
    {
        var buffer = new byte[200];
        return Encoding.UTF8.GetString(buffer, 0, write(buffer));
    }

    private static Interval Interval(OracleRow row, int index, int modifier = -1) =>
        Values.Interval.Parse(row.Bytes(index), modifier, row.Settings.IntervalStyle);

    private static string? Times(OracleRow row, out bool known)
    {
        known = true;
        var context = new ValueContext(row.Settings);
        long Stamp(int index) => DateTimes.ParseTimestamp(row.Bytes(index), context);
        long StampTz(int index) => DateTimes.ParseTimestampTz(row.Bytes(index), context);
        var zone = row.Settings.TimeZone;
        switch (row.Operation)
        {
            case "timestamp + interval":
                return Timestamp(DateTimeArithmetic.Add(Stamp(0), Interval(row, 1)), row);
            case "timestamp - interval":
                return Timestamp(DateTimeArithmetic.Subtract(Stamp(0), Interval(row, 1)), row);
            case "timestamptz + interval":
                return TimestampTz(DateTimeArithmetic.Add(StampTz(0), Interval(row, 1), zone), row);
            case "timestamptz - interval":
                return TimestampTz(DateTimeArithmetic.Subtract(StampTz(0), Interval(row, 1), zone), row);
            case "timestamp - timestamp":
                return Span(DateTimeArithmetic.Subtract(Stamp(0), Stamp(1)), row);
            case "timestamptz - timestamptz":
                return Span(DateTimeArithmetic.Subtract(StampTz(0), StampTz(1)), row);
            case "timestamp age":
                return Span(DateTimeArithmetic.Age(Stamp(0), Stamp(1)), row);
            case "timestamptz age":
                return Span(DateTimeArithmetic.Age(StampTz(0), StampTz(1), zone), row);
            case "timestamp bin":
                return Timestamp(DateTimeArithmetic.Bin(Interval(row, 0), Stamp(1), Stamp(2)), row);
            case "timestamptz bin":
                return TimestampTz(DateTimeArithmetic.Bin(Interval(row, 0), StampTz(1), StampTz(2)), row);
            case "timestamp to date":
                return Date(DateTimeArithmetic.ToDate(Stamp(0)), row);
            case "timestamptz to date":
                return Date(DateTimeArithmetic.ToDate(DateTimeArithmetic.ToLocal(StampTz(0), zone)), row);
            case "timestamp to time":
                return DateTimeArithmetic.ToTime(Stamp(0)) is { } time ? Time(time) : null;
            case "timestamptz to time":
                return DateTimeArithmetic.ToTime(DateTimeArithmetic.ToLocal(StampTz(0), zone)) is { } local ? Time(local) : null;
            case "timestamp at zone":
                return TimestampTz(DateTimeArithmetic.FromLocal(Stamp(0), TimeZones.Require(row.Arguments[1])), row);
            case "timestamptz at zone":
                return Timestamp(DateTimeArithmetic.ToLocal(StampTz(0), TimeZones.Require(row.Arguments[1])), row);
            case "timestamp trunc":
                return Timestamp(DateTimeTruncation.Truncate(row.Arguments[0], Stamp(1)), row);
            case "timestamptz trunc":
                return TimestampTz(DateTimeTruncation.Truncate(row.Arguments[0], StampTz(1), zone), row);
            case "interval trunc":
                return Span(DateTimeTruncation.Truncate(row.Arguments[0], Interval(row, 1)), row);
            case "timestamp extract":
                return DateTimeFields.FromTimestamp(row.Arguments[0], Stamp(1))?.ToString();
            case "timestamptz extract":
                return DateTimeFields.FromTimestampTz(row.Arguments[0], StampTz(1), zone)?.ToString();
            case "date extract":
                return DateTimeFields.FromDate(row.Arguments[0], DateTimes.ParseDate(row.Bytes(1), context))?.ToString();
            case "time extract":
                return DateTimeFields.FromTime(row.Arguments[0], DateTimes.ParseTime(row.Bytes(1), context)).ToString();
            case "timetz extract":
                return DateTimeFields.FromTimeTz(row.Arguments[0], DateTimes.ParseTimeTz(row.Bytes(1), context)).ToString();
            case "interval extract":
                return DateTimeFields.FromInterval(row.Arguments[0], Interval(row, 1)).ToString();
            case "interval add":
                return Span(Interval(row, 0) + Interval(row, 1), row);
            case "interval sub":
                return Span(Interval(row, 0) - Interval(row, 1), row);
            case "interval neg":
                return Span(-Interval(row, 0), row);
            case "interval mul":
                return Span(Interval(row, 0) * Floats.ParseFloat8(row.Bytes(1)), row);
            case "interval div":
                return Span(Interval(row, 0) / Floats.ParseFloat8(row.Bytes(1)), row);
            case "interval justify":
                return Span(Interval(row, 0).JustifyInterval(), row);
            case "interval justify hours":
                return Span(Interval(row, 0).JustifyHours(), row);
            case "interval justify days":
                return Span(Interval(row, 0).JustifyDays(), row);
            case "date + int":
                return Date(DateTimeArithmetic.AddDays(DateTimes.ParseDate(row.Bytes(0), context), Int(row, 1)), row);
            case "date - date":
                return Show(DateTimeArithmetic.SubtractDates(DateTimes.ParseDate(row.Bytes(0), context), DateTimes.ParseDate(row.Bytes(1), context)));
            case "date + interval":
                return Timestamp(
                    DateTimeArithmetic.Add(DateTimeArithmetic.FromDate(DateTimes.ParseDate(row.Bytes(0), context)), Interval(row, 1)), row);
            case "date to timestamptz":
                return TimestampTz(
                    DateTimeArithmetic.FromLocal(DateTimeArithmetic.FromDate(DateTimes.ParseDate(row.Bytes(0), context)), zone), row);
            case "time + interval":
                return Time(DateTimeArithmetic.AddToTime(DateTimes.ParseTime(row.Bytes(0), context), Interval(row, 1)));
            case "time - time":
                return Span(new Interval(0, 0, DateTimes.ParseTime(row.Bytes(0), context) - DateTimes.ParseTime(row.Bytes(1), context)), row);
            case "timetz + interval":
                return TimeWithZone(DateTimeArithmetic.AddToTime(DateTimes.ParseTimeTz(row.Bytes(0), context), Interval(row, 1)));
            case "timetz at zone":
                return TimeWithZone(DateTimeArithmetic.AtOffset(
                    DateTimes.ParseTimeTz(row.Bytes(0), context), (int)(Interval(row, 1).Microseconds / Calendar.SecondMicroseconds)));
        }

        return TimesWithModifier(row, context, out known);
    }

    private static string? TimesWithModifier(OracleRow row, in ValueContext context, out bool known)
    {
        known = true;
        var open = row.Operation.IndexOf('(', StringComparison.Ordinal);
        if (row.Operation.StartsWith("time", StringComparison.Ordinal) && open > 0)
        {
            var precision = row.Operation[open + 1] - '0';
            return row.Operation[..open] switch
            {
                "timestamp" => Timestamp(DateTimes.ParseTimestamp(row.Bytes(0), context, precision), row),
                "timestamptz" => TimestampTz(DateTimes.ParseTimestampTz(row.Bytes(0), context, precision), row),
                "time" => Time(DateTimes.ParseTime(row.Bytes(0), context, precision)),
                _ => TimeWithZone(DateTimes.ParseTimeTz(row.Bytes(0), context, precision)),
            };
        }

        if (row.Operation.StartsWith("interval", StringComparison.Ordinal))
        {
            return TypeNames.TryParse(row.Operation, out var type)
                ? Span(Interval(row, 0, type.Modifier), row)
                : throw new InvalidOperationException(row.Operation);
        }

        known = false;
        return null;
    }
}
