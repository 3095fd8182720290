using System.Numerics;

namespace Rqlite.Pg.Types.Values;

/// <summary>
/// A numeric: an integer of any size, and how many of its decimal digits stand after the point and are shown (<c>dscale</c>); or NaN or an
/// infinity. Results have PostgreSQL's display scales, so that 1.10 + 1 is 2.10 and 10 / 4 is 2.5000000000000000.
/// </summary>
public readonly partial struct Numeric : IEquatable<Numeric>, IComparable<Numeric>
{
    /// <summary>The digits before the point that PostgreSQL's format can hold: 32768 groups of four.</summary>
    public const int IntegerDigitsMax = 131_072;

    /// <summary>The digits after the point that PostgreSQL's format can hold.</summary>
    public const int ScaleMax = 16_383;

    private enum Kind : byte
    {
        Finite,
        NegativeInfinity,
        PositiveInfinity,
        NaN,
    }

    private readonly Kind _kind;
    private readonly BigInteger _digits;

    private Numeric(Kind kind) => _kind = kind;

    /// <param name="digits">The value times 10 to the power of <paramref name="scale"/>.</param>
    /// <param name="scale">The digits after the point, not negative.</param>
    /// <exception cref="TypeException">22003: the value is too large for PostgreSQL's format.</exception>
    public Numeric(BigInteger digits, int scale)
    {
        if (scale > ScaleMax)
        {
            throw TypeErrors.NumericOverflow();
        }

        _digits = digits;
        Scale = scale;

        // 131072 digits are more than 435411 bits.
        if (digits.GetBitLength() > 435_000 && PowersOfTen.DigitCount(digits) - scale > IntegerDigitsMax)
        {
            throw TypeErrors.NumericOverflow();
        }
    }

    public static Numeric Zero => default;

    public static Numeric One => new(BigInteger.One, 0);

    public static Numeric NaN => new(Kind.NaN);

    public static Numeric PositiveInfinity => new(Kind.PositiveInfinity);

    public static Numeric NegativeInfinity => new(Kind.NegativeInfinity);

    /// <summary>The digits after the point that are shown.</summary>
    public int Scale { get; }

    /// <summary>The value times 10 to the power of <see cref="Scale"/>.</summary>
    public BigInteger Digits => _digits;

    public bool IsNaN => _kind == Kind.NaN;

    public bool IsInfinity => _kind is Kind.PositiveInfinity or Kind.NegativeInfinity;

    public bool IsFinite => _kind == Kind.Finite;

    /// <summary>-1, 0 or 1; 1 for NaN.</summary>
    public int Sign => _kind switch { Kind.Finite => _digits.Sign, Kind.NegativeInfinity => -1, _ => 1 };

    public static bool operator ==(Numeric left, Numeric right) => left.Equals(right);

    public static bool operator !=(Numeric left, Numeric right) => !left.Equals(right);

    public static bool operator <(Numeric left, Numeric right) => left.CompareTo(right) < 0;

    public static bool operator >(Numeric left, Numeric right) => left.CompareTo(right) > 0;

    public static bool operator <=(Numeric left, Numeric right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Numeric left, Numeric right) => left.CompareTo(right) >= 0;

    /// <summary>Compares values: scales do not matter, NaN is equal to itself and larger than everything.</summary>
    public int CompareTo(Numeric other)
    {
        if (_kind != Kind.Finite || other._kind != Kind.Finite)
        {
            return Rank(_kind).CompareTo(Rank(other._kind));
        }

        if (_digits.Sign != other._digits.Sign)
        {
            return _digits.Sign.CompareTo(other._digits.Sign);
        }

        var shift = Scale - other.Scale;
        return shift == 0 ? _digits.CompareTo(other._digits)
            : shift < 0 ? (_digits * PowersOfTen.Get(-shift)).CompareTo(other._digits)
            : _digits.CompareTo(other._digits * PowersOfTen.Get(shift));
    }

    public bool Equals(Numeric other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is Numeric other && Equals(other);

    /// <summary>A hash that is the same for 1 and 1.00.</summary>
    public override int GetHashCode() => _kind != Kind.Finite ? (int)_kind : TrimScale()._digits.GetHashCode();

    private static int Rank(Kind kind) => kind switch { Kind.NegativeInfinity => -1, Kind.Finite => 0, Kind.PositiveInfinity => 1, _ => 2 };

    /// <summary>The exponent of the first digit in base 10000, and that digit, which the scales of results depend on; (0, 0) for zero.</summary>
    private (int Weight, int First) Leading()
    {
        if (_digits.IsZero)
        {
            return (0, 0);
        }

        var magnitude = BigInteger.Abs(_digits);
        var exponent = PowersOfTen.DigitCount(magnitude) - Scale - 1;
        var weight = exponent >= 0 ? exponent / 4 : ((exponent - 3) / 4);
        var shift = (weight * 4) + Scale;
        return (weight, (int)(shift >= 0 ? magnitude / PowersOfTen.Get(shift) : magnitude * PowersOfTen.Get(-shift)));
    }

    private static BigInteger ScaleUp(BigInteger digits, int by) => by == 0 || digits.IsZero ? digits : digits * PowersOfTen.Get(by);

    /// <summary>Divides and rounds half away from zero.</summary>
    private static BigInteger DivideRounded(BigInteger dividend, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out var remainder);
        return BigInteger.Abs(remainder) * 2 >= BigInteger.Abs(divisor)
            ? quotient + (dividend.Sign * divisor.Sign)
            : quotient;
    }

    private static BigInteger Rescale(BigInteger digits, int from, int to) => to >= from
        ? ScaleUp(digits, to - from)
        : DivideRounded(digits, PowersOfTen.Get(from - to));
}
