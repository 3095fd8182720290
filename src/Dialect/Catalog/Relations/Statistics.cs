using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The views of activity on tables, indexes and sequences. Nothing counts it, so the counters are null: not known, rather than 0.</summary>
internal static class Statistics
{
    private static readonly string[] s_kinds = ["all", "user", "sys"];

    public static IEnumerable<SqlTable> Create()
    {
        foreach (var kind in s_kinds)
        {
            foreach (var name in new[] { $"pg_stat_{kind}_tables", $"pg_statio_{kind}_tables", $"pg_stat_xact_{kind}_tables" })
            {
                yield return Of(name, kind, RelationKind.Table);
            }

            yield return Of($"pg_statio_{kind}_sequences", kind, RelationKind.Sequence);
            foreach (var name in new[] { $"pg_stat_{kind}_indexes", $"pg_statio_{kind}_indexes" })
            {
                yield return new CatalogTableBuilder<IndexOfTable>("pg_catalog", name)
                    .Key("relid", row => row.Table.Oid)
                    .Key("indexrelid", row => row.Index.Oid)
                    .Column("schemaname", row => row.Table.Schema)
                    .Column("relname", row => row.Table.Name)
                    .Column("indexrelname", row => row.Index.Name)
                    .OthersNull()
                    .Rows(snapshot => kind == "sys" ? [] : PgIndex.Of(snapshot))
                    .Build();
            }
        }
    }

    private static SqlTable Of(string name, string kind, RelationKind relationKind) =>
        new CatalogTableBuilder<Relation>("pg_catalog", name)
            .Key("relid", relation => relation.Oid)
            .Column("schemaname", relation => relation.Schema)
            .Key("relname", relation => relation.Name)
            .OthersNull()
            .Common(() => kind == "user" || relationKind != RelationKind.Table ? [] : SystemCatalog.Relations.Where(r => PgClass.KindOf(r) == 'r'))
            .Rows(snapshot => kind == "sys" ? [] : snapshot.Relations.Where(relation => relation.Kind == relationKind))
            .Build();
}
