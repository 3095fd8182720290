using System.Globalization;
using System.Numerics;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Digits of a float as C's printf writes them: from its exact value, ties to even.</summary>
internal static class FloatDigits
{
    public const int DoubleMax = 15;
    public const int SingleMax = 6;

    /// <summary>printf's %.nf.</summary>
    public static string Fixed(double value, int digits)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        }

        var (numerator, denominator) = Exact(value);
        var scaled = Round(numerator * BigInteger.Pow(10, digits), denominator).ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        var sign = double.IsNegative(value) ? "-" : "";
        return digits == 0 ? sign + scaled : $"{sign}{scaled[..^digits]}.{scaled[^digits..]}";
    }

    /// <summary>printf's %.ne, with a blank in the place of a plus.</summary>
    public static string Scientific(double value, int digits)
    {
        var (numerator, denominator) = Exact(value);
        var exponent = value == 0 ? 0 : (int)Math.Floor(Math.Log10(Math.Abs(value)));
        var text = "";

        // The logarithm may be off by one, and rounding may carry into one more digit.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var shift = digits - exponent;
            var rounded = shift >= 0
                ? Round(numerator * BigInteger.Pow(10, shift), denominator)
                : Round(numerator, denominator * BigInteger.Pow(10, -shift));
            text = rounded.ToString(CultureInfo.InvariantCulture);
            if (value == 0 || text.Length == digits + 1)
            {
                break;
            }

            exponent += text.Length > digits + 1 ? 1 : -1;
        }

        text = text.PadRight(digits + 1, '0');
        var sign = double.IsNegative(value) ? '-' : ' ';
        var point = digits > 0 ? "." : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{sign}{text[0]}{point}{text[1..]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    private static (BigInteger Numerator, BigInteger Denominator) Exact(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(Math.Abs(value));
        var exponent = (int)(bits >> 52);
        var mantissa = bits & 0xF_FFFF_FFFF_FFFF;
        mantissa |= exponent == 0 ? 0 : 1L << 52;
        var power = Math.Max(exponent, 1) - 1075;
        return power >= 0 ? (new BigInteger(mantissa) << power, BigInteger.One) : (mantissa, BigInteger.One << -power);
    }

    private static BigInteger Round(BigInteger numerator, BigInteger denominator)
    {
        var quotient = BigInteger.DivRem(numerator, denominator, out var remainder);
        var order = (remainder * 2).CompareTo(denominator);
        return order > 0 || (order == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }
}
