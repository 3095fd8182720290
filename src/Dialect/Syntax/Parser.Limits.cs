namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>The clauses behind a query: ORDER BY, LIMIT, FETCH and row locks.</summary>
public sealed partial class Parser
{
    /// <summary>ORDER BY, LIMIT, OFFSET, FETCH and FOR, which go to the query even if it stood in parentheses.</summary>
    private Query ParseQueryOptions(Query query)
    {
        if (At(Keyword.Order))
        {
            var order = ParseOrderBy();
            query = query.OrderBy.Count == 0 ? query with { OrderBy = order } : throw Error("multiple ORDER BY clauses not allowed",
                order[0].Location);
        }

        if (At(Keyword.For))
        {
            query = ParseLimits(ParseLocking(query));
        }
        else if (At(Keyword.Limit) || At(Keyword.Offset) || At(Keyword.Fetch))
        {
            query = ParseLimits(query);
            query = At(Keyword.For) ? ParseLocking(query) : query;
        }

        if (!query.WithTies)
        {
            return query;
        }

        if (query.OrderBy.Count == 0)
        {
            throw new DialectException("42601", "WITH TIES cannot be specified without ORDER BY clause");
        }

        foreach (var locking in query.Locking)
        {
            if (locking.Wait == LockWait.Skip)
            {
                throw new DialectException("42601", "SKIP LOCKED and WITH TIES options cannot be used together");
            }
        }

        return query;
    }

    private Query ParseLimits(Query query)
    {
        for (var clauses = 0; clauses < 2; clauses++)
        {
            var location = Here;
            if (At(Keyword.Offset))
            {
                Advance();
                var offset = ParseOffset();
                query = query.Offset is null ? query with { Offset = offset } : throw Error("multiple OFFSET clauses not allowed", offset.Location);
            }
            else if (At(Keyword.Limit) || At(Keyword.Fetch))
            {
                var ties = false;
                var limit = At(Keyword.Limit) ? ParseLimit(location) : ParseFetchFirst(out ties);
                query = query.Limit is null
                    ? query with { Limit = limit, WithTies = ties }
                    : throw Error("multiple LIMIT clauses not allowed", limit.Location);
            }
            else
            {
                break;
            }

            if (clauses == 0 && !NextLimitDiffers(location))
            {
                break;
            }
        }

        return query;
    }

    /// <summary>LIMIT or FETCH may stand once and OFFSET once, in either order.</summary>
    private bool NextLimitDiffers(Location first) => TokenAt(first.Offset).Is(Keyword.Offset)
        ? At(Keyword.Limit) || At(Keyword.Fetch)
        : At(Keyword.Offset);

    private Expression ParseLimit(Location location)
    {
        Advance();
        var value = Here;
        var limit = Accept(Keyword.All) ? new Constant(value, ConstantKind.Null, "NULL") : ParseExpression();
        if (At(TokenKind.Comma))
        {
            Advance();
            _ = ParseExpression();
            throw Error("LIMIT #,# syntax is not supported", location, "Use separate LIMIT and OFFSET clauses.");
        }

        return limit;
    }

    private Expression ParseFetchFirst(out bool ties)
    {
        Advance();
        if (!Accept(Keyword.First))
        {
            Expect(Keyword.Next);
        }

        var count = At(Keyword.Row) && Peek().Kind != TokenKind.OpenParen || At(Keyword.Rows) ? Number(1) : ParseFetchCount();
        if (!Accept(Keyword.Row))
        {
            Expect(Keyword.Rows);
        }

        ties = Accept(Keyword.With);
        if (ties)
        {
            Expect(Keyword.Ties);
        }
        else
        {
            Expect(Keyword.Only);
        }

        return count;
    }

    private Expression ParseFetchCount()
    {
        if (AtOperator("+"))
        {
            var location = Here;
            return new OperatorExpression(location, ["+"], null, ParseNumber());
        }

        return AtOperator("-") ? ParseNumber() : ParsePrimary();
    }

    private Expression ParseOffset()
    {
        var offset = ParseExpression();
        if (!Accept(Keyword.Row))
        {
            Accept(Keyword.Rows);
        }

        return offset;
    }

    private Query ParseLocking(Query query)
    {
        var items = new List<RowLocking>(query.Locking);
        while (At(Keyword.For))
        {
            var location = Here;
            Advance();
            if (Accept(Keyword.Read))
            {
                Expect(Keyword.Only);
                continue;
            }

            items.Add(ParseRowLocking(location));
        }

        return query with { Locking = ListOf(items) };
    }

    private RowLocking ParseRowLocking(Location location)
    {
        LockStrength strength;
        if (Accept(Keyword.No))
        {
            Expect(Keyword.Key, Keyword.Update);
            strength = LockStrength.NoKeyUpdate;
        }
        else if (Accept(Keyword.Key))
        {
            Expect(Keyword.Share);
            strength = LockStrength.KeyShare;
        }
        else
        {
            strength = Accept(Keyword.Update) ? LockStrength.Update : LockStrength.Share;
            if (strength == LockStrength.Share)
            {
                Expect(Keyword.Share);
            }
        }

        var relations = Accept(Keyword.Of) ? ParseList(s_qualifiedName) : [];
        var wait = Accept(Keyword.Nowait) ? LockWait.Error : Accept(Keyword.Skip) ? LockWait.Skip : LockWait.Wait;
        if (wait == LockWait.Skip)
        {
            Expect(Keyword.Locked);
        }

        return new RowLocking(location, strength, relations, wait);
    }
}
