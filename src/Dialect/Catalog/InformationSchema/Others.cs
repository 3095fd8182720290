using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog.InformationSchema;

/// <summary>The catalog's name, character sets and collations.</summary>
internal static class Others
{
    public static IEnumerable<SqlTable> Create()
    {
        yield return InfoBuilder.For<StaticRow>("information_schema_catalog_name")
            .Catalog("catalog_name")
            .Common(() => [new StaticRow([])])
            .Build();
        yield return InfoBuilder.For<StaticRow>("character_sets")
            .Catalog("default_collate_catalog")
            .Same("UTF8", "character_set_name", "form_of_use")
            .Same("UCS", "character_repertoire")
            .Same("pg_catalog", "default_collate_schema")
            .Same("ucs_basic", "default_collate_name")
            .OthersNull()
            .Common(() => [new StaticRow([])])
            .Build();
        yield return InfoBuilder.For<StaticRow>("collations")
            .Catalog("collation_catalog")
            .Same("pg_catalog", "collation_schema")
            .Key("collation_name", row => row.Text(1))
            .Same("NO PAD", "pad_attribute")
            .Common(() => StaticRows.Of("pg_collation"))
            .Build();
        yield return InfoBuilder.For<StaticRow>("collation_character_set_applicability")
            .Catalog("collation_catalog")
            .Same("pg_catalog", "collation_schema")
            .Key("collation_name", row => row.Text(1))
            .Same("UTF8", "character_set_name")
            .OthersNull()
            .Common(() => StaticRows.Of("pg_collation"))
            .Build();
    }
}
