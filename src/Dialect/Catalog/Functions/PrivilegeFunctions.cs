using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// has_table_privilege and its kin. The session's role has what its user's permissions grant; the predefined roles, which nobody can be, have what PUBLIC has.
/// </summary>
internal static class PrivilegeFunctions
{
    private static readonly Kind[] s_kinds =
    [
        new("table", ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "RULE"], "SELECT", Relations),
        new("any_column", ["SELECT", "INSERT", "UPDATE", "REFERENCES"], "SELECT", Relations),
        new("sequence", ["USAGE", "SELECT", "UPDATE"], "", SequenceRelations),
        new("database", ["CREATE", "TEMPORARY", "TEMP", "CONNECT"], "TEMPORARY TEMP CONNECT", DatabaseOf),
        new("function", ["EXECUTE"], "EXECUTE", FunctionOf),
        new("language", ["USAGE"], "USAGE", LanguageOf),
        new("schema", ["CREATE", "USAGE"], "USAGE", SchemaOf),
        new("tablespace", ["CREATE"], "", TablespaceOf),
        new("type", ["USAGE"], "USAGE", TypeOf),
        new("foreign_data_wrapper", ["USAGE"], "", NoWrapper),
        new("server", ["USAGE"], "", NoServer),
    ];

    private delegate bool Lookup(in FunctionCall call, int argument, bool isName);

    public static void Register(FunctionRegistry registry)
    {
        foreach (var kind in s_kinds)
        {
            foreach (var (user, target) in new[] { ("name,", "text"), ("name,", "oid"), ("oid,", "text"), ("oid,", "oid"), ("", "text"), ("", "oid") })
            {
                registry.Session($"has_{kind.Name}_privilege({user}{target},text)", (in FunctionCall call) =>
                {
                    var at = user.Length == 0 ? 0 : 1;
                    var role = RoleOf(call, user);
                    var exists = kind.Exists(call, at, target == "text");
                    var privileges = Privileges(call, at + 1, kind.Privileges);
                    var caller = role ? call.Statement.Caller : null;
                    call.ReturnOrNull(!exists ? null
                        : privileges.Exists(p => (role && SessionPrivileges.Has(caller, p)) || kind.OfPublic.Split(' ').Contains(p)));
                });
            }
        }

        ColumnPrivilegeFunctions.Register(registry);
        RegisterRoles(registry);
        registry.Call("row_security_active(oid)", (in FunctionCall call) =>
            call.ReturnOrNull(call.View().Snapshot.FindRelation(call.Oid(0)) is null ? null : false));
        registry.Session("row_security_active(text)", (in FunctionCall call) =>
        {
            _ = call.RelationNamed(0);
            call.Return(false);
        });
    }

    /// <summary>The privileges of a list; any of them suffices.</summary>
    /// <exception cref="TypeException">22023.</exception>
    public static List<string> Privileges(in FunctionCall call, int argument, IReadOnlyList<string> known, string option = " WITH GRANT OPTION")
    {
        var privileges = new List<string>();
        foreach (var part in call.String(argument).Split(','))
        {
            var name = part.Trim();
            var upper = name.ToUpperInvariant();
            var plain = upper.EndsWith(option, StringComparison.Ordinal) ? upper[..^option.Length] : upper;
            privileges.Add(known.Contains(plain)
                ? plain
                : throw new TypeException(SqlState.InvalidParameterValue, $"unrecognized privilege type: \"{name}\""));
        }

        return privileges;
    }

    /// <summary>True if the role that the first argument names is the session's.</summary>
    /// <param name="type">The argument's type with a comma; empty for no argument.</param>
    /// <exception cref="TypeException">42704.</exception>
    public static bool RoleOf(in FunctionCall call, string type) => type switch
    {
        "" => true,
        "oid," => call.Oid(0) == ClassOids.Owner,
        _ => call.String(0) is var name && name != "public" && RequireRole(call, name) == ClassOids.Owner,
    };

    private static uint RequireRole(in FunctionCall call, string name) => call.Names().FindRole(name)
        ?? throw new TypeException(SqlState.UndefinedObject, $"role \"{name}\" does not exist");

    private static void RegisterRoles(FunctionRegistry registry)
    {
        string[] types = ["name", "oid"];
        foreach (var role in types)
        {
            registry.Session($"pg_has_role({role},text)", (in FunctionCall call) => HasRole(call, ClassOids.Owner, Role(call, 0, role), 1));
            foreach (var user in types)
            {
                registry.Session($"pg_has_role({user},{role},text)", (in FunctionCall call) =>
                    HasRole(call, Role(call, 0, user), Role(call, 1, role), 2));
            }
        }
    }

    private static uint Role(in FunctionCall call, int argument, string type) =>
        type == "oid" ? call.Oid(argument) : RequireRole(call, call.String(argument));

    private static void HasRole(in FunctionCall call, uint user, uint role, int privileges)
    {
        _ = Privileges(call, privileges, ["USAGE", "MEMBER"], call.String(privileges).Contains("admin", StringComparison.OrdinalIgnoreCase)
            ? " WITH ADMIN OPTION"
            : " WITH GRANT OPTION");
        call.Return(user == ClassOids.Owner || user == role
            || StaticRows.Of("pg_auth_members").Any(row => row.Oid(0) == role && row.Oid(1) == user));
    }

    private static bool Relations(in FunctionCall call, int argument, bool isName) =>
        isName ? call.RelationNamed(argument) is not null : call.View().Snapshot.FindRelation(call.Oid(argument)) is not null;

    private static bool SequenceRelations(in FunctionCall call, int argument, bool isName)
    {
        var relation = isName ? call.RelationNamed(argument) : call.View().Snapshot.FindRelation(call.Oid(argument));
        return relation is null or { Kind: RelationKind.Sequence }
            ? relation is not null
            : throw new TypeException(SqlState.WrongObjectType, $"\"{(isName ? call.String(argument) : relation.Name)}\" is not a sequence");
    }

    private static bool DatabaseOf(in FunctionCall call, int argument, bool isName) => !isName ? call.Oid(argument) == ClassOids.Database
        : call.String(argument) == call.View().Database
            ? true
            : throw new TypeException(SqlState.InvalidCatalogName, $"database \"{call.String(argument)}\" does not exist");

    private static bool FunctionOf(in FunctionCall call, int argument, bool isName) => isName
        ? call.Names().Find(PgTypes.RegProcedure, call.String(argument)) is not null
        : Builtins.FindFunction(call.Oid(argument)) is not null;

    private static bool LanguageOf(in FunctionCall call, int argument, bool isName)
    {
        if (!isName)
        {
            var oid = call.Oid(argument);
            return StaticRows.Of("pg_language").Any(row => row.Oid(0) == oid);
        }

        var name = call.String(argument);
        return StaticRows.Of("pg_language").Any(row => row.Text(1) == name)
            ? true
            : throw new TypeException(SqlState.UndefinedObject, $"language \"{name}\" does not exist");
    }

    private static bool SchemaOf(in FunctionCall call, int argument, bool isName)
    {
        var snapshot = call.View().Snapshot;
        if (!isName)
        {
            var oid = call.Oid(argument);
            return snapshot.Schemas.Any(schema => schema.Oid == oid);
        }

        return snapshot.FindSchema(call.String(argument)) is not null
            ? true
            : throw new TypeException(SqlState.InvalidSchemaName, $"schema \"{call.String(argument)}\" does not exist");
    }

    private static bool TablespaceOf(in FunctionCall call, int argument, bool isName)
    {
        if (!isName)
        {
            var oid = call.Oid(argument);
            return StaticRows.Of("pg_tablespace").Any(row => row.Oid(0) == oid);
        }

        var name = call.String(argument);
        return StaticRows.Of("pg_tablespace").Any(row => row.Text(1) == name)
            ? true
            : throw new TypeException(SqlState.UndefinedObject, $"tablespace \"{name}\" does not exist");
    }

    private static bool TypeOf(in FunctionCall call, int argument, bool isName) => isName
        ? call.Names().Find(PgTypes.RegType, call.String(argument)) is not null
        : TypeFacts.Find(call.View().Snapshot, call.Oid(argument)) is not null;

    private static bool NoWrapper(in FunctionCall call, int argument, bool isName) => isName
        ? throw new TypeException(SqlState.UndefinedObject, $"foreign-data wrapper \"{call.String(argument)}\" does not exist")
        : throw new TypeException(SqlState.InternalError, $"cache lookup failed for foreign-data wrapper {call.Oid(argument)}");

    private static bool NoServer(in FunctionCall call, int argument, bool isName) => isName
        ? throw new TypeException(SqlState.UndefinedObject, $"server \"{call.String(argument)}\" does not exist")
        : throw new TypeException(SqlState.InternalError, $"cache lookup failed for foreign server {call.Oid(argument)}");

    /// <param name="OfPublic">The privileges that everybody has.</param>
    /// <param name="Exists">Looks the object up: false for an OID that names none, an error for such a name.</param>
    private sealed record Kind(string Name, string[] Privileges, string OfPublic, Lookup Exists);
}
