namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>GRANT and REVOKE.</summary>
public sealed partial class Parser
{
    private Statement ParseGrant()
    {
        var location = Here;
        var revoke = At(Keyword.Revoke);
        Advance();
        var option = false;
        var admin = false;
        if (revoke && At(Keyword.Grant, Keyword.Option))
        {
            Advance();
            Advance();
            Expect(Keyword.For);
            option = true;
        }
        else if (revoke && At(Keyword.Admin) && Peek().Is(Keyword.Option))
        {
            Advance();
            Advance();
            Expect(Keyword.For);
            admin = true;
        }

        var privileges = ParsePrivileges(out var all);
        if (!all && !option && (admin || !At(Keyword.On)))
        {
            return ParseGrantRole(location, revoke, admin, privileges);
        }

        Expect(Keyword.On);
        var (kind, inSchema, objects) = ParseGrantTarget();
        if (revoke)
        {
            Expect(Keyword.From);
        }
        else
        {
            Expect(Keyword.To);
        }

        var grantees = ParseList(static p => p.ParseGrantee());
        if (!revoke && Accept(Keyword.With))
        {
            Expect(Keyword.Grant, Keyword.Option);
            option = true;
        }

        var by = ParseGrantedBy();
        return new GrantStatement(
            location, revoke, privileges, kind, inSchema, objects, grantees, option, by, revoke ? ParseDropBehavior() : DropBehavior.Default);
    }

    private GrantRoleStatement ParseGrantRole(Location location, bool revoke, bool admin, NodeList<Privilege> roles)
    {
        if (revoke)
        {
            Expect(Keyword.From);
        }
        else
        {
            Expect(Keyword.To);
        }

        var members = ParseList(s_role);
        if (!revoke && Accept(Keyword.With))
        {
            Expect(Keyword.Admin, Keyword.Option);
            admin = true;
        }

        var by = ParseGrantedBy();
        return new GrantRoleStatement(location, revoke, roles, members, admin, by, revoke ? ParseDropBehavior() : DropBehavior.Default);
    }

    private RoleName? ParseGrantedBy()
    {
        if (!Accept(Keyword.Granted))
        {
            return null;
        }

        Expect(Keyword.By);
        return ParseRole();
    }

    private RoleName ParseGrantee()
    {
        if (At(Keyword.Group))
        {
            Advance();
        }

        return ParseRole();
    }

    private NodeList<Privilege> ParsePrivileges(out bool all)
    {
        all = Accept(Keyword.All);
        if (!all)
        {
            return ParseList(static p => p.ParsePrivilege());
        }

        Accept(Keyword.Privileges);
        var location = Here;
        return At(TokenKind.OpenParen) ? [new Privilege(location, null, ParseParenthesizedNames())] : [];
    }

    private Privilege ParsePrivilege()
    {
        var location = Here;
        if (Accept(Keyword.Alter, Keyword.System))
        {
            return new Privilege(location, "alter system", []);
        }

        var name = At(Keyword.Select) || At(Keyword.References) || At(Keyword.Create) ? TakeName() : ParseColumnId();
        return new Privilege(location, name, ParseOptionalColumns());
    }

    private (ObjectKind Kind, bool InSchema, NodeList<ObjectName> Objects) ParseGrantTarget()
    {
        if (Accept(Keyword.All))
        {
            var every = Accept(Keyword.Tables) ? ObjectKind.Table
                : Accept(Keyword.Sequences) ? ObjectKind.Sequence
                : Accept(Keyword.Functions) ? ObjectKind.Function
                : Accept(Keyword.Procedures) ? ObjectKind.Procedure
                : Accept(Keyword.Routines) ? ObjectKind.Routine : throw Unexpected();
            Expect(Keyword.In, Keyword.Schema);
            return (every, true, ParseList(static p => p.ParseObjectName(ObjectKind.Schema)));
        }

        // Words that begin a target are names of tables too, where no further name follows them.
        var next = Peek();
        var word = At(TokenKind.Word) && (IsLabel(next) || AtNumberToken(next)) && !next.Is(Keyword.To) && !next.Is(Keyword.From);
        var kind = !word ? ObjectKind.Table : _token.Keyword switch
        {
            Keyword.Table => ObjectKind.Table,
            Keyword.Sequence => ObjectKind.Sequence,
            Keyword.Foreign => next.Is(Keyword.Server) ? ObjectKind.ForeignServer : ObjectKind.ForeignDataWrapper,
            Keyword.Function => ObjectKind.Function,
            Keyword.Procedure => ObjectKind.Procedure,
            Keyword.Routine => ObjectKind.Routine,
            Keyword.Database => ObjectKind.Database,
            Keyword.Domain => ObjectKind.Domain,
            Keyword.Language => ObjectKind.Language,
            Keyword.Large => ObjectKind.LargeObject,
            Keyword.Parameter => ObjectKind.Parameter,
            Keyword.Schema => ObjectKind.Schema,
            Keyword.Tablespace => ObjectKind.Tablespace,
            Keyword.Type => ObjectKind.Type,
            _ => throw Unexpected(next),
        };
        if (word)
        {
            Advance();
            if (kind is ObjectKind.ForeignServer or ObjectKind.LargeObject)
            {
                Advance();
            }
            else if (kind == ObjectKind.ForeignDataWrapper)
            {
                Expect(Keyword.Data, Keyword.Wrapper);
            }
        }

        return (kind, false, ParseList(p => p.ParseGrantObject(kind)));
    }

    private static bool AtNumberToken(Token token) => token.Kind is TokenKind.Integer or TokenKind.Decimal;

    private DialectException Unexpected(Token token) => new Lexer(_text).SyntaxError(token);

    private ObjectName ParseGrantObject(ObjectKind kind)
    {
        var location = Here;
        return kind switch
        {
            ObjectKind.Parameter => new ObjectName(location, [ParseSettingName()]),
            ObjectKind.Type or ObjectKind.Domain => new ObjectName(location, ParseAnyName()),
            ObjectKind.Table or ObjectKind.Sequence => new ObjectName(location, ParseQualifiedName().Parts),
            _ => ParseObjectName(kind),
        };
    }
}
