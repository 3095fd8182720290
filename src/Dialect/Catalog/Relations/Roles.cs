using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// The roles: the one that the session has, and the predefined ones that PostgreSQL's rows name. Users are not the database's but the server's,
/// which tells nobody of the others.
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
            .Column("usecreatedb", role => role.IsSuperuser)
            .Column("usesuper", role => role.IsSuperuser)
            .Column("userepl", role => role.IsSuperuser)
            .Column("usebypassrls", role => role.IsSuperuser)
            .Null("passwd", "valuntil", "useconfig")
            .Changing(view => Of(view).Where(role => role.CanLogin))
            .Build();
        yield return new CatalogTableBuilder<RoleRow>("pg_catalog", "pg_user")
            .Column("usename", role => role.Name)
            .Column("usesysid", role => role.Oid)
            .Column("usecreatedb", role => role.IsSuperuser)
            .Column("usesuper", role => role.IsSuperuser)
            .Column("userepl", role => role.IsSuperuser)
            .Column("usebypassrls", role => role.IsSuperuser)
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
    public static IEnumerable<RoleRow> Of(CatalogView view) => s_predefined.Value.Prepend(
        new RoleRow(ClassOids.Owner, view.User, true) { IsSuperuser = SessionPrivileges.IsSuperuser(view.Caller) });

    public static RoleRow? Find(CatalogView view, string name) => Of(view).FirstOrDefault(role => role.Name == name);

    public static RoleRow? Find(CatalogView view, uint oid) => Of(view).FirstOrDefault(role => role.Oid == oid);

    private static CatalogTableBuilder<RoleRow> AuthId(string name) => new CatalogTableBuilder<RoleRow>("pg_catalog", name)
        .Key("oid", role => role.Oid)
        .Key("rolname", role => role.Name)
        .Column("rolsuper", role => role.IsSuperuser)
        .Column("rolcreaterole", role => role.IsSuperuser)
        .Column("rolcreatedb", role => role.IsSuperuser)
        .Column("rolcanlogin", role => role.CanLogin)
        .Column("rolreplication", role => role.IsSuperuser)
        .Column("rolbypassrls", role => role.IsSuperuser)
        .Same(true, "rolinherit")
        .Same(-1, "rolconnlimit")
        .Same(name == "pg_roles" ? "********" : Cell.Null, "rolpassword")
        .Null("rolvaliduntil")
        .Changing(Of);
}

/// <param name="CanLogin">The session's own role.</param>
internal sealed record RoleRow(uint Oid, string Name, bool CanLogin)
{
    public bool IsSuperuser { get; init; }
}
