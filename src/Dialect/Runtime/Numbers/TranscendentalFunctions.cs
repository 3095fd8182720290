using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Numbers;

/// <summary>exp, ln, power and trigonometric functions of double precision, with PostgreSQL's errors and its rules for what is not finite.</summary>
internal static class TranscendentalFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        FloatFunctions.Unary(registry, ["dexp", "exp"], Exp);
        FloatFunctions.Unary(registry, ["dlog1", "ln"], value => Logarithm(value, Exponentials.Ln));
        FloatFunctions.Unary(registry, ["dlog10", "log", "log10"], value => Logarithm(value, Exponentials.Log10));
        FloatFunctions.Unary(registry, ["dcbrt", "cbrt"], Exponentials.CubeRoot);
        FloatFunctions.Binary(registry, ["dpow", "pow", "power"], Power);
        FloatFunctions.Unary(registry, ["sinh"], value => double.IsFinite(value) ? Exponentials.Sinh(value) : value);
        FloatFunctions.Unary(registry, ["cosh"], value => double.IsFinite(value) ? Exponentials.Cosh(value) : Math.Abs(value));
        FloatFunctions.Unary(registry, ["tanh"], value => double.IsNaN(value) ? value : Exponentials.Tanh(value));
        FloatFunctions.Unary(registry, ["asinh"], value => double.IsFinite(value) ? Exponentials.Asinh(value) : value);
        FloatFunctions.Unary(registry, ["acosh"], value => value < 1 ? throw OutOfRange() : double.IsFinite(value) ? Exponentials.Acosh(value) : value);
        FloatFunctions.Unary(registry, ["atanh"], Atanh);

        FloatFunctions.Unary(registry, ["sin"], value => OfAngle(value, Trigonometry.Sin));
        FloatFunctions.Unary(registry, ["cos"], value => OfAngle(value, Trigonometry.Cos));
        FloatFunctions.Unary(registry, ["tan"], value => OfAngle(value, Trigonometry.Tan));
        FloatFunctions.Unary(registry, ["cot"], value => OfAngle(value, static angle => 1 / Trigonometry.Tan(angle)));
        FloatFunctions.Unary(registry, ["asin"], value => OfRatio(value, Trigonometry.Asin));
        FloatFunctions.Unary(registry, ["acos"], value => OfRatio(value, Trigonometry.Acos));
        FloatFunctions.Unary(registry, ["atan"], value => double.IsNaN(value) ? value : Trigonometry.Atan(value));
        FloatFunctions.Binary(registry, ["atan2"], (y, x) => double.IsNaN(y) || double.IsNaN(x) ? Floats.NaN : Trigonometry.Atan2(y, x));
        FloatFunctions.Unary(registry, ["sind"], value => OfAngle(value, Degrees.Sin));
        FloatFunctions.Unary(registry, ["cosd"], value => OfAngle(value, Degrees.Cos));
        FloatFunctions.Unary(registry, ["tand"], value => OfAngle(value, Degrees.Tan));
        FloatFunctions.Unary(registry, ["cotd"], value => OfAngle(value, Degrees.Cot));
        FloatFunctions.Unary(registry, ["asind"], value => OfRatio(value, Degrees.Asin));
        FloatFunctions.Unary(registry, ["acosd"], value => OfRatio(value, Degrees.Acos));
        FloatFunctions.Unary(registry, ["atand"], value => double.IsNaN(value) ? value : Degrees.Atan(value));
        FloatFunctions.Binary(registry, ["atan2d"], (y, x) => double.IsNaN(y) || double.IsNaN(x) ? Floats.NaN : Degrees.Atan2(y, x));
        FloatFunctions.Unary(registry, ["degrees"], value => Floats.Divide(value, Degrees.RadiansPerDegree));
        FloatFunctions.Unary(registry, ["radians"], value => Floats.Multiply(value, Degrees.RadiansPerDegree));
    }

    private static double Exp(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNegativeInfinity(value) ? 0 : value;
        }

        var result = value > 710 ? double.PositiveInfinity : value < -746 ? 0 : Exponentials.Exp(value);
        return double.IsInfinity(result) ? throw TypeErrors.FloatOverflow() : result == 0 ? throw TypeErrors.FloatUnderflow() : result;
    }

    private static double Logarithm(double value, Func<double, double> function) => value switch
    {
        0 => throw new TypeException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of zero"),
        < 0 => throw new TypeException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of a negative number"),
        _ => double.IsFinite(value) ? function(value) : value,
    };

    private static double Power(double radix, double exponent)
    {
        if (double.IsNaN(radix) || double.IsNaN(exponent))
        {
            return exponent == 0 || radix == 1 ? 1 : Floats.NaN;
        }

        if (radix == 0 && exponent < 0)
        {
            throw new TypeException(SqlState.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
        }

        if (radix < 0 && exponent != Math.Floor(exponent))
        {
            throw new TypeException(
                SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        }

        return double.IsInfinity(radix) || double.IsInfinity(exponent) ? PowerOfEdges(radix, exponent) : PowerOfFinite(radix, exponent);
    }

    private static double PowerOfEdges(double radix, double exponent)
    {
        if (double.IsInfinity(exponent))
        {
            var magnitude = Math.Abs(radix);
            return magnitude == 1 ? 1 : magnitude > 1 == exponent > 0 ? double.PositiveInfinity : 0;
        }

        return exponent == 0 ? 1
            : radix > 0 ? (exponent > 0 ? radix : 0)
            : exponent > 0 ? (IsOdd(exponent) ? radix : -radix)
            : IsOdd(exponent) ? -0.0 : 0;
    }

    private static double PowerOfFinite(double radix, double exponent)
    {
        if (radix == 0 || exponent == 0)
        {
            return exponent == 0 ? 1 : IsOdd(exponent) ? radix : 0;
        }

        var result = Exponentials.Power(Math.Abs(radix), exponent);
        return double.IsInfinity(result) ? throw TypeErrors.FloatOverflow()
            : result == 0 ? throw TypeErrors.FloatUnderflow()
            : radix < 0 && IsOdd(exponent) ? -result : result;
    }

    private static bool IsOdd(double whole) => Math.Floor(whole / 2) != whole / 2;

    private static double Atanh(double value) => value is < -1 or > 1 ? throw OutOfRange()
        : Math.Abs(value) == 1 ? value * double.PositiveInfinity
        : double.IsNaN(value) ? value
        : Exponentials.Atanh(value);

    private static double OfAngle(double value, Func<double, double> function) => double.IsInfinity(value) ? throw OutOfRange()
        : double.IsNaN(value) ? value
        : function(value);

    private static double OfRatio(double value, Func<double, double> function) => value is < -1 or > 1 ? throw OutOfRange()
        : double.IsNaN(value) ? value
        : function(value);

    private static TypeException OutOfRange() => new(SqlState.NumericValueOutOfRange, "input is out of range");
}
