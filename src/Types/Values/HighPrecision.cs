using System.Numerics;

namespace Rqlite.Pg.Types.Values;

/// <summary>
/// Roots, powers, exponentials and logarithms of decimal numbers of any precision, rounded to a number of digits. All of it is integer
/// arithmetic, so every machine computes the same.
/// </summary>
internal static class HighPrecision
{
    private const double BitsPerDigit = 3.3219280948873626;
    private const int GuardBits = 64;

    private static Tuple<int, BigInteger> s_ln2 = new(0, BigInteger.Zero);

    /// <summary>The whole part of a square root, by Newton's iteration from above.</summary>
    public static BigInteger Sqrt(BigInteger value, out bool exact)
    {
        if (value.IsZero)
        {
            exact = true;
            return value;
        }

        var bits = (int)value.GetBitLength();
        BigInteger root;
        if (bits <= 100)
        {
            root = (BigInteger)Math.Sqrt((double)value) + 1;
        }
        else
        {
            // A first guess with half of the digits right: the root of the upper half. The depth is the logarithm of the number's bits.
            var shift = bits / 4 * 2;
            root = (Sqrt(value >> shift, out _) + 1) << (shift / 2);
        }

        while (true)
        {
            var next = (root + (value / root)) >> 1;
            if (next >= root)
            {
                exact = root * root == value;
                return root;
            }

            root = next;
        }
    }

    /// <summary>digits × 10^exponent to a whole power, as digits and exponent; cut to <paramref name="significant"/> digits on the way.</summary>
    public static (BigInteger Digits, int Exponent) Power(BigInteger digits, int exponent, uint power, int significant)
    {
        var (result, resultExponent) = (BigInteger.One, 0L);
        var (square, squareExponent) = (digits, (long)exponent);
        while (true)
        {
            if ((power & 1) != 0)
            {
                (result, resultExponent) = Cut(result * square, resultExponent + squareExponent, significant);
            }

            power >>= 1;
            if (power == 0 || Math.Abs(resultExponent) > int.MaxValue / 4 || Math.Abs(squareExponent) > int.MaxValue / 4)
            {
                return (result, (int)Math.Clamp(resultExponent, int.MinValue / 2, int.MaxValue / 2));
            }

            (square, squareExponent) = Cut(square * square, squareExponent * 2, significant);
        }
    }

    /// <summary>e to the power of digits / 10^scale, times 10^resultScale, rounded.</summary>
    public static BigInteger Exp(BigInteger digits, int scale, int resultScale)
    {
        var weight = Math.Abs((double)(digits / BigInteger.Pow(10, scale))) * 1.4427;
        var bits = (int)((resultScale * BitsPerDigit) + weight) + GuardBits;
        var x = (digits << bits) / BigInteger.Pow(10, scale);
        var ln2 = Ln2(bits);
        var k = (int)(((x << 1) + ln2) / (ln2 << 1));
        var rest = x - (ln2 * k);

        // With the rest halved some times, few terms of the series are needed; squaring undoes the halving.
        var halvings = (int)Math.Sqrt(bits / 2.0);
        var inner = bits + (2 * halvings) + 16;
        var term = rest << (inner - bits - halvings);
        if (inner - bits - halvings < 0)
        {
            term = rest >> (bits + halvings - inner);
        }

        var step = term;
        var sum = (BigInteger.One << inner) + term;
        for (var i = 2; !term.IsZero && !step.IsZero; i++)
        {
            term = ((term * step) >> inner) / i;
            if (term.IsZero || term == BigInteger.MinusOne)
            {
                break;
            }

            sum += term;
        }

        for (var i = 0; i < halvings; i++)
        {
            sum = (sum * sum) >> inner;
        }

        var shift = k - inner;
        var scaled = sum * BigInteger.Pow(10, resultScale);
        return shift >= 0 ? scaled << shift : RoundShift(scaled, -shift);
    }

    /// <summary>The natural logarithm of digits / 10^scale, times 10^resultScale, rounded.</summary>
    public static BigInteger Ln(BigInteger digits, int scale, int resultScale)
    {
        var bits = (int)(resultScale * BitsPerDigit) + GuardBits + 32;
        var divisor = BigInteger.Pow(10, scale);

        // value = mantissa × 2^k, the mantissa between 2/3 and 4/3.
        var k = (int)(digits.GetBitLength() - divisor.GetBitLength());
        var mantissa = k <= bits ? (digits << (bits - k)) / divisor : digits / (divisor << (k - bits));
        var one = BigInteger.One << bits;
        while (mantissa * 3 > one * 4)
        {
            k++;
            mantissa = Ratio(digits, divisor, bits - k);
        }

        while (mantissa * 3 < one * 2)
        {
            k--;
            mantissa = Ratio(digits, divisor, bits - k);
        }

        // Square roots bring the mantissa near 1, where the series of artanh ends soon.
        var roots = (int)Math.Sqrt(bits / 8.0);
        var inner = bits + roots + 16;
        mantissa = Ratio(digits, divisor, inner - k);
        var unit = BigInteger.One << inner;
        for (var i = 0; i < roots; i++)
        {
            mantissa = Sqrt(mantissa << inner, out _);
        }

        var sum = Artanh(mantissa - unit, mantissa + unit, inner) << (roots + 1);
        var total = (sum >> (inner - bits)) + (Ln2(bits) * k);
        return RoundShift(total * BigInteger.Pow(10, resultScale), bits);
    }

    private static BigInteger Ratio(BigInteger digits, BigInteger divisor, int shift) =>
        shift >= 0 ? (digits << shift) / divisor : digits / (divisor << -shift);

    /// <summary>artanh(numerator / denominator) with so many bits after the point.</summary>
    private static BigInteger Artanh(BigInteger numerator, BigInteger denominator, int bits)
    {
        var z = (numerator << bits) / denominator;
        var square = (z * z) >> bits;
        var (term, sum) = (z, z);
        for (var i = 3; ; i += 2)
        {
            term = (term * square) >> bits;
            var part = term / i;
            if (part.IsZero)
            {
                return sum;
            }

            sum += part;
        }
    }

    private static BigInteger Ln2(int bits)
    {
        // One reference, replaced as a whole: several threads may compute at once.
        var cached = Volatile.Read(ref s_ln2);
        if (cached.Item1 < bits)
        {
            // ln 2 = 2 artanh(1/3).
            var precision = bits + 64;
            cached = new Tuple<int, BigInteger>(bits, (Artanh(BigInteger.One, 3, precision) << 1) >> 64);
            Volatile.Write(ref s_ln2, cached);
        }

        return cached.Item2 >> (cached.Item1 - bits);
    }

    private static (BigInteger Digits, long Exponent) Cut(BigInteger digits, long exponent, int significant)
    {
        if (digits.GetBitLength() <= (long)((significant + 1) * BitsPerDigit))
        {
            return (digits, exponent);
        }

        var drop = PowersOfTen.DigitCount(digits) - significant;
        return drop <= 0 ? (digits, exponent) : (digits / PowersOfTen.Get(drop), exponent + drop);
    }

    /// <summary>Divides by a power of two and rounds half away from zero.</summary>
    private static BigInteger RoundShift(BigInteger value, int shift)
    {
        var magnitude = (BigInteger.Abs(value) + (BigInteger.One << (shift - 1))) >> shift;
        return value.Sign < 0 ? -magnitude : magnitude;
    }
}
