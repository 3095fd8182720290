namespace Rqlite.Pg.Dialect;

internal ref partial struct SessionParser
{
    private void Next()
    {
        if (_token.Length > 0)
        {
            End = _token.End;
        }

        _token = Lexer.Read();
    }

    private readonly Token Peek()
    {
        var copy = Lexer;
        return copy.Read();
    }

    private readonly DialectException Unexpected() => Lexer.SyntaxError(_token);

    private bool Take(Keyword keyword)
    {
        if (!_token.Is(keyword))
        {
            return false;
        }

        Next();
        return true;
    }

    private void Expect(Keyword keyword)
    {
        if (!Take(keyword))
        {
            throw Unexpected();
        }
    }

    private bool TakeKind(TokenKind kind)
    {
        if (_token.Kind != kind)
        {
            return false;
        }

        Next();
        return true;
    }

    private void ExpectKind(TokenKind kind)
    {
        if (!TakeKind(kind))
        {
            throw Unexpected();
        }
    }

    private readonly bool IsOperator(char character) =>
        _token.Kind == TokenKind.Operator && _token.Length == 1 && _sql[_token.Start] == character;

    private bool TakeOperator(char character)
    {
        if (!IsOperator(character))
        {
            return false;
        }

        Next();
        return true;
    }

    /// <summary>ColId of PostgreSQL's grammar.</summary>
    private string Name()
    {
        var usable = _token.Kind == TokenKind.QuotedIdentifier || (_token.Kind == TokenKind.Word
            && Keywords.ClassOf(_token.Keyword) is KeywordClass.NotKeyword or KeywordClass.Unreserved or KeywordClass.ColumnName);
        return usable ? ColumnLabel() : throw Unexpected();
    }

    /// <summary>A name cut to PostgreSQL's length.</summary>
    private string Identifier()
    {
        const int BytesMax = 63;
        var name = Name();
        var (length, bytes) = (0, 0);
        foreach (var rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > BytesMax)
            {
                return name[..length];
            }

            length += rune.Utf16SequenceLength;
        }

        return name;
    }

    /// <summary>A call of one of our functions with constants, as a statement without columns: it deletes nothing, since no answer is true.</summary>
    private static LoweredCommand Call(string function, params string?[] arguments) => new(
        $"DELETE FROM _rqlite_call WHERE {function}({string.Join(", ", arguments.Select(Quote))})");

    private static string Quote(string? text) => text is null ? "NULL" : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private string ColumnLabel()
    {
        if (_token.Kind is not (TokenKind.Word or TokenKind.QuotedIdentifier))
        {
            throw Unexpected();
        }

        var name = Lexer.NameOf(_token);
        Next();
        return name;
    }

    private string SettingName()
    {
        var name = Name();
        while (TakeKind(TokenKind.Dot))
        {
            name = $"{name}.{Name()}";
        }

        return name;
    }

    private string String()
    {
        if (_token.Kind != TokenKind.String)
        {
            throw Unexpected();
        }

        var value = Lexer.StringOf(_token);
        Next();
        return value;
    }
}
