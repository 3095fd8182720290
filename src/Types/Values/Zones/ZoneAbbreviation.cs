namespace Rqlite.Pg.Types.Values;

/// <summary>An abbreviation that dates may carry, by PostgreSQL's default set.</summary>
/// <param name="Offset">Seconds east of Greenwich, if the abbreviation has one meaning.</param>
/// <param name="ZoneName">The zone that says what the abbreviation means at a date, else null.</param>
public readonly record struct ZoneAbbreviation(string Name, int Offset, bool IsDaylight, string? ZoneName);
