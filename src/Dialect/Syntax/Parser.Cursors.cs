namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>Cursors.</summary>
public sealed partial class Parser
{
    private DeclareStatement ParseDeclare()
    {
        var location = Here;
        Advance();
        var name = ParseColumnId();
        var options = CursorOptions.None;
        while (!At(Keyword.Cursor))
        {
            options |= Accept(Keyword.No, Keyword.Scroll) ? CursorOptions.NoScroll
                : Accept(Keyword.Scroll) ? CursorOptions.Scroll
                : Accept(Keyword.Binary) ? CursorOptions.Binary
                : Accept(Keyword.Insensitive) ? CursorOptions.Insensitive
                : Accept(Keyword.Asensitive) ? CursorOptions.Asensitive : throw Unexpected();
        }

        Advance();
        if (Accept(Keyword.With))
        {
            Expect(Keyword.Hold);
            options |= CursorOptions.Hold;
        }
        else if (Accept(Keyword.Without))
        {
            Expect(Keyword.Hold);
        }

        Expect(Keyword.For);
        return new DeclareStatement(location, name, options, ParseQuery());
    }

    private FetchStatement ParseFetch()
    {
        var location = Here;
        var move = At(Keyword.Move);
        Advance();
        var direction = FetchDirection.Forward;
        long? count = 1;
        if (At(TokenKind.Word) && !EndsStatement(Peek()))
        {
            switch (_token.Keyword)
            {
                case Keyword.Next:
                    Advance();
                    break;
                case Keyword.Prior:
                    Advance();
                    direction = FetchDirection.Backward;
                    break;
                case Keyword.First or Keyword.Last:
                    direction = FetchDirection.Absolute;
                    count = At(Keyword.First) ? 1 : -1;
                    Advance();
                    break;
                case Keyword.Absolute or Keyword.Relative:
                    direction = At(Keyword.Absolute) ? FetchDirection.Absolute : FetchDirection.Relative;
                    Advance();
                    count = ParseSignedInteger();
                    break;
                case Keyword.All:
                    Advance();
                    count = null;
                    break;
                case Keyword.Forward or Keyword.Backward:
                    direction = At(Keyword.Forward) ? FetchDirection.Forward : FetchDirection.Backward;
                    Advance();
                    count = Accept(Keyword.All) ? null : AtNumber() ? ParseSignedInteger() : 1;
                    break;
            }
        }
        else if (AtNumber())
        {
            count = ParseSignedInteger();
        }

        if (!Accept(Keyword.From))
        {
            Accept(Keyword.In);
        }

        return new FetchStatement(location, move, direction, count, ParseColumnId());
    }

    private CloseStatement ParseClose()
    {
        var location = Here;
        Advance();
        return new CloseStatement(location, Accept(Keyword.All) ? null : ParseColumnId());
    }
}
