using System.Text;

namespace Rqlite.Pg.Dialect;

/// <summary>The kind of a literal, which decides its type and so the meaning of the statement around it.</summary>
internal enum LiteralKind : byte
{
    /// <summary>An integer of up to nine digits, which is an int4 with either sign.</summary>
    Integer,

    /// <summary>Any other number; its digits are a part of the statement's shape.</summary>
    Number,
    String,
}

/// <param name="Start">The offset of the literal's token in the text, in UTF-16 units.</param>
internal readonly record struct LiteralToken(LiteralKind Kind, int Start, int End);

/// <summary>
/// The tokens of a statement with its literals apart: statements that differ in nothing but the values of literals have one shape, so a translation
/// of one may serve the other.
/// </summary>
internal sealed class StatementTokens
{
    private const int IntegerDigitsMax = 9;

    private readonly List<LiteralToken> _literals = [];

    private StatementTokens(string text) => Text = text;

    public string Text { get; }

    /// <summary>The text with a mark in place of each literal, one blank for white space and comments between tokens, and nothing at the ends.</summary>
    public string Shape { get; private set; } = "";

    public IReadOnlyList<LiteralToken> Literals => _literals;

    /// <summary>Reads all tokens of a text.</summary>
    /// <returns>Null if the text has no shape of its own: it is no SQL by its tokens, or several statements.</returns>
    public static StatementTokens? Read(string text)
    {
        var tokens = new StatementTokens(text);
        var lexer = new Lexer(text);
        var shape = new StringBuilder(text.Length);
        var end = 0;
        try
        {
            for (var token = lexer.ReadPostgres(); token.Kind != TokenKind.End; token = lexer.ReadPostgres())
            {
                if (end < 0)
                {
                    return null;
                }

                if (token.Kind == TokenKind.Semicolon)
                {
                    end = -1;
                    continue;
                }

                if (shape.Length > 0 && token.Start > end)
                {
                    shape.Append(' ');
                }

                tokens.Add(token, shape);
                end = token.End;
            }
        }
        catch (DialectException)
        {
            return null;
        }

        tokens.Shape = shape.ToString();
        return tokens;
    }

    private void Add(Token token, StringBuilder shape)
    {
        switch (token.Kind)
        {
            case TokenKind.Integer when token.Length <= IntegerDigitsMax && !Text.AsSpan(token.Start, token.Length).ContainsAnyExceptInRange('0', '9'):
                _literals.Add(new LiteralToken(LiteralKind.Integer, token.Start, token.End));
                shape.Append('\u0001');
                break;
            case TokenKind.Integer or TokenKind.Decimal:
                _literals.Add(new LiteralToken(LiteralKind.Number, token.Start, token.End));
                shape.Append('\u0002').Append(Text, token.Start, token.Length);
                break;
            case TokenKind.String when IsPlain(Text.AsSpan(token.Start, token.Length)):
                _literals.Add(new LiteralToken(LiteralKind.String, token.Start, token.End));
                shape.Append('\u0003');
                break;
            default:
                shape.Append(Text, token.Start, token.Length);
                break;
        }
    }

    /// <summary>The value of a literal that was read here.</summary>
    public string ValueOf(LiteralToken literal) => literal.Kind == LiteralKind.String
        ? Text[(literal.Start + 1)..(literal.End - 1)].Replace("''", "'", StringComparison.Ordinal)
        : Text[literal.Start..literal.End];

    // True for 'text' in one piece and without escapes; doubled quotes may be in it.
    private static bool IsPlain(ReadOnlySpan<char> token)
    {
        if (token[0] != '\'')
        {
            return false;
        }

        var inside = token[1..^1];
        while (inside.IndexOf('\'') is >= 0 and var quote)
        {
            if (quote + 1 >= inside.Length || inside[quote + 1] != '\'')
            {
                return false;
            }

            inside = inside[(quote + 2)..];
        }

        return true;
    }
}
