using System.Text;

namespace Rqlite.Pg.Types.Values;

/// <summary>Reads a regular expression into a tree.</summary>
internal sealed class RegularParser
{
    // Trees are walked by methods that call themselves.
    private const int DepthMax = 400;

    // The largest number in a bound.
    private const int BoundMax = 255;

    private readonly RegularLexer _lexer;
    private readonly List<RegularNode?> _groups = [null];
    private int _depth;

    private RegularParser(int[] pattern, RegularFlags flags) => _lexer = new RegularLexer(pattern, flags);

    private bool IgnoreCase => _lexer.Has(RegularFlags.IgnoreCase);

    /// <summary>Reads a pattern.</summary>
    /// <param name="groups">The number of its capturing groups.</param>
    /// <exception cref="TypeException">2201B: the pattern is none.</exception>
    public static RegularNode Parse(int[] pattern, ref RegularFlags flags, out int groups)
    {
        var quoted = (flags & RegularFlags.Quote) != 0;
        if (quoted && (flags & (RegularFlags.Advanced | RegularFlags.Expanded | RegularFlags.Newline)) != 0)
        {
            throw RegularErrors.Argument();
        }

        var parser = new RegularParser(pattern, flags);
        var node = parser.ParseChoice(RegularToken.End, inLook: false);
        flags = parser._lexer.Flags;
        groups = parser._groups.Count - 1;
        return node;
    }

    private bool Take(RegularToken token)
    {
        if (_lexer.Token != token)
        {
            return false;
        }

        _lexer.Read();
        return true;
    }

    private RegularNode ParseChoice(RegularToken stop, bool inLook)
    {
        if (++_depth > DepthMax)
        {
            throw RegularErrors.TooComplex();
        }

        var branches = new List<RegularNode>();
        do
        {
            branches.Add(ParseBranch(stop, inLook));
        }
        while (Take(RegularToken.Choice));

        _depth--;
        return _lexer.Token != stop ? throw RegularErrors.Parentheses()
            : branches.Count == 1 ? branches[0] : new ChoiceNode(branches);
    }

    private RegularNode ParseBranch(RegularToken stop, bool inLook)
    {
        var parts = new List<RegularNode>();
        while (_lexer.Token is not (RegularToken.Choice or RegularToken.End) && _lexer.Token != stop)
        {
            ParsePart(parts, inLook);
        }

        return parts.Count switch { 0 => EmptyNode.Instance, 1 => parts[0], _ => new SequenceNode(parts) };
    }

    private void ParsePart(List<RegularNode> parts, bool inLook)
    {
        switch (_lexer.Token)
        {
            case RegularToken.LineStart:
                AddAnchor(parts, _lexer.Has(RegularFlags.NewlineAnchors) ? RegularAnchor.LineStart : RegularAnchor.TextStart);
                return;
            case RegularToken.LineEnd:
                AddAnchor(parts, _lexer.Has(RegularFlags.NewlineAnchors) ? RegularAnchor.LineEnd : RegularAnchor.TextEnd);
                return;
            case RegularToken.Anchor:
                AddAnchor(parts, (RegularAnchor)_lexer.Value);
                return;
            case RegularToken.Look:
                var kind = (LookKind)_lexer.Value;
                _lexer.Read();
                var condition = ParseChoice(RegularToken.Close, inLook: true);
                _lexer.Read();
                parts.Add(new LookNode(condition, kind.HasFlag(LookKind.Ahead), kind.HasFlag(LookKind.Negative)));
                return;
            default:
                parts.Add(ParseQuantifier(ParseAtom(inLook)));
                return;
        }
    }

    private void AddAnchor(List<RegularNode> parts, RegularAnchor anchor)
    {
        parts.Add(new AnchorNode(anchor));
        _lexer.Read();
    }

    private RegularNode ParseAtom(bool inLook)
    {
        switch (_lexer.Token)
        {
            case RegularToken.Plain:
                return Character(_lexer.Value);
            case RegularToken.Close:
                // Extended expressions take it for a character, by an oversight of POSIX.
                return (_lexer.Flags & RegularFlags.Advanced) == RegularFlags.Extended ? Character(')') : throw RegularErrors.Parentheses();
            case RegularToken.AnyCharacter:
                _lexer.Read();
                return new CharacterNode(_lexer.Has(RegularFlags.NewlineStops) ? CharacterSet.All.Without('\n') : CharacterSet.All);
            case RegularToken.Class:
                return ReadClass(complement: false);
            case RegularToken.ClassComplement:
                return ReadClass(complement: true);
            case RegularToken.Bracket:
                return ParseBracket();
            case RegularToken.Open:
                return ParseGroup(_lexer.Value != 0 && !inLook, inLook);
            case RegularToken.Reference:
                return ParseReference(inLook);
            default:
                throw RegularErrors.Quantifier();
        }
    }

    private CharacterNode Character(int character)
    {
        _lexer.Read();
        var set = CharacterSet.Of(character, character);
        return new CharacterNode(IgnoreCase ? set.IgnoringCase() : set);
    }

    private CharacterNode ReadClass(bool complement)
    {
        var set = ClassOf(_lexer.Value);
        _lexer.Read();
        return new CharacterNode(complement ? set.Complement() : set);
    }

    private static CharacterSet ClassOf(int letter) => letter switch
    {
        'd' => CharacterClasses.Digit,
        's' => CharacterClasses.Space,
        _ => CharacterClasses.Word,
    };

    private GroupNode ParseGroup(bool captures, bool inLook)
    {
        var number = 0;
        if (captures)
        {
            number = _groups.Count;
            _groups.Add(null);
            _lexer.Groups = number;
        }

        _lexer.Read();
        var content = ParseChoice(RegularToken.Close, inLook);
        _lexer.Read();
        if (captures)
        {
            _groups[number] = content;
        }

        return new GroupNode(content, number);
    }

    private ReferenceNode ParseReference(bool inLook)
    {
        var number = _lexer.Value;
        if (inLook || number >= _groups.Count || _groups[number] is not { } target)
        {
            throw RegularErrors.Reference();
        }

        _lexer.Read();
        return new ReferenceNode(number, target);
    }

    private QuantifiedNode ParseQuantifier(RegularNode atom)
    {
        var preference = _lexer.Value != 0 ? RegularTraits.Longest : RegularTraits.Shortest;
        switch (_lexer.Token)
        {
            case RegularToken.Star:
                _lexer.Read();
                return new QuantifiedNode(atom, 0, -1, preference);
            case RegularToken.Plus:
                _lexer.Read();
                return new QuantifiedNode(atom, 1, -1, preference);
            case RegularToken.Optional:
                _lexer.Read();
                return new QuantifiedNode(atom, 0, 1, preference);
            case RegularToken.BoundOpen:
                return ParseBound(atom);
            default:
                return new QuantifiedNode(atom, 1, 1, RegularTraits.None);
        }
    }

    private QuantifiedNode ParseBound(RegularNode atom)
    {
        _lexer.Read();
        var min = ReadNumber();
        var max = min;
        var ranged = Take(RegularToken.Comma);
        if (ranged)
        {
            max = _lexer.Token == RegularToken.Digit ? ReadNumber() : -1;
            if (max >= 0 && min > max)
            {
                throw RegularErrors.Bound();
            }
        }

        if (_lexer.Token != RegularToken.BoundClose)
        {
            throw RegularErrors.Bound();
        }

        // A bound of one number leaves the preference to the atom.
        var preference = !ranged ? RegularTraits.None : _lexer.Value != 0 ? RegularTraits.Longest : RegularTraits.Shortest;
        _lexer.Read();
        return new QuantifiedNode(atom, min, max, preference);
    }

    private int ReadNumber()
    {
        var number = 0;
        while (_lexer.Token == RegularToken.Digit && number < BoundMax)
        {
            number = (number * 10) + _lexer.Value;
            _lexer.Read();
        }

        return _lexer.Token == RegularToken.Digit || number > BoundMax ? throw RegularErrors.Bound() : number;
    }

    private CharacterNode ParseBracket()
    {
        var complement = _lexer.Value == 0;
        var set = new CharacterSet();
        _lexer.Read();
        while (_lexer.Token != RegularToken.BracketClose)
        {
            ParseBracketPart(set);
        }

        _lexer.Read();
        set = IgnoreCase ? set.IgnoringCase() : set;
        if (complement)
        {
            set = set.Complement();
            set = _lexer.Has(RegularFlags.NewlineStops) ? set.Without('\n') : set;
        }

        return new CharacterNode(set);
    }

    private void ParseBracketPart(CharacterSet set)
    {
        int first;
        switch (_lexer.Token)
        {
            case RegularToken.Range:
                throw RegularErrors.Range();
            case RegularToken.Class:
                set.Add(ReadClass(complement: false).Set);
                return;
            case RegularToken.ClassComplement:
                set.Add(ReadClass(complement: true).Set);
                return;
            case RegularToken.NamedClass:
                set.Add(CharacterClasses.Find(ReadName(RegularErrors.Class), IgnoreCase) ?? throw RegularErrors.Class());
                return;
            case RegularToken.EquivalenceClass:
                var equal = ReadElement();
                set.Add(equal, equal);
                return;
            case RegularToken.CollatingElement:
                first = ReadElement();
                break;
            default:
                first = _lexer.Value;
                _lexer.Read();
                break;
        }

        var last = Take(RegularToken.Range) ? ReadRangeEnd() : first;
        if (first > last)
        {
            throw RegularErrors.Range();
        }

        set.Add(first, last);
    }

    private int ReadRangeEnd()
    {
        switch (_lexer.Token)
        {
            case RegularToken.Plain or RegularToken.Range:
                var last = _lexer.Value;
                _lexer.Read();
                return last;
            case RegularToken.CollatingElement:
                return ReadElement();
            default:
                throw RegularErrors.Range();
        }
    }

    private int ReadElement()
    {
        var name = ReadName(RegularErrors.CollatingElement);
        return Rune.TryGetRuneAt(name, 0, out var rune) && rune.Utf16SequenceLength == name.Length ? rune.Value
            : CharacterClasses.FindElement(name) is >= 0 and var element ? element
            : throw RegularErrors.CollatingElement();
    }

    private string ReadName(Func<TypeException> error)
    {
        var name = new StringBuilder();
        _lexer.Read();
        while (_lexer.Token == RegularToken.Plain)
        {
            name.Append(Rune.IsValid(_lexer.Value) ? new Rune(_lexer.Value).ToString() : "?");
            _lexer.Read();
        }

        _lexer.Read();
        return name.Length > 0 ? name.ToString() : throw error();
    }
}
