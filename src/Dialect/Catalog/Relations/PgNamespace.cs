using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The schemas.</summary>
internal static class PgNamespace
{
    public static SqlTable Create() => new CatalogTableBuilder<SchemaInfo>("pg_catalog", "pg_namespace")
        .Key("oid", schema => schema.Oid)
        .Key("nspname", schema => schema.Name)
        .Column("nspowner", schema => OwnerOf(schema))
        .Null("nspacl")
        .Rows(snapshot => snapshot.Schemas)
        .Build();

    public static uint OwnerOf(SchemaInfo schema) => schema.Oid == SystemCatalog.Public ? ClassOids.DatabaseOwner : ClassOids.Owner;
}
