using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Time zones and keywords as rows.</summary>
internal static class SystemSets
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Set("pg_timezone_names()", f => new FunctionSet(f, (in call) => ZoneNames(call.Now())));
        registry.Set("pg_timezone_abbrevs()", f => new FunctionSet(f, (in call) => ZoneAbbreviations(call.Now())));
        registry.Set("pg_get_keywords()", f => new FunctionSet(f, (in _) => AllKeywords()));
    }

    private static RowList ZoneNames(long now)
    {
        var rows = new List<StoredValue?[]>();
        foreach (var name in TimeZones.Names.Order(StringComparer.Ordinal))
        {
            var span = TimeZones.Find(name)!.SpanAtTimestamp(now);
            rows.Add([Text(name), Text(span.Abbreviation), Offset(span.Offset), RowList.Integer(span.IsDaylight ? 1 : 0)]);
        }

        return new RowList(rows);
    }

    private static RowList ZoneAbbreviations(long now)
    {
        var rows = new List<StoredValue?[]>();
        foreach (var abbreviation in TimeZones.Abbreviations.OrderBy(a => a.Name, StringComparer.Ordinal))
        {
            var span = TimeZones.Require(abbreviation.Name).SpanAtTimestamp(now);
            var daylight = abbreviation.ZoneName is null ? abbreviation.IsDaylight : span.IsDaylight;
            rows.Add([Text(abbreviation.Name), Offset(span.Offset), RowList.Integer(daylight ? 1 : 0)]);
        }

        return new RowList(rows);
    }

    private static RowList AllKeywords()
    {
        var rows = new List<StoredValue?[]>();
        foreach (var (word, kind, bare) in Keywords.All())
        {
            var (code, description) = kind switch
            {
                KeywordClass.Unreserved => ("U", "unreserved"),
                KeywordClass.ColumnName => ("C", "unreserved (cannot be function or type name)"),
                KeywordClass.TypeOrFunctionName => ("T", "reserved (can be function or type name)"),
                _ => ("R", "reserved"),
            };
            rows.Add(
            [
                Text(word), Text(code), RowList.Integer(bare ? 1 : 0), Text(description), Text(bare ? "can be bare label" : "requires AS"),
            ]);
        }

        return new RowList(rows);
    }

    private static StoredValue Text(string text) => RowList.Text(System.Text.Encoding.UTF8.GetBytes(text));

    private static StoredValue Offset(int seconds)
    {
        var value = new StoredValue();
        StoredMoment.Set(value, new Interval(0, 0, seconds * Calendar.SecondMicroseconds));
        return value;
    }
}
