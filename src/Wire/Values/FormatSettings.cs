namespace Rqlite.Pg.Wire.Values;

internal enum IntervalStyle
{
    Postgres,
    PostgresVerbose,
    SqlStandard,
    Iso8601,
}

/// <summary>The order of the parts of a date that does not begin with its year.</summary>
internal enum DateOrder
{
    MonthDayYear,
    DayMonthYear,
    YearMonthDay,
}

/// <summary>The settings of a session that change how values are written and read; immutable, shared by sessions with the same settings.</summary>
internal sealed record FormatSettings
{
    public static FormatSettings Default { get; } = new();

    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>bytea_output = escape.</summary>
    public bool ByteaEscape { get; init; }

    public int ExtraFloatDigits { get; init; } = 1;

    public IntervalStyle IntervalStyle { get; init; }

    /// <summary>The order in which dates are read; they are written in ISO style.</summary>
    public DateOrder DateOrder { get; init; }
}
