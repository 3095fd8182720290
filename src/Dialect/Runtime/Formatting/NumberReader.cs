using System.Text;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>to_number: reads a text by a template, which says where digits, the point and the sign may stand.</summary>
internal ref struct NumberReader
{
    private readonly NumberTemplate _template;
    private readonly string _text;
    private readonly StringBuilder _digits = new();
    private char _sign = ' ';
    private int _at;
    private int _before;
    private int _behind;
    private bool _pointRead;

    private NumberReader(NumberTemplate template, string text)
    {
        _template = template;
        _text = text;
    }

    /// <param name="text">A character for each byte of the UTF-8, since a digit's place is a byte.</param>
    public static Numeric Read(NumberTemplate template, string text)
    {
        if (template.Has(NumberTraits.Exponent | NumberTraits.Roman))
        {
            throw TypeErrors.NotSupported($"\"{(template.Has(NumberTraits.Exponent) ? "EEEE" : "RN")}\" not supported for input");
        }

        var reader = new NumberReader(template, text);
        reader.Read();
        var digits = reader._digits.ToString();
        digits = reader._sign + (digits.EndsWith('.') ? digits[..^1] : digits);
        var modifier = Modifiers.ForNumeric(template.Before + template.Shift + reader._behind, reader._behind);
        var value = Numeric.Parse(Encoding.ASCII.GetBytes(digits)).ApplyModifier(modifier);
        return template.Has(NumberTraits.Shift)
            ? value * Numeric.Power(Numeric.FromInt64(10), Numeric.FromInt64(-template.Shift))
            : value;
    }

    private readonly bool AtEnd => _at >= _text.Length;

    private readonly bool Has(NumberTraits trait) => _template.Has(trait);

    private void Read()
    {
        foreach (var node in _template.Nodes)
        {
            if (AtEnd)
            {
                break;
            }

            if (node.Kind == FormatNodeKind.Field)
            {
                ReadField(node.Field);
            }
            else
            {
                // A character of the template passes one of the text, whatever that is.
                Skip();
            }
        }
    }

    private void Skip() => _at += FormatParser.CharacterLength(_text, _at);

    /// <summary>Passes characters that cannot belong to a number.</summary>
    private void SkipOthers(int count)
    {
        for (; count > 0 && !AtEnd && !"0123456789.,+-".Contains(_text[_at], StringComparison.Ordinal); count--)
        {
            Skip();
        }
    }

    private void ReadField(string field)
    {
        switch (field)
        {
            case "9" or "0" or "." or "D":
                ReadDigit(field);
                _at++;
                break;
            case "," or "G":
                _at += !Has(NumberTraits.Fill) && _text[_at] == ',' ? 1 : 0;

                break;
            case "L":
                SkipOthers(1);
                break;
            case "TH":
                if (_sign != '-' && !Has(NumberTraits.Decimal))
                {
                    SkipOthers(2);
                }

                break;
            case "MI":
                ReadSign("-");
                break;
            case "PL":
                ReadSign("+");
                break;
            case "SG":
                ReadSign("-+");
                break;
        }
    }

    private void ReadSign(string signs)
    {
        if (signs.Contains(_text[_at], StringComparison.Ordinal))
        {
            _sign = _text[_at++];
        }
        else
        {
            SkipOthers(1);
        }
    }

    private void ReadDigit(string field)
    {
        _at += _text[_at] == ' ' ? 1 : 0;
        if (!AtEnd && _sign == ' ' && field is "0" or "9" && _before + _behind == 0)
        {
            ReadSignBefore();
        }

        if (AtEnd)
        {
            return;
        }

        var read = false;
        if (char.IsAsciiDigit(_text[_at]))
        {
            if (_pointRead && _behind == _template.Behind)
            {
                return;
            }

            _digits.Append(_text[_at]);
            _behind += _pointRead ? 1 : 0;
            _before += _pointRead ? 0 : 1;
            read = true;
        }
        else if (Has(NumberTraits.Decimal) && !_pointRead && _text[_at] == '.')
        {
            _digits.Append('.');
            _pointRead = true;
            read = true;
        }

        if (_sign == ' ' && _before + _behind > 0)
        {
            ReadSignBehind(read);
        }
    }

    private void ReadSignBefore()
    {
        var c = _text[_at];
        if (Has(NumberTraits.AnchoredSign) && _template.Anchor == AnchorSide.Before)
        {
            if (c is '-' or '+')
            {
                _sign = c;
                _at++;
            }
        }
        else if (c == '-' || (c == '<' && Has(NumberTraits.Bracket)))
        {
            _sign = '-';
            _at++;
        }
        else if (c == '+')
        {
            _sign = '+';
            _at++;
        }
    }

    /// <summary>The sign may follow the last digit, whose place the template does not know for sure.</summary>
    private void ReadSignBehind(bool read)
    {
        if (Has(NumberTraits.AnchoredSign))
        {
            if (read && _at + 1 < _text.Length && _text[_at + 1] is '-' or '+')
            {
                _sign = _text[++_at];
            }
        }
        else if (!read && Has(NumberTraits.Plus | NumberTraits.Minus) && _text[_at] is '-' or '+')
        {
            _sign = _text[_at];
        }
    }
}
