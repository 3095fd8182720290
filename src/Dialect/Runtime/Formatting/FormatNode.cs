namespace Rqlite.Pg.Dialect.Runtime;

internal enum FormatNodeKind : byte
{
    Field,

    /// <summary>A mark that is no letter, digit or blank, in a template for dates.</summary>
    Separator,
    Space,
    Character,
}

/// <summary>The modifiers of a field.</summary>
[Flags]
internal enum FormatSuffix : byte
{
    None = 0,

    /// <summary>FM: no padding.</summary>
    Fill = 1,

    /// <summary>TM: names in the session's language, which is English.</summary>
    Translated = 2,
    UpperOrdinal = 4,
    LowerOrdinal = 8,
    Ordinal = UpperOrdinal | LowerOrdinal,
}

/// <summary>A part of a template.</summary>
/// <param name="Text">The field's name as it was written, or the character.</param>
/// <param name="Field">The field's name in capitals where case does not matter to it.</param>
internal readonly record struct FormatNode(FormatNodeKind Kind, string Text, string Field, FormatSuffix Suffix);

/// <summary>Splits templates into fields and other characters.</summary>
internal static class FormatParser
{
    public delegate bool FieldFinder(string template, int at, out int length, out string field);

    /// <param name="dates">The template is one for dates: it has modifiers and separators.</param>
    /// <param name="strict">Only the separators of SQL's standard may stand between fields.</param>
    public static List<FormatNode> Parse(string template, FieldFinder find, bool dates, bool strict = false)
    {
        var nodes = new List<FormatNode>();
        for (var at = 0; at < template.Length;)
        {
            var suffix = dates ? TakePrefix(template, ref at) : FormatSuffix.None;
            if (at == template.Length)
            {
                break;
            }

            if (find(template, at, out var length, out var field))
            {
                var text = template.Substring(at, length);
                at += length;
                suffix |= dates ? TakePostfix(template, ref at) : FormatSuffix.None;
                nodes.Add(new FormatNode(FormatNodeKind.Field, text, field, suffix));
            }
            else if (template[at] == '"')
            {
                ReadQuoted(template, ref at, nodes);
            }
            else if (strict)
            {
                ReadSeparator(template, ref at, nodes);
            }
            else
            {
                // Outside of quotes a backslash only makes a quote a character.
                at += template[at] == '\\' && at + 1 < template.Length && template[at + 1] == '"' ? 1 : 0;
                var character = Take(template, ref at);
                nodes.Add(new FormatNode(KindOf(character, dates), character, "", FormatSuffix.None));
            }
        }

        return nodes;
    }

    /// <summary>The length of a character in a text that has one char for each byte of its UTF-8.</summary>
    public static int CharacterLength(string bytes, int at)
    {
        var end = at + 1;
        while (end < bytes.Length && (bytes[end] & 0xC0) == 0x80)
        {
            end++;
        }

        return end - at;
    }

    public static bool IsSeparator(char c) => c is > ' ' and < '\x7f' && !char.IsAsciiLetterOrDigit(c);

    public static bool IsSpace(char c) => c is ' ' or (>= '\t' and <= '\r');

    private static FormatNodeKind KindOf(string character, bool dates) =>
        dates && IsSeparator(character[0]) ? FormatNodeKind.Separator
        : IsSpace(character[0]) ? FormatNodeKind.Space
        : FormatNodeKind.Character;

    private static FormatSuffix TakePrefix(string template, ref int at)
    {
        var suffix = template.AsSpan(at) switch
        {
            ['F', 'M', ..] or ['f', 'm', ..] => FormatSuffix.Fill,
            ['T', 'M', ..] or ['t', 'm', ..] => FormatSuffix.Translated,
            _ => FormatSuffix.None,
        };
        at += suffix == FormatSuffix.None ? 0 : 2;
        return suffix;
    }

    private static FormatSuffix TakePostfix(string template, ref int at)
    {
        switch (template.AsSpan(at))
        {
            case ['T', 'H', ..]:
                at += 2;
                return FormatSuffix.UpperOrdinal;
            case ['t', 'h', ..]:
                at += 2;
                return FormatSuffix.LowerOrdinal;
            case ['S', 'P', ..]:
                // Spelled numbers are known to PostgreSQL by name alone.
                at += 2;
                return FormatSuffix.None;
            default:
                return FormatSuffix.None;
        }
    }

    private static string Take(string template, ref int at)
    {
        var length = char.IsHighSurrogate(template[at]) && at + 1 < template.Length ? 2 : 1;
        at += length;
        return template.Substring(at - length, length);
    }

    private static void ReadQuoted(string template, ref int at, List<FormatNode> nodes)
    {
        at++;
        while (at < template.Length)
        {
            if (template[at] == '"')
            {
                at++;
                break;
            }

            at += template[at] == '\\' && at + 1 < template.Length ? 1 : 0;
            nodes.Add(new FormatNode(FormatNodeKind.Character, Take(template, ref at), "", FormatSuffix.None));
        }
    }

    private static void ReadSeparator(string template, ref int at, List<FormatNode> nodes)
    {
        var character = Take(template, ref at);
        if (!"-./,':; ".Contains(character, StringComparison.Ordinal))
        {
            throw FormatErrors.Invalid($"invalid datetime format separator: \"{character}\"");
        }

        nodes.Add(new FormatNode(character == " " ? FormatNodeKind.Space : FormatNodeKind.Separator, character, "", FormatSuffix.None));
    }
}
