using System.Globalization;
using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>Escapes and normal forms of Unicode.</summary>
internal static class UnicodeFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Call("unistr(text)", Unescape);
        registry.Call("normalize(text,text)", static (in FunctionCall call) =>
        {
            var (compatible, composed) = FormOf(call.String(1));
            if (Ascii.IsValid(call.Bytes(0)))
            {
                call.ReturnArgument(0);
            }
            else
            {
                call.ReturnText(NormalForms.Normalize(call.String(0), compatible, composed));
            }
        });
        registry.Call("is_normalized(text,text)", static (in FunctionCall call) =>
        {
            var (compatible, composed) = FormOf(call.String(1));
            var text = call.String(0);
            call.Return(Ascii.IsValid(call.Bytes(0)) || string.Equals(NormalForms.Normalize(text, compatible, composed), text, StringComparison.Ordinal));
        });
    }

    private static (bool Compatible, bool Composed) FormOf(string name) => name.ToUpperInvariant() switch
    {
        "NFC" => (false, true),
        "NFD" => (false, false),
        "NFKC" => (true, true),
        "NFKD" => (true, false),
        _ => throw new TypeException(SqlState.InvalidParameterValue, $"invalid normalization form: {name}"),
    };

    private static void Unescape(in FunctionCall call)
    {
        var text = call.String(0);
        var result = new StringBuilder(text.Length);
        var high = 0;
        for (var i = 0; i < text.Length;)
        {
            if (text[i] != '\\')
            {
                RequireNoHalf(high);
                result.Append(text[i++]);
                continue;
            }

            if (i + 1 < text.Length && text[i + 1] == '\\')
            {
                RequireNoHalf(high);
                result.Append('\\');
                i += 2;
                continue;
            }

            var (value, length) = ReadEscape(text.AsSpan(i + 1));
            i += 1 + length;
            Append(result, value, ref high);
        }

        RequireNoHalf(high);
        call.ReturnText(result.ToString());
    }

    private static void Append(StringBuilder result, uint value, ref int high)
    {
        if (value is >= 0xDC00 and <= 0xDFFF)
        {
            if (high == 0)
            {
                throw InvalidPair();
            }

            result.Append((char)high).Append((char)value);
            high = 0;
            return;
        }

        RequireNoHalf(high);
        if (value is >= 0xD800 and <= 0xDBFF)
        {
            high = (int)value;
        }
        else if (value is 0 or > 0x10FFFF)
        {
            throw new TypeException(SqlState.InvalidParameterValue, $"invalid Unicode code point: {value:X4}");
        }
        else
        {
            result.Append(new Rune(value));
        }
    }

    private static (uint Value, int Length) ReadEscape(ReadOnlySpan<char> text)
    {
        var (skip, digits) = text.IsEmpty ? (0, 4) : text[0] switch { '+' => (1, 6), 'u' => (1, 4), 'U' => (1, 8), _ => (0, 4) };
        return text.Length >= skip + digits
            && uint.TryParse(text.Slice(skip, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                ? (value, skip + digits)
                : throw new TypeException(
                    SqlState.SyntaxError, "invalid Unicode escape", hint: @"Unicode escapes must be \XXXX, \+XXXXXX, \uXXXX, or \UXXXXXXXX.");
    }

    private static void RequireNoHalf(int high)
    {
        if (high != 0)
        {
            throw InvalidPair();
        }
    }

    private static TypeException InvalidPair() => new(SqlState.SyntaxError, "invalid Unicode surrogate pair");
}
