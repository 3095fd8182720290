using System.Text;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>The moments of jsonpath: datetime() and comparisons.</summary>
internal static class PathMoments
{
    private static readonly string[] s_templates =
    [
        "yyyy-mm-dd", "HH24:MI:SSTZH:TZM", "HH24:MI:SSTZH", "HH24:MI:SS", "yyyy-mm-dd HH24:MI:SSTZH:TZM", "yyyy-mm-dd HH24:MI:SSTZH",
        "yyyy-mm-dd HH24:MI:SS", "yyyy-mm-dd\"T\"HH24:MI:SSTZH:TZM", "yyyy-mm-dd\"T\"HH24:MI:SSTZH", "yyyy-mm-dd\"T\"HH24:MI:SS",
    ];

    [Flags]
    private enum Parts
    {
        None = 0,
        Date = 1,
        Time = 2,
        Zone = 4,
    }

    /// <summary>Reads a text by a template; without one by the first of ISO 8601's forms that fits.</summary>
    public static PathMoment Read(ReadOnlySpan<byte> text, string? template)
    {
        if (template is not null)
        {
            return ReadAs(text, template);
        }

        foreach (var form in s_templates)
        {
            try
            {
                return ReadAs(text, form);
            }
            catch (TypeException)
            {
                // The next form may fit.
            }
        }

        throw new TypeException(
            SqlState.InvalidArgumentForSqlJsonDatetimeFunction, $"datetime format is not recognized: \"{Encoding.UTF8.GetString(text)}\"",
            hint: "Use a datetime template argument to specify the input data format.");
    }

    /// <summary>Compares two moments; null if their types cannot be compared.</summary>
    /// <param name="zone">The zone of a moment that has none; null where that is refused.</param>
    public static int? Compare(PathMoment left, PathMoment right, PgTimeZone? zone)
    {
        var (leftTime, rightTime) = (IsTimeOfDay(left), IsTimeOfDay(right));
        if (leftTime != rightTime)
        {
            return null;
        }

        if (left.Type == right.Type)
        {
            return left.Type == PgTypes.TimeTz
                ? new TimeTz(left.Value, left.Offset).CompareTo(new TimeTz(right.Value, right.Offset))
                : left.Value.CompareTo(right.Value);
        }

        if (leftTime)
        {
            return ToTimeTz(left, right, zone).CompareTo(ToTimeTz(right, left, zone));
        }

        var zoned = left.Type == PgTypes.TimestampTz || right.Type == PgTypes.TimestampTz;
        return zoned
            ? ToTimestampTz(left, zone).CompareTo(ToTimestampTz(right, zone))
            : ToTimestamp(left).CompareTo(ToTimestamp(right));
    }

    private static bool IsTimeOfDay(PathMoment moment) => moment.Type is PgTypes.Time or PgTypes.TimeTz;

    private static long ToTimestamp(PathMoment moment) => moment.Type == PgTypes.Date ? moment.Value * Calendar.DayMicroseconds : moment.Value;

    private static long ToTimestampTz(PathMoment moment, PgTimeZone? zone) => moment.Type == PgTypes.TimestampTz
        ? moment.Value
        : DateTimeArithmetic.FromLocal(ToTimestamp(moment), zone ?? throw NeedsZone(moment.Type, PgTypes.TimestampTz));

    private static TimeTz ToTimeTz(PathMoment moment, PathMoment other, PgTimeZone? zone)
    {
        if (moment.Type == PgTypes.TimeTz)
        {
            return new TimeTz(moment.Value, moment.Offset);
        }

        if (zone is null)
        {
            throw NeedsZone(moment.Type, other.Type);
        }

        return new TimeTz(moment.Value, zone.SpanAtTimestamp(0).Offset);
    }

    private static TypeException NeedsZone(uint from, uint to) => new(
        SqlState.FeatureNotSupported, $"cannot convert value from {ShortName(from)} to {ShortName(to)} without time zone usage",
        hint: "Use *_tz() function for time zone support.");

    private static string ShortName(uint type) => PgTypes.Find(type)!.Name;

    private static PathMoment ReadAs(ReadOnlySpan<byte> bytes, string format)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var template = DateTemplate.Get(format, strict: true);
        var fields = new DateReader(template, Encoding.Latin1.GetString(bytes), strict: true).Read();
        var (days, time) = fields.ToMoment(text);
        var parts = PartsOf(template);
        var offset = fields.Offset;
        var precision = fields.FractionDigits > 0 ? fields.FractionDigits : -1;
        switch (parts)
        {
            case Parts.Date | Parts.Time | Parts.Zone:
                var moment = Checked(days, time, "timestamptz") - (RequireOffset(offset, "timestamptz") * Calendar.SecondMicroseconds);
                return new PathMoment(PgTypes.TimestampTz, DateTimes.RoundTimestamp(moment, precision), offset!.Value);
            case Parts.Date | Parts.Time:
                return new PathMoment(PgTypes.Timestamp, DateTimes.RoundTimestamp(Checked(days, time, "timestamp"), precision), 0);
            case Parts.Date:
                return Calendar.DateInRange(days)
                    ? new PathMoment(PgTypes.Date, days, 0)
                    : throw new TypeException(SqlState.DatetimeFieldOverflow, $"date out of range: \"{text}\"");
            case Parts.Time | Parts.Zone:
                return new PathMoment(PgTypes.TimeTz, DateTimes.RoundTime(time, precision), RequireOffset(offset, "timetz"));
            case Parts.Time:
                return new PathMoment(PgTypes.Time, DateTimes.RoundTime(time, precision), 0);
            case Parts.Date | Parts.Zone:
                throw FormatErrors.Invalid("datetime format is zoned but not timed");
            default:
                throw FormatErrors.Invalid("datetime format is not dated and not timed");
        }
    }

    private static int RequireOffset(int? offset, string type) =>
        offset ?? throw FormatErrors.Invalid($"missing time zone in input string for type {type}");

    private static long Checked(long days, long time, string type)
    {
        var timestamp = ((Int128)days * Calendar.DayMicroseconds) + time;
        return Calendar.TimestampInRange(timestamp)
            ? (long)timestamp
            : throw new TypeException(SqlState.DatetimeFieldOverflow, $"{type} out of range");
    }

    private static Parts PartsOf(DateTemplate template)
    {
        var parts = Parts.None;
        foreach (var node in template.Nodes)
        {
            parts |= node.Field switch
            {
                "" or "FX" => Parts.None,
                "TZ" or "TZH" or "TZM" or "OF" => Parts.Zone,
                "A.M." or "P.M." or "AM" or "PM" or "HH" or "HH12" or "HH24" or "MI" or "SS" or "MS" or "US" or "SSSS" or "SSSSS"
                    or "FF1" or "FF2" or "FF3" or "FF4" or "FF5" or "FF6" => Parts.Time,
                _ => Parts.Date,
            };
        }

        return parts;
    }
}
