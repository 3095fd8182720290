namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>A template for dates and times, as to_char, to_date and to_timestamp take it.</summary>
internal sealed class DateTemplate
{
    private const int CacheMax = 64;
    private const int KeptMax = 256;

    // The order decides: a field is the first of these that the template goes on with.
    private static readonly string[] s_fields =
    [
        "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "CC", "DAY", "DDD", "DD", "DY", "D", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "FX", "HH24", "HH12",
        "HH", "IDDD", "ID", "IW", "IYYY", "IYY", "IY", "I", "J", "MI", "MM", "MONTH", "MON", "MS", "OF", "P.M.", "PM", "Q", "RM", "SSSSS", "SSSS",
        "SS", "TZH", "TZM", "TZ", "US", "WW", "W", "Y,YYY", "YYYY", "YYY", "YY", "Y",
    ];

    private static readonly (string Text, string Field)[] s_spellings =
    [
        ("Day", "DAY"), ("Dy", "DY"), ("Month", "MONTH"), ("Mon", "MON"),
        .. s_fields.Select(field => (field, field)), .. s_fields.Select(field => (field.ToLowerInvariant(), field)),
    ];

    [ThreadStatic]
    private static Dictionary<(string, bool), DateTemplate>? t_cache;

    private DateTemplate(string template, bool strict) =>
        Nodes = [.. FormatParser.Parse(template, Find, dates: true, strict)];

    public FormatNode[] Nodes { get; }

    /// <param name="strict">By SQL's standard, as jsonpath reads dates.</param>
    public static DateTemplate Get(string template, bool strict = false)
    {
        var cache = t_cache ??= [];
        if (!cache.TryGetValue((template, strict), out var found))
        {
            found = new DateTemplate(template, strict);
            if (template.Length > KeptMax)
            {
                return found;
            }

            if (cache.Count >= CacheMax)
            {
                cache.Clear();
            }

            cache.Add((template, strict), found);
        }

        return found;
    }

    /// <summary>True for a field of digits alone, before which another one cannot tell its end.</summary>
    public static bool IsDigits(string field) => field is not ("A.D." or "A.M." or "AD" or "AM" or "B.C." or "BC" or "DAY" or "DY" or "FX" or "MONTH"
        or "MON" or "OF" or "P.M." or "PM" or "RM" or "TZH" or "TZ") && !field.StartsWith("FF", StringComparison.Ordinal);

    private static bool Find(string template, int at, out int length, out string field)
    {
        foreach (var (text, name) in s_spellings)
        {
            if (string.CompareOrdinal(template, at, text, 0, text.Length) == 0)
            {
                (length, field) = (text.Length, name);
                return true;
            }
        }

        (length, field) = (0, "");
        return false;
    }
}
