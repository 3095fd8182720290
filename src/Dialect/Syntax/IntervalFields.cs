namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>The fields of an interval, as bits of a type modifier.</summary>
internal static class IntervalFields
{
    public const int Month = Types.Values.IntervalFields.Month;
    public const int Year = Types.Values.IntervalFields.Year;
    public const int Day = Types.Values.IntervalFields.Day;
    public const int Hour = Types.Values.IntervalFields.Hour;
    public const int Minute = Types.Values.IntervalFields.Minute;
    public const int Second = Types.Values.IntervalFields.Second;
    public const int All = 0x7FFF;

    private static readonly (int Field, string Word)[] s_order =
        [(Year, "YEAR"), (Month, "MONTH"), (Day, "DAY"), (Hour, "HOUR"), (Minute, "MINUTE"), (Second, "SECOND")];

    public static int Find(Token token) => token.Kind != TokenKind.Word ? 0 : token.Keyword switch
    {
        Keyword.Year => Year,
        Keyword.Month => Month,
        Keyword.Day => Day,
        Keyword.Hour => Hour,
        Keyword.Minute => Minute,
        Keyword.Second => Second,
        _ => 0,
    };

    /// <summary>All fields from one to another; 0 if there is no such type.</summary>
    public static int Range(int first, int last)
    {
        if (first == Year ? last != Month : last <= first || first == Month)
        {
            return 0;
        }

        var mask = 0;
        for (var field = first; field != 0 && field <= last && first != Year; field <<= 1)
        {
            mask |= field & (Day | Hour | Minute | Second);
        }

        return first == Year ? Year | Month : mask;
    }

    /// <summary>The words of a mask; null if it is not one that a type may have.</summary>
    public static string? Words(int mask)
    {
        foreach (var (first, word) in s_order)
        {
            if (mask == first)
            {
                return word;
            }

            foreach (var (last, lastWord) in s_order)
            {
                if (Range(first, last) == mask && mask != 0)
                {
                    return $"{word} TO {lastWord}";
                }
            }
        }

        return null;
    }
}
