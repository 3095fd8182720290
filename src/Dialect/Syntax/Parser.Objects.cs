namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>Kinds and names of objects, and the statements that take one of any kind: DROP, COMMENT, GRANT.</summary>
public sealed partial class Parser
{
    /// <summary>The words for a kind of object; null if there are none. A domain's constraint is recognised by what follows its name.</summary>
    private ObjectKind? ParseObjectKind()
    {
        if (_token.Kind != TokenKind.Word)
        {
            return null;
        }

        var next = Peek();
        var (kind, words) = _token.Keyword switch
        {
            Keyword.Access when next.Is(Keyword.Method) => (ObjectKind.AccessMethod, 2),
            Keyword.Aggregate => (ObjectKind.Aggregate, 1),
            Keyword.Cast => (ObjectKind.Cast, 1),
            Keyword.Collation => (ObjectKind.Collation, 1),
            Keyword.Column => (ObjectKind.Column, 1),
            Keyword.Constraint => (ObjectKind.TableConstraint, 1),
            Keyword.Conversion => (ObjectKind.Conversion, 1),
            Keyword.Database => (ObjectKind.Database, 1),
            Keyword.Domain => (ObjectKind.Domain, 1),
            Keyword.Event when next.Is(Keyword.Trigger) => (ObjectKind.EventTrigger, 2),
            Keyword.Extension => (ObjectKind.Extension, 1),
            Keyword.Foreign when next.Is(Keyword.Table) => (ObjectKind.ForeignTable, 2),
            Keyword.Foreign when next.Is(Keyword.Data) && Peek(2).Is(Keyword.Wrapper) => (ObjectKind.ForeignDataWrapper, 3),
            Keyword.Function => (ObjectKind.Function, 1),
            Keyword.Index => (ObjectKind.Index, 1),
            Keyword.Language => (ObjectKind.Language, 1),
            Keyword.Procedural when next.Is(Keyword.Language) => (ObjectKind.Language, 2),
            Keyword.Large when next.Is(Keyword.Object) => (ObjectKind.LargeObject, 2),
            Keyword.Materialized when next.Is(Keyword.View) => (ObjectKind.MaterializedView, 2),
            Keyword.Operator when next.Is(Keyword.Class) => (ObjectKind.OperatorClass, 2),
            Keyword.Operator when next.Is(Keyword.Family) => (ObjectKind.OperatorFamily, 2),
            Keyword.Operator => (ObjectKind.Operator, 1),
            Keyword.Policy => (ObjectKind.Policy, 1),
            Keyword.Procedure => (ObjectKind.Procedure, 1),
            Keyword.Publication => (ObjectKind.Publication, 1),
            Keyword.Role or Keyword.User or Keyword.Group when !next.Is(Keyword.Mapping) => (ObjectKind.Role, 1),
            Keyword.Routine => (ObjectKind.Routine, 1),
            Keyword.Rule => (ObjectKind.Rule, 1),
            Keyword.Schema => (ObjectKind.Schema, 1),
            Keyword.Sequence => (ObjectKind.Sequence, 1),
            Keyword.Server => (ObjectKind.ForeignServer, 1),
            Keyword.Statistics => (ObjectKind.Statistics, 1),
            Keyword.Subscription => (ObjectKind.Subscription, 1),
            Keyword.Table => (ObjectKind.Table, 1),
            Keyword.Tablespace => (ObjectKind.Tablespace, 1),
            Keyword.Text when next.Is(Keyword.Search) => (TextSearchKind(Peek(2)), 3),
            Keyword.Transform => (ObjectKind.Transform, 1),
            Keyword.Trigger => (ObjectKind.Trigger, 1),
            Keyword.Type => (ObjectKind.Type, 1),
            Keyword.View => (ObjectKind.View, 1),
            _ => (default, 0),
        };
        for (var i = 0; i < words; i++)
        {
            Advance();
        }

        return words == 0 ? null : kind;
    }

    private ObjectKind TextSearchKind(Token token)
    {
        if (token.Is(Keyword.Configuration))
        {
            return ObjectKind.TextSearchConfiguration;
        }

        if (token.Is(Keyword.Dictionary))
        {
            return ObjectKind.TextSearchDictionary;
        }

        return token.Is(Keyword.Parser) ? ObjectKind.TextSearchParser
            : token.Is(Keyword.Template) ? ObjectKind.TextSearchTemplate
            : throw new Lexer(_text).SyntaxError(token);
    }

    private ObjectName ParseObjectName(ObjectKind kind)
    {
        var location = Here;
        switch (kind)
        {
            case ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine:
                return ParseFunctionObject();
            case ObjectKind.Aggregate:
                return ParseAggregateArguments(location, ParseFunctionName());
            case ObjectKind.Operator:
                return ParseOperatorObject();
            case ObjectKind.OperatorClass or ObjectKind.OperatorFamily:
                var names = ParseAnyName();
                Expect(Keyword.Using);
                return new ObjectName(location, names) { On = [ParseColumnId()] };
            case ObjectKind.Type or ObjectKind.Domain:
                var type = ParseTypeName();
                return new ObjectName(location, type.Names) { Type = type };
            case ObjectKind.Policy or ObjectKind.Rule or ObjectKind.Trigger:
                NodeList<string> name = [ParseColumnId()];
                Expect(Keyword.On);
                return new ObjectName(location, name) { On = ParseAnyName() };
            case ObjectKind.Cast:
                Expect(TokenKind.OpenParen);
                var source = ParseTypeName();
                Expect(Keyword.As);
                var target = ParseTypeName();
                Expect(TokenKind.CloseParen);
                return new ObjectName(location, []) { Type = source, Target = target };
            case ObjectKind.Transform:
                Expect(Keyword.For);
                var transformed = ParseTypeName();
                Expect(Keyword.Language);
                return new ObjectName(location, [ParseColumnId()]) { Type = transformed };
            case ObjectKind.LargeObject:
                return new ObjectName(location, [ParseNumber().Text]);
            case ObjectKind.Role:
                return new ObjectName(location, [ParseRoleId()]);
            case ObjectKind.AccessMethod or ObjectKind.Database or ObjectKind.EventTrigger or ObjectKind.Extension or ObjectKind.ForeignDataWrapper
                or ObjectKind.ForeignServer or ObjectKind.Language or ObjectKind.Publication or ObjectKind.Schema or ObjectKind.Subscription
                or ObjectKind.Tablespace:
                return new ObjectName(location, [ParseColumnId()]);
            default:
                return new ObjectName(location, ParseAnyName());
        }
    }

    /// <summary>A function's name, with the types of its arguments or, where it is the only one of its name, without.</summary>
    private ObjectName ParseFunctionObject()
    {
        var location = Here;
        var name = IsColumnId(_token) && !(IsTypeFunctionName(_token) && Peek().Kind == TokenKind.OpenParen) ? ParseAnyName() : ParseFunctionName();
        if (!Accept(TokenKind.OpenParen))
        {
            return new ObjectName(location, name);
        }

        NodeList<FunctionParameter?> arguments = At(TokenKind.CloseParen) ? [] : ParseList(s_typeOfArgument);
        Expect(TokenKind.CloseParen);
        return new ObjectName(location, name, arguments);
    }

    private static readonly Func<Parser, FunctionParameter?> s_typeOfArgument = static p => p.ParseParameter(defaults: false);

    private ObjectName ParseAggregateArguments(Location location, NodeList<string> name)
    {
        Expect(TokenKind.OpenParen);
        if (AtOperator("*"))
        {
            Advance();
            Expect(TokenKind.CloseParen);
            return new ObjectName(location, name, []) { Star = true };
        }

        NodeList<FunctionParameter?> direct = At(Keyword.Order) ? [] : ParseList(s_typeOfArgument);
        NodeList<FunctionParameter?>? ordered = null;
        if (Accept(Keyword.Order))
        {
            Expect(Keyword.By);
            ordered = ParseList(s_typeOfArgument);
        }

        var close = Here;
        Expect(TokenKind.CloseParen);
        return direct is [.., { Mode: ParameterMode.Variadic } last] && ordered is not null && !(ordered is [var only] && only == last)
            ? throw Error(
                "an ordered-set aggregate with a VARIADIC direct argument must have one VARIADIC aggregated argument of the same data type",
                close, state: "0A000")
            : new ObjectName(location, name, direct) { OrderBy = ordered };
    }

    private ObjectName ParseOperatorObject()
    {
        var location = Here;
        var name = ParseAnyOperator();
        Expect(TokenKind.OpenParen);
        var left = ParseOperand();
        if (At(TokenKind.CloseParen))
        {
            throw Error("missing argument", Here, "Use NONE to denote the missing argument of a unary operator.");
        }

        Expect(TokenKind.Comma);
        var right = ParseOperand();
        if (left is null && right is null)
        {
            throw Unexpected();
        }

        Expect(TokenKind.CloseParen);
        return new ObjectName(location, name, [left, right]);
    }

    private FunctionParameter? ParseOperand()
    {
        var location = Here;
        return Accept(Keyword.None) ? null : new FunctionParameter(location, ParameterMode.Default, null, ParseTypeName());
    }

    private Statement ParseDrop()
    {
        var location = Here;
        var start = _token.Start;
        Advance();
        if (At(Keyword.Owned) || (At(Keyword.User) && Peek().Is(Keyword.Mapping)))
        {
            Rewind(start);
            return ParseGeneric();
        }

        if (ParseObjectKind() is not { } kind || kind is ObjectKind.Column or ObjectKind.TableConstraint or ObjectKind.LargeObject)
        {
            throw Unexpected();
        }

        if (kind == ObjectKind.Role)
        {
            var roleExists = AcceptIfExists();
            return new DropRoleStatement(location, ParseList(s_role), roleExists);
        }

        var concurrently = kind == ObjectKind.Index && Accept(Keyword.Concurrently);
        var ifExists = AcceptIfExists();
        var single = kind is ObjectKind.Policy or ObjectKind.Rule or ObjectKind.Trigger or ObjectKind.Cast or ObjectKind.Transform
            or ObjectKind.OperatorClass or ObjectKind.OperatorFamily or ObjectKind.Database or ObjectKind.Tablespace or ObjectKind.Subscription;
        NodeList<ObjectName> objects = single ? [ParseObjectName(kind)] : ParseList(p => p.ParseObjectName(kind));
        var drop = new DropStatement(location, kind, objects, ifExists, DropBehavior.Default, concurrently);
        if (kind == ObjectKind.Database)
        {
            var with = Accept(Keyword.With);
            return with || At(TokenKind.OpenParen)
                ? drop with { Options = ParseParenthesizedList(static p => p.ParseForceOption()) }
                : drop;
        }

        return kind == ObjectKind.Tablespace ? drop : drop with { Behavior = ParseDropBehavior() };
    }

    private Option ParseForceOption()
    {
        var location = Here;
        Expect(Keyword.Force);
        return new Option(location, null, "force", null);
    }

    private CommentStatement ParseComment()
    {
        var location = Here;
        Advance();
        Expect(Keyword.On);
        if (ParseObjectKind() is not { } kind)
        {
            throw Unexpected();
        }

        ObjectName name;
        if (kind == ObjectKind.TableConstraint)
        {
            (kind, name) = ParseConstraintObject();
        }
        else
        {
            name = kind == ObjectKind.Role ? new ObjectName(Here, [ParseColumnId()]) : ParseObjectName(kind);
        }

        Expect(Keyword.Is);
        return new CommentStatement(location, kind, name, Accept(Keyword.Null) ? null : ParseString());
    }

    private (ObjectKind Kind, ObjectName Name) ParseConstraintObject()
    {
        var location = Here;
        NodeList<string> name = [ParseColumnId()];
        Expect(Keyword.On);
        var kind = At(Keyword.Domain) && IsColumnId(Peek()) ? ObjectKind.DomainConstraint : ObjectKind.TableConstraint;
        if (kind == ObjectKind.DomainConstraint)
        {
            Advance();
        }

        return (kind, new ObjectName(location, name) { On = ParseAnyName() });
    }
}
