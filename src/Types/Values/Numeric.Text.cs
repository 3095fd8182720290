using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Rqlite.Pg.Types.Values;

public readonly partial struct Numeric
{
    // PostgreSQL limits exponents to half of its integer, and the text to 1 GB.
    private const int ExponentEnd = int.MaxValue / 2;

    public static Numeric Parse(ReadOnlySpan<byte> text) => TryParse(text, out var value) ? value : throw TypeErrors.Syntax("numeric", text);

    /// <summary>Reads a decimal number, NaN or an infinity; false for any other text.</summary>
    /// <exception cref="TypeException">22003: the number is too large for PostgreSQL's format.</exception>
    public static bool TryParse(ReadOnlySpan<byte> text, out Numeric value)
    {
        var rest = AsciiText.Trim(text);
        value = default;
        if (rest.IsEmpty)
        {
            return false;
        }

        var negative = rest[0] == '-';
        var unsigned = rest[0] is (byte)'-' or (byte)'+' ? rest[1..] : rest;
        if (unsigned.IsEmpty)
        {
            return false;
        }

        return AsciiText.IsDigit(unsigned[0]) || unsigned[0] == '.'
            ? TryParseDigits(unsigned, negative, out value)
            : TryParseWord(rest, unsigned, negative, out value);
    }

    /// <summary>Writes the number as PostgreSQL prints it: never with an exponent, with all digits of its scale.</summary>
    public void WriteText(IBufferWriter<byte> output)
    {
        if (_kind != Kind.Finite)
        {
            output.Write(_kind switch { Kind.NaN => "NaN"u8, Kind.PositiveInfinity => "Infinity"u8, _ => "-Infinity"u8 });
            return;
        }

        if (Scale <= 18 && _digits >= long.MinValue + 1 && _digits <= long.MaxValue)
        {
            Span<byte> digits = stackalloc byte[24];
            var small = (long)_digits;
            _ = Utf8Formatter.TryFormat(Math.Abs(small), digits, out var length);
            WriteDigits(output, digits[..length], small < 0);
            return;
        }

        var text = BigInteger.Abs(_digits).ToString(CultureInfo.InvariantCulture);
        var rented = ArrayPool<byte>.Shared.Rent(text.Length);
        var count = Encoding.ASCII.GetBytes(text, rented);
        WriteDigits(output, rented.AsSpan(0, count), _digits.Sign < 0);
        ArrayPool<byte>.Shared.Return(rented);
    }

    public override string ToString()
    {
        var output = new ArrayBufferWriter<byte>();
        WriteText(output);
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }

    private void WriteDigits(IBufferWriter<byte> output, ReadOnlySpan<byte> digits, bool negative)
    {
        var whole = Math.Max(1, digits.Length - Scale);
        var length = (negative ? 1 : 0) + whole + (Scale > 0 ? 1 + Scale : 0);
        var target = output.GetSpan(length);
        var at = 0;
        if (negative)
        {
            target[at++] = (byte)'-';
        }

        if (digits.Length <= Scale)
        {
            target[at++] = (byte)'0';
        }
        else
        {
            digits[..whole].CopyTo(target[at..]);
            at += whole;
            digits = digits[whole..];
        }

        if (Scale > 0)
        {
            target[at++] = (byte)'.';
            target.Slice(at, Scale - digits.Length).Fill((byte)'0');
            digits.CopyTo(target[(at + Scale - digits.Length)..]);
        }

        output.Advance(length);
    }

    private static bool TryParseWord(ReadOnlySpan<byte> text, ReadOnlySpan<byte> unsigned, bool negative, out Numeric value)
    {
        if (AsciiText.EqualsIgnoreCase(text, "nan"u8))
        {
            value = NaN;
            return true;
        }

        value = negative ? NegativeInfinity : PositiveInfinity;
        return AsciiText.EqualsIgnoreCase(unsigned, "infinity"u8) || AsciiText.EqualsIgnoreCase(unsigned, "inf"u8);
    }

    private static bool TryParseDigits(ReadOnlySpan<byte> text, bool negative, out Numeric value)
    {
        value = default;
        var whole = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        whole = whole < 0 ? text.Length : whole;
        var fraction = ReadOnlySpan<byte>.Empty;
        var at = whole;
        if (at < text.Length && text[at] == '.')
        {
            fraction = text[(at + 1)..];
            var end = fraction.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            fraction = end < 0 ? fraction : fraction[..end];
            at += 1 + fraction.Length;
        }

        if (whole + fraction.Length == 0)
        {
            return false;
        }

        var exponent = 0L;
        if (at < text.Length && (text[at] | 0x20) == 'e' && !TryParseExponent(text, ref at, out exponent))
        {
            return false;
        }

        if (at < text.Length)
        {
            return false;
        }

        value = Assemble(text[..whole], fraction, exponent, negative);
        return true;
    }

    private static bool TryParseExponent(ReadOnlySpan<byte> text, ref int at, out long exponent)
    {
        exponent = 0;
        at++;
        var negative = at < text.Length && text[at] == '-';
        if (at < text.Length && text[at] is (byte)'-' or (byte)'+')
        {
            at++;
        }

        var first = at;
        for (; at < text.Length && AsciiText.IsDigit(text[at]); at++)
        {
            exponent = Math.Min((exponent * 10) + text[at] - '0', long.MaxValue / 100);
        }

        if (exponent >= ExponentEnd && at == text.Length)
        {
            throw TypeErrors.NumericOverflow();
        }

        exponent = negative ? -exponent : exponent;
        return at > first;
    }

    private static Numeric Assemble(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, long exponent, bool negative)
    {
        whole = whole.TrimStart((byte)'0');
        var scale = fraction.Length - exponent;
        if (scale > ScaleMax)
        {
            throw TypeErrors.NumericOverflow();
        }

        var digits = Read(whole, fraction);
        if (scale < 0 && !digits.IsZero)
        {
            if (whole.Length + exponent > IntegerDigitsMax + 4 + (whole.IsEmpty ? fraction.Length : 0))
            {
                throw TypeErrors.NumericOverflow();
            }

            digits = ScaleUp(digits, (int)-scale);
        }

        return new Numeric(negative ? -digits : digits, (int)Math.Max(0, scale));
    }

    private static BigInteger Read(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction)
    {
        var length = whole.Length + fraction.Length;
        if (length <= 18)
        {
            var small = 0L;
            foreach (var digit in whole)
            {
                small = (small * 10) + digit - '0';
            }

            foreach (var digit in fraction)
            {
                small = (small * 10) + digit - '0';
            }

            return small;
        }

        if (whole.Length > IntegerDigitsMax)
        {
            throw TypeErrors.NumericOverflow();
        }

        var rented = ArrayPool<char>.Shared.Rent(length);
        var count = Encoding.ASCII.GetChars(whole, rented);
        count += Encoding.ASCII.GetChars(fraction, rented.AsSpan(count));
        var value = BigInteger.Parse(rented.AsSpan(0, count), NumberStyles.None, CultureInfo.InvariantCulture);
        ArrayPool<char>.Shared.Return(rented);
        return value;
    }
}
