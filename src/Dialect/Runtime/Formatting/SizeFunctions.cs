using System.Globalization;
using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Sizes in bytes as texts with units: pg_size_pretty and pg_size_bytes.</summary>
internal static class SizeFunctions
{
    private const string Blanks = " \t\n\r\v\f";

    /// <summary>By size. A unit is written for sizes below its limit; the last one for all others.</summary>
    private static readonly (string Name, int Bits, int Limit, bool Rounds)[] s_units =
    [
        ("bytes", 0, 10 * 1024, false), ("kB", 10, (20 * 1024) - 1, true), ("MB", 20, (20 * 1024) - 1, true), ("GB", 30, (20 * 1024) - 1, true),
        ("TB", 40, (20 * 1024) - 1, true), ("PB", 50, (20 * 1024) - 1, true),
    ];

    public static void Register(FunctionRegistry registry)
    {
        registry.Call("pg_size_pretty(bigint)", static (in FunctionCall call) => call.ReturnText(Write(call.Integer(0))));
        registry.Call("pg_size_pretty(numeric)", static (in FunctionCall call) => call.ReturnText(Write(call.Numeric(0))));
        registry.Call("pg_size_bytes(text)", static (in FunctionCall call) => call.Return(Read(call.String(0))));
    }

    private static string Write(long size)
    {
        for (var i = 0; ; i++)
        {
            var (name, _, limit, rounds) = s_units[i];
            if (i == s_units.Length - 1 || (size > -limit && size < limit))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{(rounds ? (size + (size < 0 ? -1 : 1)) / 2 : size)} {name}");
            }

            size /= 1L << BitsToNext(i);
        }
    }

    private static string Write(Numeric size)
    {
        for (var i = 0; ; i++)
        {
            var (name, _, limit, rounds) = s_units[i];
            if (i == s_units.Length - 1 || size.Abs() < Numeric.FromInt64(limit))
            {
                var one = size < Numeric.Zero ? -Numeric.One : Numeric.One;
                return $"{(rounds ? Numeric.DivideWhole(size + one, Numeric.FromInt64(2)) : size)} {name}";
            }

            size = Numeric.DivideWhole(size, Numeric.FromInt64(1L << BitsToNext(i)));
        }
    }

    /// <summary>Sizes that will be rounded are kept in halves of their unit.</summary>
    private static int BitsToNext(int unit) =>
        s_units[unit + 1].Bits - s_units[unit].Bits - (s_units[unit + 1].Rounds ? 1 : 0) + (s_units[unit].Rounds ? 1 : 0);

    private static long Read(string text)
    {
        var rest = text.AsSpan().TrimStart(Blanks);
        var length = NumberLength(rest);
        if (length == 0)
        {
            throw new TypeException(SqlState.InvalidParameterValue, $"invalid size: \"{text}\"");
        }

        var number = Numeric.Parse(Encoding.UTF8.GetBytes(rest[..length].ToString()));
        var unit = rest[length..].Trim(Blanks).ToString();
        return unit.Length == 0 ? number.ToInt8() : (number * Numeric.FromInt64(1L << BitsOf(text, unit))).ToInt8();
    }

    /// <summary>How long the number at the start of a text is; 0 if there is none.</summary>
    private static int NumberLength(ReadOnlySpan<char> text)
    {
        var at = text is ['+' or '-', ..] ? 1 : 0;
        var whole = Digits(text, at);
        var end = at + whole;
        var fraction = 0;
        if (end < text.Length && text[end] == '.')
        {
            fraction = Digits(text, end + 1);
            end += 1 + fraction;
        }

        if (whole + fraction == 0)
        {
            return 0;
        }

        if (end < text.Length && text[end] is 'e' or 'E')
        {
            var exponent = end + 1 + (end + 1 < text.Length && text[end + 1] is '+' or '-' ? 1 : 0);
            end = Digits(text, exponent) is > 0 and var digits ? exponent + digits : end;
        }

        return end;
    }

    private static int Digits(ReadOnlySpan<char> text, int at)
    {
        var end = at;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end - at;
    }

    private static int BitsOf(string text, string unit)
    {
        foreach (var (name, bits, _, _) in s_units)
        {
            if (name.Equals(unit, StringComparison.OrdinalIgnoreCase))
            {
                return bits;
            }
        }

        throw new TypeException(
            SqlState.InvalidParameterValue, $"invalid size: \"{text}\"", $"Invalid size unit: \"{unit}\".",
            "Valid units are \"bytes\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".");
    }
}
