using System.Text;

namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>The notices that PostgreSQL gives for names that it cuts.</summary>
internal static class LongNames
{
    private const int BytesMax = 63;

    /// <param name="text">A text that PostgreSQL's lexer has read.</param>
    public static IReadOnlyList<Notice> Of(string text)
    {
        if (text.Length <= BytesMax / 3)
        {
            return [];
        }

        var notices = new List<Notice>();
        var lexer = new Lexer(text);
        for (var token = lexer.ReadPostgres(); token.Kind != TokenKind.End; token = lexer.ReadPostgres())
        {
            if (token.Length > BytesMax / 3 && token.Kind is TokenKind.Word or TokenKind.QuotedIdentifier
                && lexer.PostgresWholeNameOf(token) is var whole && Encoding.UTF8.GetByteCount(whole) > BytesMax)
            {
                notices.Add(new Notice("NOTICE", "42622", $"identifier \"{whole}\" will be truncated to \"{lexer.PostgresNameOf(token)}\""));
            }
        }

        return notices;
    }
}
