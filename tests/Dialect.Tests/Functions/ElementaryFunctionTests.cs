using Rqlite.Pg.Dialect.Runtime.Numbers;

namespace Rqlite.Pg.Dialect.Tests.Functions;

/// <summary>The elementary functions, which are our own, beside those of the C library, which are nearly right on every machine.</summary>
public sealed class ElementaryFunctionTests
{
    private const int Rounds = 20_000;

    [Fact]
    public void Exponentials_are_those_of_the_C_library_but_for_its_last_digit()
    {
        Compare("exp", random => Between(random, -700, 700), Exponentials.Exp, Math.Exp);
        Compare("ln", Positive, Exponentials.Ln, Math.Log);
        Compare("ln near 1", random => 1 + (Between(random, -1, 1) * Math.Pow(10, -random.Next(16))), Exponentials.Ln, Math.Log);
        Compare("log10", Positive, Exponentials.Log10, Math.Log10);
        Compare("cbrt", Positive, Exponentials.CubeRoot, Math.Cbrt);
        Compare("sinh", random => Between(random, -700, 700), Exponentials.Sinh, Math.Sinh);
        Compare("sinh near 0", Small, Exponentials.Sinh, Math.Sinh);
        Compare("cosh", random => Between(random, -700, 700), Exponentials.Cosh, Math.Cosh);
        Compare("tanh", random => Between(random, -20, 20), Exponentials.Tanh, Math.Tanh);
        Compare("tanh near 0", Small, Exponentials.Tanh, Math.Tanh);
        Compare("asinh", Positive, Exponentials.Asinh, Math.Asinh);
        Compare("asinh near 0", Small, Exponentials.Asinh, Math.Asinh);
        Compare("acosh", random => 1 + Positive(random), Exponentials.Acosh, Math.Acosh);
        Compare("atanh", random => Between(random, -1, 1), Exponentials.Atanh, Math.Atanh);
    }

    [Fact]
    public void Powers_are_those_of_the_C_library_but_for_its_last_digit()
    {
        var random = new Random(2);
        for (var i = 0; i < Rounds; i++)
        {
            var (radix, exponent) = (Math.Pow(10, Between(random, -20, 20)), Between(random, -15, 15));
            AssertNear($"{radix:R} ^ {exponent:R}", Exponentials.Power(radix, exponent), Math.Pow(radix, exponent));
        }
    }

    [Fact]
    public void Angles_are_those_of_the_C_library_but_for_its_last_digit()
    {
        Compare("sin", random => Between(random, -10, 10), Trigonometry.Sin, Math.Sin);
        Compare("sin of large angles", Positive, Trigonometry.Sin, Math.Sin);
        Compare("cos", random => Between(random, -10, 10), Trigonometry.Cos, Math.Cos);
        Compare("cos of large angles", Positive, Trigonometry.Cos, Math.Cos);
        Compare("tan", random => Between(random, -10, 10), Trigonometry.Tan, Math.Tan);
        Compare("sin near multiples of pi", random => random.Next(1, 1000) * Math.PI, Trigonometry.Sin, Math.Sin);
        Compare("asin", random => Between(random, -1, 1), Trigonometry.Asin, Math.Asin);
        Compare("acos", random => Between(random, -1, 1), Trigonometry.Acos, Math.Acos);
        Compare("atan", random => Positive(random) * (random.Next(2) == 0 ? 1 : -1), Trigonometry.Atan, Math.Atan);
        Compare("atan2", random => Between(random, -100, 100), y => Trigonometry.Atan2(y, 3.7), y => Math.Atan2(y, 3.7));
        Compare("atan2 on the left", random => Between(random, -100, 100), y => Trigonometry.Atan2(y, -3.7), y => Math.Atan2(y, -3.7));
    }

    [Theory]
    [InlineData(1e22, -0.8522008497671888)]
    [InlineData(1.7976931348623157e308, 0.004961954789184062)]
    [InlineData(3.141592653589793, 1.2246467991473532e-16)]
    public void Angles_of_any_size_are_reduced_exactly(double angle, double sine) => Assert.Equal(sine, Trigonometry.Sin(angle));

    private static void Compare(string name, Func<Random, double> argument, Func<double, double> ours, Func<double, double> library)
    {
        var random = new Random(1);
        for (var i = 0; i < Rounds; i++)
        {
            var value = argument(random);
            AssertNear($"{name} of {value:R}", ours(value), library(value));
        }
    }

    private static void AssertNear(string what, double ours, double library)
    {
        // The library's hyperbolic functions are wrong by up to two units of the last digit.
        var unit = Math.Abs(Math.BitIncrement(Math.Abs(library)) - Math.Abs(library));
        Assert.True(ours.Equals(library) || Math.Abs(ours - library) <= 3 * unit, $"{what}: {ours:R}, not {library:R}");
    }

    private static double Between(Random random, double low, double high) => low + (random.NextDouble() * (high - low));

    private static double Positive(Random random) => Math.Pow(10, Between(random, -300, 300));

    private static double Small(Random random) => Between(random, -1, 1) * Math.Pow(10, -random.Next(0, 12));
}
