namespace Rqlite.Pg.Dialect;

/// <summary>Comments within comments are PostgreSQL's; SQLite would end at the first end.</summary>
internal static class NestedComments
{
    /// <summary>Replaces comments by blanks of the same length, so that positions hold.</summary>
    public static string Blank(string text)
    {
        var result = text.ToCharArray();
        var lexer = new Lexer(text);
        var end = 0;
        for (var token = lexer.Read(); ; token = lexer.Read())
        {
            for (var i = end; i < token.Start; i++)
            {
                result[i] = result[i] is '\n' or '\r' ? result[i] : ' ';
            }

            if (token.Kind == TokenKind.End)
            {
                return new string(result);
            }

            end = token.End;
        }
    }
}
