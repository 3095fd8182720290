namespace Rqlite.Pg.Types.Values;

/// <summary>Compares numerics in their stored text without reading them, for the collation that every index of them uses.</summary>
public static class NumericOrder
{
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var (leftPlain, rightPlain) = (IsPlain(left), IsPlain(right));
        if (!leftPlain || !rightPlain)
        {
            return CompareOther(left, right);
        }

        var (leftSign, rightSign) = (SignOf(left), SignOf(right));
        return leftSign != rightSign ? leftSign.CompareTo(rightSign)
            : leftSign == 0 ? 0
            : leftSign * CompareMagnitudes(left[0] == '-' ? left[1..] : left, right[0] == '-' ? right[1..] : right);
    }

    /// <summary>True for a text that is written as a numeric prints itself, with at least so many digits after the point.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> text, int scale)
    {
        if (!IsPlain(text) || (text[0] == '-' && SignOf(text) == 0))
        {
            return false;
        }

        var digits = text[0] == '-' ? text[1..] : text;
        var point = digits.IndexOf((byte)'.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? 0 : digits.Length - point - 1;
        return !whole.IsEmpty && (whole[0] != '0' || whole.Length == 1) && fraction >= scale && (point < 0 || fraction > 0);
    }

    /// <summary>True for digits with an optional sign and point, as numerics are stored.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> text)
    {
        var at = !text.IsEmpty && text[0] == '-' ? 1 : 0;
        var points = 0;
        for (var i = at; i < text.Length; i++)
        {
            if (text[i] == '.')
            {
                points++;
            }
            else if (!AsciiText.IsDigit(text[i]))
            {
                return false;
            }
        }

        return text.Length > at && points <= 1;
    }

    private static int SignOf(ReadOnlySpan<byte> text) =>
        text.IndexOfAnyInRange((byte)'1', (byte)'9') < 0 ? 0 : text[0] == '-' ? -1 : 1;

    private static int CompareMagnitudes(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var (leftPoint, rightPoint) = (left.IndexOf((byte)'.'), right.IndexOf((byte)'.'));
        var leftWhole = (leftPoint < 0 ? left : left[..leftPoint]).TrimStart((byte)'0');
        var rightWhole = (rightPoint < 0 ? right : right[..rightPoint]).TrimStart((byte)'0');
        if (leftWhole.Length != rightWhole.Length)
        {
            return leftWhole.Length.CompareTo(rightWhole.Length);
        }

        var whole = leftWhole.SequenceCompareTo(rightWhole);
        return whole != 0 ? Math.Sign(whole) : Math.Sign(Fraction(left, leftPoint).SequenceCompareTo(Fraction(right, rightPoint)));
    }

    private static ReadOnlySpan<byte> Fraction(ReadOnlySpan<byte> text, int point) => point < 0 ? default : text[(point + 1)..].TrimEnd((byte)'0');

    /// <summary>
    /// NaN, infinities, exponents; and texts that are no numbers, which another door may have stored: a collation may not fail, so they come
    /// after all numbers, in the order of their bytes.
    /// </summary>
    private static int CompareOther(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var leftValid = TryRead(left, out var a);
        var rightValid = TryRead(right, out var b);
        return leftValid && rightValid ? a.CompareTo(b)
            : leftValid != rightValid ? (leftValid ? -1 : 1)
            : Math.Sign(left.SequenceCompareTo(right));
    }

    private static bool TryRead(ReadOnlySpan<byte> text, out Numeric value)
    {
        try
        {
            return Numeric.TryParse(text, out value);
        }
        catch (TypeException)
        {
            value = default;
            return false;
        }
    }
}
