namespace Rqlite.Pg.Types.Values;

/// <summary>Reads JSON: checks it for json, builds the value for jsonb. Nesting is kept on a stack of its own and is bounded.</summary>
public static class JsonParser
{
    /// <summary>SQLite's own limit for its functions on JSON.</summary>
    public const int DepthMax = 1000;

    /// <exception cref="TypeException">22P02: the text is not JSON.</exception>
    public static void Check(ReadOnlySpan<byte> text) => _ = Read(text, build: false);

    public static JsonNode Parse(ReadOnlySpan<byte> text) => Read(text, build: true)!;

    /// <summary>The error for JSON that is nested more than <see cref="DepthMax"/> levels deep.</summary>
    public static TypeException TooDeep() => new(
        SqlState.StatementTooComplex, "stack depth limit exceeded", hint: $"JSON can be nested {DepthMax} levels deep.");

    private static JsonNode? Read(ReadOnlySpan<byte> text, bool build)
    {
        var lexer = new JsonLexer(text, build);
        var open = new Stack<Container>();
        lexer.Read();
        while (true)
        {
            // A value stands here, or the end of an empty container.
            JsonNode? value;
            if (lexer.Token is JsonToken.ArrayStart or JsonToken.ObjectStart)
            {
                if (open.Count >= DepthMax)
                {
                    throw TooDeep();
                }

                var container = new Container(lexer.Token == JsonToken.ObjectStart);
                lexer.Read();
                if (lexer.Token != (container.IsObject ? JsonToken.ObjectEnd : JsonToken.ArrayEnd))
                {
                    open.Push(container);
                    ReadKey(ref lexer, container, first: true);
                    continue;
                }

                value = build ? container.ToNode() : null;
            }
            else
            {
                value = ReadScalar(ref lexer, build);
            }

            lexer.Read();
            if (!Close(ref lexer, open, ref value, build))
            {
                return value;
            }
        }
    }

    /// <summary>Puts a value into the containers that it ends, up to one that goes on; false if it was the whole text.</summary>
    private static bool Close(ref JsonLexer lexer, Stack<Container> open, ref JsonNode? value, bool build)
    {
        while (open.Count > 0)
        {
            var container = open.Peek();
            container.Add(value);
            if (lexer.Token == JsonToken.Comma)
            {
                lexer.Read();
                ReadKey(ref lexer, container, first: false);
                return true;
            }

            if (lexer.Token != (container.IsObject ? JsonToken.ObjectEnd : JsonToken.ArrayEnd))
            {
                throw lexer.Unexpected(container.IsObject ? "Expected \",\" or \"}\"" : "Expected \",\" or \"]\"");
            }

            value = build ? container.ToNode() : null;
            open.Pop();
            lexer.Read();
        }

        return lexer.Token == JsonToken.End ? false : throw lexer.Unexpected("Expected end of input");
    }

    private static void ReadKey(ref JsonLexer lexer, Container container, bool first)
    {
        if (!container.IsObject)
        {
            return;
        }

        if (lexer.Token != JsonToken.String)
        {
            throw lexer.Unexpected(first ? "Expected string or \"}\"" : "Expected string");
        }

        container.Key = lexer.Value;
        lexer.Read();
        if (lexer.Token != JsonToken.Colon)
        {
            throw lexer.Unexpected("Expected \":\"");
        }

        lexer.Read();
    }

    private static JsonNode? ReadScalar(ref JsonLexer lexer, bool build)
    {
        switch (lexer.Token)
        {
            case JsonToken.String:
                return build ? JsonNode.FromText(lexer.Value) : null;
            case JsonToken.Number:
                return build ? JsonNode.FromNumber(Numeric.Parse(lexer.TokenText)) : null;
            case JsonToken.True:
                return JsonNode.True;
            case JsonToken.False:
                return JsonNode.False;
            case JsonToken.Null:
                return JsonNode.Null;
            default:
                throw lexer.Unexpected("Expected JSON value");
        }
    }

    private sealed class Container(bool isObject)
    {
        private readonly List<JsonNode> _items = [];
        private readonly List<(ReadOnlyMemory<byte>, JsonNode)> _members = [];

        public bool IsObject { get; } = isObject;

        public ReadOnlyMemory<byte> Key { get; set; }

        public void Add(JsonNode? value)
        {
            if (value is null)
            {
                return;
            }

            if (IsObject)
            {
                _members.Add((Key, value));
            }
            else
            {
                _items.Add(value);
            }
        }

        public JsonNode ToNode() => IsObject ? JsonNode.FromMembers(_members) : JsonNode.FromItems(_items);
    }
}
