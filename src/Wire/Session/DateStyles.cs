namespace Rqlite.Pg.Wire.Session;

/// <summary>DateStyle: a list of words for the style, the order of day, month and year, or both.</summary>
internal static class DateStyles
{
    /// <summary>The value as it is kept, such as <c>German, DMY</c>; null with the reason if it is not valid.</summary>
    /// <param name="present">The value so far, which keeps what the words do not name.</param>
    /// <param name="reset">The value that the word DEFAULT means.</param>
    public static string? Read(string value, string present, string reset, out string? detail)
    {
        var (style, order) = Split(present);
        if (!NameList.TrySplit(value, out var words))
        {
            detail = "List syntax is invalid.";
            return null;
        }

        var (hasStyle, hasOrder, conflict) = (false, false, false);
        foreach (var word in words)
        {
            if (StyleOf(word) is { } named)
            {
                conflict |= hasStyle && named != style;
                (style, hasStyle) = (named, true);
                order = named == "German" && !hasOrder ? "DMY" : order;
            }
            else if (OrderOf(word) is { } namedOrder)
            {
                conflict |= hasOrder && namedOrder != order;
                (order, hasOrder) = (namedOrder, true);
            }
            else if (word.Equals("default", StringComparison.OrdinalIgnoreCase))
            {
                var (resetStyle, resetOrder) = Split(reset);
                style = hasStyle ? style : resetStyle;
                order = hasOrder ? order : resetOrder;
            }
            else
            {
                detail = $"Unrecognized key word: \"{word}\".";
                return null;
            }
        }

        detail = conflict ? "Conflicting \"datestyle\" specifications." : null;
        return conflict ? null : $"{style}, {order}";
    }

    private static (string Style, string Order) Split(string value)
    {
        var comma = value.IndexOf(',', StringComparison.Ordinal);
        return (value[..comma], value[(comma + 2)..]);
    }

    private static string? StyleOf(string word) =>
        Is(word, "iso") ? "ISO" : Is(word, "sql") ? "SQL" : Is(word, "german") ? "German" : Begins(word, "postgres") ? "Postgres" : null;

    private static string? OrderOf(string word) =>
        Is(word, "ymd") ? "YMD"
        : Is(word, "dmy") || Begins(word, "euro") ? "DMY"
        : Is(word, "mdy") || Is(word, "us") || Begins(word, "noneuro") ? "MDY"
        : null;

    private static bool Is(string word, string name) => word.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool Begins(string word, string name) => word.StartsWith(name, StringComparison.OrdinalIgnoreCase);
}
