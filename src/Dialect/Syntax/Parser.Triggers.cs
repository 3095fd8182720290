namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>Triggers and rules.</summary>
public sealed partial class Parser
{
    private CreateTriggerStatement ParseCreateTrigger(Location location, bool replace)
    {
        var constraint = Accept(Keyword.Constraint);
        Expect(Keyword.Trigger);
        var name = ParseColumnId();
        var timing = constraint ? TriggerTiming.After : ParseTriggerTiming();
        if (constraint)
        {
            Expect(Keyword.After);
        }

        var events = ParseTriggerEvents();
        Expect(Keyword.On);
        var trigger = new CreateTriggerStatement(location, name, replace, constraint, timing, events, ParseQualifiedName(), [], []);
        if (constraint)
        {
            trigger = trigger with { From = Accept(Keyword.From) ? ParseQualifiedName() : null };
            var attributes = ParseConstraintAttributes(new TableConstraint(Here, ConstraintKind.Check), "TRIGGER");
            trigger = trigger with { Deferrable = attributes.Deferrable, InitiallyDeferred = attributes.InitiallyDeferred, ForEachRow = true };
            Expect(Keyword.For, Keyword.Each);
            Expect(Keyword.Row);
        }
        else
        {
            trigger = trigger with { Transitions = ParseTransitions() };
            if (Accept(Keyword.For))
            {
                Accept(Keyword.Each);
                trigger = trigger with { ForEachRow = Accept(Keyword.Row) };
                if (!trigger.ForEachRow)
                {
                    Expect(Keyword.Statement);
                }
            }
        }

        trigger = trigger with { When = Accept(Keyword.When) ? ParseParenthesizedExpression() : null };
        Expect(Keyword.Execute);
        if (!Accept(Keyword.Function))
        {
            Expect(Keyword.Procedure);
        }

        trigger = trigger with { Function = ParseFunctionName() };
        Expect(TokenKind.OpenParen);
        trigger = trigger with { Arguments = At(TokenKind.CloseParen) ? [] : ParseList(static p => p.ParseTriggerArgument()) };
        Expect(TokenKind.CloseParen);
        return replace && constraint
            ? throw new DialectException("0A000", "CREATE OR REPLACE CONSTRAINT TRIGGER is not supported")
            : trigger;
    }

    private TriggerTiming ParseTriggerTiming()
    {
        if (Accept(Keyword.Before))
        {
            return TriggerTiming.Before;
        }

        if (Accept(Keyword.After))
        {
            return TriggerTiming.After;
        }

        Expect(Keyword.Instead, Keyword.Of);
        return TriggerTiming.InsteadOf;
    }

    private NodeList<TriggerEvent> ParseTriggerEvents()
    {
        var events = new List<TriggerEvent>();
        do
        {
            var location = Here;
            if (_token.Kind != TokenKind.Word || _token.Keyword is not (Keyword.Insert or Keyword.Update or Keyword.Delete or Keyword.Truncate))
            {
                throw Unexpected();
            }

            var token = _token;
            var name = TakeName().ToUpperInvariant();
            NodeList<string> columns = name == "UPDATE" && Accept(Keyword.Of) ? ParseNameList() : [];
            if (events.Exists(e => e.Name == name))
            {
                throw new Lexer(_text).SyntaxErrorOf("duplicate trigger events specified", columns.Count > 0 ? _token : token);
            }

            events.Add(new TriggerEvent(location, name, columns));
        }
        while (Accept(Keyword.Or));
        return ListOf(events);
    }

    private NodeList<TransitionTable> ParseTransitions()
    {
        if (!Accept(Keyword.Referencing))
        {
            return [];
        }

        var tables = new List<TransitionTable>();
        do
        {
            var location = Here;
            var isNew = Accept(Keyword.New);
            if (!isNew)
            {
                Expect(Keyword.Old);
            }

            var isTable = Accept(Keyword.Table);
            if (!isTable)
            {
                Expect(Keyword.Row);
            }

            Accept(Keyword.As);
            tables.Add(new TransitionTable(location, isNew, isTable, ParseColumnId()));
        }
        while (At(Keyword.New) || At(Keyword.Old));
        return ListOf(tables);
    }

    private string ParseTriggerArgument() => At(TokenKind.String) ? ParseString()
        : At(TokenKind.Integer) || At(TokenKind.Decimal) ? ParseNumberText()
        : ParseLabel();

    private string ParseNumberText() => WithoutLeadingZeros(ParseNumber()).Text;

    private CreateRuleStatement ParseCreateRule(Location location, bool replace)
    {
        Advance();
        var name = ParseColumnId();
        Expect(Keyword.As, Keyword.On);
        if (_token.Kind != TokenKind.Word || _token.Keyword is not (Keyword.Select or Keyword.Insert or Keyword.Update or Keyword.Delete))
        {
            throw Unexpected();
        }

        var occasion = TakeName().ToUpperInvariant();
        Expect(Keyword.To);
        var table = ParseQualifiedName();
        var where = Accept(Keyword.Where) ? ParseExpression() : null;
        Expect(Keyword.Do);
        var instead = Accept(Keyword.Instead);
        if (!instead)
        {
            Accept(Keyword.Also);
        }

        return new CreateRuleStatement(location, name, replace, occasion, table, where, instead, ParseRuleActions());
    }

    private NodeList<Statement> ParseRuleActions()
    {
        if (Accept(Keyword.Nothing))
        {
            return [];
        }

        Enter(QueryLevels);
        var actions = new List<Statement>();
        if (!Accept(TokenKind.OpenParen))
        {
            actions.Add(ParseRuleAction());
        }
        else
        {
            while (!Accept(TokenKind.CloseParen))
            {
                if (Accept(TokenKind.Semicolon))
                {
                    continue;
                }

                actions.Add(ParseRuleAction());
                if (!At(TokenKind.CloseParen) && !At(TokenKind.Semicolon))
                {
                    throw Unexpected();
                }
            }
        }

        Leave(QueryLevels);
        return ListOf(actions);
    }

    private Statement ParseRuleAction()
    {
        var start = _token;
        var action = At(Keyword.Notify) ? ParseNotify() : At(TokenKind.OpenParen) ? ParseQuery() : ParsePreparable();
        return action is MergeStatement ? throw new Lexer(_text).SyntaxError(start) : action;
    }
}
