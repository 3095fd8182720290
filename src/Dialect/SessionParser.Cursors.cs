using System.Globalization;

namespace Rqlite.Pg.Dialect;

/// <content>DECLARE, FETCH and MOVE.</content>
internal ref partial struct SessionParser
{
    private DeclareCursor ParseDeclare()
    {
        var name = Name();
        var options = CursorOptions.None;
        while (!_token.Is(Keyword.Cursor))
        {
            options |= _token.Keyword switch
            {
                Keyword.Binary => CursorOptions.Binary,
                Keyword.Insensitive => CursorOptions.Insensitive,
                Keyword.Asensitive => CursorOptions.Asensitive,
                Keyword.Scroll => CursorOptions.Scroll,
                Keyword.No when Peek().Is(Keyword.Scroll) => CursorOptions.NoScroll,
                _ => throw Unexpected(),
            };
            Take(Keyword.No);
            Next();
        }

        Next();
        if (_token.Keyword is Keyword.With or Keyword.Without && Peek().Is(Keyword.Hold))
        {
            options |= _token.Is(Keyword.With) ? CursorOptions.Hold : CursorOptions.None;
            Next();
            Next();
        }

        if (!_token.Is(Keyword.For))
        {
            throw Unexpected();
        }

        var place = Lexer;
        var head = place.Read();
        var query = ParseBody();
        return query.Verb == StatementVerb.Select || query.CommandTag == "SELECT" || head.Is(Keyword.Table)
            ? new DeclareCursor(name, options, query)
            : head.Is(Keyword.With)
            ? throw new DialectException("0A000", "DECLARE CURSOR must not contain data-modifying statements in WITH")
            : throw Lexer.SyntaxError(head);
    }

    private FetchCursor ParseFetch(bool moves)
    {
        var (direction, count) = (FetchDirection.Forward, 1L);

        // Each of these words may also be the cursor's name.
        if (_token.Kind == TokenKind.Word && Peek().Kind is not (TokenKind.End or TokenKind.Semicolon))
        {
            switch (_token.Keyword)
            {
                case Keyword.Next:
                    Next();
                    break;
                case Keyword.Prior:
                    direction = FetchDirection.Backward;
                    Next();
                    break;
                case Keyword.First:
                    direction = FetchDirection.Absolute;
                    Next();
                    break;
                case Keyword.Last:
                    (direction, count) = (FetchDirection.Absolute, -1);
                    Next();
                    break;
                case Keyword.Absolute or Keyword.Relative:
                    direction = _token.Is(Keyword.Absolute) ? FetchDirection.Absolute : FetchDirection.Relative;
                    Next();
                    count = SignedInteger();
                    break;
                case Keyword.All:
                    count = AllOrCount();
                    break;
                case Keyword.Forward or Keyword.Backward:
                    direction = _token.Is(Keyword.Forward) ? FetchDirection.Forward : FetchDirection.Backward;
                    Next();
                    count = AllOrCount();
                    break;
            }
        }
        else
        {
            count = AllOrCount();
        }

        if (!Take(Keyword.From))
        {
            Take(Keyword.In);
        }

        return new FetchCursor(Name(), direction, count, moves);
    }

    private long AllOrCount() =>
        Take(Keyword.All) ? long.MaxValue : _token.Kind == TokenKind.Integer || IsOperator('-') || IsOperator('+') ? SignedInteger() : 1;

    private int SignedInteger()
    {
        var negative = IsOperator('-');
        if (!TakeOperator('-'))
        {
            TakeOperator('+');
        }

        if (_token.Kind != TokenKind.Integer
            || !int.TryParse(_sql.AsSpan(_token.Start, _token.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            throw Unexpected();
        }

        Next();
        return negative ? -value : value;
    }
}
