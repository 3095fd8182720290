namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Parser
{
    private Statement ParseStatement()
    {
        if (At(TokenKind.OpenParen))
        {
            return ParseQuery();
        }

        return (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword) switch
        {
            Keyword.Select or Keyword.Values or Keyword.Table or Keyword.With or Keyword.Insert or Keyword.Update or Keyword.Delete
                or Keyword.Merge =>
                ParsePreparable(),
            Keyword.Abort or Keyword.Begin or Keyword.Commit or Keyword.End or Keyword.Release or Keyword.Rollback or Keyword.Savepoint
                or Keyword.Start => ParseTransaction(),
            Keyword.Prepare when Peek().Is(Keyword.Transaction) => ParseTransaction(),
            Keyword.Alter => ParseAlter(),
            Keyword.Analyze or Keyword.Analyse => ParseAnalyze(),
            Keyword.Call => ParseCallStatement(),
            Keyword.Checkpoint => ParseCheckpoint(),
            Keyword.Close => ParseClose(),
            Keyword.Cluster => ParseCluster(),
            Keyword.Comment => ParseComment(),
            Keyword.Copy => ParseCopy(),
            Keyword.Create => ParseCreate(),
            Keyword.Deallocate => ParseDeallocate(),
            Keyword.Declare => ParseDeclare(),
            Keyword.Discard => ParseDiscard(),
            Keyword.Do => ParseDo(),
            Keyword.Drop => ParseDrop(),
            Keyword.Execute => ParseExecute(),
            Keyword.Explain => ParseExplain(),
            Keyword.Fetch or Keyword.Move => ParseFetch(),
            Keyword.Grant or Keyword.Revoke => ParseGrant(),
            Keyword.Listen => ParseListen(),
            Keyword.Load => ParseLoad(),
            Keyword.Lock => ParseLock(),
            Keyword.Notify => ParseNotify(),
            Keyword.Prepare => ParsePrepare(),
            Keyword.Refresh => ParseRefresh(),
            Keyword.Reindex => ParseReindex(),
            Keyword.Reset => ParseReset(),
            Keyword.Set => ParseSet(),
            Keyword.Show => ParseShow(),
            Keyword.Truncate => ParseTruncate(),
            Keyword.Unlisten => ParseUnlisten(),
            Keyword.Vacuum => ParseVacuum(),
            Keyword.Import or Keyword.Reassign or Keyword.Security => ParseGeneric(),
            _ => throw Unexpected(),
        };
    }

    private bool AtEnd() => At(TokenKind.End) || At(TokenKind.Semicolon);

    private static bool EndsStatement(Token token) => token.Kind is TokenKind.End or TokenKind.Semicolon or TokenKind.CloseParen;

    private TransactionStatement ParseTransaction()
    {
        var location = Here;
        var verb = _token.Keyword;
        Advance();
        switch (verb)
        {
            case Keyword.Begin:
                AcceptWork();
                return new TransactionStatement(location, TransactionKind.Begin, ParseOptionalTransactionModes());
            case Keyword.Start:
                Expect(Keyword.Transaction);
                return new TransactionStatement(location, TransactionKind.Start, ParseOptionalTransactionModes());
            case Keyword.Savepoint:
                return new TransactionStatement(location, TransactionKind.Savepoint, [], ParseColumnId());
            case Keyword.Release:
                return new TransactionStatement(location, TransactionKind.Release, [], ParseSavepoint());
            case Keyword.Prepare:
                Expect(Keyword.Transaction);
                return new TransactionStatement(location, TransactionKind.PrepareTransaction, [], ParseString());
            case Keyword.Commit or Keyword.Rollback when Accept(Keyword.Prepared):
                var kind = verb == Keyword.Commit ? TransactionKind.CommitPrepared : TransactionKind.RollbackPrepared;
                return new TransactionStatement(location, kind, [], ParseString());
        }

        AcceptWork();
        if (verb == Keyword.Rollback && Accept(Keyword.To))
        {
            return new TransactionStatement(location, TransactionKind.RollbackTo, [], ParseSavepoint());
        }

        var chain = false;
        if (Accept(Keyword.And))
        {
            chain = !Accept(Keyword.No);
            Expect(Keyword.Chain);
        }

        var end = verb is Keyword.Commit or Keyword.End ? TransactionKind.Commit : TransactionKind.Rollback;
        return new TransactionStatement(location, end, [], Chain: chain);
    }

    private void AcceptWork()
    {
        if (!Accept(Keyword.Work))
        {
            Accept(Keyword.Transaction);
        }
    }

    private string ParseSavepoint()
    {
        if (At(Keyword.Savepoint) && IsColumnId(Peek()))
        {
            Advance();
        }

        return ParseColumnId();
    }

    private bool AtTransactionMode() => At(Keyword.Isolation) || At(Keyword.Read) || At(Keyword.Deferrable) || At(Keyword.Not);

    private NodeList<Option> ParseOptionalTransactionModes() => AtTransactionMode() ? ParseTransactionModes() : [];

    private NodeList<Option> ParseTransactionModes()
    {
        var modes = new List<Option>();
        do
        {
            modes.Add(ParseTransactionMode());
        }
        while (Accept(TokenKind.Comma) || AtTransactionMode());
        return ListOf(modes);
    }

    private Option ParseTransactionMode()
    {
        var location = Here;
        if (Accept(Keyword.Isolation))
        {
            Expect(Keyword.Level);
            return new Option(location, null, "transaction_isolation", new Constant(Here, ConstantKind.String, ParseIsolationLevel()));
        }

        if (Accept(Keyword.Read))
        {
            var only = Accept(Keyword.Only);
            if (!only)
            {
                Expect(Keyword.Write);
            }

            return new Option(location, null, "transaction_read_only", Number(only ? 1 : 0));
        }

        var not = Accept(Keyword.Not);
        Expect(Keyword.Deferrable);
        return new Option(location, null, "transaction_deferrable", Number(not ? 0 : 1));
    }

    private string ParseIsolationLevel()
    {
        if (Accept(Keyword.Serializable))
        {
            return "serializable";
        }

        if (Accept(Keyword.Repeatable))
        {
            Expect(Keyword.Read);
            return "repeatable read";
        }

        Expect(Keyword.Read);
        if (Accept(Keyword.Committed))
        {
            return "read committed";
        }

        Expect(Keyword.Uncommitted);
        return "read uncommitted";
    }

    private PrepareStatement ParsePrepare()
    {
        var location = Here;
        Advance();
        var name = ParseColumnId();
        var types = ParseOptionalParenthesizedList(s_typeName);
        Expect(Keyword.As);
        return new PrepareStatement(location, name, types, ParsePreparable());
    }

    private ExecuteStatement ParseExecute()
    {
        var location = Here;
        Advance();
        return new ExecuteStatement(location, ParseColumnId(), ParseOptionalParenthesizedList(s_expression));
    }

    private DeallocateStatement ParseDeallocate()
    {
        var location = Here;
        Advance();
        if (At(Keyword.Prepare) && (IsColumnId(Peek()) || Peek().Is(Keyword.All)))
        {
            Advance();
        }

        return new DeallocateStatement(location, Accept(Keyword.All) ? null : ParseColumnId());
    }

    private ExplainStatement ParseExplain()
    {
        var location = Here;
        Advance();
        var options = new List<Option>();
        if (At(TokenKind.OpenParen) && !AheadIsQuery())
        {
            return new ExplainStatement(location, ParseUtilityOptions(), ParseExplainable());
        }

        var option = Here;
        if (Accept(Keyword.Analyze) || Accept(Keyword.Analyse))
        {
            options.Add(new Option(option, null, "analyze", null));
        }

        option = Here;
        if (Accept(Keyword.Verbose))
        {
            options.Add(new Option(option, null, "verbose", null));
        }

        return new ExplainStatement(location, ListOf(options), ParseExplainable());
    }

    private Statement ParseExplainable() => At(TokenKind.OpenParen) ? ParseQuery()
        : _token.Kind != TokenKind.Word ? throw Unexpected()
        : _token.Keyword switch
        {
            Keyword.Declare => ParseDeclare(),
            Keyword.Execute => ParseExecute(),
            Keyword.Refresh => ParseRefresh(),
            Keyword.Create => ParseExplainedCreate(),
            _ => ParsePreparable(),
        };

    /// <summary>CREATE TABLE AS or CREATE MATERIALIZED VIEW, which no other CREATE may stand for.</summary>
    private Statement ParseExplainedCreate()
    {
        if (Peek() is not { Kind: TokenKind.Word, Keyword: Keyword.Table or Keyword.Materialized or Keyword.Temporary or Keyword.Temp or Keyword.Local
            or Keyword.Global or Keyword.Unlogged })
        {
            throw Unexpected(Peek());
        }

        _onlyTableAs = true;
        var statement = ParseCreate();
        _onlyTableAs = false;
        return statement is CreateTableAsStatement ? statement : throw Unexpected();
    }

    private NodeList<Option> ParseUtilityOptions() => ParseParenthesizedList(static p => p.ParseUtilityOption());

    private Option ParseUtilityOption()
    {
        var location = Here;
        string name;
        if (Accept(Keyword.Analyze) || Accept(Keyword.Analyse))
        {
            name = "analyze";
        }
        else
        {
            name = ParseNonReservedWord();
        }

        return new Option(location, null, name, AtBooleanOrString() ? ParseBooleanOrString() : AtNumber() ? ParseNumber() : null);
    }

    private bool AtBooleanOrString() => At(TokenKind.String) || At(Keyword.True) || At(Keyword.False) || At(Keyword.On)
        || (IsLabel(_token) && Keywords.ClassOf(_token.Keyword) != KeywordClass.Reserved);

    /// <summary>A string or a word that stands for one, also TRUE, FALSE and ON.</summary>
    private Constant ParseBooleanOrString()
    {
        var location = Here;
        var text = At(TokenKind.String) ? ParseString() : AtBooleanOrString() ? TakeName() : throw Unexpected();
        return new Constant(location, ConstantKind.String, text);
    }

    private string ParseWordOrString() => At(TokenKind.String) ? ParseString() : ParseNonReservedWord();

    private ListenStatement ParseListen()
    {
        var location = Here;
        Advance();
        return new ListenStatement(location, ParseColumnId());
    }

    private UnlistenStatement ParseUnlisten()
    {
        var location = Here;
        Advance();
        return new UnlistenStatement(location, AcceptOperator("*") ? null : ParseColumnId());
    }

    private NotifyStatement ParseNotify()
    {
        var location = Here;
        Advance();
        return new NotifyStatement(location, ParseColumnId(), Accept(TokenKind.Comma) ? ParseString() : null);
    }
}
