using System.Numerics;
using System.Text;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Tests;

public sealed class NumericTests
{
    [Fact]
    public void Arithmetic_is_exact()
    {
        var random = new Random(11);
        for (var i = 0; i < 5000; i++)
        {
            var (a, b, c) = (Next(random), Next(random), Next(random));
            Assert.Equal(a + b, b + a);
            Assert.Equal((a + b) * c, (a * c) + (b * c));
            Assert.Equal(a, a + b - b);
            Assert.Equal(Numeric.Zero, a - a);
            if (b.Sign != 0)
            {
                Assert.Equal(a, (Numeric.DivideWhole(a, b) * b) + (a % b));
                Assert.True((a % b).Abs() < b.Abs());
            }
        }
    }

    [Fact]
    public void Text_and_binary_format_read_back_the_same()
    {
        var random = new Random(12);
        for (var i = 0; i < 5000; i++)
        {
            var value = Next(random);
            var text = value.ToString();
            Assert.Equal(text, Numeric.Parse(Encoding.ASCII.GetBytes(text)).ToString());
            var binary = new System.Buffers.ArrayBufferWriter<byte>();
            value.WriteBinary(binary);
            Assert.Equal(text, Numeric.ReadBinary(binary.WrittenSpan).ToString());
        }
    }

    [Fact]
    public void The_order_of_texts_is_the_order_of_values()
    {
        var random = new Random(13);
        string[] special = ["NaN", "Infinity", "-Infinity", "0", "-0", "0.00", "00012", "1e3", "-1e-3"];
        var texts = Enumerable.Range(0, 120).Select(_ => Next(random).ToString()).Concat(special).ToArray();
        foreach (var left in texts)
        {
            foreach (var right in texts)
            {
                var (a, b) = (Encoding.ASCII.GetBytes(left), Encoding.ASCII.GetBytes(right));
                Assert.True(
                    Math.Sign(NumericOrder.Compare(a, b)) == Math.Sign(Numeric.Parse(a).CompareTo(Numeric.Parse(b))), $"{left} and {right}");
            }
        }
    }

    [Theory]
    [InlineData("1.50", 2, true)]
    [InlineData("1.5", 2, false)]
    [InlineData("0", 0, true)]
    [InlineData("-0", 0, false)]
    [InlineData("-0.5", 1, true)]
    [InlineData("00.5", 1, false)]
    [InlineData(".5", 1, false)]
    [InlineData("5.", 0, false)]
    [InlineData("1e5", 0, false)]
    [InlineData("NaN", 0, false)]
    [InlineData("", 0, false)]
    public void Only_texts_as_PostgreSQL_prints_them_are_passed_on_unread(string text, int scale, bool expected) =>
        Assert.Equal(expected, NumericOrder.IsCanonical(Encoding.ASCII.GetBytes(text), scale));

    [Fact]
    public void Equal_values_have_the_same_hash()
    {
        Assert.Equal(Numeric.Parse("1.50"u8).GetHashCode(), Numeric.Parse("1.5"u8).GetHashCode());
        Assert.Equal(Numeric.Parse("100"u8).GetHashCode(), Numeric.Parse("100.000"u8).GetHashCode());
        Assert.Equal(Numeric.Parse("0"u8).GetHashCode(), Numeric.Parse("-0.00"u8).GetHashCode());
    }

    [Fact]
    public void The_limits_of_the_format_are_PostgreSQLs()
    {
        var largest = new Numeric(BigInteger.Pow(10, Numeric.IntegerDigitsMax) - 1, 0);
        Assert.Equal(Numeric.IntegerDigitsMax, largest.ToString().Length);
        Assert.Equal("22003", Assert.Throws<TypeException>(() => largest + Numeric.One).SqlState);
        Assert.Equal("22003", Assert.Throws<TypeException>(() => largest * largest).SqlState);
        Assert.Equal(Numeric.ScaleMax, new Numeric(1, Numeric.ScaleMax).Scale);
        Assert.Equal("22003", Assert.Throws<TypeException>(() => new Numeric(1, Numeric.ScaleMax + 1)).SqlState);
        Assert.Equal(Numeric.ScaleMax, (new Numeric(1, Numeric.ScaleMax) * new Numeric(1, 1)).Scale);
        Assert.Equal("22003", Assert.Throws<TypeException>(() => Numeric.Parse("1e1000000000"u8)).SqlState);
    }

    [Fact]
    public void Functions_undo_each_other()
    {
        var random = new Random(14);
        for (var i = 0; i < 200; i++)
        {
            var value = new Numeric(random.Next(1, 1_000_000), 4);
            var root = (value * value).Sqrt();
            Assert.Equal(value, root);
            var near = (value.Ln().Exp() - value).Abs();
            Assert.True(near < new Numeric(1, 9), $"{value}: {near}");
        }
    }

    private static Numeric Next(Random random)
    {
        var bytes = new byte[random.Next(1, random.Next(2, 40))];
        random.NextBytes(bytes);
        return new Numeric(new BigInteger(bytes), random.Next(3) == 0 ? 0 : random.Next(0, 30));
    }
}
