namespace Rqlite.Pg.Dialect.Runtime.Numbers;

/// <summary>
/// A number as the sum of two doubles, which gives it about 106 bits. Built of operations that every machine rounds alike, so what is
/// calculated with it is equal everywhere.
/// </summary>
internal readonly record struct DoubleDouble(double High, double Low)
{
    /// <summary>1 / n!, as far as the series of this folder go.</summary>
    private static readonly DoubleDouble[] s_inverseFactorials = InverseFactorials(32);

    public static DoubleDouble One => new(1, 0);

    public static ReadOnlySpan<DoubleDouble> OverFactorial => s_inverseFactorials;

    public static implicit operator DoubleDouble(double value) => new(value, 0);

    public static DoubleDouble operator -(DoubleDouble value) => new(-value.High, -value.Low);

    public static DoubleDouble operator +(DoubleDouble left, DoubleDouble right)
    {
        var high = TwoSum(left.High, right.High);
        var low = TwoSum(left.Low, right.Low);
        high = QuickTwoSum(high.High, high.Low + low.High);
        return QuickTwoSum(high.High, high.Low + low.Low);
    }

    public static DoubleDouble operator -(DoubleDouble left, DoubleDouble right) => left + -right;

    public static DoubleDouble operator *(DoubleDouble left, DoubleDouble right)
    {
        var product = TwoProduct(left.High, right.High);
        return QuickTwoSum(product.High, product.Low + ((left.High * right.Low) + (left.Low * right.High)));
    }

    public static DoubleDouble operator /(DoubleDouble left, DoubleDouble right)
    {
        // Three digits of a long division, each a double.
        var first = left.High / right.High;
        var rest = left - (right * first);
        var second = rest.High / right.High;
        rest -= right * second;
        var third = rest.High / right.High;
        return QuickTwoSum(first, second) + third;
    }

    /// <summary>The exact sum of two doubles.</summary>
    public static DoubleDouble Sum(double left, double right) => TwoSum(left, right);

    /// <summary>Halves, doubles and so on, exactly as long as no part becomes subnormal.</summary>
    public DoubleDouble Scale(int exponent) => new(Math.ScaleB(High, exponent), Math.ScaleB(Low, exponent));

    public static DoubleDouble Sqrt(DoubleDouble value)
    {
        if (value.High <= 0)
        {
            return 0;
        }

        // One step of Newton's method from the root of the upper half.
        var root = Math.Sqrt(value.High);
        var rest = value - TwoProduct(root, root);
        return QuickTwoSum(root, rest.High / (2 * root));
    }

    private static DoubleDouble[] InverseFactorials(int count)
    {
        var inverse = new DoubleDouble[count];
        DoubleDouble factorial = 1;
        for (var i = 0; i < count; i++)
        {
            factorial *= Math.Max(1, i);
            inverse[i] = One / factorial;
        }

        return inverse;
    }

    private static DoubleDouble TwoSum(double left, double right)
    {
        var sum = left + right;
        var part = sum - left;
        return new DoubleDouble(sum, (left - (sum - part)) + (right - part));
    }

    private static DoubleDouble QuickTwoSum(double larger, double smaller)
    {
        var sum = larger + smaller;
        return new DoubleDouble(sum, smaller - (sum - larger));
    }

    private static DoubleDouble TwoProduct(double left, double right)
    {
        var product = left * right;
        return new DoubleDouble(product, Math.FusedMultiplyAdd(left, right, -product));
    }
}
