using System.Globalization;
using System.Numerics;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>The digits of a number as a template asks for them, before they are laid out.</summary>
/// <param name="Text">Digits with a point; or the whole text for EEEE and RN.</param>
/// <param name="Sign">+ or -.</param>
/// <param name="Before">The digits before the point that the template has, those of V included.</param>
internal readonly record struct NumberDigits(string Text, char Sign, int Before, int Behind)
{
    private const int RomanWidth = 15;

    private static readonly string[] s_ones = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    private static readonly string[] s_tens = ["X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"];
    private static readonly string[] s_hundreds = ["C", "CC", "CCC", "CD", "D", "DC", "DCC", "DCCC", "CM"];

    public static NumberDigits Of(Numeric value, NumberTemplate template)
    {
        if (template.Has(NumberTraits.Roman))
        {
            return Roman(value.Round(0).ToInt4(), template);
        }

        if (template.Has(NumberTraits.Exponent))
        {
            return Scientific(value.IsFinite ? Scientific(value, template.Behind) : null, template);
        }

        if (template.Has(NumberTraits.Shift))
        {
            value *= Numeric.Power(Numeric.FromInt64(10), Numeric.FromInt64(template.Shift));
        }

        return Create(value.Round(template.Behind).ToString(), template, template.Behind);
    }

    public static NumberDigits Of(int value, NumberTemplate template)
    {
        if (template.Has(NumberTraits.Roman))
        {
            return Roman(value, template);
        }

        if (template.Has(NumberTraits.Exponent))
        {
            return Scientific(FloatDigits.Scientific(value, template.Behind), template);
        }

        // PostgreSQL multiplies within 32 bits, and so wraps around.
        var shifted = template.Has(NumberTraits.Shift) ? unchecked(value * PowerOfTen(template.Shift)) : value;
        return Whole(shifted.ToString(CultureInfo.InvariantCulture), template);
    }

    public static NumberDigits Of(long value, NumberTemplate template)
    {
        if (template.Has(NumberTraits.Roman))
        {
            return Roman(Integers.ToInt4(value), template);
        }

        if (template.Has(NumberTraits.Exponent))
        {
            return Scientific(Scientific(Numeric.FromInt64(value), template.Behind), template);
        }

        if (template.Has(NumberTraits.Shift))
        {
            value = Integers.Multiply(value, Floats.ToInt8(Math.Pow(10, template.Shift)));
        }

        return Whole(value.ToString(CultureInfo.InvariantCulture), template);
    }

    /// <param name="digitsMax">The digits that a number of the type surely has: 15, or 6 for real.</param>
    public static NumberDigits OfFloat(double value, NumberTemplate template, int digitsMax)
    {
        if (template.Has(NumberTraits.Roman))
        {
            return Roman(double.IsNaN(value) || Math.Abs(value) > int.MaxValue ? int.MinValue : (int)Math.Round(value, MidpointRounding.ToEven), template);
        }

        if (template.Has(NumberTraits.Exponent))
        {
            return Scientific(double.IsFinite(value) ? FloatDigits.Scientific(value, template.Behind) : null, template);
        }

        if (template.Has(NumberTraits.Shift))
        {
            var factor = Math.Pow(10, template.Shift);
            value = digitsMax == FloatDigits.SingleMax ? (float)(value * factor) : value * factor;
        }

        var whole = FloatDigits.Fixed(Math.Abs(value), 0).Length;
        var behind = whole >= digitsMax ? 0 : Math.Min(template.Behind, digitsMax - whole);
        return Create(FloatDigits.Fixed(value, behind), template, behind);
    }

    private static int PowerOfTen(int exponent)
    {
        // The conversion of C for a double that no int holds.
        var power = Math.Pow(10, exponent);
        return power <= int.MaxValue ? (int)power : int.MinValue;
    }

    private static NumberDigits Whole(string text, NumberTemplate template) =>
        Create(template.Behind > 0 ? $"{text}.{new string('0', template.Behind)}" : text, template, template.Behind);

    private static NumberDigits Create(string text, NumberTemplate template, int behind)
    {
        var sign = text[0] == '-' ? '-' : '+';
        var digits = sign == '-' ? text[1..] : text;
        var before = template.Before + (template.Has(NumberTraits.Shift) ? template.Shift : 0);
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        if ((point < 0 ? digits.Length : point) > before)
        {
            // The number does not fit.
            digits = $"{new string('#', before)}.{new string('#', behind)}";
        }

        return new NumberDigits(digits, sign, before, behind);
    }

    private static NumberDigits Scientific(string? text, NumberTemplate template)
    {
        text ??= $" {new string('#', template.Before)}.{new string('#', template.Behind + 4)}";
        return new NumberDigits(text[0] is '-' or ' ' ? text : " " + text, '+', template.Before, template.Behind);
    }

    /// <summary>A numeric with one digit before the point, as many behind it as are wanted, and an exponent.</summary>
    private static string Scientific(Numeric value, int wanted)
    {
        var length = value.Sign == 0 ? 1 : BigInteger.Abs(value.Digits).ToString(CultureInfo.InvariantCulture).Length;
        var exponent = value.Sign == 0 ? 0 : length - 1 - value.Scale;

        // The significand is rounded last, so that it may become 10. Digits beyond a numeric's scale do not count.
        var places = Math.Min(length - 1, Numeric.ScaleMax);
        var significand = new Numeric(value.Digits / BigInteger.Pow(10, length - 1 - places), places).Round(wanted);
        var sign = exponent < 0 ? '-' : '+';
        return string.Create(CultureInfo.InvariantCulture, $"{significand}e{sign}{Math.Abs(exponent):00}");
    }

    private static NumberDigits Roman(int value, NumberTemplate template)
    {
        if (value is < 1 or > 3999)
        {
            return new NumberDigits(new string('#', RomanWidth), '+', template.Before, template.Behind);
        }

        var text = string.Concat(
            new string('M', value / 1000), Digit(s_hundreds, value / 100), Digit(s_tens, value / 10), Digit(s_ones, value));
        return new NumberDigits(text, '+', template.Before, template.Behind);

        static string Digit(string[] digits, int number) => number % 10 == 0 ? "" : digits[(number % 10) - 1];
    }
}
