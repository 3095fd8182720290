using System.Text;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>
/// to_char for numbers: lays digits out by a template. It goes through the template once; where it stands among its digits decides what is written for
/// one: a blank, a zero, the sign before the number, a digit, or nothing.
/// </summary>
internal ref struct NumberFormatter
{
    private readonly NumberTemplate _template;
    private readonly string _number;
    private readonly char _sign;
    private readonly NumberTraits _traits;
    private readonly AnchorSide _anchor;
    private readonly int _behind;
    private readonly int _zeroStart;

    /// <summary>Places before the number's first digit.</summary>
    private readonly int _blanks;

    /// <summary>The last digit behind the point that is not a zero, or the point; -1 where that does not matter.</summary>
    private readonly int _lastRelevant;
    private readonly int _count;
    private readonly StringBuilder _output = new();
    private bool _signWritten;
    private bool _inNumber;
    private int _place;
    private int _next;

    private NumberFormatter(NumberTemplate template, in NumberDigits digits)
    {
        _template = template;
        _number = digits.Text;
        _sign = digits.Sign;
        _traits = template.Traits;
        _anchor = template.Anchor;
        _behind = digits.Behind;
        var point = _number.IndexOf('.', StringComparison.Ordinal);
        _blanks = Math.Max(0, digits.Before - (point < 0 ? _number.Length : point));
        _zeroStart = Math.Max(0, template.ZeroStart - 1);
        if (Has(NumberTraits.Plus | NumberTraits.Minus))
        {
            // These write the sign themselves; PL alone leaves a minus to the number.
            _signWritten = Has(NumberTraits.Minus);
        }
        else
        {
            if (_sign != '-' && Has(NumberTraits.Fill))
            {
                _traits &= ~NumberTraits.Bracket;
            }

            _signWritten = _sign == '+' && Has(NumberTraits.Fill) && !Has(NumberTraits.AnchoredSign);
            if (_anchor == AnchorSide.Before && digits.Before == template.AnchorPlace)
            {
                _anchor = AnchorSide.Behind;
            }
        }

        _lastRelevant = Has(NumberTraits.Fill) && Has(NumberTraits.Decimal) ? LastRelevant(point, template.ZeroEnd - _blanks) : -1;
        _count = digits.Before + digits.Behind - 1 + (!_signWritten && _blanks == 0 ? 1 : 0);
    }

    public static string Format(NumberTemplate template, in NumberDigits digits)
    {
        if (template.Has(NumberTraits.Exponent))
        {
            return digits.Text;
        }

        var formatter = new NumberFormatter(template, digits);
        foreach (var node in template.Nodes)
        {
            if (node.Kind == FormatNodeKind.Field)
            {
                formatter.Write(node);
            }
            else
            {
                formatter._output.Append(node.Text);
            }
        }

        // A template of more digits than a float has ends where they do.
        var output = formatter._output.ToString();
        var end = output.IndexOf('\0', StringComparison.Ordinal);
        return end < 0 ? output : output[..end];
    }

    private readonly bool Has(NumberTraits trait) => (_traits & trait) != 0;

    private readonly char Current => _next < _number.Length ? _number[_next] : '\0';

    private readonly bool PointIsLast => _lastRelevant >= 0 && _number[_lastRelevant] == '.';

    /// <summary>The zero before the point is left out where the template has digits behind it and none of them is a 0.</summary>
    private readonly bool IsLeadingZero => !Has(NumberTraits.Zero) && _next == 0 && Current == '0' && _behind != 0;

    private readonly int LastRelevant(int point, int zeroEnd)
    {
        if (point < 0)
        {
            return -1;
        }

        var last = _number.AsSpan().TrimEnd('0').Length - 1;
        last = Math.Max(last, point);

        // Digits for which the template has a 0 stay.
        return zeroEnd > 0 ? Math.Max(last, Math.Min(_number.Length - 1, zeroEnd)) : last;
    }

    private void Write(in FormatNode node)
    {
        if (_template.Has(NumberTraits.Roman))
        {
            WriteRoman(node);
            return;
        }

        var fill = Has(NumberTraits.Fill);
        switch (node.Field)
        {
            case "9" or "0" or "." or "D":
                WriteDigit(node.Field);
                break;
            case "," or "G":
                if (_inNumber || !fill)
                {
                    _output.Append(_inNumber ? ',' : ' ');
                }

                break;
            case "L":
                // The currency of C's locale has no symbol.
                _output.Append(' ');
                break;
            case "TH":
                if (_number[0] != '#' && _sign != '-' && !Has(NumberTraits.Decimal))
                {
                    _output.Append(DateFormatter.Ordinal(_number, node.Text == "TH"));
                }

                break;
            case "MI":
                if (_sign == '-' || !fill)
                {
                    _output.Append(_sign == '-' ? '-' : ' ');
                }

                break;
            case "PL":
                if (_sign == '+' || !fill)
                {
                    _output.Append(_sign == '+' ? '+' : ' ');
                }

                break;
            case "SG":
                _output.Append(_sign);
                break;
        }
    }

    private readonly void WriteRoman(in FormatNode node)
    {
        switch (node.Field)
        {
            case "RN":
                var text = node.Text == "RN" ? _number : _number.ToLowerInvariant();
                _output.Append(Has(NumberTraits.Fill) ? text : text.PadLeft(15));
                break;
            case "," or "G":
                _output.Append(Has(NumberTraits.Fill) ? "" : " ");
                break;
            case "L" or "MI" or "PL":
                _output.Append(node.Field == "L" || !Has(NumberTraits.Fill) ? " " : "");
                break;
            case "SG":
                _output.Append('\0');
                break;
        }
    }

    private void WriteDigit(string field)
    {
        _inNumber = false;
        WriteSign();
        var startsWithZero = Has(NumberTraits.Zero) && _zeroStart <= _place;
        if (_place < _blanks && !startsWithZero)
        {
            _output.Append(Has(NumberTraits.Fill) ? "" : " ");
        }
        else if (_place < _blanks)
        {
            _output.Append('0');
            _inNumber = true;
        }
        else
        {
            WriteNumber(field);
        }

        WriteSignBehind();
        _place++;
    }

    private void WriteSign()
    {
        if (_signWritten || (_place < _blanks && !(Has(NumberTraits.Zero) && _zeroStart == _place)) || (IsLeadingZero && !PointIsLast))
        {
            return;
        }

        if (Has(NumberTraits.AnchoredSign))
        {
            if (_anchor == AnchorSide.Before)
            {
                _output.Append(_sign);
                _signWritten = true;
            }

            return;
        }

        if (Has(NumberTraits.Bracket))
        {
            _output.Append(_sign == '+' ? ' ' : '<');
        }
        else if (_sign == '-')
        {
            _output.Append('-');
        }
        else
        {
            _output.Append(Has(NumberTraits.Fill) ? "" : " ");
        }

        _signWritten = true;
    }

    private void WriteNumber(string field)
    {
        if (Current == '.')
        {
            if (!PointIsLast || Has(NumberTraits.Fill))
            {
                _output.Append('.');
            }
        }
        else if (_lastRelevant >= 0 && _next > _lastRelevant && field != "0")
        {
            // A zero at the end, which FM leaves out.
        }
        else if (IsLeadingZero)
        {
            _output.Append(!Has(NumberTraits.Fill) ? " " : PointIsLast ? "0" : "");
        }
        else
        {
            _output.Append(Current);
            _inNumber = true;
        }

        _next += Current == '\0' ? 0 : 1;
    }

    /// <summary>Behind the last digit the bracket is closed, or the sign follows that is anchored there.</summary>
    private readonly void WriteSignBehind()
    {
        var end = _count + (_blanks > 0 ? 1 : 0) + (Has(NumberTraits.Decimal) ? 1 : 0);
        end = _lastRelevant >= 0 && _lastRelevant == _next ? _place : end;
        if (_place + 1 != end)
        {
            return;
        }

        if (_signWritten && Has(NumberTraits.Bracket))
        {
            _output.Append(_sign == '+' ? ' ' : '>');
        }
        else if (Has(NumberTraits.AnchoredSign) && _anchor == AnchorSide.Behind)
        {
            _output.Append(_sign);
        }
    }
}
