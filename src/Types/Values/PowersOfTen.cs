using System.Numerics;

namespace Rqlite.Pg.Types.Values;

/// <summary>Powers of ten as integers of any size.</summary>
internal static class PowersOfTen
{
    private const int Kept = 512;
    private const double Log2Of10 = 3.321928094887362;

    private static readonly BigInteger[] s_powers = Build();

    public static BigInteger Get(int exponent) => exponent < Kept ? s_powers[exponent] : BigInteger.Pow(10, exponent);

    /// <summary>The number of decimal digits of a number's magnitude; 0 for 0.</summary>
    public static int DigitCount(BigInteger value)
    {
        if (value.IsZero)
        {
            return 0;
        }

        var magnitude = BigInteger.Abs(value);
        var estimate = (int)((magnitude.GetBitLength() - 1) / Log2Of10);
        return magnitude >= Get(estimate + 1) ? estimate + 2 : magnitude >= Get(estimate) ? estimate + 1 : estimate;
    }

    private static BigInteger[] Build()
    {
        var powers = new BigInteger[Kept];
        powers[0] = BigInteger.One;
        for (var i = 1; i < Kept; i++)
        {
            powers[i] = powers[i - 1] * 10;
        }

        return powers;
    }
}
