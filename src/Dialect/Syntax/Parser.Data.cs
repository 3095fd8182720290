namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>INSERT, UPDATE, DELETE and MERGE.</summary>
public sealed partial class Parser
{
    private static readonly Func<Parser, WrittenColumn> s_writtenColumn = static p => p.ParseWrittenColumn();

    /// <summary>SELECT, INSERT, UPDATE, DELETE or MERGE, with WITH before it.</summary>
    private Statement ParsePreparable()
    {
        var with = At(Keyword.With) ? ParseWith() : null;
        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.Insert:
                return ParseInsert(with);
            case Keyword.Update:
                return ParseUpdate(with);
            case Keyword.Delete:
                return ParseDelete(with);
            case Keyword.Merge:
                return ParseMerge(with);
            default:
                var query = ParseQueryRest(null);
                return with is null ? query : AttachWith(query, with);
        }
    }

    private WrittenColumn ParseWrittenColumn()
    {
        var location = Here;
        var name = ParseColumnId();
        return new WrittenColumn(location, name, At(TokenKind.Dot) || At(TokenKind.OpenBracket) ? ParseIndirectionSteps() : []);
    }

    private NodeList<Target> ParseReturning() => Accept(Keyword.Returning) ? ParseTargets() : [];

    private InsertStatement ParseInsert(With? with)
    {
        var location = Here;
        Advance();
        Expect(Keyword.Into);
        var table = ParseQualifiedName();
        var alias = Accept(Keyword.As) ? ParseColumnId() : null;
        NodeList<WrittenColumn> columns = [];
        var overriding = Overriding.None;
        Query? source = null;
        if (!Accept(Keyword.Default, Keyword.Values))
        {
            columns = At(TokenKind.OpenParen) && !AheadIsQuery() ? ParseParenthesizedList(s_writtenColumn) : [];
            overriding = ParseOverriding();
            source = ParseQuery();
        }

        var conflict = At(Keyword.On) ? ParseConflict() : null;
        return new InsertStatement(location, with, table, alias, columns, overriding, source, conflict, ParseReturning());
    }

    /// <summary>True if what stands within the parenthesis at hand begins a query.</summary>
    private bool AheadIsQuery() => Peek() is var next && (next.Kind == TokenKind.OpenParen || (next.Kind == TokenKind.Word
        && (next.Keyword is Keyword.Select or Keyword.With or Keyword.Table || (next.Keyword == Keyword.Values
            && Peek(2).Kind == TokenKind.OpenParen))));

    private Overriding ParseOverriding()
    {
        if (!Accept(Keyword.Overriding))
        {
            return Overriding.None;
        }

        var user = Accept(Keyword.User);
        if (!user)
        {
            Expect(Keyword.System);
        }

        Expect(Keyword.Value);
        return user ? Overriding.User : Overriding.System;
    }

    private ConflictClause ParseConflict()
    {
        var location = Here;
        Advance();
        Expect(Keyword.Conflict);
        ConflictTarget? target = null;
        var targetLocation = Here;
        if (At(TokenKind.OpenParen))
        {
            var elements = ParseParenthesizedList(s_indexElement);
            target = new ConflictTarget(targetLocation, elements, Accept(Keyword.Where) ? ParseExpression() : null, null);
        }
        else if (Accept(Keyword.On))
        {
            Expect(Keyword.Constraint);
            target = new ConflictTarget(targetLocation, [], null, ParseColumnId());
        }

        Expect(Keyword.Do);
        if (Accept(Keyword.Nothing))
        {
            return new ConflictClause(location, target, null, null);
        }

        Expect(Keyword.Update, Keyword.Set);
        var assignments = ParseAssignments();
        return new ConflictClause(location, target, assignments, Accept(Keyword.Where) ? ParseExpression() : null);
    }

    private NodeList<Assignment> ParseAssignments() => ParseList(static p => p.ParseAssignment());

    private Assignment ParseAssignment()
    {
        var location = Here;
        var multiple = At(TokenKind.OpenParen);
        var columns = multiple ? ParseParenthesizedList(s_writtenColumn) : [ParseWrittenColumn()];
        ExpectOperator("=");
        return new Assignment(location, columns, multiple, ParseExpression());
    }

    private UpdateStatement ParseUpdate(With? with)
    {
        var location = Here;
        Advance();
        var table = ParseTargetRelation();
        Expect(Keyword.Set);
        var assignments = ParseAssignments();
        var from = Accept(Keyword.From) ? ParseList(s_tableExpression) : [];
        var where = ParseWhereOrCurrent();
        return new UpdateStatement(location, with, table, assignments, from, where, ParseReturning());
    }

    private Expression? ParseWhereOrCurrent()
    {
        if (!Accept(Keyword.Where))
        {
            return null;
        }

        var location = Here;
        return Accept(Keyword.Current, Keyword.Of) ? new CurrentOf(location, ParseColumnId()) : ParseExpression();
    }

    private DeleteStatement ParseDelete(With? with)
    {
        var location = Here;
        Advance();
        Expect(Keyword.From);
        var table = ParseTargetRelation();
        var from = Accept(Keyword.Using) ? ParseList(s_tableExpression) : [];
        var where = ParseWhereOrCurrent();
        return new DeleteStatement(location, with, table, from, where, ParseReturning());
    }

    private MergeStatement ParseMerge(With? with)
    {
        var location = Here;
        Advance();
        Expect(Keyword.Into);
        var target = ParseTargetRelation();
        Expect(Keyword.Using);
        var source = ParseTableExpression();
        Expect(Keyword.On);
        var condition = ParseExpression();
        var whens = new List<MergeWhen>();
        do
        {
            whens.Add(ParseMergeWhen());
        }
        while (At(Keyword.When));
        return new MergeStatement(location, with, target, source, condition, ListOf(whens));
    }

    private MergeWhen ParseMergeWhen()
    {
        var location = Here;
        Expect(Keyword.When);
        var matched = !Accept(Keyword.Not);
        Expect(Keyword.Matched);
        var condition = Accept(Keyword.And) ? ParseExpression() : null;
        Expect(Keyword.Then);
        var when = new MergeWhen(location, matched, condition, MergeAction.Nothing, [], [], Overriding.None, null);
        if (Accept(Keyword.Do))
        {
            Expect(Keyword.Nothing);
            return when;
        }

        if (matched && Accept(Keyword.Delete))
        {
            return when with { Action = MergeAction.Delete };
        }

        if (matched)
        {
            Expect(Keyword.Update, Keyword.Set);
            return when with { Action = MergeAction.Update, Set = ParseAssignments() };
        }

        Expect(Keyword.Insert);
        when = when with { Action = MergeAction.Insert };
        if (Accept(Keyword.Default))
        {
            Expect(Keyword.Values);
            return when;
        }

        var columns = At(TokenKind.OpenParen) ? ParseParenthesizedList(s_writtenColumn) : [];
        var overriding = ParseOverriding();
        Expect(Keyword.Values);
        return when with { Columns = columns, Overriding = overriding, Values = ParseParenthesizedList(s_expression) };
    }
}
