using System.Globalization;
using System.Numerics;
using System.Text;

namespace Rqlite.Pg.Types.Values;

/// <summary>PostgreSQL's text of floating point numbers: the shortest digits that read back the same, and its own rule for exponents.</summary>
public static class FloatText
{
    public const int LengthMax = 40;

    public static int Write(Span<byte> target, double value, int extraDigits)
    {
        if (!double.IsFinite(value))
        {
            return WriteSpecial(target, value);
        }

        Span<byte> raw = stackalloc byte[LengthMax];
        var precision = Math.Max(1, 15 + extraDigits);
        var fits = extraDigits > 0
            ? value.TryFormat(raw, out var length, default, CultureInfo.InvariantCulture)
            : value.TryFormat(raw, out length, "E" + (precision - 1).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        System.Diagnostics.Debug.Assert(fits, "A double has at most 24 characters.");
        if (extraDigits > 0 && Math.Abs(value) is >= 9007199254740992 and < 1e25)
        {
            length = AvoidTie(raw, length, value, Math.BitIncrement(value), Math.BitDecrement(value), 17);
        }

        return Layout(target, raw[..length], extraDigits > 0 ? 15 : precision);
    }

    /// <summary>The number with so many digits, as printf's %g writes it.</summary>
    public static string General(double value, int digits)
    {
        Span<byte> text = stackalloc byte[LengthMax];
        return Encoding.ASCII.GetString(text[..Write(text, value, digits - 15)]);
    }

    public static int Write(Span<byte> target, float value, int extraDigits)
    {
        if (!float.IsFinite(value))
        {
            return WriteSpecial(target, value);
        }

        Span<byte> raw = stackalloc byte[LengthMax];
        var precision = Math.Max(1, 6 + extraDigits);
        var fits = extraDigits > 0
            ? value.TryFormat(raw, out var length, default, CultureInfo.InvariantCulture)
            : value.TryFormat(raw, out length, "E" + (precision - 1).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        System.Diagnostics.Debug.Assert(fits, "A float has at most 16 characters.");
        if (extraDigits > 0 && Math.Abs(value) is >= 16777216 and < 1e15f)
        {
            length = AvoidTie(raw, length, value, MathF.BitIncrement(value), MathF.BitDecrement(value), 9);
        }

        return Layout(target, raw[..length], extraDigits > 0 ? 6 : precision);
    }

    /// <summary>
    /// .NET takes digits that lie exactly between two numbers where rounding to even reads them back; PostgreSQL takes only digits that are
    /// nearer to the number than to any other. Only whole numbers beyond the mantissa can have such digits.
    /// </summary>
    private static int AvoidTie(Span<byte> raw, int length, double value, double above, double below, int digitsMax)
    {
        var exact = (BigInteger)value;
        var toAbove = (BigInteger)above - exact;
        var toBelow = (BigInteger)below - exact;
        for (var digits = 1; digits <= digitsMax && !IsNear(raw[..length], exact, toAbove, toBelow); digits++)
        {
            length = Fill(raw, value, digits);
        }

        return length;
    }

    private static bool IsNear(ReadOnlySpan<byte> digits, BigInteger exact, BigInteger toAbove, BigInteger toBelow)
    {
        var distance = BigInteger.Parse(Encoding.ASCII.GetString(digits), NumberStyles.Float, CultureInfo.InvariantCulture) - exact;
        return distance.IsZero || BigInteger.Abs(distance) * 2 < BigInteger.Abs(distance.Sign == toAbove.Sign ? toAbove : toBelow);
    }

    private static int Fill(Span<byte> raw, double value, int digits)
    {
        _ = value.TryFormat(raw, out var length, "E" + (digits - 1).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return length;
    }

    private static int WriteSpecial(Span<byte> target, double value)
    {
        var text = double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8;
        text.CopyTo(target);
        return text.Length;
    }

    /// <summary>Splits .NET's text into digits and exponent and joins them as printf's %g would.</summary>
    private static int Layout(Span<byte> target, ReadOnlySpan<byte> raw, int fixedBelow)
    {
        Span<byte> digits = stackalloc byte[LengthMax];
        var count = 0;
        var exponent = -1;
        var point = false;
        var at = 0;
        if (raw[0] == '-')
        {
            target[at++] = (byte)'-';
            raw = raw[1..];
        }

        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '.')
            {
                point = true;
            }
            else if (raw[i] == 'E')
            {
                _ = int.TryParse(raw[(i + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var shift);
                exponent += shift;
                break;
            }
            else
            {
                var leading = count == 0 && raw[i] == '0';
                exponent += point ? (leading ? -1 : 0) : (leading ? 0 : 1);
                if (!leading)
                {
                    digits[count++] = raw[i];
                }
            }
        }

        while (count > 0 && digits[count - 1] == '0')
        {
            count--;
        }

        if (count == 0)
        {
            target[at++] = (byte)'0';
            return at;
        }

        return at + (exponent < -4 || exponent >= fixedBelow
            ? Scientific(target[at..], digits[..count], exponent)
            : Fixed(target[at..], digits[..count], exponent));
    }

    private static int Scientific(Span<byte> target, ReadOnlySpan<byte> digits, int exponent)
    {
        var at = 0;
        target[at++] = digits[0];
        if (digits.Length > 1)
        {
            target[at++] = (byte)'.';
            digits[1..].CopyTo(target[at..]);
            at += digits.Length - 1;
        }

        target[at++] = (byte)'e';
        target[at++] = (byte)(exponent < 0 ? '-' : '+');
        _ = Math.Abs(exponent).TryFormat(target[at..], out var length, "00", CultureInfo.InvariantCulture);
        return at + length;
    }

    private static int Fixed(Span<byte> target, ReadOnlySpan<byte> digits, int exponent)
    {
        var at = 0;
        if (exponent < 0)
        {
            "0."u8.CopyTo(target);
            at = 2;
            for (var i = -1; i > exponent; i--)
            {
                target[at++] = (byte)'0';
            }

            digits.CopyTo(target[at..]);
            return at + digits.Length;
        }

        for (var i = 0; i <= exponent; i++)
        {
            target[at++] = i < digits.Length ? digits[i] : (byte)'0';
        }

        if (digits.Length > exponent + 1)
        {
            target[at++] = (byte)'.';
            digits[(exponent + 1)..].CopyTo(target[at..]);
            at += digits.Length - exponent - 1;
        }

        return at;
    }
}
