namespace Rqlite.Pg.Dialect;

/// <summary>Recognizes the one statement whose answer a session may have at hand.</summary>
internal static class SequenceDraw
{
    /// <summary>The name in <c>SELECT nextval('name')</c>, if the statement is that and nothing else and the name needs no folding.</summary>
    public static string? NameOf(string text)
    {
        var lexer = new Lexer(text);
        if (!lexer.Read().Is(Keyword.Select))
        {
            return null;
        }

        var function = lexer.Read();
        if (function.Kind != TokenKind.Word || lexer.NameOf(function) != "nextval" || lexer.Read().Kind != TokenKind.OpenParen)
        {
            return null;
        }

        var argument = lexer.Read();
        if (argument.Kind != TokenKind.String || lexer.Read().Kind != TokenKind.CloseParen)
        {
            return null;
        }

        var next = lexer.Read();
        if (next.Is(Keyword.As))
        {
            _ = lexer.Read();
            next = lexer.Read();
        }

        var name = lexer.StringOf(argument);
        return next.Kind == TokenKind.End && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') ? name : null;
    }
}
