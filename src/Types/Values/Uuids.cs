using System.Buffers.Text;

namespace Rqlite.Pg.Types.Values;

/// <summary>uuid's text: 32 hexadecimal digits, a hyphen after any four of them, braces around it.</summary>
public static class Uuids
{
    public static Guid Parse(ReadOnlySpan<byte> text)
    {
        var body = text.Length > 2 && text[0] == '{' && text[^1] == '}' ? text[1..^1] : text;
        Span<byte> digits = stackalloc byte[32];
        var count = 0;
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] == '-' && count > 0 && count < 32 && count % 4 == 0 && body[i - 1] != '-')
            {
                continue;
            }

            if (count == 32 || AsciiText.HexValue(body[i]) < 0)
            {
                throw TypeErrors.Syntax("uuid", text);
            }

            digits[count++] = body[i];
        }

        return count == 32 && Utf8Parser.TryParse(digits, out Guid guid, out _, 'N') ? guid : throw TypeErrors.Syntax("uuid", text);
    }
}
