namespace Rqlite.Pg.Dialect;

internal ref partial struct SessionParser
{
    private (SessionCommand Command, string Tag) ParseTransaction()
    {
        switch (_head.Keyword)
        {
            case Keyword.Begin:
                var immediate = _token.Is(Keyword.Immediate) || _token.Is(Keyword.Exclusive);
                if (immediate || (_token.Is(Keyword.Deferred) && !Peek().Is(Keyword.Deferrable)))
                {
                    Next();
                }

                SkipNoise();
                return (new BeginTransaction(ParseModes(required: false), immediate), "BEGIN");
            case Keyword.Start:
                Expect(Keyword.Transaction);
                return (new BeginTransaction(ParseModes(required: false), Immediate: false), "START TRANSACTION");
            case Keyword.Commit or Keyword.End:
                if (_head.Is(Keyword.Commit) && Take(Keyword.Prepared))
                {
                    String();
                    return (new UnsupportedStatement("COMMIT PREPARED"), "COMMIT PREPARED");
                }

                SkipNoise();
                return (new CommitTransaction(ParseChain()), "COMMIT");
            case Keyword.Savepoint:
                return (new DefineSavepoint(Name()), "SAVEPOINT");
            case Keyword.Release:
                Take(Keyword.Savepoint);
                return (new ReleaseSavepoint(Name()), "RELEASE");
            default:
                return ParseRollback();
        }
    }

    private (SessionCommand Command, string Tag) ParseRollback()
    {
        if (_head.Is(Keyword.Rollback) && Take(Keyword.Prepared))
        {
            String();
            return (new UnsupportedStatement("ROLLBACK PREPARED"), "ROLLBACK PREPARED");
        }

        SkipNoise();
        if (_head.Is(Keyword.Rollback) && Take(Keyword.To))
        {
            Take(Keyword.Savepoint);
            return (new RollbackToSavepoint(Name()), "ROLLBACK");
        }

        return (new RollbackTransaction(ParseChain()), "ROLLBACK");
    }

    private void SkipNoise()
    {
        if (!Take(Keyword.Work))
        {
            Take(Keyword.Transaction);
        }
    }

    private bool ParseChain()
    {
        if (!Take(Keyword.And))
        {
            return false;
        }

        var chain = !Take(Keyword.No);
        Expect(Keyword.Chain);
        return chain;
    }

    private TransactionModes ParseModes(bool required)
    {
        IsolationLevel? isolation = null;
        bool? readOnly = null;
        bool? deferrable = null;
        while (required || _token.Kind is not (TokenKind.End or TokenKind.Semicolon))
        {
            required = false;
            if (Take(Keyword.Isolation))
            {
                Expect(Keyword.Level);
                isolation = ParseIsolation();
            }
            else if (Take(Keyword.Read))
            {
                readOnly = Take(Keyword.Only) || (Take(Keyword.Write) ? false : throw Unexpected());
            }
            else if (Take(Keyword.Not))
            {
                Expect(Keyword.Deferrable);
                deferrable = false;
            }
            else
            {
                Expect(Keyword.Deferrable);
                deferrable = true;
            }

            required = TakeKind(TokenKind.Comma);
        }

        return isolation is null && readOnly is null && deferrable is null
            ? TransactionModes.None
            : new TransactionModes(isolation, readOnly, deferrable);
    }

    private IsolationLevel ParseIsolation()
    {
        if (Take(Keyword.Serializable))
        {
            return IsolationLevel.Serializable;
        }

        if (Take(Keyword.Repeatable))
        {
            Expect(Keyword.Read);
            return IsolationLevel.RepeatableRead;
        }

        Expect(Keyword.Read);
        if (Take(Keyword.Committed))
        {
            return IsolationLevel.ReadCommitted;
        }

        Expect(Keyword.Uncommitted);
        return IsolationLevel.ReadUncommitted;
    }
}
