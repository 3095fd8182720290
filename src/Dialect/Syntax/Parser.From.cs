namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>The items of FROM.</summary>
public sealed partial class Parser
{
    private static readonly Func<Parser, TableExpression> s_tableExpression = static p => p.ParseTableExpression();
    private static readonly Func<Parser, RelationReference> s_relation = static p => p.ParseRelation();

    private TableExpression ParseTableExpression()
    {
        Enter();
        var outer = _deepest;
        _deepest = _level;
        var table = ParseJoins(ParseTablePrimary());
        _deepest = Math.Max(_deepest, outer);
        Leave();
        return table;
    }

    private TableExpression ParseJoins(TableExpression left)
    {
        while (AtJoin())
        {
            left = ParseJoin(left);
        }

        return left;
    }

    private bool AtJoin() => _token.Kind == TokenKind.Word
        && _token.Keyword is Keyword.Join or Keyword.Cross or Keyword.Natural or Keyword.Inner or Keyword.Left or Keyword.Right or Keyword.Full;

    private JoinExpression ParseJoin(TableExpression left)
    {
        var location = Here;
        PushDown();
        if (Accept(Keyword.Cross))
        {
            Expect(Keyword.Join);
            return new JoinExpression(location, JoinKind.Inner, false, left, ParseTablePrimary());
        }

        var natural = Accept(Keyword.Natural);
        var kind = ParseJoinKind();
        Expect(Keyword.Join);
        var right = ParseTablePrimary();
        if (natural)
        {
            return new JoinExpression(location, kind, true, left, right);
        }

        // The condition of this join stands behind those of the joins that begin before it.
        Enter();
        right = ParseJoins(right);
        Leave();
        var join = new JoinExpression(location, kind, false, left, right);
        if (Accept(Keyword.On))
        {
            return join with { On = ParseExpression() };
        }

        Expect(Keyword.Using);
        join = join with { Using = ParseParenthesizedNames() };
        return Accept(Keyword.As) ? join with { UsingAlias = ParseColumnId() } : join;
    }

    private JoinKind ParseJoinKind()
    {
        if (Accept(Keyword.Inner))
        {
            return JoinKind.Inner;
        }

        var kind = Accept(Keyword.Left) ? JoinKind.Left : Accept(Keyword.Right) ? JoinKind.Right : Accept(Keyword.Full) ? JoinKind.Full
            : JoinKind.Inner;
        if (kind != JoinKind.Inner)
        {
            Accept(Keyword.Outer);
        }

        return kind;
    }

    private TableExpression ParseTablePrimary()
    {
        var location = Here;
        var lateral = Accept(Keyword.Lateral);
        if (At(TokenKind.OpenParen))
        {
            return ParseParenthesizedTable(location, lateral);
        }

        if (At(Keyword.Xmltable) && Peek().Kind == TokenKind.OpenParen)
        {
            return ParseXmlTable(location, lateral);
        }

        if (At(Keyword.Rows, Keyword.From) && Peek(2).Kind == TokenKind.OpenParen)
        {
            return ParseRowsFrom(location, lateral);
        }

        if (TryParseFunction() is { } function)
        {
            return ParseFunctionTable(location, lateral, function);
        }

        if (lateral || At(Keyword.Only))
        {
            return lateral ? ParseFunctionTable(location, lateral, ParseQualifiedFunction()) : ParseSampled(ParseRelation());
        }

        var nameLocation = Here;
        var parts = ParseAnyName();
        if (At(TokenKind.OpenParen))
        {
            return ParseFunctionTable(location, lateral, ParseApplication(nameLocation, parts));
        }

        AcceptOperator("*");
        return ParseSampled(new RelationReference(nameLocation, CheckRelationName(new QualifiedName(nameLocation, parts))));
    }

    private FunctionCall ParseQualifiedFunction()
    {
        var location = Here;
        return ParseApplication(location, ParseFunctionName());
    }

    private TableExpression ParseSampled(RelationReference relation)
    {
        relation = relation with { Alias = ParseOptionalAlias() };
        if (!At(Keyword.Tablesample))
        {
            return relation;
        }

        var location = Here;
        Advance();
        var method = ParseFunctionName();
        var arguments = ParseParenthesizedList(s_expression);
        Expression? seed = null;
        if (Accept(Keyword.Repeatable))
        {
            Expect(TokenKind.OpenParen);
            seed = ParseExpression();
            Expect(TokenKind.CloseParen);
        }

        return new TableSample(location, relation, method, arguments, seed);
    }

    /// <summary>A subquery or a join in parentheses; what begins with several of them may be either.</summary>
    private TableExpression ParseParenthesizedTable(Location location, bool lateral)
    {
        var query = ParseQueryOrTable(out var table);
        if (query is not null)
        {
            return ParseSubqueryTable(location, lateral, query);
        }

        if (lateral)
        {
            throw Unexpected();
        }

        return ParseOptionalAlias() is { } alias ? ((JoinExpression)table!) with { Alias = alias } : table!;
    }

    private SubqueryTable ParseSubqueryTable(Location location, bool lateral, Query query)
    {
        if (ParseOptionalAlias() is { } alias)
        {
            return new SubqueryTable(location, lateral, query, alias);
        }

        throw query is ValuesQuery
            ? Error("VALUES in FROM must have an alias", location, "For example, FROM (VALUES ...) [AS] foo.")
            : Error("subquery in FROM must have an alias", location, "For example, FROM (SELECT ...) [AS] foo.");
    }

    private Query? ParseQueryOrTable(out TableExpression? table)
    {
        Expect(TokenKind.OpenParen);
        Enter();
        var outer = _deepest;
        _deepest = _level;
        table = null;
        Query? query = null;
        if (AtQueryStart())
        {
            query = ParseQuery();
        }
        else if (At(TokenKind.OpenParen))
        {
            var location = Here;
            query = ParseQueryOrTable(out table);
            if (query is not null && AtQueryContinuation())
            {
                query = ParseQueryRest(query);
            }
            else if (query is not null && !At(TokenKind.CloseParen))
            {
                table = ParseJoinOnly(ParseSubqueryTable(location, false, query));
                query = null;
            }
            else if (query is null && !At(TokenKind.CloseParen))
            {
                table = ParseOptionalAlias() is { } alias ? ((JoinExpression)table!) with { Alias = alias } : table!;
                table = ParseJoinOnly(table);
            }
        }
        else
        {
            table = ParseJoinOnly(ParseTablePrimary());
        }

        Expect(TokenKind.CloseParen);
        _deepest = Math.Max(_deepest, outer);
        Leave();
        return query;
    }

    /// <summary>A table with at least one join behind it, since parentheses around a single table are an error.</summary>
    private TableExpression ParseJoinOnly(TableExpression first) => AtJoin() ? ParseJoins(first) : throw Unexpected();

    private FunctionTable ParseRowsFrom(Location location, bool lateral)
    {
        Advance();
        Advance();
        var functions = ParseParenthesizedList(static p => p.ParseRowsFromItem());
        return ParseFunctionAlias(new FunctionTable(location, lateral, true, functions, AcceptOrdinality(), null));
    }

    private TableFunction ParseRowsFromItem()
    {
        var location = Here;
        var call = TryParseFunction() ?? ParseQualifiedFunction();
        return new TableFunction(location, call, Accept(Keyword.As) ? ParseParenthesizedList(s_functionColumn) : []);
    }

    private FunctionTable ParseFunctionTable(Location location, bool lateral, Expression call) => ParseFunctionAlias(
        new FunctionTable(location, lateral, false, [new TableFunction(location, call, [])], AcceptOrdinality(), null));

    private bool AcceptOrdinality() => Accept(Keyword.With, Keyword.Ordinality);

    private static readonly Func<Parser, ColumnDefinition> s_functionColumn = static p => p.ParseFunctionColumn();

    private ColumnDefinition ParseFunctionColumn()
    {
        var location = Here;
        var name = ParseColumnId();
        var type = ParseTypeName();
        var collation = Here;
        return new ColumnDefinition(location, name, type, [])
        {
            Collation = Accept(Keyword.Collate) ? ParseAnyName() : null,
            CollationLocation = collation,
        };
    }

    private FunctionTable ParseFunctionAlias(FunctionTable table)
    {
        var location = Here;
        var marked = Accept(Keyword.As);
        if (marked && At(TokenKind.OpenParen))
        {
            return table with { Columns = ParseParenthesizedList(s_functionColumn) };
        }

        if (!marked && !IsColumnId(_token))
        {
            return table;
        }

        var name = ParseColumnId();
        if (!Accept(TokenKind.OpenParen))
        {
            return table with { Alias = new TableAlias(location, name, []) };
        }

        if (Peek().Kind is TokenKind.Comma or TokenKind.CloseParen)
        {
            var columns = ParseNameList();
            Expect(TokenKind.CloseParen);
            return table with { Alias = new TableAlias(location, name, columns) };
        }

        var definitions = ParseList(s_functionColumn);
        Expect(TokenKind.CloseParen);
        return table with { Alias = new TableAlias(location, name, []), Columns = definitions };
    }

    private TableAlias? ParseOptionalAlias()
    {
        var location = Here;
        if (!Accept(Keyword.As) && !IsColumnId(_token))
        {
            return null;
        }

        var name = ParseColumnId();
        return new TableAlias(location, name, ParseOptionalColumns());
    }

    /// <summary>A relation's name with ONLY or *, without an alias.</summary>
    private RelationReference ParseRelation()
    {
        var location = Here;
        if (!Accept(Keyword.Only))
        {
            var name = ParseQualifiedName();
            AcceptOperator("*");
            return new RelationReference(location, name);
        }

        if (!Accept(TokenKind.OpenParen))
        {
            return new RelationReference(location, ParseQualifiedName(), Only: true);
        }

        var only = ParseQualifiedName();
        Expect(TokenKind.CloseParen);
        return new RelationReference(location, only, Only: true);
    }

    /// <summary>The table of UPDATE, DELETE and MERGE, whose alias cannot be SET without AS.</summary>
    private RelationReference ParseTargetRelation()
    {
        var relation = ParseRelation();
        var location = Here;
        return Accept(Keyword.As) || (IsColumnId(_token) && !At(Keyword.Set))
            ? relation with { Alias = new TableAlias(location, ParseColumnId(), []) }
            : relation;
    }
}
