using System.Globalization;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types;

public enum DateStyle
{
    Iso,
    Sql,
    Postgres,
    German,
}

/// <summary>The order of the parts of a date that does not begin with its year.</summary>
public enum DateOrder
{
    MonthDayYear,
    DayMonthYear,
    YearMonthDay,
}

public enum IntervalStyle
{
    Postgres,
    PostgresVerbose,
    SqlStandard,
    Iso8601,
}

/// <summary>The settings of a session that change how values are written and read; immutable, shared by sessions with the same settings.</summary>
public sealed record FormatSettings
{
    public static FormatSettings Default { get; } = new();

    public DateStyle DateStyle { get; init; }

    public DateOrder DateOrder { get; init; }

    public IntervalStyle IntervalStyle { get; init; }

    public PgTimeZone TimeZone { get; init; } = PgTimeZone.Utc;

    /// <summary>Above 0 a number is written with the fewest digits that read back the same, else rounded to 15 (6) digits plus this.</summary>
    public int ExtraFloatDigits { get; init; } = 1;

    /// <summary>bytea_output = escape.</summary>
    public bool ByteaEscape { get; init; }

    /// <summary>Reads checked settings, as SHOW prints them.</summary>
    /// <param name="valueOf">The value of a setting by its name.</param>
    public static FormatSettings Read(Func<string, string> valueOf)
    {
        TimeZones.TrySetting(valueOf("TimeZone"), out var zone);
        var style = valueOf("DateStyle");
        var settings = new FormatSettings
        {
            TimeZone = zone,
            ByteaEscape = valueOf("bytea_output") == "escape",
            ExtraFloatDigits = int.Parse(valueOf("extra_float_digits"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
            DateStyle = style.Split(',')[0] switch
            {
                "SQL" => DateStyle.Sql,
                "Postgres" => DateStyle.Postgres,
                "German" => DateStyle.German,
                _ => DateStyle.Iso,
            },
            DateOrder = style.AsSpan()[(style.IndexOf(',', StringComparison.Ordinal) + 1)..].Trim() switch
            {
                "DMY" => DateOrder.DayMonthYear,
                "YMD" => DateOrder.YearMonthDay,
                _ => DateOrder.MonthDayYear,
            },
            IntervalStyle = valueOf("IntervalStyle") switch
            {
                "iso_8601" => IntervalStyle.Iso8601,
                "sql_standard" => IntervalStyle.SqlStandard,
                "postgres_verbose" => IntervalStyle.PostgresVerbose,
                _ => IntervalStyle.Postgres,
            },
        };
        return settings == Default ? Default : settings;
    }
}
