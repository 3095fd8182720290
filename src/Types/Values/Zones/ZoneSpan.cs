namespace Rqlite.Pg.Types.Values;

/// <summary>A stretch of time in which a zone's clock does not change.</summary>
/// <param name="Start">Its first second since 1970 UTC; <see cref="long.MinValue"/> for no beginning.</param>
/// <param name="End">The second after it; <see cref="long.MaxValue"/> for no end.</param>
/// <param name="Offset">Seconds east of Greenwich.</param>
/// <param name="Abbreviation">The clock's abbreviation, for example CEST.</param>
public readonly record struct ZoneSpan(long Start, long End, int Offset, bool IsDaylight, string Abbreviation);
