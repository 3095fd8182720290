using System.Text;

namespace Rqlite.Pg.Types.Values;

/// <summary>The flags of LIKE_REGEX.</summary>
public static class JsonPathRegex
{
    internal static JsonPathRegexFlags ReadFlags(ReadOnlySpan<byte> text)
    {
        var flags = JsonPathRegexFlags.None;
        foreach (var rune in Encoding.UTF8.GetString(text).EnumerateRunes())
        {
            flags |= rune.Value switch
            {
                'i' => JsonPathRegexFlags.IgnoreCase,
                's' => JsonPathRegexFlags.DotAll,
                'm' => JsonPathRegexFlags.MultiLine,
                'x' => JsonPathRegexFlags.Expanded,
                'q' => JsonPathRegexFlags.Quote,
                _ => throw new TypeException(
                    SqlState.SyntaxError, "invalid input syntax for type jsonpath",
                    $"Unrecognized flag character \"{rune}\" in LIKE_REGEX predicate."),
            };
        }

        return flags;
    }

    /// <summary>The flags of a regular expression that come nearest to XQuery's.</summary>
    public static RegularFlags Convert(JsonPathRegexFlags flags)
    {
        var ignoreCase = (flags & JsonPathRegexFlags.IgnoreCase) != 0 ? RegularFlags.IgnoreCase : RegularFlags.None;
        if ((flags & JsonPathRegexFlags.Quote) != 0)
        {
            return ignoreCase | RegularFlags.Quote;
        }

        if ((flags & JsonPathRegexFlags.Expanded) != 0)
        {
            throw TypeErrors.NotSupported("XQuery \"x\" flag (expanded regular expressions) is not implemented");
        }

        return ignoreCase | RegularFlags.Advanced
            | ((flags & JsonPathRegexFlags.DotAll) == 0 ? RegularFlags.NewlineStops : RegularFlags.None)
            | ((flags & JsonPathRegexFlags.MultiLine) != 0 ? RegularFlags.NewlineAnchors : RegularFlags.None);
    }
}
