using System.Text;

namespace Rqlite.Pg.Http;

/// <summary>Takes a raw query string apart by the rules of Go's <c>url.ParseQuery</c>, whose error texts clients see.</summary>
internal ref struct QueryString(ReadOnlySpan<char> raw)
{
    private ReadOnlySpan<char> _rest = !raw.IsEmpty && raw[0] == '?' ? raw[1..] : raw;

    /// <summary>Still escaped.</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    /// <summary>Unescaped.</summary>
    public ReadOnlySpan<char> Key { get; private set; }

    public bool Read()
    {
        while (!_rest.IsEmpty)
        {
            var end = _rest.IndexOf('&');
            var pair = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (pair.Contains(';'))
            {
                throw RequestException.BadRequest("invalid semicolon separator in query");
            }

            if (pair.IsEmpty)
            {
                continue;
            }

            var equals = pair.IndexOf('=');
            var key = equals < 0 ? pair : pair[..equals];
            Key = key.ContainsAny('%', '+') ? Encoding.UTF8.GetString(Unescape(key)) : key;
            Value = equals < 0 ? default : pair[(equals + 1)..];
            CheckEscapes(Value);
            return true;
        }

        return false;
    }

    /// <summary>The value as bytes, which need not be UTF-8.</summary>
    public static byte[] Unescape(ReadOnlySpan<char> escaped)
    {
        var source = Encoding.UTF8.GetBytes(escaped.ToArray());
        var length = 0;
        for (var i = 0; i < source.Length; i++)
        {
            var unescaped = source[i];
            if (unescaped == '%')
            {
                if (i + 2 >= source.Length || !char.IsAsciiHexDigit((char)source[i + 1]) || !char.IsAsciiHexDigit((char)source[i + 2]))
                {
                    throw InvalidEscape(Encoding.UTF8.GetString(source.AsSpan(i)));
                }

                unescaped = (byte)((HexDigit(source[i + 1]) << 4) | HexDigit(source[i + 2]));
                i += 2;
            }
            else if (unescaped == '+')
            {
                unescaped = (byte)' ';
            }

            source[length++] = unescaped;
        }

        return source.AsSpan(0, length).ToArray();
    }

    private static void CheckEscapes(ReadOnlySpan<char> escaped)
    {
        for (var at = escaped.IndexOf('%'); at >= 0; at = escaped.IndexOf('%'))
        {
            if (at + 2 >= escaped.Length || !char.IsAsciiHexDigit(escaped[at + 1]) || !char.IsAsciiHexDigit(escaped[at + 2]))
            {
                throw InvalidEscape(escaped[at..].ToString());
            }

            escaped = escaped[(at + 3)..];
        }
    }

    private static RequestException InvalidEscape(string rest) =>
        RequestException.BadRequest($"invalid URL escape \"{rest[..Math.Min(3, rest.Length)]}\"");

    private static int HexDigit(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
