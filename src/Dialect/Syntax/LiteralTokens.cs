using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>The classes of literals. Which type a literal has without a context depends on its class alone.</summary>
public enum LiteralClass : byte
{
    /// <summary>A whole number of int4.</summary>
    Int4,

    /// <summary>A whole number of int8 that is none of int4.</summary>
    Int8,

    /// <summary>A number with a point or an exponent, or a whole one beyond int8.</summary>
    Numeric,

    /// <summary>A string in quotes, with escapes or without, or in dollars; not one with Unicode escapes.</summary>
    String,
}

/// <summary>A literal as it stands in a text. A sign is not part of it.</summary>
public readonly record struct LiteralToken(LiteralClass Class, int Start, int End);

/// <summary>The literals of a statement's text in their order.</summary>
public sealed class LiteralTokens
{
    private readonly string _text;
    private readonly List<LiteralToken> _tokens = [];

    private LiteralTokens(string text) => _text = text;

    public IReadOnlyList<LiteralToken> Tokens => _tokens;

    /// <summary>Finds the literals of a text.</summary>
    /// <exception cref="DialectException">42601: the text cannot be cut into tokens.</exception>
    public static LiteralTokens Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var literals = new LiteralTokens(text);
        var lexer = new Lexer(text);
        for (var token = lexer.ReadPostgres(); token.Kind != TokenKind.End; token = lexer.ReadPostgres())
        {
            if (ClassOf(token, text) is { } found)
            {
                literals._tokens.Add(new LiteralToken(found, token.Start, token.End));
            }
        }

        return literals;
    }

    /// <summary>The text with a mark of its class in place of each literal: equal for texts that differ in literals alone.</summary>
    public string Shape()
    {
        var shape = new StringBuilder(_text.Length + (2 * _tokens.Count));
        var last = 0;
        foreach (var token in _tokens)
        {
            // No text of a client holds this character.
            shape.Append(_text, last, token.Start - last).Append('\0').Append((char)('0' + (int)token.Class));
            last = token.End;
        }

        return shape.Append(_text, last, _text.Length - last).ToString();
    }

    /// <summary>The text that a string stands for, or a number as it is written.</summary>
    public string ValueOf(int index)
    {
        var token = _tokens[index];
        return token.Class == LiteralClass.String
            ? new Lexer(_text).PostgresStringOf(new Token(TokenKind.String, Keyword.NoKeyword, token.Start, token.End))
            : _text[token.Start..token.End];
    }

    /// <summary>The first literal that begins at an offset or after it; -1 for none.</summary>
    internal int FindFrom(int offset)
    {
        var (low, high) = (0, _tokens.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _tokens[middle].Start < offset ? (middle + 1, high) : (low, middle);
        }

        return low < _tokens.Count ? low : -1;
    }

    private static LiteralClass? ClassOf(Token token, string text) => token.Kind switch
    {
        TokenKind.Integer => LiteralClass.Int4,
        TokenKind.Decimal => long.TryParse(text.AsSpan(token.Start, token.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? LiteralClass.Int8
            : LiteralClass.Numeric,
        TokenKind.String when text[token.Start] is not ('u' or 'U') => LiteralClass.String,
        _ => null,
    };
}
