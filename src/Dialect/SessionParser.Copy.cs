using System.Text;

namespace Rqlite.Pg.Dialect;

internal ref partial struct SessionParser
{
    /// <summary>
    /// Reads COPY … TO STDOUT as the query that it sends. False for any other COPY, whose lexer is then of no more use.
    /// </summary>
    public bool TryParseCopy(IReadOnlyList<KeyValuePair<string, string>>? hint, out ParsedStatement? statement)
    {
        statement = null;
        Next();
        var options = new CopyOptionList();
        var source = default(CopySource);
        if (TakeKind(TokenKind.OpenParen))
        {
            source = ReadQuery();
            if (!_token.Is(Keyword.To))
            {
                throw Unexpected();
            }
        }
        else if (!TryReadTable(options, out source))
        {
            return false;
        }

        if (!Take(Keyword.To) || !(Take(Keyword.Stdout) || Take(Keyword.Stdin)))
        {
            return false;
        }

        if (source.Query is null)
        {
            ParseDelimiters(options);
        }

        Take(Keyword.With);
        if (TakeKind(TokenKind.OpenParen))
        {
            ParseOptionList(options);
        }
        else
        {
            ParseOldOptions(options);
        }

        if (_token.Kind is not (TokenKind.End or TokenKind.Semicolon))
        {
            throw Unexpected();
        }

        statement = Build(source, options.Complete(), hint);
        return true;
    }

    private readonly ParsedStatement Build(CopySource source, CopyOptions options, IReadOnlyList<KeyValuePair<string, string>>? hint)
    {
        if (source.Query is null)
        {
            // Positions of errors are the table's: the text that runs is not the client's.
            return new ParsedStatement(
                _sql, source.Start, source.Start, source.Text!, StatementVerb.Other, "COPY", null, [], 0, hint, options);
        }

        var lexer = new Lexer(source.Query, source.Start);
        var head = lexer.Read();
        var query = head.Kind is TokenKind.End or TokenKind.Semicolon || head.Is(Keyword.Copy)
            ? throw Lexer.SyntaxError(head)
            : SqlParser.ParseNested(source.Query, ref lexer, head, translated: false);
        if (lexer.Read() is { Kind: not TokenKind.End } behind)
        {
            throw Lexer.SyntaxError(behind);
        }

        if (query.ParameterCount > 0)
        {
            throw new DialectException("42P02", "there is no parameter $1");
        }

        return query switch
        {
            { Kind: StatementKind.Run, Verb: StatementVerb.Select } => query.AsCopy(options, hint),
            { Verb: StatementVerb.Insert or StatementVerb.Update or StatementVerb.Delete } or { Command: UnsupportedStatement } =>
                new ParsedStatement(
                    _sql, query.Start, query.End, query.Text, StatementVerb.Other, "COPY", new UnsupportedStatement($"COPY ({query.CommandTag}) TO"),
                    [], 0, hint),
            _ => throw Lexer.SyntaxError(head),
        };
    }

    // The text up to the closing parenthesis keeps the positions within it.
    private CopySource ReadQuery()
    {
        var start = _token.Start;
        var depth = 0;
        while (depth > 0 || _token.Kind != TokenKind.CloseParen || _token.Start == start)
        {
            if (_token.Kind is TokenKind.End or TokenKind.Semicolon || depth == 0 && _token.Kind == TokenKind.CloseParen)
            {
                throw Unexpected();
            }

            depth = _token.Kind == TokenKind.OpenParen ? SqlParser.Deeper(ref Lexer, _token, depth)
                : _token.Kind == TokenKind.CloseParen ? depth - 1 : depth;
            Next();
        }

        var source = new CopySource(_sql[.._token.Start], null, start);
        Next();
        return source;
    }

    private bool TryReadTable(CopyOptionList options, out CopySource source)
    {
        source = default;
        var binary = _token.Is(Keyword.Binary) && Peek().Kind is TokenKind.Word or TokenKind.QuotedIdentifier && !Peek().Is(Keyword.To)
            && !Peek().Is(Keyword.From);
        if (binary)
        {
            Next();
            options.Add("format", "binary", null, all: false);
        }

        var start = _token.Start;
        var table = new StringBuilder();
        var name = "";
        do
        {
            if (_token.Kind is not (TokenKind.Word or TokenKind.QuotedIdentifier))
            {
                return false;
            }

            name = ColumnLabel();
            Quote(table.Append(table.Length > 0 ? "." : ""), name);
        }
        while (TakeKind(TokenKind.Dot));
        var query = new StringBuilder("SELECT ");
        if (TakeKind(TokenKind.OpenParen))
        {
            var columns = Names();
            for (var i = 0; i < columns.Count; i++)
            {
                // To SQLite an unknown name in quotes would be a string if it stood alone.
                Quote(query.Append(i > 0 ? ", " : ""), name);
                Quote(query.Append('.'), columns[i]);
            }
        }
        else
        {
            query.Append('*');
        }

        source = new CopySource(null, query.Append(" FROM ").Append(table).ToString(), start);
        return true;
    }

    // Behind the opening parenthesis, up to and with the closing one.
    private List<string> Names()
    {
        var names = BareNames();
        ExpectKind(TokenKind.CloseParen);
        return names;
    }

    private static void Quote(StringBuilder text, string name) =>
        text.Append('"').Append(name.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');

    private void ParseDelimiters(CopyOptionList options)
    {
        if (Take(Keyword.Using))
        {
            Expect(Keyword.Delimiters);
            options.Add("delimiter", String(), null, all: false);
        }
        else if (Take(Keyword.Delimiters))
        {
            options.Add("delimiter", String(), null, all: false);
        }
    }

    private void ParseOptionList(CopyOptionList options)
    {
        do
        {
            var name = ColumnLabel();
            if (TakeKind(TokenKind.OpenParen))
            {
                options.Add(name, null, Names(), all: false);
            }
            else if (TakeOperator('*'))
            {
                options.Add(name, null, null, all: true);
            }
            else
            {
                options.Add(name, _token.Kind is TokenKind.Comma or TokenKind.CloseParen ? null : ParseValue(), null, all: false);
            }
        }
        while (TakeKind(TokenKind.Comma));
        ExpectKind(TokenKind.CloseParen);
    }

    private void ParseOldOptions(CopyOptionList options)
    {
        while (_token.Kind is not (TokenKind.End or TokenKind.Semicolon))
        {
            if (Take(Keyword.Binary))
            {
                options.Add("format", "binary", null, all: false);
            }
            else if (Take(Keyword.Csv))
            {
                options.Add("format", "csv", null, all: false);
            }
            else if (Take(Keyword.Header))
            {
                options.Add("header", null, null, all: false);
            }
            else if (Take(Keyword.Freeze))
            {
                options.Add("freeze", null, null, all: false);
            }
            else if (Take(Keyword.Force))
            {
                ParseForce(options);
            }
            else if (_token.Kind == TokenKind.Word
                && _token.Keyword is Keyword.Delimiter or Keyword.Null or Keyword.Quote or Keyword.Escape or Keyword.Encoding)
            {
                var name = ColumnLabel();
                if (name != "encoding")
                {
                    Take(Keyword.As);
                }

                options.Add(name, String(), null, all: false);
            }
            else
            {
                throw Unexpected();
            }
        }
    }

    private void ParseForce(CopyOptionList options)
    {
        if (Take(Keyword.Quote))
        {
            if (TakeOperator('*'))
            {
                options.Add("force_quote", null, null, all: true);
                return;
            }

            options.Add("force_quote", null, BareNames(), all: false);
            return;
        }

        var not = Take(Keyword.Not);
        Expect(Keyword.Null);
        options.Add(not ? "force_not_null" : "force_null", null, BareNames(), all: false);
    }

    private List<string> BareNames()
    {
        var names = new List<string>();
        do
        {
            names.Add(Name());
        }
        while (TakeKind(TokenKind.Comma));
        return names;
    }

    /// <summary>A query with all that stands before it, or the text that stands for a table.</summary>
    private readonly record struct CopySource(string? Query, string? Text, int Start);
}
