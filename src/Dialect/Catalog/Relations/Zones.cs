using System.Globalization;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The time zones and their abbreviations, with the offsets that they have at the transaction's time.</summary>
internal static class Zones
{
    public static IEnumerable<SqlTable> Create()
    {
        yield return Of("pg_timezone_names", view => TimeZones.Names.Order(StringComparer.Ordinal).Select(name =>
            new ZoneRow(name, TimeZones.Find(name)!.SpanAt(view.TransactionTime / 1_000_000))));
        yield return Of("pg_timezone_abbrevs", view => TimeZones.Abbreviations.OrderBy(a => a.Name, StringComparer.Ordinal).Select(abbreviation =>
            new ZoneRow(abbreviation.Name, abbreviation.ZoneName is { } zone
                ? TimeZones.Find(zone)!.SpanAt(view.TransactionTime / 1_000_000)
                : new ZoneSpan(0, 0, abbreviation.Offset, abbreviation.IsDaylight, abbreviation.Name))));
    }

    private static SqlTable Of(string name, Func<CatalogView, IEnumerable<ZoneRow>> rows)
    {
        var builder = new CatalogTableBuilder<ZoneRow>("pg_catalog", name)
            .Column("utc_offset", row => Interval(row.Span.Offset))
            .Column("is_dst", row => row.Span.IsDaylight);
        _ = name == "pg_timezone_names"
            ? builder.Key("name", row => row.Name).Column("abbrev", row => row.Span.Abbreviation)
            : builder.Key("abbrev", row => row.Name);
        return builder.Changing(rows).Build();
    }

    // Offsets count seconds to the east.
    private static string Interval(int offset) => string.Create(
        CultureInfo.InvariantCulture, $"{(offset < 0 ? "-" : "")}{Math.Abs(offset) / 3600:00}:{Math.Abs(offset) / 60 % 60:00}:{Math.Abs(offset) % 60:00}");

    private sealed record ZoneRow(string Name, ZoneSpan Span);
}
