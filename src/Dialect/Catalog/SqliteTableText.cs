using System.Buffers;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// The parts of a CREATE TABLE in SQLite's dialect that its pragmas do not tell: the names of constraints, the expressions of CHECK and of generated
/// columns, and whether foreign keys are deferred. A text that cannot be read has none of them.
/// </summary>
internal sealed class SqliteTableText
{
    private static readonly SqliteTableText s_empty = new();

    // A text without any of these words has nothing that is looked for.
    private static readonly SearchValues<string> s_words =
        SearchValues.Create(["CONSTRAINT", "CHECK", "REFERENCES", " AS"], StringComparison.OrdinalIgnoreCase);

    /// <summary>In the order of the text.</summary>
    public List<SqliteCheck> Checks { get; } = [];

    /// <summary>In the order of the text.</summary>
    public List<SqliteForeignKey> ForeignKeys { get; } = [];

    public string? PrimaryKeyName { get; private set; }

    /// <summary>The names of UNIQUE constraints by their columns, as <see cref="KeyOf"/> joins them.</summary>
    public Dictionary<string, string> UniqueNames { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The expressions of generated columns.</summary>
    public Dictionary<string, string> Generated { get; } = new(StringComparer.OrdinalIgnoreCase);

    public static SqliteTableText Parse(string sql)
    {
        if (!sql.AsSpan().ContainsAny(s_words))
        {
            return s_empty;
        }

        try
        {
            var text = new SqliteTableText();
            foreach (var item in Items(sql))
            {
                new ItemReader(sql, item, text).Read();
            }

            return text;
        }
        catch (DialectException)
        {
            return s_empty;
        }
    }

    public static string KeyOf(IEnumerable<string> columns) => string.Join('\0', columns);

    /// <summary>The tokens between the commas of the outermost parentheses.</summary>
    private static List<List<Token>> Items(string sql)
    {
        var lexer = new Lexer(sql);
        var items = new List<List<Token>>();
        var depth = 0;
        for (var token = lexer.Read(); token.Kind != TokenKind.End; token = lexer.Read())
        {
            depth -= token.Kind == TokenKind.CloseParen ? 1 : 0;
            if (depth == 0 && token.Kind == TokenKind.CloseParen)
            {
                return items;
            }

            if ((depth == 0 && token.Kind == TokenKind.OpenParen) || (depth == 1 && token.Kind == TokenKind.Comma))
            {
                items.Add([]);
            }
            else if (depth > 0)
            {
                items[^1].Add(token);
            }

            depth += token.Kind == TokenKind.OpenParen ? 1 : 0;
        }

        return [];
    }

    /// <summary>Reads the definition of one column or constraint.</summary>
    private sealed class ItemReader(string sql, List<Token> tokens, SqliteTableText text)
    {
        private int _next;
        private string? _name;

        private Token Current => _next < tokens.Count ? tokens[_next] : default;

        public void Read()
        {
            string? column = null;
            if (tokens.Count > 0 && !IsConstraint(tokens[0]))
            {
                column = Identifier();
            }

            while (_next < tokens.Count)
            {
                ReadClause(column);
            }
        }

        private static bool IsConstraint(Token token) => token.Kind == TokenKind.Word
            && token.Keyword is Keyword.Constraint or Keyword.Primary or Keyword.Unique or Keyword.Check or Keyword.Foreign;

        private void ReadClause(string? column)
        {
            var token = tokens[_next++];
            switch (token.Kind == TokenKind.Word ? token.Keyword : Keyword.NoKeyword)
            {
                case Keyword.Constraint:
                    _name = Identifier();
                    return;
                case Keyword.Check when Current.Kind == TokenKind.OpenParen:
                    text.Checks.Add(new SqliteCheck(_name, Parenthesized(), column));
                    break;
                case Keyword.Primary:
                    text.PrimaryKeyName = _name;
                    break;
                case Keyword.Unique when _name is not null:
                    text.UniqueNames[KeyOf(column is null ? Columns() : [column])] = _name;
                    break;
                case Keyword.References:
                    text.ForeignKeys.Add(new SqliteForeignKey(_name));
                    break;
                case Keyword.Deferrable when text.ForeignKeys is [.., var last] && !tokens[_next - 2].Is(Keyword.Not):
                    last.Deferrable = true;
                    last.InitiallyDeferred = Current.Is(Keyword.Initially) && _next + 1 < tokens.Count && tokens[_next + 1].Is(Keyword.Deferred);
                    return;
                case Keyword.As when column is not null && Current.Kind == TokenKind.OpenParen:
                    text.Generated[column] = Parenthesized();
                    break;
                case Keyword.Foreign:
                    return;
                default:
                    Skip(token);
                    return;
            }

            // A name belongs to the one constraint behind it.
            _name = null;
        }

        // Parentheses hold no clause here, but for example the length of a type.
        private void Skip(Token token)
        {
            if (token.Kind == TokenKind.OpenParen)
            {
                _next--;
                Parenthesized();
            }
        }

        /// <summary>The text between the parentheses that begin at the current token.</summary>
        private string Parenthesized()
        {
            var start = Current.End;
            var depth = 0;
            while (_next < tokens.Count)
            {
                var token = tokens[_next++];
                depth += token.Kind switch { TokenKind.OpenParen => 1, TokenKind.CloseParen => -1, _ => 0 };
                if (depth == 0)
                {
                    return sql[start..token.Start].Trim();
                }
            }

            return "";
        }

        private List<string> Columns()
        {
            var names = new List<string>();
            while (Current.Kind is not (TokenKind.CloseParen or TokenKind.End))
            {
                _next++;
                if (Current.Kind is TokenKind.Word or TokenKind.QuotedIdentifier or TokenKind.String)
                {
                    names.Add(Identifier());
                    while (Current.Kind is TokenKind.Word or TokenKind.QuotedIdentifier)
                    {
                        // COLLATE, ASC or DESC.
                        _next++;
                    }
                }
            }

            return names;
        }

        private string Identifier()
        {
            var token = Current;
            _next++;
            if (token.Kind is not (TokenKind.QuotedIdentifier or TokenKind.String))
            {
                return sql[token.Start..token.End];
            }

            var quote = sql[token.Start];
            var body = sql[(token.Start + 1)..(token.End - 1)];
            return quote == '[' ? body : body.Replace($"{quote}{quote}", quote.ToString(), StringComparison.Ordinal);
        }
    }
}

/// <param name="Name">Null for none.</param>
/// <param name="Column">The column in whose definition it stands; null for a constraint of the table.</param>
internal sealed record SqliteCheck(string? Name, string Expression, string? Column);

internal sealed record SqliteForeignKey(string? Name)
{
    public bool Deferrable { get; set; }

    public bool InitiallyDeferred { get; set; }
}
