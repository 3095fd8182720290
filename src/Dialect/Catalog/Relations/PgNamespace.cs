using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The schemas.</summary>
internal static class PgNamespace
{
    public static SqlTable Create() => new CatalogTableBuilder<SchemaInfo>("pg_catalog", "pg_namespace")
        .Key("oid", schema => schema.Oid)
        .Key("nspname", schema => schema.Name)
        .Column("nspowner", schema => OwnerOf(schema))
        .Column("nspacl", (schema, view) => PrivilegesOf(schema, view))
        .Rows(snapshot => snapshot.Schemas)
        .Build();

    // Everybody may use the schemas that every database has; to grant and to revoke is not possible.
    private static Cell PrivilegesOf(SchemaInfo schema, CatalogView view)
    {
        if (schema.Oid is not (SystemCatalog.PgCatalog or SystemCatalog.InformationSchema or SystemCatalog.Public))
        {
            return Cell.Null;
        }

        var owner = Roles.Find(view, OwnerOf(schema))!.Name;
        var shown = owner.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? owner : $"\"{owner.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        return Cell.TextArray([$"{shown}=UC/{shown}", $"=U/{shown}"]);
    }

    public static uint OwnerOf(SchemaInfo schema) => schema.Oid == SystemCatalog.Public ? ClassOids.DatabaseOwner : ClassOids.Owner;
}
