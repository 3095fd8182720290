using System.Collections.Frozen;

namespace Rqlite.Pg.Types.Values;

/// <summary>The named classes and collating elements of regular expressions, as C's locale has them.</summary>
internal static class CharacterClasses
{
    private static readonly FrozenDictionary<string, CharacterSet> s_classes = new Dictionary<string, CharacterSet>
    {
        ["alnum"] = Build("09", "AZ", "az"),
        ["alpha"] = Build("AZ", "az"),
        ["ascii"] = Build("\0\x7f"),
        ["blank"] = Build("\t\t", "  "),
        ["cntrl"] = Build("\0\x1f", "\x7f\x9f"),
        ["digit"] = Build("09"),
        ["graph"] = Build("!~"),
        ["lower"] = Build("az"),
        ["print"] = Build(" ~"),
        ["punct"] = Build("!/", ":@", "[`", "{~"),
        ["space"] = Build("\t\r", "  "),
        ["upper"] = Build("AZ"),
        ["word"] = Build("09", "AZ", "az", "__"),
        ["xdigit"] = Build("09", "AF", "af"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, int> s_elements = BuildElements();

    public static CharacterSet Word => s_classes["word"];

    public static CharacterSet Digit => s_classes["digit"];

    public static CharacterSet Space => s_classes["space"];

    /// <summary>Null for an unknown class.</summary>
    public static CharacterSet? Find(string name, bool ignoreCase) =>
        s_classes.GetValueOrDefault(ignoreCase && name is "lower" or "upper" ? "alpha" : name);

    /// <summary>The character that a collating element's name stands for; -1 for an unknown one.</summary>
    public static int FindElement(string name) => s_elements.GetValueOrDefault(name, -1);

    private static CharacterSet Build(params string[] ranges)
    {
        var set = new CharacterSet();
        foreach (var range in ranges)
        {
            set.Add(range[0], range[1]);
        }

        return set;
    }

    private static FrozenDictionary<string, int> BuildElements()
    {
        // POSIX's names for the portable character set; those of one character have the same number.
        const string Controls = "NUL|SOH|STX|ETX|EOT|ENQ|ACK|BEL alert|BS backspace|HT tab|LF newline|VT vertical-tab|FF form-feed|CR carriage-return|"
            + "SO|SI|DLE|DC1|DC2|DC3|DC4|NAK|SYN|ETB|CAN|EM|SUB|ESC|IS4 FS|IS3 GS|IS2 RS|IS1 US";
        const string Marks = "space|exclamation-mark|quotation-mark|number-sign|dollar-sign|percent-sign|ampersand|apostrophe|left-parenthesis|"
            + "right-parenthesis|asterisk|plus-sign|comma|hyphen hyphen-minus|period full-stop|slash solidus|zero|one|two|three|four|five|six|seven|"
            + "eight|nine|colon|semicolon|less-than-sign|equals-sign|greater-than-sign|question-mark|commercial-at";
        const string Brackets = "left-square-bracket|backslash reverse-solidus|right-square-bracket|circumflex circumflex-accent|"
            + "underscore low-line|grave-accent";
        const string Braces = "left-brace left-curly-bracket|vertical-line|right-brace right-curly-bracket|tilde|DEL";
        var elements = new Dictionary<string, int>();
        Add(elements, Controls, 0);
        Add(elements, Marks, ' ');
        Add(elements, Brackets, '[');
        Add(elements, Braces, '{');
        return elements.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void Add(Dictionary<string, int> elements, string names, int first)
    {
        foreach (var group in names.Split('|'))
        {
            foreach (var name in group.Split(' '))
            {
                elements[name] = first;
            }

            first++;
        }
    }
}
