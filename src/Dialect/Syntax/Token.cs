namespace Rqlite.Pg.Dialect;

/// <summary>The kind of a token; quotes and escapes are still in the text.</summary>
internal enum TokenKind : byte
{
    End,
    Word,
    QuotedIdentifier,
    String,
    Integer,
    Decimal,
    BitString,
    HexString,

    /// <summary><c>$1</c>.</summary>
    Parameter,

    /// <summary>SQLite's <c>?</c>, <c>?1</c>, <c>:name</c>, <c>@name</c>, <c>$name</c>.</summary>
    SqliteParameter,
    Operator,
    Cast,
    ColonEquals,
    DotDot,
    Comma,
    Semicolon,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    Dot,
    Colon,
}

/// <summary>A piece of the source text.</summary>
internal readonly record struct Token(TokenKind Kind, Keyword Keyword, int Start, int End)
{
    public int Length => End - Start;

    public bool Is(Keyword keyword) => Keyword == keyword && Kind == TokenKind.Word;
}
