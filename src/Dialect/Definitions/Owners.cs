using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>OWNER TO: everything belongs to the role of the session.</summary>
internal static class Owners
{
    /// <param name="objects">What the role would own, in the plural.</param>
    /// <exception cref="DialectException">42704: there is no such role; 0A000: it is not that of the session.</exception>
    public static void Require(Definition definition, RoleName role, string objects)
    {
        var name = role.Kind == RoleKind.Name ? role.Name! : definition.User;
        if (role.Kind == RoleKind.Public)
        {
            throw definition.Error(SqlState.UndefinedObject, "role \"public\" does not exist", role.Location);
        }

        if (name != definition.User)
        {
            throw definition.Names.FindRole(name) is null
                ? definition.Error(SqlState.UndefinedObject, $"role \"{name}\" does not exist")
                : definition.NotSupported($"{objects} of other roles are");
        }
    }
}
