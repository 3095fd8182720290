using System.Globalization;

namespace Rqlite.Pg.Http;

/// <summary>Numbers as Go's JSON encoder writes them: shortest digits that read back equal, exponents below 1e-6 and from 1e21 on.</summary>
internal static class GoNumber
{
    /// <summary>The longest: a sign, "0.", six zeros at most before or four after seventeen digits, or an exponent.</summary>
    public const int LengthMax = 40;

    // Every integral value below is written by its digits alone, which is what a long prints.
    private const double IntegralMax = 1e15;

    public static int Format(double value, Span<byte> output)
    {
        int written;
        if (Math.Abs(value) < IntegralMax && Math.Truncate(value) == value && (value != 0 || !double.IsNegative(value)))
        {
            ((long)value).TryFormat(output, out written, default, CultureInfo.InvariantCulture);
            return written;
        }

        Span<byte> shortest = stackalloc byte[LengthMax];
        value.TryFormat(shortest, out written, default, CultureInfo.InvariantCulture);
        shortest = shortest[..written];
        var exponentAt = shortest.IndexOf((byte)'E');
        if (exponentAt < 0)
        {
            shortest.CopyTo(output);
            return written;
        }

        var length = 0;
        if (shortest[0] == '-')
        {
            output[length++] = (byte)'-';
            shortest = shortest[1..];
            exponentAt--;
        }

        var exponent = int.Parse(shortest[(exponentAt + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        Span<byte> digits = stackalloc byte[LengthMax];
        digits[0] = shortest[0];
        var count = 1;
        if (exponentAt > 2)
        {
            shortest[2..exponentAt].CopyTo(digits[1..]);
            count += exponentAt - 2;
        }

        digits = digits[..count];
        var rest = output[length..];
        return length + (exponent is < -6 or >= 21 ? Exponential(digits, exponent, rest) : Plain(digits, exponent, rest));
    }

    private static int Exponential(ReadOnlySpan<byte> digits, int exponent, Span<byte> output)
    {
        var length = 0;
        output[length++] = digits[0];
        if (digits.Length > 1)
        {
            output[length++] = (byte)'.';
            digits[1..].CopyTo(output[length..]);
            length += digits.Length - 1;
        }

        output[length++] = (byte)'e';
        output[length++] = exponent < 0 ? (byte)'-' : (byte)'+';
        Math.Abs(exponent).TryFormat(output[length..], out var written, default, CultureInfo.InvariantCulture);
        return length + written;
    }

    private static int Plain(ReadOnlySpan<byte> digits, int exponent, Span<byte> output)
    {
        if (exponent < 0)
        {
            output[0] = (byte)'0';
            output[1] = (byte)'.';
            output.Slice(2, -exponent - 1).Fill((byte)'0');
            digits.CopyTo(output[(1 - exponent)..]);
            return 1 - exponent + digits.Length;
        }

        if (digits.Length <= exponent + 1)
        {
            digits.CopyTo(output);
            output.Slice(digits.Length, exponent + 1 - digits.Length).Fill((byte)'0');
            return exponent + 1;
        }

        digits[..(exponent + 1)].CopyTo(output);
        output[exponent + 1] = (byte)'.';
        digits[(exponent + 1)..].CopyTo(output[(exponent + 2)..]);
        return digits.Length + 1;
    }
}
