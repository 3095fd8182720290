using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The views of pg_catalog over tables, views and indexes.</summary>
internal static class Views
{
    public static IEnumerable<SqlTable> Create()
    {
        yield return new CatalogTableBuilder<Relation>("pg_catalog", "pg_tables")
            .Column("schemaname", relation => relation.Schema)
            .Key("tablename", relation => relation.Name)
            .Column("tableowner", (_, view) => view.User)
            .Column("tablespace", relation => IsShared(relation) ? "pg_global" : Cell.Null)
            .Column("hasindexes", relation => relation.Indexes.Count > 0)
            .Column("hastriggers", (relation, view) => PgClass.HasTriggers(view.Snapshot, relation))
            .Same(false, "hasrules", "rowsecurity")
            .Common(() => SystemCatalog.Relations.Where(relation => PgClass.KindOf(relation) == 'r'))
            .Rows(snapshot => snapshot.Relations.Where(relation => relation.Kind == RelationKind.Table))
            .Build();
        yield return new CatalogTableBuilder<Relation>("pg_catalog", "pg_views")
            .Column("schemaname", relation => relation.Schema)
            .Key("viewname", relation => relation.Name)
            .Column("viewowner", (_, view) => view.User)
            .Column("definition", (relation, view) => new ShownTexts(view, pretty: false).View(relation))
            .Common(() => SystemCatalog.Relations.Where(relation => PgClass.KindOf(relation) == 'v'))
            .Rows(ViewsOf)
            .Build();
        yield return new CatalogTableBuilder<IndexOfTable>("pg_catalog", "pg_indexes")
            .Column("schemaname", row => row.Table.Schema)
            .Key("tablename", row => row.Table.Name)
            .Key("indexname", row => row.Index.Name)
            .Column("indexdef", (row, view) => new ObjectTexts(view.Snapshot, SchemaNames.Of(view), pretty: false).Index(row))
            .Null("tablespace")
            .Rows(PgIndex.Of)
            .Build();
        yield return new CatalogTableBuilder<Relation>("pg_catalog", "pg_rewrite")
            .Key("oid", relation => relation.Rule)
            .Key("ev_class", relation => relation.Oid)
            .Column("ev_action", relation => relation.Definition ?? "")
            .Same("_RETURN", "rulename")
            .Same('1', "ev_type")
            .Same('O', "ev_enabled")
            .Same(true, "is_instead")
            .Same("<>", "ev_qual")
            .Rows(ViewsOf)
            .Build();
    }

    public static IEnumerable<Relation> ViewsOf(SchemaSnapshot snapshot) => snapshot.Relations.Where(relation => relation.Kind == RelationKind.View);

    private static bool IsShared(Relation relation) => SystemRelations.Find(relation.Oid) is { Shared: true };
}
