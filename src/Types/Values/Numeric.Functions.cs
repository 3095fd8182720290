using System.Numerics;

namespace Rqlite.Pg.Types.Values;

/// <summary>sqrt, exp, ln, log and power, with the scales that PostgreSQL gives their results.</summary>
public readonly partial struct Numeric
{
    private const double Log10OfE = 0.434294481903252;
    private const int ExponentialMax = 6000;

    public Numeric Sqrt()
    {
        if (!IsFinite)
        {
            return _kind == Kind.NegativeInfinity ? throw NegativeRoot() : this;
        }

        if (_digits.Sign < 0)
        {
            throw NegativeRoot();
        }

        var (weight, _) = Leading();
        var wanted = SignificantDigitsMin - (((weight + 1) * 4 / 2) - 1);
        var scale = ResultScale(wanted, Scale);

        // One more digit than shown, to round from.
        var root = HighPrecision.Sqrt(Rescale(_digits, Scale, Math.Max(Scale, (scale + 1) * 2)), out _);
        var rootScale = Math.Max(Scale, (scale + 1) * 2);
        return rootScale % 2 == 0
            ? new Numeric(Rescale(root, rootScale / 2, scale), scale)
            : new Numeric(Rescale(HighPrecision.Sqrt(_digits * 10, out _), (Scale + 1) / 2, scale), scale);
    }

    /// <summary>The square root of a number that is finite and not negative, with so many digits after the point.</summary>
    public Numeric Sqrt(int scale)
    {
        // Two more digits than shown, to round from.
        var digits = 2 * (scale + 2);
        return new Numeric(Rescale(HighPrecision.Sqrt(Rescale(_digits, Scale, digits), out _), scale + 2, scale), scale);
    }

    public Numeric Exp()
    {
        if (!IsFinite)
        {
            return _kind == Kind.NegativeInfinity ? Zero : this;
        }

        var weight = Math.Clamp(Approximate() * Log10OfE, -RoundScaleMax, RoundScaleMax);
        return Exp(this, ResultScale(SignificantDigitsMin - (int)weight, Scale));
    }

    public Numeric Ln()
    {
        RequireLogarithm(this);
        return !IsFinite ? this : Ln(this, ResultScale(SignificantDigitsMin - LnWeight(), Scale));
    }

    /// <summary>The logarithm to base 10.</summary>
    public Numeric Log10() => Log(new Numeric(10, 0), this);

    public static Numeric Log(Numeric radix, Numeric value)
    {
        if (radix.IsNaN || value.IsNaN)
        {
            return NaN;
        }

        if (!(radix.IsFinite && value.IsFinite) && (radix.Sign < 0 || value.Sign < 0))
        {
            RequireLogarithm(NegativeInfinity);
        }

        RequireLogarithm(radix);
        RequireLogarithm(value);
        if (radix.IsInfinity || value.IsInfinity)
        {
            return radix.IsInfinity ? (value.IsInfinity ? NaN : Zero) : PositiveInfinity;
        }

        var radixWeight = radix.LnWeight();
        var valueWeight = value.LnWeight();
        var weight = valueWeight - radixWeight;
        var scale = ResultScale(SignificantDigitsMin - weight, Math.Max(radix.Scale, value.Scale));
        var divisor = Ln(radix, Math.Max(0, scale + weight - radixWeight + 8));
        var dividend = Ln(value, Math.Max(0, scale + weight - valueWeight + 8));
        return divisor._digits.IsZero ? throw TypeErrors.DivisionByZero() : Divide(dividend, divisor, scale);
    }

    public static Numeric Power(Numeric radix, Numeric exponent)
    {
        if (radix.IsNaN || exponent.IsNaN)
        {
            // POSIX: NaN to the power of 0 is 1, and 1 to the power of NaN.
            return (radix.IsNaN && exponent.IsFinite && exponent.Sign == 0) || (exponent.IsNaN && radix.IsFinite && radix == One) ? One : NaN;
        }

        if (radix.Sign == 0 && exponent.Sign < 0)
        {
            throw new TypeException(SqlState.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
        }

        if (radix.Sign < 0 && exponent.IsFinite && exponent.MinScale > 0)
        {
            throw new TypeException(
                SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        }

        return radix.IsFinite && exponent.IsFinite ? PowerFinite(radix, exponent) : PowerSpecial(radix, exponent);
    }

    private static Numeric PowerSpecial(Numeric radix, Numeric exponent)
    {
        if ((radix.IsFinite && radix == One) || exponent.Sign == 0)
        {
            return One;
        }

        if (radix.Sign == 0)
        {
            return Zero;
        }

        if (exponent.IsInfinity)
        {
            return radix.IsFinite && radix.Abs() == One ? One
                : (radix.IsInfinity || radix.Abs() > One) == exponent.Sign > 0 ? PositiveInfinity : Zero;
        }

        return exponent.Sign < 0 ? Zero : radix.Sign < 0 && !exponent.TrimScale()._digits.IsEven ? NegativeInfinity : PositiveInfinity;
    }

    private static Numeric PowerFinite(Numeric radix, Numeric exponent)
    {
        var whole = exponent.TrimScale();
        if (whole.Scale == 0 && whole._digits >= int.MinValue && whole._digits <= int.MaxValue)
        {
            return PowerWhole(radix, (int)whole._digits, ResultScale(SignificantDigitsMin, radix.Scale));
        }

        if (radix._digits.IsZero)
        {
            return new Numeric(0, SignificantDigitsMin);
        }

        var negative = radix.Sign < 0 && !whole._digits.IsEven;
        radix = radix.Abs();
        var lnWeight = radix.LnWeight();
        var roughScale = Math.Clamp(8 - lnWeight, 0, ResultScaleMax);
        var rough = (Ln(radix, roughScale) * exponent).Round(roughScale).Approximate();
        if (Math.Abs(rough) > RoundScaleMax * 3.01)
        {
            return rough > 0 ? throw TypeErrors.NumericOverflow() : new Numeric(0, ResultScaleMax);
        }

        var weight = (int)(rough * Log10OfE);
        var scale = ResultScale(SignificantDigitsMin - weight, Math.Max(radix.Scale, exponent.Scale));
        var lnScale = Math.Max(0, Math.Max(0, scale + weight) - lnWeight + 8);
        var product = Ln(radix, lnScale) * exponent;
        var result = Exp(new Numeric(Rescale(product._digits, product.Scale, lnScale), lnScale), scale);
        return negative ? -result : result;
    }

    private static Numeric PowerWhole(Numeric radix, int exponent, int scale)
    {
        switch (exponent)
        {
            case 0:
                return One.Round(scale);
            case 1:
                return radix.Round(scale);
            case -1:
                return Divide(One, radix, scale);
            case 2:
                return new Numeric(Rescale(radix._digits * radix._digits, radix.Scale * 2, scale), scale);
        }

        if (radix._digits.IsZero)
        {
            return new Numeric(0, scale);
        }

        var magnitude = BigInteger.Abs(radix._digits);
        var logarithm = exponent * (BigInteger.Log10(magnitude) - radix.Scale);
        if (logarithm > 3.0 * short.MaxValue * 4)
        {
            throw TypeErrors.NumericOverflow();
        }

        if (logarithm + 1 < -scale || logarithm + 1 < -ResultScaleMax)
        {
            return new Numeric(0, scale);
        }

        // Each product may lose a unit of its last digit, so some digits more are kept.
        var significant = 1 + scale + (int)logarithm + (int)Math.Log(Math.Abs((double)exponent)) + 8;
        var negative = radix.Sign < 0 && (exponent & 1) != 0;
        var (digits, power) = HighPrecision.Power(magnitude, -radix.Scale, (uint)Math.Abs((long)exponent), Math.Max(significant, 1) + 8);
        var result = exponent < 0 ? Reciprocal(digits, power, scale) : FromScientific(digits, power, scale);
        return negative ? -result : result;
    }

    private static Numeric FromScientific(BigInteger digits, int power, int scale)
    {
        if (PowersOfTen.DigitCount(digits) + power > IntegerDigitsMax)
        {
            throw TypeErrors.NumericOverflow();
        }

        var shift = power + scale;
        return new Numeric(shift >= 0 ? ScaleUp(digits, shift) : DivideRounded(digits, PowersOfTen.Get(-shift)), scale);
    }

    private static Numeric Reciprocal(BigInteger digits, int power, int scale)
    {
        var shift = scale - power;
        return shift < 0 ? new Numeric(0, scale) : new Numeric(DivideRounded(PowersOfTen.Get(shift), digits), scale);
    }

    private static Numeric Exp(Numeric value, int scale)
    {
        var approximate = value.Approximate();
        if (Math.Abs(approximate) >= ExponentialMax)
        {
            return approximate > 0 ? throw TypeErrors.NumericOverflow() : new Numeric(0, scale);
        }

        return new Numeric(HighPrecision.Exp(value._digits, value.Scale, scale), scale);
    }

    private static Numeric Ln(Numeric value, int scale) => new(HighPrecision.Ln(value._digits, value.Scale, scale), scale);

    /// <summary>The exponent of the first digit of the natural logarithm, estimated as PostgreSQL does, since scales depend on it.</summary>
    private int LnWeight()
    {
        if (_digits.Sign <= 0)
        {
            return 0;
        }

        if (CompareTo(new Numeric(9, 1)) >= 0 && CompareTo(new Numeric(11, 1)) <= 0)
        {
            // ln(1 + x) is nearly x.
            var x = this - One;
            return x._digits.IsZero ? 0 : PowersOfTen.DigitCount(x._digits) - 1 - x.Scale;
        }

        var (weight, first) = Leading();
        double digits = first;
        var exponent = weight * 4;
        var shift = exponent - 4 + Scale;
        var rest = shift >= 0 ? _digits / PowersOfTen.Get(shift) : _digits * PowersOfTen.Get(-shift);
        if (shift >= 0 || !(rest % 10_000).IsZero)
        {
            digits = (double)rest;
            exponent -= 4;
        }

        return (int)Math.Log10(Math.Abs(Math.Log(digits) + (exponent * 2.302585092994046)));
    }

    private static void RequireLogarithm(Numeric value)
    {
        if (value.Sign <= 0)
        {
            throw new TypeException(
                SqlState.InvalidArgumentForLogarithm,
                value.Sign < 0 ? "cannot take logarithm of a negative number" : "cannot take logarithm of zero");
        }
    }

    private static TypeException NegativeRoot() =>
        new(SqlState.InvalidArgumentForPowerFunction, "cannot take square root of a negative number");
}
