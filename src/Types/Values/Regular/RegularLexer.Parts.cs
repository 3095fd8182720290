namespace Rqlite.Pg.Types.Values;

/// <summary>Prefixes, escapes, bounds and brackets.</summary>
internal sealed partial class RegularLexer
{
    // Further digits of an escape would overflow.
    private const int DigitsMax = 255;

    /// <summary>Reads <c>***:</c>, <c>***=</c> and options like <c>(?i)</c>.</summary>
    private void ReadPrefixes()
    {
        if (Has(RegularFlags.Quote))
        {
            return;
        }

        if (Sees(0, '*') && Sees(1, '*') && Sees(2, '*') && _text.Length > 3)
        {
            switch (_text[3])
            {
                case '?':
                    throw RegularErrors.Version();
                case '=':
                    Flags |= RegularFlags.Quote;
                    Flags &= ~(RegularFlags.Advanced | RegularFlags.Expanded | RegularFlags.Newline);
                    _at = 4;
                    return;
                case ':':
                    Flags |= RegularFlags.Advanced;
                    _at = 4;
                    break;
                default:
                    throw RegularErrors.Quantifier();
            }
        }

        if (!Has(RegularFlags.Advanced) || !Sees(0, '(') || !Sees(1, '?') || _at + 2 >= _text.Length || !IsLetter(_text[_at + 2]))
        {
            return;
        }

        for (_at += 2; !AtEnd && IsLetter(_text[_at]); _at++)
        {
            Flags = ApplyOption(Flags, (char)_text[_at]);
        }

        if (!Take(')'))
        {
            throw RegularErrors.Option();
        }

        if (Has(RegularFlags.Quote))
        {
            Flags &= ~(RegularFlags.Expanded | RegularFlags.Newline);
        }
    }

    private static RegularFlags ApplyOption(RegularFlags flags, char option) => option switch
    {
        'b' => flags & ~(RegularFlags.Advanced | RegularFlags.Quote),
        'c' => flags & ~RegularFlags.IgnoreCase,
        'e' => (flags | RegularFlags.Extended) & ~(RegularFlags.Escapes | RegularFlags.Quote),
        'i' => flags | RegularFlags.IgnoreCase,
        'm' or 'n' => flags | RegularFlags.Newline,
        'p' => (flags | RegularFlags.NewlineStops) & ~RegularFlags.NewlineAnchors,
        'q' => (flags | RegularFlags.Quote) & ~RegularFlags.Advanced,
        's' => flags & ~RegularFlags.Newline,
        't' => flags & ~RegularFlags.Expanded,
        'w' => (flags & ~RegularFlags.NewlineStops) | RegularFlags.NewlineAnchors,
        'x' => flags | RegularFlags.Expanded,
        _ => throw RegularErrors.Option(),
    };

    private void ReadEscape()
    {
        var c = _text[_at++];
        switch (c)
        {
            case 'a':
                Set(RegularToken.Plain, 7);
                break;
            case 'A':
                Set(RegularToken.Anchor, (int)RegularAnchor.TextStart);
                break;
            case 'b':
                Set(RegularToken.Plain, 8);
                break;
            case 'B':
                Set(RegularToken.Plain, '\\');
                break;
            case 'c':
                Set(RegularToken.Plain, AtEnd ? throw RegularErrors.Escape() : _text[_at++] & 31);
                break;
            case 'd' or 's' or 'w':
                Set(RegularToken.Class, c);
                break;
            case 'D' or 'S' or 'W':
                Set(RegularToken.ClassComplement, c | 0x20);
                break;
            case 'e':
                Set(RegularToken.Plain, 27);
                break;
            case 'f':
                Set(RegularToken.Plain, 12);
                break;
            case 'm':
                Set(RegularToken.Anchor, (int)RegularAnchor.WordStart);
                break;
            case 'M':
                Set(RegularToken.Anchor, (int)RegularAnchor.WordEnd);
                break;
            case 'n':
                Set(RegularToken.Plain, 10);
                break;
            case 'r':
                Set(RegularToken.Plain, 13);
                break;
            case 't':
                Set(RegularToken.Plain, 9);
                break;
            case 'u':
                Set(RegularToken.Plain, ReadCharacter(4, 4));
                break;
            case 'U':
                Set(RegularToken.Plain, ReadCharacter(8, 8));
                break;
            case 'v':
                Set(RegularToken.Plain, 11);
                break;
            case 'x':
                Set(RegularToken.Plain, ReadCharacter(1, DigitsMax));
                break;
            case 'y':
                Set(RegularToken.Anchor, (int)RegularAnchor.WordEdge);
                break;
            case 'Y':
                Set(RegularToken.Anchor, (int)RegularAnchor.NoWordEdge);
                break;
            case 'Z':
                Set(RegularToken.Anchor, (int)RegularAnchor.TextEnd);
                break;
            case >= '0' and <= '9':
                ReadNumber(c);
                break;
            default:
                Set(RegularToken.Plain, IsLetter(c) ? throw RegularErrors.Escape() : c);
                break;
        }
    }

    private int ReadCharacter(int min, int max) =>
        ReadDigits(16, min, max) is <= CharacterSet.Last and var character ? (int)character : throw RegularErrors.Escape();

    /// <summary>One digit is a reference; more are one if there are so many groups, else an octal character.</summary>
    private void ReadNumber(int first)
    {
        var start = _at - 1;
        if (first != '0')
        {
            _at = start;
            var number = ReadDigits(10, 1, DigitsMax);
            if (_at == start + 1 || (number > 0 && number <= Groups))
            {
                Set(RegularToken.Reference, (int)Math.Min(number, int.MaxValue));
                return;
            }
        }

        _at = start;
        var character = ReadDigits(8, 1, 3);
        if (character > 0xFF)
        {
            _at--;
            character >>= 3;
        }

        Set(RegularToken.Plain, (int)character);
    }

    private uint ReadDigits(uint radix, int min, int max)
    {
        var value = 0u;
        var count = 0;
        for (; count < max && !AtEnd; count++, _at++)
        {
            var digit = _text[_at] < 0x80 ? AsciiText.HexValue((byte)_text[_at]) : -1;
            if (digit < 0 || digit >= radix)
            {
                break;
            }

            value = unchecked((value * radix) + (uint)digit);
        }

        return count >= min ? value : throw RegularErrors.Escape();
    }

    private void ReadBound(int c)
    {
        switch (c)
        {
            case >= '0' and <= '9':
                Set(RegularToken.Digit, c - '0');
                break;
            case ',':
                Set(RegularToken.Comma);
                break;
            case '}' when Has(RegularFlags.Extended):
                _place = Place.Extended;
                ReadQuantifier(RegularToken.BoundClose);
                break;
            case '\\' when !Has(RegularFlags.Extended) && Take('}'):
                _place = Place.Basic;
                Set(RegularToken.BoundClose, 1);
                break;
            default:
                throw RegularErrors.Bound();
        }
    }

    private void ReadBracket(int c, RegularToken last)
    {
        switch (c)
        {
            case '\\' when Has(RegularFlags.Escapes):
                if (AtEnd)
                {
                    throw RegularErrors.Escape();
                }

                ReadEscape();
                if (Token is not (RegularToken.Plain or RegularToken.Class or RegularToken.ClassComplement))
                {
                    throw RegularErrors.Escape();
                }

                break;
            case '-' when last != RegularToken.Bracket && !Sees(0, ']'):
                Set(RegularToken.Range, c);
                break;
            case ']' when last != RegularToken.Bracket:
                _place = Has(RegularFlags.Extended) ? Place.Extended : Place.Basic;
                Set(RegularToken.BracketClose);
                break;
            case '[':
                ReadInnerBracket(c);
                break;
            default:
                Set(RegularToken.Plain, c);
                break;
        }
    }

    private void ReadInnerBracket(int c)
    {
        if (AtEnd)
        {
            throw RegularErrors.Brackets();
        }

        if (Take('.'))
        {
            _place = Place.CollatingElement;
            Set(RegularToken.CollatingElement);
        }
        else if (Take('='))
        {
            _place = Place.EquivalenceClass;
            Set(RegularToken.EquivalenceClass);
        }
        else if (Take(':'))
        {
            _place = Place.NamedClass;
            Set(RegularToken.NamedClass);
        }
        else
        {
            Set(RegularToken.Plain, c);
        }
    }

    private void ReadName(int c, char mark)
    {
        if (c == mark && Take(']'))
        {
            _place = Place.Bracket;
            Set(RegularToken.NameEnd);
        }
        else
        {
            Set(RegularToken.Plain, c);
        }
    }
}
