using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace Rqlite.Pg.Types.Values;

public readonly partial struct Numeric
{
    public static Numeric FromInt64(long value) => new(value, 0);

    /// <summary>The number with the 15 digits that a double surely holds, as PostgreSQL casts it.</summary>
    public static Numeric FromFloat8(double value) => FromFloat(value, "E14");

    /// <summary>The number with the 6 digits that a real surely holds.</summary>
    public static Numeric FromFloat4(float value) => FromFloat(value, "E5");

    /// <summary>Rounds half away from zero.</summary>
    public long ToInt8() => ToInteger("bigint", long.MinValue, long.MaxValue);

    public int ToInt4() => (int)ToInteger("integer", int.MinValue, int.MaxValue);

    public short ToInt2() => (short)ToInteger("smallint", short.MinValue, short.MaxValue);

    public double ToFloat8()
    {
        if (!IsFinite)
        {
            return _kind switch { Kind.NaN => Floats.NaN, Kind.PositiveInfinity => double.PositiveInfinity, _ => double.NegativeInfinity };
        }

        var output = new ArrayBufferWriter<byte>();
        WriteText(output);
        return Floats.ParseFloat8(output.WrittenSpan);
    }

    public float ToFloat4()
    {
        if (!IsFinite)
        {
            return _kind switch { Kind.NaN => Floats.SingleNaN, Kind.PositiveInfinity => float.PositiveInfinity, _ => float.NegativeInfinity };
        }

        var output = new ArrayBufferWriter<byte>();
        WriteText(output);
        return Floats.ParseFloat4(output.WrittenSpan);
    }

    /// <summary>The value without an error for numbers that a double cannot hold.</summary>
    private double Approximate()
    {
        if (_digits.IsZero)
        {
            return 0;
        }

        // 20 digits are enough; the exponent goes through text, where it may be of any size.
        var drop = Math.Max(0, PowersOfTen.DigitCount(_digits) - 20);
        var digits = drop == 0 ? _digits : BigInteger.Divide(_digits, PowersOfTen.Get(drop));
        var text = string.Create(CultureInfo.InvariantCulture, $"{digits}E{drop - Scale}");
        return double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private long ToInteger(string type, long min, long max)
    {
        if (!IsFinite)
        {
            throw TypeErrors.NotSupported($"cannot convert {(IsNaN ? "NaN" : "infinity")} to {type}");
        }

        var whole = Rescale(_digits, Scale, 0);
        return whole >= min && whole <= max ? (long)whole : throw TypeErrors.Overflow(type);
    }

    private static Numeric FromFloat(double value, string format)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? NaN : value > 0 ? PositiveInfinity : NegativeInfinity;
        }

        // printf's %g leaves zeros at the end of the fraction out, and PostgreSQL reads that text.
        Span<byte> text = stackalloc byte[40];
        _ = value.TryFormat(text, out var length, format, CultureInfo.InvariantCulture);
        _ = TryParse(text[..length], out var number);
        return number.TrimScale();
    }
}
