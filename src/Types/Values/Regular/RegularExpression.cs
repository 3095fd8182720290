using System.Text;

namespace Rqlite.Pg.Types.Values;

/// <summary>
/// PostgreSQL's regular expressions: advanced, extended and basic ones, which prefer the longest or the shortest match as its manual says (9.7.3). A match
/// needs time that is bounded, by a number of steps. Letters, digits and their cases are those of ASCII, as in C's locale.
/// </summary>
/// <remarks>An expression keeps the text that it works on, so each thread has its own.</remarks>
public sealed class RegularExpression
{
    private const int CacheMax = 32;

    [ThreadStatic]
    private static List<RegularExpression>? t_cache;

    private readonly byte[] _pattern;
    private readonly RegularFlags _flags;
    private readonly RegularText _text;
    private readonly RegularMatcher _matcher;

    private RegularExpression(ReadOnlySpan<byte> pattern, RegularFlags flags)
    {
        _pattern = pattern.ToArray();
        _flags = flags;
        var root = RegularParser.Parse(CodePoints(pattern), ref flags, out var groups);
        Groups = groups;
        var map = new CharacterMap(SetsOf(root));
        _text = new RegularText(map);
        _matcher = new RegularMatcher(RegularPlan.Of(root), map, _text, groups, (flags & RegularFlags.IgnoreCase) != 0);
    }

    /// <summary>The number of groups that capture.</summary>
    public int Groups { get; }

    /// <summary>The number of characters of the text that was loaded.</summary>
    public int Length => _text.Length;

    /// <summary>An expression of the calling thread; one that was used lately is not read again.</summary>
    /// <exception cref="TypeException">2201B: the pattern is none.</exception>
    public static RegularExpression Get(ReadOnlySpan<byte> pattern, RegularFlags flags)
    {
        var cache = t_cache ??= [];
        for (var i = 0; i < cache.Count; i++)
        {
            var found = cache[i];
            if (found._flags == flags && pattern.SequenceEqual(found._pattern))
            {
                if (i > 0)
                {
                    cache.RemoveAt(i);
                    cache.Insert(0, found);
                }

                return found;
            }
        }

        var expression = new RegularExpression(pattern, flags);
        if (cache.Count == CacheMax)
        {
            cache.RemoveAt(CacheMax - 1);
        }

        cache.Insert(0, expression);
        return expression;
    }

    /// <summary>Reads the options of a function's argument.</summary>
    /// <param name="global"><c>g</c> is among them.</param>
    /// <exception cref="TypeException">22023: a letter is none.</exception>
    public static RegularFlags ReadOptions(string options, out bool global)
    {
        var flags = RegularFlags.Advanced;
        global = false;
        foreach (var option in options.EnumerateRunes())
        {
            global |= option.Value == 'g';
            flags = option.Value switch
            {
                'g' => flags,

                // PostgreSQL 15 gives e the meaning of b.
                'b' or 'e' => flags & ~(RegularFlags.Advanced | RegularFlags.Quote),
                'c' => flags & ~RegularFlags.IgnoreCase,
                'i' => flags | RegularFlags.IgnoreCase,
                'm' or 'n' => flags | RegularFlags.Newline,
                'p' => (flags | RegularFlags.NewlineStops) & ~RegularFlags.NewlineAnchors,
                'q' => (flags | RegularFlags.Quote) & ~RegularFlags.Advanced,
                's' => flags & ~RegularFlags.Newline,
                't' => flags & ~RegularFlags.Expanded,
                'w' => (flags & ~RegularFlags.NewlineStops) | RegularFlags.NewlineAnchors,
                'x' => flags | RegularFlags.Expanded,
                _ => throw new TypeException(SqlState.InvalidParameterValue, $"invalid regular expression option: \"{option}\""),
            };
        }

        return flags;
    }

    /// <summary>Takes the text on which the following calls work.</summary>
    public void Load(ReadOnlySpan<byte> utf8) => _matcher.Load(utf8);

    /// <summary>True if there is a match at or behind a character.</summary>
    public bool Exists(int start = 0) => _matcher.Exists(start);

    /// <summary>Finds the first match at or behind a character.</summary>
    /// <param name="groups">Gets the match and as many groups as there is room for, in characters; (-1, -1) for a group that took no part.</param>
    public bool Find(int start, Span<(int Start, int End)> groups) => _matcher.Find(start, groups);

    /// <summary>The bytes of characters.</summary>
    public Range BytesOf(int start, int end) => _text.Offset(start).._text.Offset(end);

    private static int[] CodePoints(ReadOnlySpan<byte> utf8)
    {
        var points = new List<int>(utf8.Length);
        foreach (var rune in Encoding.UTF8.GetString(utf8).EnumerateRunes())
        {
            points.Add(rune.Value);
        }

        return [.. points];
    }

    private static IEnumerable<CharacterSet> SetsOf(RegularNode node) => node switch
    {
        CharacterNode character => [character.Set],
        GroupNode group => SetsOf(group.Node),
        LookNode look => SetsOf(look.Node),
        QuantifiedNode quantified => SetsOf(quantified.Atom),
        SequenceNode sequence => sequence.Parts.SelectMany(SetsOf),
        ChoiceNode choice => choice.Branches.SelectMany(SetsOf),
        _ => [],
    };
}
