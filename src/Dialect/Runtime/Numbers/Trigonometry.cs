using System.Numerics;

namespace Rqlite.Pg.Dialect.Runtime.Numbers;

/// <summary>
/// Sine, cosine, tangent and their inverses, rounded once from about 100 bits: equal on every machine, unlike the C library's. The callers have
/// dealt with what is not finite.
/// </summary>
internal static class Trigonometry
{
    private const int GuardBits = 170;
    private const int SeriesTerms = 30;

    private static readonly DoubleDouble s_pi = new(3.141592653589793116, 1.224646799147353207e-16);
    private static readonly DoubleDouble s_halfPi = s_pi.Scale(-1);
    private static readonly Lazy<BigInteger> s_piBits = new(() => Pi(PiBits));

    // The largest double has 1024 bits before the point.
    private const int PiBits = 1024 + 64 + GuardBits;

    public static double Sin(double value)
    {
        if (Math.Abs(value) < 1e-300)
        {
            return value;
        }

        var (sine, cosine) = SinCos(value, out var quadrant);
        return quadrant switch { 0 => sine.High, 1 => cosine.High, 2 => -sine.High, _ => -cosine.High };
    }

    public static double Cos(double value)
    {
        var (sine, cosine) = SinCos(value, out var quadrant);
        return quadrant switch { 0 => cosine.High, 1 => -sine.High, 2 => -cosine.High, _ => sine.High };
    }

    public static double Tan(double value)
    {
        if (Math.Abs(value) < 1e-300)
        {
            return value;
        }

        var (sine, cosine) = SinCos(value, out var quadrant);
        return quadrant % 2 == 0 ? (sine / cosine).High : -(cosine / sine).High;
    }

    public static double Atan(double value) => double.IsInfinity(value) ? Math.CopySign(s_halfPi.High, value)
        : Math.Abs(value) < 1e-160 ? value
        : AtanOf(value).High;

    public static double Atan2(double y, double x)
    {
        if (double.IsInfinity(x) || double.IsInfinity(y) || x == 0 || y == 0)
        {
            return Atan2OfEdges(y, x);
        }

        var angle = AtanOfRatio(Math.Abs(y), Math.Abs(x));
        return Math.CopySign(x > 0 ? angle.High : (s_pi - angle).High, y);
    }

    public static double Asin(double value) => Math.Abs(value) == 1 ? value * s_halfPi.High
        : Math.Abs(value) < 1e-160 ? value
        : AtanOf(value / DoubleDouble.Sqrt(DoubleDouble.Sum(1, -value) * DoubleDouble.Sum(1, value))).High;

    public static double Acos(double value) => value == -1 ? s_pi.High
        : value == 1 ? 0
        : AtanOf(DoubleDouble.Sqrt(DoubleDouble.Sum(1, -value) / DoubleDouble.Sum(1, value))).Scale(1).High;

    private static double Atan2OfEdges(double y, double x)
    {
        var left = double.IsNegative(x);
        var angle = double.IsInfinity(y)
            ? (double.IsInfinity(x) ? (left ? (s_pi * 3).Scale(-2) : s_pi.Scale(-2)) : s_halfPi)
            : double.IsInfinity(x) || y == 0 ? (left ? s_pi : 0)
            : s_halfPi;
        return Math.CopySign(angle.High, y);
    }

    private static DoubleDouble AtanOfRatio(double y, double x)
    {
        // A quotient beyond the range of a double is as good as a right angle or none.
        var ratio = y / x;
        return ratio > 1e300 ? s_halfPi : ratio < 1e-300 ? ratio : AtanOf((DoubleDouble)y / x);
    }

    /// <summary>The arc tangent: a guess with a double's digits, and what is left by the theorem of addition.</summary>
    private static DoubleDouble AtanOf(DoubleDouble value)
    {
        if (Math.Abs(value.High) > 1e30)
        {
            return (value.High < 0 ? -s_halfPi : s_halfPi) - (1 / value);
        }

        var guess = Guess(value.High);
        var (sine, cosine) = Series(guess);
        return guess + (((value * cosine) - sine) / (cosine + (value * sine)));
    }

    private static double Guess(double value)
    {
        var magnitude = Math.Abs(value);
        var inverse = magnitude > 1;
        var x = inverse ? 1 / magnitude : magnitude;

        // Halving the angle three times makes the series short.
        for (var i = 0; i < 3; i++)
        {
            x /= 1 + Math.Sqrt(1 + (x * x));
        }

        var square = x * x;
        var sum = 0.0;
        for (var i = 19; i >= 1; i -= 2)
        {
            sum = (1.0 / i) - (sum * square);
        }

        var angle = 8 * x * sum;
        return Math.CopySign(inverse ? s_halfPi.High - angle : angle, value);
    }

    private static (DoubleDouble Sine, DoubleDouble Cosine) SinCos(double value, out int quadrant) => Series(Reduce(value, out quadrant));

    /// <summary>Sine and cosine by their series; of an angle up to a right one.</summary>
    private static (DoubleDouble Sine, DoubleDouble Cosine) Series(DoubleDouble angle)
    {
        var square = -(angle * angle);
        var over = DoubleDouble.OverFactorial;
        var (sine, cosine) = (over[SeriesTerms + 1], over[SeriesTerms]);
        for (var i = SeriesTerms - 2; i >= 0; i -= 2)
        {
            sine = (sine * square) + over[i + 1];
            cosine = (cosine * square) + over[i];
        }

        sine *= angle;
        return (sine, cosine);
    }

    /// <summary>Takes right angles off, exactly, and leaves an angle between -π/4 and π/4.</summary>
    private static DoubleDouble Reduce(double value, out int quadrant)
    {
        if (Math.Abs(value) < 0.785)
        {
            quadrant = 0;
            return value;
        }

        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF) - 1075;
        BigInteger mantissa = (bits & 0xF_FFFF_FFFF_FFFF) | 0x10_0000_0000_0000;

        // The angle and a right angle as whole numbers of 2 to the power of -fraction.
        var fraction = Math.Max(exponent, 0) + 64 + GuardBits;
        var right = s_piBits.Value >> (PiBits - fraction + 1);
        var turns = BigInteger.DivRem(mantissa << (fraction + exponent), right, out var rest);
        if (rest << 1 > right)
        {
            rest -= right;
            turns++;
        }

        quadrant = (int)(turns & 3);
        var angle = ToDoubleDouble(rest, fraction);
        if (value > 0)
        {
            return angle;
        }

        quadrant = (4 - quadrant) & 3;
        return -angle;
    }

    private static DoubleDouble ToDoubleDouble(BigInteger value, int fraction)
    {
        // Cut to what two doubles hold, so that the conversions below are exact.
        var drop = Math.Max(0, (int)BigInteger.Abs(value).GetBitLength() - 106);
        var digits = value >> drop;
        var high = (double)(digits >> 53);
        var low = (double)(digits & ((BigInteger.One << 53) - 1));
        return DoubleDouble.Sum(Math.ScaleB(high, 53), low).Scale(drop - fraction);
    }

    /// <summary>π with so many bits after the point, by Machin's formula.</summary>
    private static BigInteger Pi(int bits)
    {
        const int Guard = 32;
        var unit = BigInteger.One << (bits + Guard);
        return (4 * ((4 * ArcCotangent(5, unit)) - ArcCotangent(239, unit))) >> Guard;
    }

    private static BigInteger ArcCotangent(int value, BigInteger unit)
    {
        var power = unit / value;
        var sum = power;
        for (var i = 3; !power.IsZero; i += 2)
        {
            power /= value * value;
            sum += i % 4 == 3 ? -(power / i) : power / i;
        }

        return sum;
    }
}
