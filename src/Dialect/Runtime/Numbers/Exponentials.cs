namespace Rqlite.Pg.Dialect.Runtime.Numbers;

/// <summary>
/// exp, ln, pow and what is made of them, rounded once from about 100 bits: equal on every machine, unlike the C library's. The callers have
/// dealt with what is not finite.
/// </summary>
internal static class Exponentials
{
    private const int HalvingsOfArgument = 9;
    private const int ExpTerms = 9;
    private const int SinhTerms = 21;
    private const double SeriesBelow = 0.1;

    private static readonly DoubleDouble s_ln2 = new(0.693147180559945286, 2.319046813846299558e-17);
    private static readonly DoubleDouble s_ln10 = new(2.302585092994045901, -2.170756223382249351e-16);

    public static double Exp(double value) => Exp((DoubleDouble)value, out var exponent) is var result ? Math.ScaleB(result.High, exponent) : 0;

    public static double Ln(double value) => LnOf(value).High;

    public static double Log10(double value) => (LnOf(value) / s_ln10).High;

    /// <summary>The power of a positive number.</summary>
    public static double Power(double radix, double exponent)
    {
        var logarithm = LnOf(radix) * exponent;
        if (logarithm.High > 710)
        {
            return double.PositiveInfinity;
        }

        return logarithm.High < -746 || double.IsNaN(logarithm.High) ? 0 : Math.ScaleB(Exp(logarithm, out var scale).High, scale);
    }

    public static double CubeRoot(double value)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            return value;
        }

        // The exponent's third is the first guess; the argument is brought near 1 for that.
        var exponent = Math.ILogB(value) / 3;
        var near = Math.ScaleB(Math.Abs(value), -3 * exponent);
        var root = 0.6 + (0.4 * near);
        for (var i = 0; i < 40; i++)
        {
            var next = root - ((root - (near / (root * root))) / 3);
            if (next == root)
            {
                break;
            }

            root = next;
        }

        DoubleDouble guess = root;
        var better = guess + ((near - (guess * guess * guess)) / (guess * guess * 3));
        return Math.CopySign(Math.ScaleB(better.High, exponent), value);
    }

    public static double Sinh(double value)
    {
        if (Math.Abs(value) > 711)
        {
            return value * double.PositiveInfinity;
        }

        return Math.Abs(value) < 1e-300 ? value : SinhOf(value).High;
    }

    public static double Cosh(double value)
    {
        if (Math.Abs(value) > 711)
        {
            return double.PositiveInfinity;
        }

        var power = HalfExp(Math.Abs(value));
        return (power + (0.25 / power)).High;
    }

    public static double Tanh(double value)
    {
        if (Math.Abs(value) > 40)
        {
            return Math.Sign(value);
        }

        if (Math.Abs(value) < 1e-300)
        {
            return value;
        }

        var power = HalfExp(Math.Abs(value));
        return (SinhOf(value) / (power + (0.25 / power))).High;
    }

    public static double Asinh(double value)
    {
        var magnitude = Math.Abs(value);
        if (magnitude < 1e-8)
        {
            // The next term of the series is a sixth of the cube.
            return value - (value * (value * value) / 6);
        }

        if (magnitude > 1e150)
        {
            return Math.CopySign((LnOf(magnitude) + s_ln2).High, value);
        }

        DoubleDouble x = magnitude;
        var root = DoubleDouble.Sqrt((x * x) + 1);

        // ln(1 + y) with y = x + x² / (1 + root) keeps the digits of a small x.
        return Math.CopySign(LnOnePlus(x + (x * x / (root + 1))).High, value);
    }

    public static double Acosh(double value)
    {
        if (value > 1e150)
        {
            return (LnOf(value) + s_ln2).High;
        }

        var less = DoubleDouble.Sum(value, -1);
        return LnOnePlus(less + DoubleDouble.Sqrt(less * DoubleDouble.Sum(value, 1))).High;
    }

    public static double Atanh(double value) => Math.Abs(value) < SeriesBelow
        ? AtanhSeries(value).High
        : (Logarithm(DoubleDouble.Sum(1, value) / DoubleDouble.Sum(1, -value)).Scale(-1)).High;

    private static DoubleDouble LnOf(double value)
    {
        // Subnormal numbers have fewer bits than the steps below count on.
        return value < 2.2250738585072014e-308 ? Logarithm(Math.ScaleB(value, 64)) - (s_ln2 * 64) : Logarithm(value);
    }

    private static DoubleDouble LnOnePlus(DoubleDouble value) =>
        value.High < SeriesBelow ? AtanhSeries(value / (value + 2)).Scale(1) : Logarithm(value + 1);

    private static DoubleDouble Logarithm(DoubleDouble value)
    {
        var less = value - 1;
        if (Math.Abs(less.High) < SeriesBelow)
        {
            return AtanhSeries(less / (value + 1)).Scale(1);
        }

        // One step of Newton's method on exp from a guess that has a double's digits.
        var guess = Guess(value.High);
        var power = Exp(-(DoubleDouble)guess, out var exponent);
        return guess + ((value * power.Scale(exponent)) - 1);
    }

    private static double Guess(double value)
    {
        var exponent = Math.ILogB(value);
        var mantissa = Math.ScaleB(value, -exponent);
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }

        var ratio = (mantissa - 1) / (mantissa + 1);
        var square = ratio * ratio;
        var sum = 0.0;
        for (var i = 25; i >= 1; i -= 2)
        {
            sum = (sum * square) + (1.0 / i);
        }

        return (exponent * s_ln2.High) + (2 * ratio * sum);
    }

    private static DoubleDouble AtanhSeries(DoubleDouble value)
    {
        var square = value * value;
        var (sum, power) = (value, value);
        for (var i = 3; i < 100; i += 2)
        {
            power *= square;
            var term = power / i;
            sum += term;
            if (Math.Abs(term.High) <= Math.Abs(sum.High) * 1e-33)
            {
                break;
            }
        }

        return sum;
    }

    /// <summary>exp as a number near 1 times a power of two.</summary>
    private static DoubleDouble Exp(DoubleDouble value, out int exponent)
    {
        exponent = (int)Math.Round(Math.Clamp(value.High, -800, 800) / s_ln2.High);
        var rest = (value - (s_ln2 * exponent)).Scale(-HalvingsOfArgument);

        // exp(r) - 1 by its series, then squared as often as the argument was halved.
        var over = DoubleDouble.OverFactorial;
        var sum = over[ExpTerms];
        for (var i = ExpTerms - 1; i >= 1; i--)
        {
            sum = (sum * rest) + over[i];
        }

        sum *= rest;
        for (var i = 0; i < HalvingsOfArgument; i++)
        {
            sum = sum.Scale(1) + (sum * sum);
        }

        return sum + 1;
    }

    private static DoubleDouble HalfExp(double value)
    {
        var power = Exp(value, out var exponent);
        return power.Scale(exponent - 1);
    }

    private static DoubleDouble SinhOf(double value)
    {
        if (Math.Abs(value) > 0.3)
        {
            var power = HalfExp(Math.Abs(value));
            var result = power - (0.25 / power);
            return value < 0 ? -result : result;
        }

        DoubleDouble x = value;
        var square = x * x;
        var over = DoubleDouble.OverFactorial;
        var sum = over[SinhTerms];
        for (var i = SinhTerms - 2; i >= 1; i -= 2)
        {
            sum = (sum * square) + over[i];
        }

        sum *= x;
        return sum;
    }
}
