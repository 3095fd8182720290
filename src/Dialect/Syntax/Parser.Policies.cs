namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>Policies, extensions and roles.</summary>
public sealed partial class Parser
{
    private static readonly Func<Parser, RoleName> s_role = static p => p.ParseRole();

    private CreatePolicyStatement ParseCreatePolicy(Location location)
    {
        Advance();
        var name = ParseColumnId();
        Expect(Keyword.On);
        var table = ParseQualifiedName();
        var restrictive = false;
        if (Accept(Keyword.As))
        {
            var kind = Here;
            var word = IsIdentifier(_token) ? TakeName() : throw Unexpected();
            restrictive = word == "restrictive" || (word == "permissive" ? false : throw Error(
                $"unrecognized row security option \"{word}\"", kind, "Only PERMISSIVE or RESTRICTIVE policies are supported currently."));
        }

        string? command = null;
        if (Accept(Keyword.For))
        {
            command = _token.Kind == TokenKind.Word
                && _token.Keyword is Keyword.All or Keyword.Select or Keyword.Insert or Keyword.Update or Keyword.Delete ? TakeName()
                    : throw Unexpected();
        }

        var (roles, use, check) = ParsePolicyRest();
        return new CreatePolicyStatement(location, name, table, restrictive, command, roles, use, check);
    }

    private (NodeList<RoleName> Roles, Expression? Using, Expression? Check) ParsePolicyRest()
    {
        var roles = Accept(Keyword.To) ? ParseList(s_role) : [];
        var use = Accept(Keyword.Using) ? ParseParenthesizedExpression() : null;
        if (!Accept(Keyword.With))
        {
            return (roles, use, null);
        }

        Expect(Keyword.Check);
        return (roles, use, ParseParenthesizedExpression());
    }

    private CreateExtensionStatement ParseCreateExtension(Location location)
    {
        Advance();
        var ifNotExists = AcceptIfNotExists();
        var name = ParseColumnId();
        Accept(Keyword.With);
        var options = new List<Option>();
        while (!AtEnd())
        {
            var option = Here;
            options.Add(Accept(Keyword.Schema) ? new Option(option, null, "schema", new Constant(Here, ConstantKind.String, ParseColumnId()))
                : Accept(Keyword.Version) ? new Option(option, null, "new_version", new Constant(Here, ConstantKind.String, ParseWordOrString()))
                : Accept(Keyword.Cascade) ? new Option(option, null, "cascade", Truth(option, true))
                : Accept(Keyword.From) ? throw ExtensionFrom(option) : throw Unexpected());
        }

        return new CreateExtensionStatement(location, name, ifNotExists, ListOf(options));
    }

    private DialectException ExtensionFrom(Location location)
    {
        ParseWordOrString();
        return Error("CREATE EXTENSION ... FROM is no longer supported", location, state: "0A000");
    }

    private CreateObjectStatement ParseCreateNamedObject(Location location)
    {
        var kind = ParseObjectKind() ?? throw Unexpected();
        var ifNotExists = kind == ObjectKind.Collation && AcceptIfNotExists();
        var nameLocation = Here;
        var name = new ObjectName(nameLocation, kind == ObjectKind.Operator ? ParseAnyOperator() : ParseAnyName());
        return kind == ObjectKind.Collation && Accept(Keyword.From)
            ? new CreateObjectStatement(location, kind, name, null, false, ifNotExists, ParseAnyName())
            : new CreateObjectStatement(location, kind, name, ParseDefinition(), false, ifNotExists);
    }

    private CreateRoleStatement ParseCreateRole(Location location)
    {
        var kind = TakeName().ToUpperInvariant();
        var name = ParseRoleId();
        Accept(Keyword.With);
        var options = new List<Option>();
        while (!AtEnd() && !At(Keyword.Create) && !At(Keyword.Grant))
        {
            options.Add(ParseRoleOption(create: true));
        }

        return new CreateRoleStatement(location, kind, name, ListOf(options));
    }

    private Option ParseRoleOption(bool create)
    {
        var location = Here;
        Option Valued(string name, Node? value) => new(location, null, name, value);

        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.Password:
                Advance();
                return Valued("password", Accept(Keyword.Null) ? null : StringValue());
            case Keyword.Encrypted:
                Advance();
                Expect(Keyword.Password);
                return Valued("password", StringValue());
            case Keyword.Unencrypted:
                Advance();
                Expect(Keyword.Password);
                ParseString();
                throw Error(
                    "UNENCRYPTED PASSWORD is no longer supported", location, "Remove UNENCRYPTED to store the password in encrypted form instead.",
                        "0A000");
            case Keyword.Inherit:
                Advance();
                return Valued("inherit", Truth(location, true));
            case Keyword.Connection:
                Advance();
                Expect(Keyword.Limit);
                return Valued("connectionlimit", Number(ParseSignedInteger(), Here));
            case Keyword.Valid:
                Advance();
                Expect(Keyword.Until);
                return Valued("validUntil", StringValue());
            case Keyword.User:
                Advance();
                return Valued("rolemembers", ParseRoleList());
            case Keyword.Sysid when create:
                Advance();
                return Valued("sysid", Number(ParseInteger(), location));
            case Keyword.Admin when create:
                Advance();
                return Valued("adminmembers", ParseRoleList());
            case Keyword.Role when create:
                Advance();
                return Valued("rolemembers", ParseRoleList());
            case Keyword.In when create:
                Advance();
                if (!Accept(Keyword.Role))
                {
                    Expect(Keyword.Group);
                }

                return Valued("addroleto", ParseRoleList());
            default:
                var word = IsIdentifier(_token) ? TakeName() : throw Unexpected();
                var yes = !word.StartsWith("no", StringComparison.Ordinal);
                var name = (yes ? word : word[2..]) switch
                {
                    "superuser" => "superuser",
                    "createrole" => "createrole",
                    "replication" => "isreplication",
                    "createdb" => "createdb",
                    "login" => "canlogin",
                    "bypassrls" => "bypassrls",
                    "inherit" when !yes => "inherit",
                    _ => throw Error($"unrecognized role option \"{word}\"", location),
                };
                return Valued(name, Truth(location, yes));
        }
    }

    private ValueList ParseRoleList()
    {
        var location = Here;
        return new ValueList(location, ParseList(static p => (Node)p.ParseRole()));
    }
}
