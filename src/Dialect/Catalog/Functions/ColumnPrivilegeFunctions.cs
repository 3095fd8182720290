using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>has_column_privilege in its twelve forms, and has_parameter_privilege.</summary>
internal static class ColumnPrivilegeFunctions
{
    private static readonly string[] s_privileges = ["SELECT", "INSERT", "UPDATE", "REFERENCES"];

    public static void Register(FunctionRegistry registry)
    {
        foreach (var user in new[] { "name,", "oid,", "" })
        {
            foreach (var table in new[] { "text", "oid" })
            {
                foreach (var column in new[] { "text", "smallint" })
                {
                    registry.Session($"has_column_privilege({user}{table},{column},text)", (in FunctionCall call) =>
                    {
                        var at = user.Length == 0 ? 0 : 1;
                        var role = PrivilegeFunctions.RoleOf(call, user);
                        var relation = table == "text" ? call.RelationNamed(at) : call.View().Snapshot.FindRelation(call.Oid(at));
                        var exists = relation is not null && Exists(call, relation, at + 1, column == "text");
                        var privileges = PrivilegeFunctions.Privileges(call, at + 2, s_privileges);
                        var caller = call.Statement.Caller;
                        call.ReturnOrNull(exists ? role && privileges.Exists(privilege => SessionPrivileges.Has(caller, privilege)) : null);
                    });
                }
            }

            registry.Session($"has_parameter_privilege({user}text,text)", (in FunctionCall call) =>
            {
                var role = PrivilegeFunctions.RoleOf(call, user);
                _ = PrivilegeFunctions.Privileges(call, user.Length == 0 ? 1 : 2, ["SET", "ALTER SYSTEM"]);
                call.Return(role && SessionPrivileges.IsSuperuser(call.Statement.Caller));
            });
        }
    }

    private static bool Exists(in FunctionCall call, Relation relation, int argument, bool isName)
    {
        if (!isName)
        {
            var number = call.Integer(argument);
            return relation.Attributes.Any(attribute => attribute.Number == number && !attribute.Dropped);
        }

        var name = call.String(argument);
        return relation.Attributes.Any(attribute => attribute.Name == name && !attribute.Dropped)
            ? true
            : throw new TypeException(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{relation.Name}\" does not exist");
    }
}
