namespace Rqlite.Pg.Types.Values;

/// <summary>The kinds of items of a jsonpath, by the names that PostgreSQL gives them.</summary>
public enum JsonPathKind : byte
{
    Null,
    String,
    Number,
    True,
    False,
    And,
    Or,
    Not,
    IsUnknown,
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Plus,
    Minus,
    AnyArray,
    AnyKey,
    IndexArray,
    Any,
    Key,
    Current,
    Root,
    Variable,
    Filter,
    Exists,
    Type,
    Size,
    Abs,
    Floor,
    Ceiling,
    Double,
    DateTime,
    KeyValue,
    Last,
    StartsWith,
    LikeRegex,
}

/// <summary>The flags of LIKE_REGEX, as XQuery names them.</summary>
[Flags]
public enum JsonPathRegexFlags : byte
{
    None = 0,
    IgnoreCase = 1,
    DotAll = 2,
    MultiLine = 4,
    Expanded = 8,
    Quote = 16,
}

/// <summary>A step of a jsonpath, an operation or a value; <see cref="Next"/> goes on from its result.</summary>
public sealed class JsonPathItem(JsonPathKind kind)
{
    /// <summary>For both ends of <c>**{first to last}</c>: the deepest level.</summary>
    public const uint LastLevel = uint.MaxValue;

    public JsonPathKind Kind { get; } = kind;

    /// <summary>A key, string, variable's name or regular expression, as UTF-8.</summary>
    public byte[] Text { get; init; } = [];

    public Numeric Number { get; init; }

    /// <summary>The operand of a unary operation, the condition of a filter, the template of datetime().</summary>
    public JsonPathItem? Left { get; init; }

    public JsonPathItem? Right { get; init; }

    /// <summary>The subscripts of an array accessor: single ones, or from one to another.</summary>
    public IReadOnlyList<(JsonPathItem From, JsonPathItem? To)> Subscripts { get; init; } = [];

    /// <summary>The first level of <c>**</c>.</summary>
    public uint First { get; init; }

    public uint Last { get; init; }

    public JsonPathRegexFlags Flags { get; init; }

    public JsonPathItem? Next { get; set; }

    /// <summary>True for an operation whose result is true, false or unknown.</summary>
    public bool IsPredicate => Next is null && Kind is (>= JsonPathKind.And and <= JsonPathKind.GreaterOrEqual)
        or JsonPathKind.Exists or JsonPathKind.StartsWith or JsonPathKind.LikeRegex;

    public string Symbol => Kind switch
    {
        JsonPathKind.And => "&&",
        JsonPathKind.Or => "||",
        JsonPathKind.Equal => "==",
        JsonPathKind.NotEqual => "!=",
        JsonPathKind.Less => "<",
        JsonPathKind.Greater => ">",
        JsonPathKind.LessOrEqual => "<=",
        JsonPathKind.GreaterOrEqual => ">=",
        JsonPathKind.Add or JsonPathKind.Plus => "+",
        JsonPathKind.Subtract or JsonPathKind.Minus => "-",
        JsonPathKind.Multiply => "*",
        JsonPathKind.Divide => "/",
        JsonPathKind.Modulo => "%",
        JsonPathKind.StartsWith => "starts with",
        JsonPathKind.LikeRegex => "like_regex",
        JsonPathKind.Type => "type",
        JsonPathKind.Size => "size",
        JsonPathKind.Abs => "abs",
        JsonPathKind.Floor => "floor",
        JsonPathKind.Ceiling => "ceiling",
        JsonPathKind.Double => "double",
        JsonPathKind.DateTime => "datetime",
        JsonPathKind.KeyValue => "keyvalue",
        _ => "",
    };
}

/// <summary>A value of the type jsonpath.</summary>
/// <param name="Lax">Structural errors are passed over, and arrays unwrapped and wrapped where that helps.</param>
public sealed record JsonPath(JsonPathItem Root, bool Lax)
{
    /// <exception cref="TypeException">42601, 22P02: the text is no path.</exception>
    public static JsonPath Parse(ReadOnlySpan<byte> text) => new JsonPathParser(text).Parse();
}
