namespace Rqlite.Pg.Types.Values;

/// <summary>
/// Walks over the members of one container in JSON text, without making values of them. The text has been checked when it was stored; what is none is
/// still an error, but not every error is found.
/// </summary>
public ref struct JsonScanner
{
    private readonly ReadOnlySpan<byte> _text;
    private int _at;
    private bool _begun;

    /// <param name="text">JSON text, whose outermost value is walked over.</param>
    public JsonScanner(ReadOnlySpan<byte> text)
    {
        _text = text;
        Kind = KindOf(text);
        _at = SkipBlanks(text, 0) + 1;
    }

    public JsonKind Kind { get; }

    /// <summary>A member's key as it is written, with its quotes.</summary>
    public ReadOnlySpan<byte> Key { get; private set; }

    /// <summary>The text of a member or an element.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    public static JsonKind KindOf(ReadOnlySpan<byte> text)
    {
        var at = SkipBlanks(text, 0);
        return (at < text.Length ? text[at] : 0) switch
        {
            '{' => JsonKind.Object,
            '[' => JsonKind.Array,
            '"' => JsonKind.String,
            't' => JsonKind.True,
            'f' => JsonKind.False,
            'n' => JsonKind.Null,
            '-' or (>= '0' and <= '9') => JsonKind.Number,
            _ => throw Invalid(text),
        };
    }

    /// <summary>The text of the last member with a key; false if there is none, or if the value is no object.</summary>
    public static bool TryMember(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        var scanner = new JsonScanner(text);
        var found = false;
        while (scanner.Kind == JsonKind.Object && scanner.Read())
        {
            if (KeyEquals(scanner.Key, key))
            {
                value = scanner.Value;
                found = true;
            }
        }

        return found;
    }

    /// <summary>The text of an element; negative numbers count from the end. False if there is none, or if the value is no array.</summary>
    public static bool TryElement(ReadOnlySpan<byte> text, int index, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (index < 0)
        {
            var fromEnd = KindOf(text) == JsonKind.Array ? Count(text) + (long)index : -1;
            if (fromEnd < 0)
            {
                return false;
            }

            index = (int)fromEnd;
        }

        var scanner = new JsonScanner(text);
        while (scanner.Kind == JsonKind.Array && scanner.Read())
        {
            if (index-- == 0)
            {
                value = scanner.Value;
                return true;
            }
        }

        return false;
    }

    /// <summary>The number of elements or members.</summary>
    public static int Count(ReadOnlySpan<byte> text)
    {
        var scanner = new JsonScanner(text);
        var count = 0;
        while (scanner.Read())
        {
            count++;
        }

        return count;
    }

    /// <summary>How many containers lie within each other.</summary>
    public static int Depth(ReadOnlySpan<byte> text)
    {
        var (depth, deepest) = (0, 0);
        for (var at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case (byte)'[' or (byte)'{':
                    deepest = Math.Max(deepest, ++depth);
                    break;
                case (byte)']' or (byte)'}':
                    depth--;
                    break;
                case (byte)'"':
                    at = EndOfString(text, at) - 1;
                    break;
            }
        }

        return deepest;
    }

    /// <summary>The characters of a string.</summary>
    /// <exception cref="TypeException">22P05, 22P02: an escape stands for no character of text.</exception>
    public static ReadOnlySpan<byte> Unquote(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\r\n"u8);
        if (text.Length >= 2 && !text.Contains((byte)'\\'))
        {
            return text[1..^1];
        }

        var lexer = new JsonLexer(text, decode: true);
        lexer.Read();
        return lexer.Value;
    }

    /// <summary>Checks that all escapes stand for characters, which json itself does not ask for but all that look into it do.</summary>
    public static void RequireCharacters(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        var lexer = new JsonLexer(text, decode: true);
        do
        {
            lexer.Read();
        }
        while (lexer.Token != JsonToken.End);
    }

    public static bool KeyEquals(ReadOnlySpan<byte> quoted, ReadOnlySpan<byte> key) =>
        quoted.Contains((byte)'\\') ? Unquote(quoted).SequenceEqual(key) : quoted[1..^1].SequenceEqual(key);

    /// <summary>Moves to the next member or element; false behind the last one and for a scalar.</summary>
    public bool Read()
    {
        if (Kind is not (JsonKind.Array or JsonKind.Object))
        {
            return false;
        }

        var close = Kind == JsonKind.Object ? (byte)'}' : (byte)']';
        _at = SkipBlanks(_text, _at);
        if (_begun && _at < _text.Length && _text[_at] == ',')
        {
            _at = SkipBlanks(_text, _at + 1);
        }
        else if (_at >= _text.Length || _text[_at] == close)
        {
            return false;
        }

        _begun = true;
        if (Kind == JsonKind.Object)
        {
            var keyEnd = EndOfValue(_text, _at);
            Key = _text[_at..keyEnd];
            _at = SkipBlanks(_text, keyEnd);
            if (Key.Length < 2 || _at >= _text.Length || _text[_at] != ':')
            {
                throw Invalid(_text);
            }

            _at = SkipBlanks(_text, _at + 1);
        }

        var end = EndOfValue(_text, _at);
        Value = _text[_at..end];
        _at = end;
        return true;
    }

    private static int SkipBlanks(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\r')
        {
            at++;
        }

        return at;
    }

    private static int EndOfValue(ReadOnlySpan<byte> text, int at)
    {
        var start = at;
        var depth = 0;
        while (at < text.Length)
        {
            switch (text[at])
            {
                case (byte)'"':
                    at = EndOfString(text, at);
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    at++;
                    break;
                case (byte)'}' or (byte)']' when depth > 0:
                    depth--;
                    at++;
                    break;
                default:
                    var length = text[at..].IndexOfAny(depth > 0 ? "\"{}[]"u8 : "\"{}[],: \t\r\n"u8);
                    at = length < 0 ? text.Length : at + length;
                    break;
            }

            if (depth == 0)
            {
                break;
            }
        }

        return depth == 0 && at > start ? at : throw Invalid(text);
    }

    /// <summary>The place behind the string that begins here.</summary>
    private static int EndOfString(ReadOnlySpan<byte> text, int at)
    {
        at++;
        while (at < text.Length && text[at..].IndexOfAny((byte)'"', (byte)'\\') is >= 0 and var length)
        {
            at += length;
            if (text[at] == '"')
            {
                return at + 1;
            }

            at += 2;
        }

        throw Invalid(text);
    }

    private static TypeException Invalid(ReadOnlySpan<byte> text)
    {
        // The parser has the better message, if it finds an error at all.
        JsonParser.Check(text);
        return new TypeException(SqlState.InvalidTextRepresentation, "invalid input syntax for type json");
    }
}
