using System.Numerics;

namespace Rqlite.Pg.Types.Values;

public readonly partial struct Numeric
{
    // Quotients have at least this many significant digits, and at most ResultScaleMax digits after the point.
    private const int SignificantDigitsMin = 16;
    private const int ResultScaleMax = 1000;

    // Estimates of exponents are cut to this.
    private const int RoundScaleMax = 2000;

    public static Numeric operator +(Numeric left, Numeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
        {
            return left.IsNaN || right.IsNaN ? NaN
                : left.IsInfinity && right.IsInfinity && left._kind != right._kind ? NaN
                : left.IsInfinity ? left : right;
        }

        var scale = Math.Max(left.Scale, right.Scale);
        return new Numeric(ScaleUp(left._digits, scale - left.Scale) + ScaleUp(right._digits, scale - right.Scale), scale);
    }

    public static Numeric operator -(Numeric left, Numeric right) => left + -right;

    public static Numeric operator -(Numeric value) => value._kind switch
    {
        Kind.Finite => new Numeric(-value._digits, value.Scale),
        Kind.PositiveInfinity => NegativeInfinity,
        Kind.NegativeInfinity => PositiveInfinity,
        _ => NaN,
    };

    public static Numeric operator *(Numeric left, Numeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
        {
            return left.IsNaN || right.IsNaN ? NaN : Infinity(left.Sign * right.Sign);
        }

        var scale = left.Scale + right.Scale;
        var digits = left._digits * right._digits;
        return scale > ScaleMax ? new Numeric(Rescale(digits, scale, ScaleMax), ScaleMax) : new Numeric(digits, scale);
    }

    public static Numeric operator /(Numeric left, Numeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
        {
            return DivideSpecial(left, right);
        }

        if (right._digits.IsZero)
        {
            throw TypeErrors.DivisionByZero();
        }

        return Divide(left, right, QuotientScale(left, right));
    }

    public static Numeric operator %(Numeric left, Numeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
        {
            return left.IsNaN || right.IsNaN ? NaN
                : left.IsInfinity ? (right.Sign == 0 ? throw TypeErrors.DivisionByZero() : NaN)
                : left;
        }

        if (right._digits.IsZero)
        {
            throw TypeErrors.DivisionByZero();
        }

        var scale = Math.Max(left.Scale, right.Scale);
        return new Numeric(BigInteger.Remainder(ScaleUp(left._digits, scale - left.Scale), ScaleUp(right._digits, scale - right.Scale)), scale);
    }

    /// <summary>The whole part of the quotient, towards zero.</summary>
    public static Numeric DivideWhole(Numeric left, Numeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
        {
            return DivideSpecial(left, right);
        }

        if (right._digits.IsZero)
        {
            throw TypeErrors.DivisionByZero();
        }

        var scale = Math.Max(left.Scale, right.Scale);
        return new Numeric(BigInteger.Divide(ScaleUp(left._digits, scale - left.Scale), ScaleUp(right._digits, scale - right.Scale)), 0);
    }

    public Numeric Abs() => Sign < 0 ? -this : this;

    public Numeric SignOf() => IsNaN ? NaN : new Numeric(Sign, 0);

    /// <summary>Rounds half away from zero; a negative number of digits rounds before the point.</summary>
    public Numeric Round(int digits)
    {
        if (!IsFinite)
        {
            return this;
        }

        var scale = Math.Clamp(digits, -IntegerDigitsMax - 1, ScaleMax);
        if (scale < 0 && PowersOfTen.DigitCount(_digits) - Scale < -scale)
        {
            return Zero;
        }

        var rounded = scale >= Scale ? ScaleUp(_digits, scale - Scale) : DivideRounded(_digits, PowersOfTen.Get(Scale - scale));
        return new Numeric(scale < 0 ? ScaleUp(rounded, -scale) : rounded, Math.Max(0, scale));
    }

    /// <summary>Cuts digits off; a negative number of digits cuts before the point.</summary>
    public Numeric Truncate(int digits)
    {
        if (!IsFinite)
        {
            return this;
        }

        var scale = Math.Clamp(digits, -IntegerDigitsMax, ScaleMax);
        if (scale < 0 && PowersOfTen.DigitCount(_digits) - Scale < -scale)
        {
            return Zero;
        }

        var cut = scale >= Scale ? ScaleUp(_digits, scale - Scale) : BigInteger.Divide(_digits, PowersOfTen.Get(Scale - scale));
        return new Numeric(scale < 0 ? ScaleUp(cut, -scale) : cut, Math.Max(0, scale));
    }

    public Numeric Ceiling() => Whole(up: true);

    public Numeric Floor() => Whole(up: false);

    /// <summary>The fewest digits after the point that hold the value; 0 for what is not finite.</summary>
    public int MinScale => TrimScale().Scale;

    /// <summary>The same value without zeros at the end of its fraction.</summary>
    public Numeric TrimScale()
    {
        if (!IsFinite || Scale == 0)
        {
            return this;
        }

        if (_digits.IsZero)
        {
            return Zero;
        }

        // Halving the step finds the zeros at the end in few divisions.
        var (digits, scale) = (_digits, Scale);
        for (var step = 1 << BitOperations.Log2((uint)scale); step > 0; step >>= 1)
        {
            while (step <= scale)
            {
                var quotient = BigInteger.DivRem(digits, PowersOfTen.Get(step), out var remainder);
                if (!remainder.IsZero)
                {
                    break;
                }

                (digits, scale) = (quotient, scale - step);
            }
        }

        return new Numeric(digits, scale);
    }

    public static Numeric GreatestCommonDivisor(Numeric left, Numeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
        {
            return NaN;
        }

        var scale = Math.Max(left.Scale, right.Scale);
        return new Numeric(
            BigInteger.GreatestCommonDivisor(ScaleUp(left._digits, scale - left.Scale), ScaleUp(right._digits, scale - right.Scale)), scale);
    }

    public static Numeric LeastCommonMultiple(Numeric left, Numeric right)
    {
        if (!left.IsFinite || !right.IsFinite)
        {
            return NaN;
        }

        var scale = Math.Max(left.Scale, right.Scale);
        var (a, b) = (ScaleUp(left._digits, scale - left.Scale), ScaleUp(right._digits, scale - right.Scale));
        return a.IsZero || b.IsZero
            ? new Numeric(0, scale)
            : new Numeric(BigInteger.Abs(a / BigInteger.GreatestCommonDivisor(a, b) * b), scale);
    }

    /// <summary>Rounds to the scale of a modifier and checks its precision.</summary>
    /// <param name="modifier">((precision &lt;&lt; 16) | scale) + 4; below 4 there is no limit.</param>
    public Numeric ApplyModifier(int modifier)
    {
        if (modifier < 4 || IsNaN)
        {
            return this;
        }

        var (precision, scale) = Modifiers.Numeric(modifier);
        if (IsInfinity)
        {
            throw new TypeException(
                SqlState.NumericValueOutOfRange, "numeric field overflow",
                $"A field with precision {precision}, scale {scale} cannot hold an infinite value.");
        }

        var rounded = scale >= Scale ? ScaleUp(_digits, scale - Scale) : DivideRounded(_digits, PowersOfTen.Get(Scale - scale));
        if (PowersOfTen.DigitCount(rounded) > precision)
        {
            var whole = precision - scale;
            throw new TypeException(
                SqlState.NumericValueOutOfRange, "numeric field overflow",
                $"A field with precision {precision}, scale {scale} must round to an absolute value less than "
                    + (whole != 0 ? $"10^{whole}." : "1."));
        }

        return new Numeric(scale < 0 ? ScaleUp(rounded, -scale) : rounded, Math.Max(0, scale));
    }

    private static Numeric Infinity(int sign) => sign switch { 0 => NaN, > 0 => PositiveInfinity, _ => NegativeInfinity };

    private static Numeric DivideSpecial(Numeric left, Numeric right) =>
        left.IsNaN || right.IsNaN ? NaN
        : left.IsFinite ? Zero
        : right.IsInfinity ? NaN
        : right.Sign == 0 ? throw TypeErrors.DivisionByZero()
        : Infinity(left.Sign * right.Sign);

    /// <summary>The scale that gives a quotient 16 significant digits, and not fewer digits than its operands have.</summary>
    public static int QuotientScale(Numeric left, Numeric right)
    {
        var (weight, first) = left.Leading();
        var (divisorWeight, divisorFirst) = right.Leading();
        var quotientWeight = weight - divisorWeight - (first <= divisorFirst ? 1 : 0);
        var scale = SignificantDigitsMin - (quotientWeight * 4);
        return ResultScale(scale, Math.Max(left.Scale, right.Scale));
    }

    private static int ResultScale(int wanted, int operands) => Math.Min(Math.Max(Math.Max(wanted, operands), 0), ResultScaleMax);

    private static Numeric Divide(Numeric left, Numeric right, int scale)
    {
        var shift = scale - left.Scale + right.Scale;
        return shift >= 0
            ? new Numeric(DivideRounded(ScaleUp(left._digits, shift), right._digits), scale)
            : new Numeric(DivideRounded(left._digits, ScaleUp(right._digits, -shift)), scale);
    }

    private Numeric Whole(bool up)
    {
        if (!IsFinite || Scale == 0)
        {
            return this;
        }

        var quotient = BigInteger.DivRem(_digits, PowersOfTen.Get(Scale), out var remainder);
        return new Numeric(remainder.IsZero ? quotient : up ? (remainder.Sign > 0 ? quotient + 1 : quotient)
            : remainder.Sign < 0 ? quotient - 1 : quotient, 0);
    }
}
