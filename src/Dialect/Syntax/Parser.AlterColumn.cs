namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>ALTER TABLE … ALTER COLUMN.</summary>
public sealed partial class Parser
{
    private AlterTableCommand ParseAlterColumn(Location location)
    {
        if (Accept(Keyword.Constraint))
        {
            var constraint = ParseColumnId();
            var attributes = ParseConstraintAttributes(new TableConstraint(location, ConstraintKind.ForeignKey, constraint),
                "ALTER CONSTRAINT statement");
            return new AlterTableCommand(location, AlterTableAction.AlterConstraint, constraint) { Constraint = attributes };
        }

        Accept(Keyword.Column);
        if (At(TokenKind.Integer))
        {
            var number = ParseInteger();
            Expect(Keyword.Set, Keyword.Statistics);
            return new AlterTableCommand(location, AlterTableAction.SetStatistics) { Number = number, Value = Number(ParseSignedInteger()) };
        }

        var name = ParseColumnId();
        AlterTableCommand New(AlterTableAction action) => new(location, action, name);

        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.Type:
                return ParseColumnType(New(AlterTableAction.AlterType));
            case Keyword.Set when Peek().Is(Keyword.Generated) || IsSequenceOption(Peek()):
            case Keyword.Restart:
                return New(AlterTableAction.AlterIdentity) with { Sequence = ParseIdentityOptions() };
            case Keyword.Set:
                Advance();
                return ParseSetOfColumn(New(AlterTableAction.SetDefault));
            case Keyword.Reset:
                Advance();
                return New(AlterTableAction.ResetColumnOptions) with { Options = ParseReloptions() };
            case Keyword.Add:
                Advance();
                var generated = Here;
                Expect(Keyword.Generated);
                var identity = ParseGenerated(new TableConstraint(generated, ConstraintKind.Generated));
                return identity.Kind == ConstraintKind.Identity ? New(AlterTableAction.AddIdentity) with { Constraint = identity }
                    : throw Unexpected();
            case Keyword.Drop:
                Advance();
                return ParseDropOfColumn(New(AlterTableAction.DropDefault));
            case Keyword.Options:
                return New(AlterTableAction.AlterColumnForeignOptions) with { Options = ParseForeignOptionChanges() };
            default:
                throw Unexpected();
        }
    }

    private static bool IsSequenceOption(Token token) => token.Kind == TokenKind.Word && token.Keyword is Keyword.As or Keyword.Cache or Keyword.Cycle
        or Keyword.No or Keyword.Increment or Keyword.Maxvalue or Keyword.Minvalue or Keyword.Owned or Keyword.Sequence or Keyword.Start
            or Keyword.Restart;

    private AlterTableCommand ParseColumnType(AlterTableCommand command)
    {
        Expect(Keyword.Type);
        command = command with { Type = ParseTypeName() };
        command = command with { Collation = Accept(Keyword.Collate) ? ParseAnyName() : null };
        return command with { Value = Accept(Keyword.Using) ? ParseExpression() : null };
    }

    private AlterTableCommand ParseSetOfColumn(AlterTableCommand command)
    {
        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.Default:
                Advance();
                return command with { Value = ParseExpression() };
            case Keyword.Not:
                Advance();
                Expect(Keyword.Null);
                return command with { Action = AlterTableAction.SetNotNull };
            case Keyword.Statistics:
                Advance();
                return command with { Action = AlterTableAction.SetStatistics, Value = Number(ParseSignedInteger()) };
            case Keyword.Storage:
                Advance();
                return command with { Action = AlterTableAction.SetStorage, Variant = ParseColumnId() };
            case Keyword.Compression:
                Advance();
                return command with { Action = AlterTableAction.SetCompression, Variant = Accept(Keyword.Default) ? "default" : ParseColumnId() };
            case Keyword.Data:
                Advance();
                return ParseColumnType(command with { Action = AlterTableAction.AlterType });
            default:
                return command with { Action = AlterTableAction.SetColumnOptions, Options = ParseReloptions() };
        }
    }

    private AlterTableCommand ParseDropOfColumn(AlterTableCommand command)
    {
        if (Accept(Keyword.Default))
        {
            return command;
        }

        if (Accept(Keyword.Not))
        {
            Expect(Keyword.Null);
            return command with { Action = AlterTableAction.DropNotNull };
        }

        var expression = Accept(Keyword.Expression);
        if (!expression)
        {
            Expect(Keyword.Identity);
        }

        return command with { Action = expression ? AlterTableAction.DropExpression : AlterTableAction.DropIdentity, IfExists = AcceptIfExists() };
    }

    private NodeList<SequenceOption> ParseIdentityOptions()
    {
        var options = new List<SequenceOption>();
        while (At(Keyword.Set) || At(Keyword.Restart))
        {
            var location = Here;
            if (!Accept(Keyword.Set))
            {
                options.Add(TryParseSequenceOption()!);
            }
            else if (Accept(Keyword.Generated))
            {
                var always = Accept(Keyword.Always);
                if (!always)
                {
                    Expect(Keyword.By, Keyword.Default);
                }

                options.Add(new SequenceOption(location, always ? SequenceOptionKind.GeneratedAlways : SequenceOptionKind.GeneratedByDefault));
            }
            else
            {
                options.Add(TryParseSequenceOption() ?? throw Unexpected());
            }
        }

        return ListOf(options);
    }
}
