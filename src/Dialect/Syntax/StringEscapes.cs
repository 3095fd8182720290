using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Dialect;

/// <summary>Backslash escapes of E'' strings and of U&amp;'' strings and names.</summary>
internal static class StringEscapes
{
    public static string DecodeEscapes(string text, int position)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        // Octal and hexadecimal escapes are bytes of UTF-8, so the text is put together as bytes.
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var next = text.IndexOf('\\', i);
            var plain = text.AsSpan(i, (next < 0 ? text.Length : next) - i);
            bytes.AddRange(Encoding.UTF8.GetBytes(plain.ToArray()));
            if (next < 0)
            {
                break;
            }

            i = DecodeEscape(text, next + 1, bytes, position);
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.ToArray());
        }
        catch (DecoderFallbackException e)
        {
            var wrong = string.Join(' ', (e.BytesUnknown ?? []).Select(b => $"0x{b:x2}"));
            throw new DialectException("22021", $"invalid byte sequence for encoding \"UTF8\": {wrong}", position);
        }
    }

    /// <param name="before">The characters of the token before its body, so that an error stands at the escape; 0 to let it stand at the token.</param>
    public static string DecodeUnicode(string text, int position, char escape = '\\', int before = 0)
    {
        if (!text.Contains(escape, StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var at = before == 0 ? position : position + before + i;
            if (text[i] != escape)
            {
                result.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == escape)
            {
                result.Append(escape);
                i++;
            }
            else
            {
                var digits = i + 1 < text.Length && text[i + 1] == '+' ? 6 : 4;
                var from = digits == 6 ? i + 2 : i + 1;
                if (from + digits > text.Length
                    || !int.TryParse(text.AsSpan(from, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
                {
                    throw new DialectException(
                        "42601", "invalid Unicode escape", at, "Unicode escapes must be \\XXXX or \\+XXXXXX.");
                }

                Append(result, code, at);
                i = from + digits - 1;
            }
        }

        return Checked(result.ToString(), position);
    }

    private static int DecodeEscape(string text, int at, List<byte> bytes, int position)
    {
        if (at >= text.Length)
        {
            bytes.Add((byte)'\\');
            return at;
        }

        var letter = text[at];
        switch (letter)
        {
            case 'b' or 'f' or 'n' or 'r' or 't' or 'v':
                bytes.Add((byte)"\b\f\n\r\t\v"["bfnrtv".IndexOf(letter, StringComparison.Ordinal)]);
                return at + 1;
            case >= '0' and <= '7':
                var end = at;
                var value = 0;
                while (end < text.Length && end < at + 3 && text[end] is >= '0' and <= '7')
                {
                    value = (value * 8) + (text[end++] - '0');
                }

                bytes.Add(NotZero((byte)value, position));
                return end;
            case 'x' when at + 1 < text.Length && char.IsAsciiHexDigit(text[at + 1]):
                var length = at + 2 < text.Length && char.IsAsciiHexDigit(text[at + 2]) ? 2 : 1;
                bytes.Add(NotZero(byte.Parse(text.AsSpan(at + 1, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), position));
                return at + 1 + length;
            case 'u' or 'U':
                return DecodeCodePoint(text, at, bytes, position);
            default:
                var width = char.IsHighSurrogate(letter) && at + 1 < text.Length ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(at, width)));
                return at + width;
        }
    }

    private static int DecodeCodePoint(string text, int at, List<byte> bytes, int position)
    {
        var (code, end) = ReadCodePoint(text, at, position);
        if (code is >= 0xD800 and <= 0xDBFF)
        {
            if (end + 1 >= text.Length || text[end] != '\\' || text[end + 1] is not ('u' or 'U'))
            {
                throw new DialectException("42601", "invalid Unicode surrogate pair", position);
            }

            var (low, lowEnd) = ReadCodePoint(text, end + 1, position);
            if (low is < 0xDC00 or > 0xDFFF)
            {
                throw new DialectException("42601", "invalid Unicode surrogate pair", position);
            }

            (code, end) = (0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00), lowEnd);
        }

        if (!Rune.IsValid(code) || code == 0)
        {
            throw new DialectException("42601", "invalid Unicode escape value", position);
        }

        bytes.AddRange(Encoding.UTF8.GetBytes(new Rune(code).ToString()));
        return end;
    }

    private static (int Code, int End) ReadCodePoint(string text, int at, int position)
    {
        var digits = text[at] == 'u' ? 4 : 8;
        return at + 1 + digits <= text.Length
            && uint.TryParse(text.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? ((int)Math.Min(code, int.MaxValue), at + 1 + digits)
            : throw new DialectException(
                "22025", "invalid Unicode escape", position, "Unicode escapes must be \\uXXXX or \\UXXXXXXXX.");
    }

    private static void Append(StringBuilder result, int code, int position)
    {
        if (code is 0 or > 0x10FFFF)
        {
            throw new DialectException("42601", "invalid Unicode escape value", position);
        }

        _ = code < 0x10000 ? result.Append((char)code) : result.Append(new Rune(code).ToString());
    }

    private static string Checked(string text, int position)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                throw new DialectException("42601", "invalid Unicode surrogate pair", position);
            }
        }

        return text;
    }

    private static byte NotZero(byte value, int position) => value != 0
        ? value
        : throw new DialectException("22021", "invalid byte sequence for encoding \"UTF8\": 0x00", position);
}
