namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>What a template for numbers asks for.</summary>
[Flags]
internal enum NumberTraits
{
    None = 0,
    Decimal = 1 << 0,
    Blank = 1 << 1,

    /// <summary>A zero stands before the point, so leading zeros are written.</summary>
    Zero = 1 << 2,

    /// <summary>S: the sign is anchored to the number.</summary>
    AnchoredSign = 1 << 3,
    Bracket = 1 << 4,
    Minus = 1 << 5,
    Plus = 1 << 6,
    Roman = 1 << 7,

    /// <summary>V: the number is multiplied.</summary>
    Shift = 1 << 8,
    Exponent = 1 << 9,
    Fill = 1 << 10,
}

internal enum AnchorSide : byte
{
    None,
    Before,
    Behind,
}

/// <summary>A template for numbers, as to_char and to_number take it. One that contradicts itself is an error.</summary>
internal sealed class NumberTemplate
{
    private const int CacheMax = 64;
    private const int KeptMax = 256;

    private static readonly string[] s_fields =
    [
        ",", ".", "0", "9", "B", "C", "D", "EEEE", "FM", "G", "L", "MI", "PL", "PR", "RN", "SG", "SP", "S", "TH", "V", "b", "c", "d", "eeee", "fm", "g",
        "l", "mi", "pl", "pr", "rn", "sg", "sp", "s", "th", "v",
    ];

    [ThreadStatic]
    private static Dictionary<string, NumberTemplate>? t_cache;

    private NumberTemplate(string template)
    {
        Nodes = [.. FormatParser.Parse(template, Find, dates: false)];
        foreach (var node in Nodes)
        {
            if (node.Kind == FormatNodeKind.Field)
            {
                Add(node.Field);
            }
        }
    }

    public FormatNode[] Nodes { get; }

    public NumberTraits Traits { get; private set; }

    /// <summary>The digits before the point.</summary>
    public int Before { get; private set; }

    public int Behind { get; private set; }

    /// <summary>The digits by which V shifts.</summary>
    public int Shift { get; private set; }

    public AnchorSide Anchor { get; private set; }

    /// <summary>The digits before the anchor.</summary>
    public int AnchorPlace { get; private set; }

    /// <summary>The place of the first 0, from 1; 0 for none.</summary>
    public int ZeroStart { get; private set; }

    public int ZeroEnd { get; private set; }

    public static NumberTemplate Get(string template)
    {
        var cache = t_cache ??= [];
        if (!cache.TryGetValue(template, out var found))
        {
            found = new NumberTemplate(template);
            if (template.Length > KeptMax)
            {
                return found;
            }

            if (cache.Count >= CacheMax)
            {
                cache.Clear();
            }

            cache.Add(template, found);
        }

        return found;
    }

    public bool Has(NumberTraits trait) => (Traits & trait) != 0;

    private static bool Find(string template, int at, out int length, out string field)
    {
        foreach (var text in s_fields)
        {
            if (string.CompareOrdinal(template, at, text, 0, text.Length) == 0)
            {
                (length, field) = (text.Length, text.ToUpperInvariant());
                return true;
            }
        }

        (length, field) = (0, "");
        return false;
    }

    private void Add(string field)
    {
        if (Has(NumberTraits.Exponent) && field != "EEEE")
        {
            throw FormatErrors.Syntax("\"EEEE\" must be the last pattern used");
        }

        switch (field)
        {
            case "9" or "0":
                AddDigit(field);
                break;
            case "B":
                Traits |= Before == 0 && Behind == 0 && !Has(NumberTraits.Zero) ? NumberTraits.Blank : NumberTraits.None;
                break;
            case "D" or ".":
                Refuse(NumberTraits.Decimal, "multiple decimal points");
                Refuse(NumberTraits.Shift, "cannot use \"V\" and decimal point together");
                Traits |= NumberTraits.Decimal;
                break;
            case "FM":
                Traits |= NumberTraits.Fill;
                break;
            case "S":
                AddAnchor();
                break;
            case "MI":
                Refuse(NumberTraits.AnchoredSign, "cannot use \"S\" and \"MI\" together");
                Traits |= NumberTraits.Minus;
                break;
            case "PL":
                Refuse(NumberTraits.AnchoredSign, "cannot use \"S\" and \"PL\" together");
                Traits |= NumberTraits.Plus;
                break;
            case "SG":
                Refuse(NumberTraits.AnchoredSign, "cannot use \"S\" and \"SG\" together");
                Traits |= NumberTraits.Minus | NumberTraits.Plus;
                break;
            case "PR":
                Refuse(
                    NumberTraits.AnchoredSign | NumberTraits.Plus | NumberTraits.Minus,
                    "cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
                Traits |= NumberTraits.Bracket;
                break;
            case "RN":
                Traits |= NumberTraits.Roman;
                break;
            case "V":
                Refuse(NumberTraits.Decimal, "cannot use \"V\" and decimal point together");
                Traits |= NumberTraits.Shift;
                break;
            case "EEEE":
                AddExponent();
                break;
        }
    }

    private void AddDigit(string field)
    {
        Refuse(NumberTraits.Bracket, $"\"{field}\" must be ahead of \"PR\"");
        if (field == "0")
        {
            if (!Has(NumberTraits.Zero) && !Has(NumberTraits.Decimal))
            {
                Traits |= NumberTraits.Zero;
                ZeroStart = Before + 1;
            }
        }
        else if (Has(NumberTraits.Shift))
        {
            Shift++;
            return;
        }

        Before += Has(NumberTraits.Decimal) ? 0 : 1;
        Behind += Has(NumberTraits.Decimal) ? 1 : 0;
        ZeroEnd = field == "0" ? Before + Behind : ZeroEnd;
    }

    private void AddAnchor()
    {
        Refuse(NumberTraits.AnchoredSign, "cannot use \"S\" twice");
        Refuse(
            NumberTraits.Plus | NumberTraits.Minus | NumberTraits.Bracket, "cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
        Anchor = Has(NumberTraits.Decimal) ? AnchorSide.Behind : AnchorSide.Before;
        AnchorPlace = Has(NumberTraits.Decimal) ? 0 : Before;
        Traits |= NumberTraits.AnchoredSign;
    }

    private void AddExponent()
    {
        Refuse(NumberTraits.Exponent, "cannot use \"EEEE\" twice");
        if (Has(NumberTraits.Blank | NumberTraits.Fill | NumberTraits.AnchoredSign | NumberTraits.Bracket | NumberTraits.Minus | NumberTraits.Plus
            | NumberTraits.Roman | NumberTraits.Shift))
        {
            throw FormatErrors.Syntax(
                "\"EEEE\" is incompatible with other formats", "\"EEEE\" may only be used together with digit and decimal point patterns.");
        }

        Traits |= NumberTraits.Exponent;
    }

    private void Refuse(NumberTraits traits, string message)
    {
        if (Has(traits))
        {
            throw FormatErrors.Syntax(message);
        }
    }
}
