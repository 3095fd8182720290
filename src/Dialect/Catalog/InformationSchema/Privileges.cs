using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog.InformationSchema;

/// <summary>The privileges: all of them are the session's own role's, and everybody may read the catalogs.</summary>
internal static class Privileges
{
    private static readonly string[] s_ofTables = ["INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
    private static readonly string[] s_ofColumns = ["INSERT", "SELECT", "UPDATE", "REFERENCES"];

    public static IEnumerable<SqlTable> Create()
    {
        yield return OfTables("table_privileges");
        yield return OfTables("role_table_grants");
        yield return OfColumns("column_privileges");
        yield return OfColumns("role_column_grants");
        yield return InfoBuilder.For<RoleRow>("enabled_roles")
            .Column("role_name", role => role.Name)
            .Changing(Roles.Of)
            .Build();
        yield return InfoBuilder.For<Membership>("applicable_roles")
            .Column("grantee", (row, view) => Roles.Find(view, row.Member)!.Name)
            .Column("role_name", (row, view) => Roles.Find(view, row.Role)!.Name)
            .Same("NO", "is_grantable")
            .Common(() => StaticRows.Of("pg_auth_members").Select(row => new Membership(row.Oid(0), row.Oid(1)))
                .Prepend(new Membership(ClassOids.DatabaseOwner, ClassOids.Owner)))
            .Build();
    }

    private static SqlTable OfTables(string name) => InfoBuilder.For<TableGrant>(name)
        .Catalog("table_catalog")
        .Column("grantor", (_, view) => view.User)
        .Column("grantee", (row, view) => row.Public ? "PUBLIC" : view.User)
        .Column("table_schema", row => row.Table.Schema)
        .Key("table_name", row => row.Table.Name)
        .Column("privilege_type", row => row.Privilege)
        .Column("is_grantable", row => InfoBuilder.YesNo(!row.Public))
        .Column("with_hierarchy", row => InfoBuilder.YesNo(row.Privilege == "SELECT"))
        .Common(() => SystemCatalog.Relations.SelectMany(table =>
            s_ofTables.Select(privilege => new TableGrant(table, privilege, false)).Append(new TableGrant(table, "SELECT", true))))
        .Rows(snapshot => Tables.TablesOf(snapshot).SelectMany(table => s_ofTables.Select(privilege => new TableGrant(table, privilege, false))))
        .Build();

    private static SqlTable OfColumns(string name) => InfoBuilder.For<ColumnGrant>(name)
        .Catalog("table_catalog")
        .Column("grantor", (_, view) => view.User)
        .Column("grantee", (row, view) => row.Public ? "PUBLIC" : view.User)
        .Column("table_schema", row => row.Column.Relation.Schema)
        .Key("table_name", row => row.Column.Relation.Name)
        .Column("column_name", row => row.Column.Attribute.Name)
        .Column("privilege_type", row => row.Privilege)
        .Column("is_grantable", row => InfoBuilder.YesNo(!row.Public))
        .Common(() => SystemCatalog.Relations.SelectMany(Columns.Of).SelectMany(column =>
            s_ofColumns.Select(privilege => new ColumnGrant(column, privilege, false)).Append(new ColumnGrant(column, "SELECT", true))))
        .Rows(snapshot => snapshot.Relations.SelectMany(Columns.Of).SelectMany(column =>
            s_ofColumns.Select(privilege => new ColumnGrant(column, privilege, false))))
        .Build();

    private sealed record TableGrant(Relation Table, string Privilege, bool Public);

    private sealed record ColumnGrant(InfoColumn Column, string Privilege, bool Public);

    private sealed record Membership(uint Role, uint Member);
}
