namespace Rqlite.Pg.Types.Values;

internal enum RegularToken : byte
{
    /// <summary>The beginning, before the first token.</summary>
    Start,
    End,
    Plain,
    Choice,
    Open,
    Close,

    /// <summary><c>*</c>, <c>+</c>, <c>?</c>; the value is 0 for one that prefers the shortest match.</summary>
    Star,
    Plus,
    Optional,

    /// <summary><c>{</c> and what stands within.</summary>
    BoundOpen,
    BoundClose,
    Digit,
    Comma,

    /// <summary><c>[</c>; the value is 0 for a complement.</summary>
    Bracket,
    BracketClose,
    Range,
    CollatingElement,
    EquivalenceClass,
    NamedClass,

    /// <summary>The end of a name within a bracket.</summary>
    NameEnd,

    /// <summary><c>\d</c> and its like; the value is the class's letter.</summary>
    Class,
    ClassComplement,
    AnyCharacter,
    LineStart,
    LineEnd,
    Anchor,

    /// <summary>A condition on the surroundings; the value says which.</summary>
    Look,
    Reference,
}

/// <summary>
/// Splits a regular expression into tokens, by the rules of the advanced, extended and basic kinds. What a character means depends on where it
/// stands, so the lexer knows whether it is in a bound, a bracket or a name.
/// </summary>
internal sealed partial class RegularLexer
{
    private readonly int[] _text;
    private Place _place;
    private bool _comment;
    private int _at;

    /// <param name="text">The code points of the pattern.</param>
    public RegularLexer(int[] text, RegularFlags flags)
    {
        _text = text;
        Flags = flags;
        ReadPrefixes();
        _place = Has(RegularFlags.Quote) ? Place.Literal : Has(RegularFlags.Extended) ? Place.Extended : Place.Basic;
        Read();
    }

    private enum Place : byte
    {
        Basic,
        Extended,
        Literal,
        Bound,
        Bracket,
        CollatingElement,
        EquivalenceClass,
        NamedClass,
    }

    /// <summary>The flags after those that the pattern begins with.</summary>
    public RegularFlags Flags { get; private set; }

    public RegularToken Token { get; private set; }

    public int Value { get; private set; }

    /// <summary>The capturing groups that have begun so far: whether a number is a reference depends on them.</summary>
    public int Groups { get; set; }

    private bool AtEnd => _at == _text.Length;

    public bool Has(RegularFlags flag) => (Flags & flag) == flag;

    public void Read()
    {
        var last = Token;
        do
        {
            _comment = false;
            Read(last);
        }
        while (_comment);
    }

    private void Read(RegularToken last)
    {
        if (Has(RegularFlags.Expanded) && _place is Place.Extended or Place.Basic or Place.Bound)
        {
            SkipBlanks();
        }

        if (AtEnd)
        {
            Set(_place switch
            {
                Place.Basic or Place.Extended or Place.Literal => RegularToken.End,
                Place.Bound => throw RegularErrors.Braces(),
                _ => throw RegularErrors.Brackets(),
            });
            return;
        }

        var c = _text[_at++];
        switch (_place)
        {
            case Place.Literal:
                Set(RegularToken.Plain, c);
                break;
            case Place.Bound:
                ReadBound(c);
                break;
            case Place.Bracket:
                ReadBracket(c, last);
                break;
            case Place.CollatingElement:
                ReadName(c, '.');
                break;
            case Place.EquivalenceClass:
                ReadName(c, '=');
                break;
            case Place.NamedClass:
                ReadName(c, ':');
                break;
            case Place.Basic:
                ReadBasic(c, last);
                break;
            default:
                ReadExtended(c);
                break;
        }
    }

    private void Set(RegularToken token, int value = 0) => (Token, Value) = (token, value);

    private bool Sees(int offset, char c) => _at + offset < _text.Length && _text[_at + offset] == c;

    private bool Take(char c)
    {
        if (!Sees(0, c))
        {
            return false;
        }

        _at++;
        return true;
    }

    private void SkipBlanks()
    {
        while (!AtEnd)
        {
            if (IsSpace(_text[_at]))
            {
                _at++;
            }
            else if (_text[_at] == '#')
            {
                while (!AtEnd && _text[_at] != '\n')
                {
                    _at++;
                }
            }
            else
            {
                break;
            }
        }
    }

    private static bool IsSpace(int c) => c is ' ' or (>= 9 and <= 13);

    private static bool IsLetter(int c) => c < 0x80 && char.IsAsciiLetter((char)c);

    private static bool IsDigit(int c) => c is >= '0' and <= '9';

    private void ReadExtended(int c)
    {
        switch (c)
        {
            case '|':
                Set(RegularToken.Choice);
                break;
            case '*':
                ReadQuantifier(RegularToken.Star);
                break;
            case '+':
                ReadQuantifier(RegularToken.Plus);
                break;
            case '?':
                ReadQuantifier(RegularToken.Optional);
                break;
            case '{':
                if (Has(RegularFlags.Expanded))
                {
                    SkipBlanks();
                }

                if (AtEnd || !IsDigit(_text[_at]))
                {
                    Set(RegularToken.Plain, c);
                }
                else
                {
                    _place = Place.Bound;
                    Set(RegularToken.BoundOpen);
                }

                break;
            case '(':
                ReadOpen();
                break;
            case ')':
                Set(RegularToken.Close, c);
                break;
            case '[':
                ReadBracketOpen();
                break;
            case '.':
                Set(RegularToken.AnyCharacter);
                break;
            case '^':
                Set(RegularToken.LineStart);
                break;
            case '$':
                Set(RegularToken.LineEnd);
                break;
            case '\\':
                if (AtEnd)
                {
                    throw RegularErrors.Escape();
                }

                if (Has(RegularFlags.Escapes))
                {
                    ReadEscape();
                }
                else
                {
                    Set(RegularToken.Plain, _text[_at++]);
                }

                break;
            default:
                Set(RegularToken.Plain, c);
                break;
        }
    }

    private void ReadQuantifier(RegularToken token) => Set(token, Has(RegularFlags.Escapes) && Take('?') ? 0 : 1);

    private void ReadOpen()
    {
        if (!Has(RegularFlags.Escapes) || !Take('?'))
        {
            Set(RegularToken.Open, 1);
            return;
        }

        var kind = AtEnd ? 0 : _text[_at++];
        switch (kind)
        {
            case ':':
                Set(RegularToken.Open, 0);
                break;
            case '#':
                while (!AtEnd && _text[_at] != ')')
                {
                    _at++;
                }

                _at += AtEnd ? 0 : 1;
                _comment = true;
                break;
            case '=':
                Set(RegularToken.Look, (int)LookKind.Ahead);
                break;
            case '!':
                Set(RegularToken.Look, (int)(LookKind.Ahead | LookKind.Negative));
                break;
            case '<' when Take('='):
                Set(RegularToken.Look, (int)LookKind.None);
                break;
            case '<' when Take('!'):
                Set(RegularToken.Look, (int)LookKind.Negative);
                break;
            default:
                throw RegularErrors.Quantifier();
        }
    }

    private void ReadBracketOpen()
    {
        // [[:<:]] and [[:>:]] are the beginning and the end of a word.
        if (Sees(0, '[') && Sees(1, ':') && (Sees(2, '<') || Sees(2, '>')) && Sees(3, ':') && Sees(4, ']') && Sees(5, ']'))
        {
            Set(RegularToken.Anchor, (int)(_text[_at + 2] == '<' ? RegularAnchor.WordStart : RegularAnchor.WordEnd));
            _at += 6;
            return;
        }

        _place = Place.Bracket;
        Set(RegularToken.Bracket, Take('^') ? 0 : 1);
    }

    private void ReadBasic(int c, RegularToken last)
    {
        switch (c)
        {
            case '*' when last is not (RegularToken.Start or RegularToken.Open or RegularToken.Choice):
                Set(RegularToken.Star, 1);
                break;
            case '[':
                ReadBracketOpen();
                break;
            case '.':
                Set(RegularToken.AnyCharacter);
                break;
            case '^' when last is RegularToken.Start or RegularToken.Open:
                Set(RegularToken.LineStart);
                break;
            case '$':
                if (Has(RegularFlags.Expanded))
                {
                    SkipBlanks();
                }

                var anchors = AtEnd || (Sees(0, '\\') && Sees(1, ')'));
                Set(anchors ? RegularToken.LineEnd : RegularToken.Plain, c);
                break;
            case '\\':
                ReadBasicEscape();
                break;
            default:
                Set(RegularToken.Plain, c);
                break;
        }
    }

    private void ReadBasicEscape()
    {
        if (AtEnd)
        {
            throw RegularErrors.Escape();
        }

        var c = _text[_at++];
        switch (c)
        {
            case '{':
                _place = Place.Bound;
                Set(RegularToken.BoundOpen);
                break;
            case '(':
                Set(RegularToken.Open, 1);
                break;
            case ')':
                Set(RegularToken.Close, c);
                break;
            case '<':
                Set(RegularToken.Anchor, (int)RegularAnchor.WordStart);
                break;
            case '>':
                Set(RegularToken.Anchor, (int)RegularAnchor.WordEnd);
                break;
            case >= '1' and <= '9':
                Set(RegularToken.Reference, c - '0');
                break;
            default:
                Set(RegularToken.Plain, c);
                break;
        }
    }
}

/// <summary>The kind of a condition on the surroundings; without <see cref="Ahead"/> it looks behind.</summary>
[Flags]
internal enum LookKind
{
    None = 0,
    Ahead = 1,
    Negative = 2,
}
