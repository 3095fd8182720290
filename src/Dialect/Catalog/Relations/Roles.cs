using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// The roles: the one that the session has, a superuser, and the predefined ones that PostgreSQL's rows name. There are no others, since the
/// cluster keeps no users yet.
/// </summary>
internal static class Roles
{
    private static readonly Lazy<RoleRow[]> s_predefined = new(() =>
        [.. StaticRows.Of("pg_authid").Select(row => new RoleRow(row.Oid(0), row.Text(1)!, false))]);

    public static IEnumerable<SqlTable> Create()
    {
        yield return AuthId("pg_authid").Build();
        yield return AuthId("pg_roles").Null("rolconfig").Build();
        yield return new CatalogTableBuilder<RoleRow>("pg_catalog", "pg_shadow")
            .Column("usename", role => role.Name)
            .Column("usesysid", role => role.Oid)
            .Same(true, "usecreatedb", "usesuper", "userepl", "usebypassrls")
            .Null("passwd", "valuntil", "useconfig")
            .Changing(view => Of(view).Where(role => role.CanLogin))
            .Build();
        yield return new CatalogTableBuilder<RoleRow>("pg_catalog", "pg_user")
            .Column("usename", role => role.Name)
            .Column("usesysid", role => role.Oid)
            .Same(true, "usecreatedb", "usesuper", "userepl", "usebypassrls")
            .Same("********", "passwd")
            .Null("valuntil", "useconfig")
            .Changing(view => Of(view).Where(role => role.CanLogin))
            .Build();
        yield return new CatalogTableBuilder<RoleRow>("pg_catalog", "pg_group")
            .Column("groname", role => role.Name)
            .Column("grosysid", role => role.Oid)
            .Column("grolist", role => Cell.Array(StaticRows.Of("pg_auth_members").Where(row => row.Oid(0) == role.Oid).Select(row => row.Oid(1))))
            .Common(() => s_predefined.Value)
            .Build();
        yield return StaticTables.Create("pg_auth_members", null, "roleid", "member");
    }

    /// <summary>All roles, the session's first.</summary>
    public static IEnumerable<RoleRow> Of(CatalogView view) => s_predefined.Value.Prepend(new RoleRow(ClassOids.Owner, view.User, true));

    public static RoleRow? Find(CatalogView view, string name) => Of(view).FirstOrDefault(role => role.Name == name);

    public static RoleRow? Find(CatalogView view, uint oid) => Of(view).FirstOrDefault(role => role.Oid == oid);

    private static CatalogTableBuilder<RoleRow> AuthId(string name) => new CatalogTableBuilder<RoleRow>("pg_catalog", name)
        .Key("oid", role => role.Oid)
        .Key("rolname", role => role.Name)
        .Column("rolsuper", role => role.CanLogin)
        .Column("rolcreaterole", role => role.CanLogin)
        .Column("rolcreatedb", role => role.CanLogin)
        .Column("rolcanlogin", role => role.CanLogin)
        .Column("rolreplication", role => role.CanLogin)
        .Column("rolbypassrls", role => role.CanLogin)
        .Same(true, "rolinherit")
        .Same(-1, "rolconnlimit")
        .Same(name == "pg_roles" ? "********" : Cell.Null, "rolpassword")
        .Null("rolvaliduntil")
        .Changing(Of);
}

/// <param name="CanLogin">The session's own role, which may do everything.</param>
internal sealed record RoleRow(uint Oid, string Name, bool CanLogin);
