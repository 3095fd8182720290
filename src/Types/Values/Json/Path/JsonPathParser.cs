namespace Rqlite.Pg.Types.Values;

/// <summary>Reads a jsonpath by the grammar of SQL/JSON, with PostgreSQL's extensions.</summary>
internal ref struct JsonPathParser
{
    // The path and all that works on it call themselves.
    private const int DepthMax = 200;
    private const int ItemsMax = 2000;

    private readonly ReadOnlySpan<byte> _text;
    private JsonPathLexer _lexer;
    private int _depth;
    private int _items;
    private int _filters;
    private int _subscripts;

    public JsonPathParser(ReadOnlySpan<byte> text)
    {
        _text = text;
        _lexer = new JsonPathLexer(text);
        _lexer.Read();
    }

    public JsonPath Parse()
    {
        if (_lexer.Token == JsonPathToken.End)
        {
            throw TypeErrors.Syntax("jsonpath", _text);
        }

        var strict = TakeWord("strict");
        if (!strict)
        {
            TakeWord("lax");
        }

        var root = ParseOr();
        return _lexer.Token == JsonPathToken.End ? new JsonPath(root, !strict) : throw _lexer.Unexpected();
    }

    private readonly bool Is(string symbol) => _lexer.Token == JsonPathToken.Symbol && _lexer.Symbol == symbol;

    private readonly bool IsWord(string word) => _lexer.Token == JsonPathToken.Identifier && _lexer.Symbol == word;

    private bool Take(string symbol)
    {
        var found = Is(symbol);
        if (found)
        {
            _lexer.Read();
        }

        return found;
    }

    private bool TakeWord(string word)
    {
        var found = IsWord(word);
        if (found)
        {
            _lexer.Read();
        }

        return found;
    }

    private void Require(string symbol)
    {
        if (!Take(symbol))
        {
            throw _lexer.Unexpected();
        }
    }

    private JsonPathItem Count(JsonPathItem item) => ++_items <= ItemsMax ? item : throw JsonParser.TooDeep();

    private readonly JsonPathItem RequirePredicate(JsonPathItem item) => item.IsPredicate ? item : throw _lexer.Unexpected();

    private readonly JsonPathItem RequireExpression(JsonPathItem item) => item.IsPredicate ? throw _lexer.Unexpected() : item;

    private void Enter()
    {
        if (++_depth > DepthMax)
        {
            throw JsonParser.TooDeep();
        }
    }

    private JsonPathItem ParseOr()
    {
        Enter();
        var left = ParseAnd();
        while (Is("||"))
        {
            RequirePredicate(left);
            _lexer.Read();
            left = Count(new JsonPathItem(JsonPathKind.Or) { Left = left, Right = RequirePredicate(ParseAnd()) });
        }

        _depth--;
        return left;
    }

    private JsonPathItem ParseAnd()
    {
        var left = ParseComparison();
        while (Is("&&"))
        {
            RequirePredicate(left);
            _lexer.Read();
            left = Count(new JsonPathItem(JsonPathKind.And) { Left = left, Right = RequirePredicate(ParseComparison()) });
        }

        return left;
    }

    private JsonPathItem ParseComparison()
    {
        if (Is("!"))
        {
            _lexer.Read();
            return Count(new JsonPathItem(JsonPathKind.Not) { Left = ParseDelimited() });
        }

        var left = ParseSum();
        if (left.IsPredicate)
        {
            return left;
        }

        if (_lexer.Token == JsonPathToken.Symbol && ComparisonOf(_lexer.Symbol) is { } kind)
        {
            _lexer.Read();
            return Count(new JsonPathItem(kind) { Left = left, Right = RequireExpression(ParseSum()) });
        }

        if (TakeWord("starts"))
        {
            return ParseStartsWith(left);
        }

        return TakeWord("like_regex") ? ParseLikeRegex(left) : left;
    }

    /// <summary>What may be negated: a predicate in parentheses, or exists.</summary>
    private JsonPathItem ParseDelimited()
    {
        if (IsWord("exists"))
        {
            return ParseExists();
        }

        Require("(");
        var predicate = RequirePredicate(ParseOr());
        Require(")");
        return predicate;
    }

    private JsonPathItem ParseExists()
    {
        _lexer.Read();
        Require("(");
        Enter();
        var expression = RequireExpression(ParseSum());
        _depth--;
        Require(")");
        return Count(new JsonPathItem(JsonPathKind.Exists) { Left = expression });
    }

    private static JsonPathKind? ComparisonOf(string symbol) => symbol switch
    {
        "==" => JsonPathKind.Equal,
        "!=" => JsonPathKind.NotEqual,
        "<" => JsonPathKind.Less,
        ">" => JsonPathKind.Greater,
        "<=" => JsonPathKind.LessOrEqual,
        ">=" => JsonPathKind.GreaterOrEqual,
        _ => null,
    };

    private JsonPathItem ParseStartsWith(JsonPathItem left)
    {
        if (!TakeWord("with") || _lexer.Token is not (JsonPathToken.String or JsonPathToken.Variable))
        {
            throw _lexer.Unexpected();
        }

        var kind = _lexer.Token == JsonPathToken.String ? JsonPathKind.String : JsonPathKind.Variable;
        var initial = Count(new JsonPathItem(kind) { Text = _lexer.Value });
        _lexer.Read();
        return Count(new JsonPathItem(JsonPathKind.StartsWith) { Left = left, Right = initial });
    }

    private JsonPathItem ParseLikeRegex(JsonPathItem left)
    {
        var pattern = TakeString();
        var flags = JsonPathRegexFlags.None;
        if (TakeWord("flag"))
        {
            flags = JsonPathRegex.ReadFlags(TakeString());
        }

        // A pattern that is none is an error of the path, not of its use.
        RegularExpression.Get(pattern, JsonPathRegex.Convert(flags));
        return Count(new JsonPathItem(JsonPathKind.LikeRegex) { Left = left, Text = pattern, Flags = flags });
    }

    private byte[] TakeString()
    {
        if (_lexer.Token != JsonPathToken.String)
        {
            throw _lexer.Unexpected();
        }

        var text = _lexer.Value;
        _lexer.Read();
        return text;
    }

    private JsonPathItem ParseSum()
    {
        var left = ParseProduct();
        while (Is("+") || Is("-"))
        {
            RequireExpression(left);
            var kind = Is("+") ? JsonPathKind.Add : JsonPathKind.Subtract;
            _lexer.Read();
            left = Count(new JsonPathItem(kind) { Left = left, Right = RequireExpression(ParseProduct()) });
        }

        return left;
    }

    private JsonPathItem ParseProduct()
    {
        var left = ParseSigned();
        while (Is("*") || Is("/") || Is("%"))
        {
            RequireExpression(left);
            var kind = Is("*") ? JsonPathKind.Multiply : Is("/") ? JsonPathKind.Divide : JsonPathKind.Modulo;
            _lexer.Read();
            left = Count(new JsonPathItem(kind) { Left = left, Right = RequireExpression(ParseSigned()) });
        }

        return left;
    }

    private JsonPathItem ParseSigned()
    {
        if (!Is("+") && !Is("-"))
        {
            return ParseAccessors();
        }

        var minus = Is("-");
        _lexer.Read();
        Enter();
        var operand = RequireExpression(ParseSigned());
        _depth--;
        return operand is { Kind: JsonPathKind.Number, Next: null }
            ? new JsonPathItem(JsonPathKind.Number) { Number = minus ? -operand.Number : operand.Number }
            : Count(new JsonPathItem(minus ? JsonPathKind.Minus : JsonPathKind.Plus) { Left = operand });
    }

    private JsonPathItem ParseAccessors()
    {
        var head = ParsePrimary(out var parenthesised);
        if (parenthesised && head.IsPredicate && TakeWord("is"))
        {
            return TakeWord("unknown") ? Count(new JsonPathItem(JsonPathKind.IsUnknown) { Left = head }) : throw _lexer.Unexpected();
        }

        // exists and other predicates without parentheses have no accessors.
        var end = head;
        while (end.Next is not null)
        {
            end = end.Next;
        }

        while ((!head.IsPredicate || parenthesised) && TryAccessor() is { } accessor)
        {
            end.Next = Count(accessor);
            end = accessor;
        }

        return head;
    }

    private JsonPathItem ParsePrimary(out bool parenthesised)
    {
        parenthesised = false;
        switch (_lexer.Token)
        {
            case JsonPathToken.String:
                return Value(JsonPathKind.String);
            case JsonPathToken.Variable:
                return Value(JsonPathKind.Variable);
            case JsonPathToken.Integer or JsonPathToken.Number:
                var number = Numeric.Parse(_lexer.Value);
                _lexer.Read();
                return Count(new JsonPathItem(JsonPathKind.Number) { Number = number });
            case JsonPathToken.Identifier:
                return ParseWord();
        }

        if (Is("("))
        {
            parenthesised = true;
            _lexer.Read();
            var inner = ParseOr();
            Require(")");
            return inner;
        }

        if (Is("@") && _filters == 0)
        {
            throw new TypeException(SqlState.SyntaxError, "@ is not allowed in root expressions");
        }

        return Is("$") ? Value(JsonPathKind.Root) : Is("@") ? Value(JsonPathKind.Current) : throw _lexer.Unexpected();
    }

    private JsonPathItem ParseWord()
    {
        switch (_lexer.Symbol)
        {
            case "null":
                return Value(JsonPathKind.Null);
            case "true":
                return Value(JsonPathKind.True);
            case "false":
                return Value(JsonPathKind.False);
            case "exists":
                return ParseExists();
            case "last":
                return _subscripts > 0
                    ? Value(JsonPathKind.Last)
                    : throw new TypeException(SqlState.SyntaxError, "LAST is allowed only in array subscripts");
            default:
                throw _lexer.Unexpected();
        }
    }

    private JsonPathItem Value(JsonPathKind kind)
    {
        var item = new JsonPathItem(kind) { Text = kind is JsonPathKind.String or JsonPathKind.Variable ? _lexer.Value : [] };
        _lexer.Read();
        return Count(item);
    }

    /// <summary>Reads one accessor; null if none follows.</summary>
    private JsonPathItem? TryAccessor()
    {
        if (Take("."))
        {
            return ParseMember();
        }

        if (Take("["))
        {
            return ParseSubscripts();
        }

        if (!Take("?"))
        {
            return null;
        }

        Require("(");
        _filters++;
        var condition = RequirePredicate(ParseOr());
        _filters--;
        Require(")");
        return new JsonPathItem(JsonPathKind.Filter) { Left = condition };
    }

    private JsonPathItem ParseMember()
    {
        if (Take("*"))
        {
            return new JsonPathItem(JsonPathKind.AnyKey);
        }

        if (Take("**"))
        {
            return ParseLevels();
        }

        if (_lexer.Token is not (JsonPathToken.String or JsonPathToken.Identifier))
        {
            throw _lexer.Unexpected();
        }

        var (name, word) = (_lexer.Value, _lexer.Token == JsonPathToken.Identifier ? _lexer.Symbol : "");
        _lexer.Read();
        if (MethodOf(word) is { } method && Take("("))
        {
            JsonPathItem? template = null;
            if (method == JsonPathKind.DateTime && _lexer.Token == JsonPathToken.String)
            {
                template = Value(JsonPathKind.String);
            }

            Require(")");
            return new JsonPathItem(method) { Left = template };
        }

        return new JsonPathItem(JsonPathKind.Key) { Text = name };
    }

    private static JsonPathKind? MethodOf(string word) => word switch
    {
        "abs" => JsonPathKind.Abs,
        "size" => JsonPathKind.Size,
        "type" => JsonPathKind.Type,
        "floor" => JsonPathKind.Floor,
        "double" => JsonPathKind.Double,
        "ceiling" => JsonPathKind.Ceiling,
        "keyvalue" => JsonPathKind.KeyValue,
        "datetime" => JsonPathKind.DateTime,
        _ => null,
    };

    private JsonPathItem ParseLevels()
    {
        if (!Take("{"))
        {
            return new JsonPathItem(JsonPathKind.Any) { First = 0, Last = JsonPathItem.LastLevel };
        }

        var first = ParseLevel();
        var last = TakeWord("to") ? ParseLevel() : first;
        Require("}");
        return new JsonPathItem(JsonPathKind.Any) { First = first, Last = last };
    }

    private uint ParseLevel()
    {
        if (TakeWord("last"))
        {
            return JsonPathItem.LastLevel;
        }

        if (_lexer.Token != JsonPathToken.Integer)
        {
            throw _lexer.Unexpected();
        }

        // A number that is too large becomes the largest, as C reads it.
        _ = NumberText.TryInteger(_lexer.Value, out var level, out _);
        _lexer.Read();
        return (uint)level;
    }

    private JsonPathItem ParseSubscripts()
    {
        if (Take("*"))
        {
            Require("]");
            return new JsonPathItem(JsonPathKind.AnyArray);
        }

        var subscripts = new List<(JsonPathItem, JsonPathItem?)>();
        _subscripts++;
        Enter();
        do
        {
            var from = RequireExpression(ParseSum());
            subscripts.Add((from, TakeWord("to") ? RequireExpression(ParseSum()) : null));
        }
        while (Take(","));

        _depth--;
        _subscripts--;
        Require("]");
        return new JsonPathItem(JsonPathKind.IndexArray) { Subscripts = subscripts };
    }
}
