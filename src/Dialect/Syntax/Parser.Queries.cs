namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>SELECT, VALUES, TABLE and the operations on sets.</summary>
public sealed partial class Parser
{
    private static readonly Func<Parser, Target> s_target = static p => p.ParseTarget();

    private bool AtQueryStart() => _token.Kind == TokenKind.Word
        && (_token.Keyword is Keyword.Select or Keyword.With or Keyword.Table || (_token.Keyword == Keyword.Values
            && Peek().Kind == TokenKind.OpenParen));

    /// <summary>True for what can only follow a query that stands in parentheses.</summary>
    private bool AtQueryContinuation() => _token.Kind == TokenKind.Word && _token.Keyword is Keyword.Union or Keyword.Intersect or Keyword.Except
        or Keyword.Order or Keyword.Limit or Keyword.Offset or Keyword.Fetch or Keyword.For;

    /// <summary>A query, also one in parentheses.</summary>
    private Query ParseQuery()
    {
        if (!At(Keyword.With))
        {
            return ParseQueryRest(null);
        }

        var with = ParseWith();
        return AttachWith(ParseQueryRest(null), with);
    }

    private Query AttachWith(Query query, With with) => query.With is null
        ? query with { With = with }
        : throw Error("multiple WITH clauses not allowed", with.Location);

    /// <summary>A query from its first operand on, which may have been read already.</summary>
    private Query ParseQueryRest(Query? first)
    {
        Enter(QueryLevels);
        var outer = _deepest;
        _deepest = Math.Max(_level, first is null ? 0 : _deepest);
        var query = ParseQueryOptions(ParseSetOperations(first ?? ParseSetOperand(), SetUnion));
        _deepest = Math.Max(_deepest, outer);
        Leave(QueryLevels);
        return query;
    }

    private Query ParseParenthesizedQuery()
    {
        Expect(TokenKind.OpenParen);
        Enter();
        var query = ParseQuery();
        Leave();
        Expect(TokenKind.CloseParen);
        return query;
    }

    private const int SetUnion = 1;
    private const int SetIntersect = 2;

    private int SetPrecedence() => _token.Kind != TokenKind.Word ? 0 : _token.Keyword switch
    {
        Keyword.Union or Keyword.Except => SetUnion,
        Keyword.Intersect => SetIntersect,
        _ => 0,
    };

    private Query ParseSetOperand()
    {
        if (At(TokenKind.OpenParen))
        {
            return ParseParenthesizedQuery();
        }

        return _token.Kind == TokenKind.Word ? _token.Keyword switch
        {
            Keyword.Select => ParseSelect(),
            Keyword.Values => ParseValues(),
            Keyword.Table => ParseTable(),
            _ => throw Unexpected(),
        } : throw Unexpected();
    }

    private Query ParseSetOperations(Query left, int minimum)
    {
        while (SetPrecedence() is var precedence && precedence >= minimum)
        {
            var location = Here;
            var keyword = _token.Keyword;
            var symbol = keyword == Keyword.Union ? SetOperator.Union : keyword == Keyword.Except ? SetOperator.Except : SetOperator.Intersect;
            var all = AcceptSetOperator();
            var operands = new List<Query>();
            if (left is SetOperation same && same.Operator == symbol && same.All == all && !HasOptions(same))
            {
                operands.AddRange(same.Operands);
            }
            else
            {
                operands.Add(left);
                PushDown();
            }

            operands.Add(ParseSetRight(precedence));
            while (At(keyword) && NextIsAll() == all)
            {
                AcceptSetOperator();
                operands.Add(ParseSetRight(precedence));
            }

            left = new SetOperation(location, symbol, all, ListOf(operands));
        }

        return left;
    }

    private bool AcceptSetOperator()
    {
        Advance();
        var all = Accept(Keyword.All);
        if (!all)
        {
            Accept(Keyword.Distinct);
        }

        return all;
    }

    private bool NextIsAll() => Peek().Is(Keyword.All);

    private Query ParseSetRight(int precedence)
    {
        var right = ParseSetOperand();
        return SetPrecedence() > precedence ? ParseSetOperations(right, precedence + 1) : right;
    }

    private static bool HasOptions(Query query) =>
        query.With is not null || query.OrderBy.Count > 0 || query.Limit is not null || query.Offset is not null || query.Locking.Count > 0;

    private SelectQuery ParseTable()
    {
        var location = Here;
        Advance();
        var relation = ParseRelation();
        return new SelectQuery(location, [new Target(location, new ColumnReference(location, [], Star: true))]) { From = [relation] };
    }

    private ValuesQuery ParseValues()
    {
        var location = Here;
        Advance();
        return new ValuesQuery(location, ParseList(static p => p.ParseParenthesizedList(s_expression)));
    }

    private SelectQuery ParseSelect()
    {
        var location = Here;
        Advance();
        NodeList<Expression>? distinct = null;
        if (!Accept(Keyword.All) && Accept(Keyword.Distinct))
        {
            distinct = Accept(Keyword.On) ? ParseParenthesizedList(s_expression) : [];
        }

        var targets = distinct is null && FollowsTarget(_token) && !At(TokenKind.Comma) ? [] : ParseTargets();
        var into = At(Keyword.Into) ? ParseInto() : null;
        var from = Accept(Keyword.From) ? ParseList(s_tableExpression) : [];
        var where = Accept(Keyword.Where) ? ParseExpression() : null;
        NodeList<Node> groupBy = [];
        var groupDistinct = false;
        if (Accept(Keyword.Group))
        {
            Expect(Keyword.By);
            groupDistinct = !Accept(Keyword.All) && Accept(Keyword.Distinct);
            groupBy = ParseList(s_groupingItem);
        }

        var having = Accept(Keyword.Having) ? ParseExpression() : null;
        var windows = Accept(Keyword.Window) ? ParseList(static p => p.ParseWindowDefinition()) : [];
        return new SelectQuery(location, targets)
        {
            Distinct = distinct,
            Into = into,
            From = from,
            Where = where,
            GroupBy = groupBy,
            GroupByDistinct = groupDistinct,
            Having = having,
            Windows = windows,
        };
    }

    private NodeList<Target> ParseTargets() => ParseList(s_target);

    private Target ParseTarget()
    {
        var location = Here;
        if (AtOperator("*"))
        {
            Advance();
            return new Target(location, new ColumnReference(location, [], Star: true));
        }

        var outer = _labelBrackets;
        _labelBrackets = _brackets;
        var value = ParseExpression();
        _labelBrackets = outer;
        if (Accept(Keyword.As))
        {
            return new Target(location, value, ParseLabel());
        }

        return IsLabel(_token) && Keywords.IsBareLabel(_token.Keyword) ? new Target(location, value, TakeName()) : new Target(location, value);
    }

    private IntoClause ParseInto()
    {
        Advance();
        var location = Here;
        var persistence = ParseIntoPersistence();
        return new IntoClause(location, ParseQualifiedName(), persistence);
    }

    private Persistence ParseIntoPersistence()
    {
        var persistence = Persistence.Permanent;
        if (At(Keyword.Temporary) || At(Keyword.Temp) || ((At(Keyword.Local) || At(Keyword.Global)) && IsTemporary(Peek())))
        {
            persistence = ParsePersistence();
        }
        else if (At(Keyword.Unlogged) && Peek().Kind != TokenKind.Dot)
        {
            Advance();
            persistence = Persistence.Unlogged;
        }

        Accept(Keyword.Table);
        return persistence;
    }

    private static bool IsTemporary(Token token) => token.Is(Keyword.Temporary) || token.Is(Keyword.Temp);

    /// <summary>TEMPORARY, also LOCAL or GLOBAL, or UNLOGGED.</summary>
    private Persistence ParsePersistence()
    {
        if (Accept(Keyword.Unlogged))
        {
            return Persistence.Unlogged;
        }

        if ((At(Keyword.Local) || At(Keyword.Global)) && IsTemporary(Peek()))
        {
            Advance();
        }

        return Accept(Keyword.Temporary) || Accept(Keyword.Temp) ? Persistence.Temporary : Persistence.Permanent;
    }
}
