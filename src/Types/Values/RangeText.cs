using System.Buffers;

namespace Rqlite.Pg.Types.Values;

/// <summary>The text syntax of ranges: <c>[1,5)</c>, <c>("a b",)</c>, <c>empty</c>.</summary>
public static class RangeText
{
    public static RangeBounds Parse(ReadOnlySpan<byte> text)
    {
        var rest = text.TrimStart(AsciiText.Space);
        if (AsciiText.StartsWithIgnoreCase(rest, "empty"u8))
        {
            return !AsciiText.Trim(rest[5..]).IsEmpty
                ? throw Malformed(text, "Junk after \"empty\" key word.")
                : new RangeBounds(true, null, null, false, false);
        }

        if (rest.IsEmpty || rest[0] is not ((byte)'[' or (byte)'('))
        {
            throw Malformed(text, "Missing left parenthesis or bracket.");
        }

        var lowerInclusive = rest[0] == '[';
        rest = rest[1..];
        var lower = ReadBound(text, ref rest);
        if (rest[0] != ',')
        {
            throw Malformed(text, "Missing comma after lower bound.");
        }

        rest = rest[1..];
        var upper = ReadBound(text, ref rest);
        if (rest[0] == ',')
        {
            throw Malformed(text, "Too many commas.");
        }

        var upperInclusive = rest[0] == ']';
        return !AsciiText.Trim(rest[1..]).IsEmpty
            ? throw Malformed(text, "Junk after right parenthesis or bracket.")
            : new RangeBounds(false, lower, upper, lowerInclusive, upperInclusive);
    }

    public static void WriteBound(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        var quoted = text.IsEmpty;
        foreach (var b in text)
        {
            quoted |= b is (byte)'"' or (byte)'\\' or (byte)'(' or (byte)')' or (byte)'[' or (byte)']' or (byte)',' || AsciiText.IsSpace(b);
        }

        if (!quoted)
        {
            output.Write(text);
            return;
        }

        output.Write("\""u8);
        foreach (var b in text)
        {
            if (b is (byte)'"' or (byte)'\\')
            {
                output.Write([b]);
            }

            output.Write([b]);
        }

        output.Write("\""u8);
    }

    /// <summary>The places of the ranges in a multirange's text.</summary>
    public static List<Range> SplitMultirange(ReadOnlySpan<byte> text)
    {
        var at = SkipSpace(text, 0);
        if (at >= text.Length || text[at] != '{')
        {
            throw MalformedMultirange(text, "Missing left brace.");
        }

        var parts = new List<Range>();
        at = SkipSpace(text, at + 1);
        while (at < text.Length && (text[at] != '}' || parts.Count > 0))
        {
            if (AsciiText.StartsWithIgnoreCase(text[at..], "empty"u8))
            {
                at += 5;
            }
            else if (text[at] is (byte)'[' or (byte)'(')
            {
                var start = at;
                at = EndOfRange(text, at);
                parts.Add(start..at);
            }
            else
            {
                throw MalformedMultirange(text, "Expected range start.");
            }

            at = SkipSpace(text, at);
            if (at < text.Length && text[at] == '}')
            {
                break;
            }

            if (at < text.Length && text[at] != ',')
            {
                throw MalformedMultirange(text, "Expected comma or end of multirange.");
            }

            at = SkipSpace(text, at + 1);
            if (at < text.Length && text[at] == '}')
            {
                throw MalformedMultirange(text, "Expected range start.");
            }
        }

        if (at >= text.Length)
        {
            throw MalformedMultirange(text, "Unexpected end of input.");
        }

        return SkipSpace(text, at + 1) < text.Length ? throw MalformedMultirange(text, "Junk after closing right brace.") : parts;
    }

    private static int SkipSpace(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && AsciiText.IsSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    private static int EndOfRange(ReadOnlySpan<byte> text, int at)
    {
        var quoted = false;
        for (; at < text.Length; at++)
        {
            if (text[at] == '\\')
            {
                at++;
            }
            else if (text[at] == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && text[at] is (byte)']' or (byte)')')
            {
                return at + 1;
            }
        }

        throw MalformedMultirange(text, "Unexpected end of input.");
    }

    private static byte[]? ReadBound(ReadOnlySpan<byte> whole, ref ReadOnlySpan<byte> rest)
    {
        if (!rest.IsEmpty && rest[0] is (byte)',' or (byte)')' or (byte)']')
        {
            return null;
        }

        var bound = new List<byte>();
        var quoted = false;
        while (true)
        {
            if (rest.IsEmpty)
            {
                throw Malformed(whole, "Unexpected end of input.");
            }

            var c = rest[0];
            if (!quoted && (c is (byte)',' or (byte)')' or (byte)']'))
            {
                return [.. bound];
            }

            rest = rest[1..];
            if (c == '\\')
            {
                if (rest.IsEmpty)
                {
                    throw Malformed(whole, "Unexpected end of input.");
                }

                bound.Add(rest[0]);
                rest = rest[1..];
            }
            else if (c == '"')
            {
                if (!quoted)
                {
                    quoted = true;
                }
                else if (!rest.IsEmpty && rest[0] == '"')
                {
                    bound.Add(c);
                    rest = rest[1..];
                }
                else
                {
                    quoted = false;
                }
            }
            else
            {
                bound.Add(c);
            }
        }
    }

    private static TypeException Malformed(ReadOnlySpan<byte> text, string detail) =>
        new(SqlState.InvalidTextRepresentation, $"malformed range literal: \"{TypeErrors.Show(text)}\"", detail);

    private static TypeException MalformedMultirange(ReadOnlySpan<byte> text, string detail) =>
        new(SqlState.InvalidTextRepresentation, $"malformed multirange literal: \"{TypeErrors.Show(text)}\"", detail);
}

/// <summary>The bounds of a range as texts; a bound that is null is infinite.</summary>
public sealed record RangeBounds(bool IsEmpty, byte[]? Lower, byte[]? Upper, bool LowerInclusive, bool UpperInclusive);
