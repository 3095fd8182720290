namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>WITH, ORDER BY, GROUP BY and windows.</summary>
public sealed partial class Parser
{
    private static readonly Func<Parser, SortItem> s_sortItem = static p => p.ParseSortItem();
    private static readonly Func<Parser, Node> s_groupingItem = static p => p.ParseGroupingItem();

    private With ParseWith()
    {
        var location = Here;
        Expect(Keyword.With);
        var recursive = Accept(Keyword.Recursive);
        return new With(location, recursive, ParseList(static p => p.ParseCommonTable()));
    }

    private CommonTable ParseCommonTable()
    {
        var location = Here;
        var name = ParseColumnId();
        var columns = ParseOptionalColumns();
        Expect(Keyword.As);
        bool? materialized = null;
        if (Accept(Keyword.Materialized))
        {
            materialized = true;
        }
        else if (Accept(Keyword.Not))
        {
            Expect(Keyword.Materialized);
            materialized = false;
        }

        Expect(TokenKind.OpenParen);
        Enter(QueryLevels);
        var statement = ParsePreparable();
        Leave(QueryLevels);
        Expect(TokenKind.CloseParen);
        var search = At(Keyword.Search) ? ParseSearch() : null;
        return new CommonTable(location, name, columns, materialized, statement) { Search = search, Cycle = At(Keyword.Cycle) ? ParseCycle() : null };
    }

    private SearchClause ParseSearch()
    {
        var location = Here;
        Advance();
        var breadth = Accept(Keyword.Breadth);
        if (!breadth)
        {
            Expect(Keyword.Depth);
        }

        Expect(Keyword.First, Keyword.By);
        var columns = ParseNameList();
        Expect(Keyword.Set);
        return new SearchClause(location, breadth, columns, ParseColumnId());
    }

    private CycleClause ParseCycle()
    {
        var location = Here;
        Advance();
        var columns = ParseNameList();
        Expect(Keyword.Set);
        var mark = ParseColumnId();
        Expression? value = null;
        Expression? otherwise = null;
        if (Accept(Keyword.To))
        {
            value = ParseLiteral();
            Expect(Keyword.Default);
            otherwise = ParseLiteral();
        }

        Expect(Keyword.Using);
        return new CycleClause(location, columns, mark, value, otherwise, ParseColumnId());
    }

    /// <summary>A constant, also a typed one, but nothing that has to be calculated.</summary>
    private Expression ParseLiteral()
    {
        var location = Here;
        var literal = ParsePrimary();
        return literal is Constant or TypeCast { Operand: Constant } ? literal : throw new Lexer(_text).SyntaxError(TokenAt(location.Offset));
    }

    private NodeList<SortItem> ParseOrderBy()
    {
        Expect(Keyword.Order, Keyword.By);
        return ParseList(s_sortItem);
    }

    private SortItem ParseSortItem()
    {
        var location = Here;
        var value = ParseExpression();
        var direction = SortDirection.Default;
        NodeList<string>? symbol = null;
        var symbolLocation = Location.None;
        if (Accept(Keyword.Using))
        {
            direction = SortDirection.Using;
            symbolLocation = Here;
            symbol = ParseQualifiedOperator();
        }
        else
        {
            direction = ParseDirection();
        }

        return new SortItem(location, value, direction, symbol, ParseNulls()) { OperatorLocation = symbolLocation };
    }

    private SortDirection ParseDirection() =>
        Accept(Keyword.Asc) ? SortDirection.Ascending : Accept(Keyword.Desc) ? SortDirection.Descending : SortDirection.Default;

    private NullsOrder ParseNulls() => !At(Keyword.Nulls) ? NullsOrder.Default
        : Accept(Keyword.Nulls, Keyword.First) ? NullsOrder.First
        : Accept(Keyword.Nulls, Keyword.Last) ? NullsOrder.Last
        : NullsOrder.Default;

    private Node ParseGroupingItem()
    {
        var location = Here;
        if (At(TokenKind.OpenParen) && Peek().Kind == TokenKind.CloseParen)
        {
            Advance();
            Advance();
            return new GroupingSet(location, GroupingSetKind.Empty, []);
        }

        if ((At(Keyword.Rollup) || At(Keyword.Cube)) && Peek().Kind == TokenKind.OpenParen)
        {
            var kind = At(Keyword.Rollup) ? GroupingSetKind.Rollup : GroupingSetKind.Cube;
            Advance();
            return new GroupingSet(location, kind, ParseParenthesizedList(static p => (Node)p.ParseExpression()));
        }

        if (At(Keyword.Grouping, Keyword.Sets))
        {
            Advance();
            Advance();
            Enter();
            var sets = ParseParenthesizedList(s_groupingItem);
            Leave();
            return new GroupingSet(location, GroupingSetKind.Sets, sets);
        }

        return ParseExpression();
    }

    private WindowSpecification ParseWindowDefinition()
    {
        var name = ParseColumnId();
        Expect(Keyword.As);
        return ParseWindow() with { Name = name };
    }

    private WindowSpecification ParseOver()
    {
        var location = Here;
        return At(TokenKind.OpenParen)
            ? ParseWindow()
            : new WindowSpecification(location, ParseColumnId(), null, [], [], null) { IsReference = true };
    }

    private WindowSpecification ParseWindow()
    {
        var location = Here;
        Expect(TokenKind.OpenParen);
        Enter();
        string? origin = null;
        if (IsColumnId(_token) && !(At(Keyword.Partition) || At(Keyword.Range) || At(Keyword.Rows) || At(Keyword.Groups)))
        {
            origin = TakeName();
        }

        NodeList<Expression> partition = [];
        if (Accept(Keyword.Partition))
        {
            Expect(Keyword.By);
            partition = ParseList(s_expression);
        }

        var order = At(Keyword.Order) ? ParseOrderBy() : [];
        var frame = At(Keyword.Range) || At(Keyword.Rows) || At(Keyword.Groups) ? ParseFrame() : null;
        Expect(TokenKind.CloseParen);
        Leave();
        return new WindowSpecification(location, null, origin, partition, order, frame);
    }

    private WindowFrame ParseFrame()
    {
        var location = Here;
        var mode = At(Keyword.Range) ? FrameMode.Range : At(Keyword.Rows) ? FrameMode.Rows : FrameMode.Groups;
        Advance();
        FrameBound start;
        FrameBound? end = null;
        if (Accept(Keyword.Between))
        {
            start = ParseFrameBound();
            Expect(Keyword.And);
            end = ParseFrameBound();
        }
        else
        {
            start = ParseFrameBound();
        }

        CheckFrame(start, end);
        return new WindowFrame(location, mode, start, end, ParseExclusion());
    }

    private void CheckFrame(FrameBound start, FrameBound? end)
    {
        var wrong = start.Kind == FrameBoundKind.UnboundedFollowing ? (start, "frame start cannot be UNBOUNDED FOLLOWING")
            : end is null ? start.Kind == FrameBoundKind.Following ? (start, "frame starting from following row cannot end with current row")
                : default
            : end.Kind == FrameBoundKind.UnboundedPreceding ? (end, "frame end cannot be UNBOUNDED PRECEDING")
            : start.Kind == FrameBoundKind.CurrentRow && end.Kind == FrameBoundKind.Preceding
                ? (end, "frame starting from current row cannot have preceding rows")
            : start.Kind == FrameBoundKind.Following && end.Kind is FrameBoundKind.Preceding or FrameBoundKind.CurrentRow
                ? (end, "frame starting from following row cannot have preceding rows")
            : default((FrameBound Bound, string Message));
        if (wrong.Item2 is { } message)
        {
            throw Error(message, wrong.Item1.Location, state: "42P20");
        }
    }

    private FrameBound ParseFrameBound()
    {
        var location = Here;
        if (At(Keyword.Unbounded) && (Peek().Is(Keyword.Preceding) || Peek().Is(Keyword.Following)))
        {
            Advance();
            return new FrameBound(location, TakeFollowing() ? FrameBoundKind.UnboundedFollowing : FrameBoundKind.UnboundedPreceding);
        }

        if (Accept(Keyword.Current, Keyword.Row))
        {
            return new FrameBound(location, FrameBoundKind.CurrentRow);
        }

        var offset = ParseExpression();
        return new FrameBound(location, TakeFollowing() ? FrameBoundKind.Following : FrameBoundKind.Preceding, offset);
    }

    private bool TakeFollowing()
    {
        if (Accept(Keyword.Following))
        {
            return true;
        }

        Expect(Keyword.Preceding);
        return false;
    }

    private FrameExclusion ParseExclusion()
    {
        if (!Accept(Keyword.Exclude))
        {
            return FrameExclusion.None;
        }

        if (Accept(Keyword.Current))
        {
            Expect(Keyword.Row);
            return FrameExclusion.CurrentRow;
        }

        if (Accept(Keyword.Group))
        {
            return FrameExclusion.Group;
        }

        if (Accept(Keyword.Ties))
        {
            return FrameExclusion.Ties;
        }

        Expect(Keyword.No, Keyword.Others);
        return FrameExclusion.None;
    }
}
