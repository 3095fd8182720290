using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>Tables, views, sequences and indexes.</summary>
internal static class PgClass
{
    private const uint HeapMethod = 2;
    private const uint GlobalTablespace = 1664;
    private const uint FrozenTransaction = 2;

    public static SqlTable Create() => new CatalogTableBuilder<Relation>("pg_catalog", "pg_class")
        .Key("oid", relation => relation.Oid)
        .Key("relname", relation => relation.Name)
        .Key("relnamespace", relation => relation.SchemaOid)
        .Column("reltype", relation => relation.RowType)
        .Column("relam", relation => KindOf(relation) switch { 'r' => HeapMethod, 'i' => Btree.Method, _ => 0u })
        .Column("relfilenode", relation => relation.Kind is RelationKind.View or RelationKind.Catalog ? 0 : relation.Oid)
        .Column("reltablespace", relation => IsShared(relation) ? GlobalTablespace : 0)
        .Column("relpages", relation => relation.Kind is RelationKind.Index or RelationKind.Sequence ? 1 : 0)
        .Column("reltuples", relation => relation.Kind switch { RelationKind.Index => 0f, RelationKind.Sequence => 1f, _ => -1f })
        .Column("relhasindex", relation => relation.Indexes.Count > 0)
        .Column("relisshared", relation => IsShared(relation))
        .Column("relpersistence", relation => relation.Persistence)
        .Column("relkind", relation => KindOf(relation))
        .Column("relnatts", relation => relation.Attributes.Count)
        .Column("relchecks", relation => relation.Constraints.Count(c => c.Type == ConstraintType.Check))
        .Column("relhasrules", relation => KindOf(relation) == 'v')
        .Column("relhastriggers", (relation, view) => HasTriggers(view.Snapshot, relation))
        .Column("relreplident", relation => relation.Kind == RelationKind.Table ? 'd' : 'n')
        .Column("relfrozenxid", relation => KindOf(relation) == 'r' ? FrozenTransaction : 0)
        .Column("relminmxid", relation => KindOf(relation) == 'r' ? 1 : 0)
        .Same(0, "reloftype", "relallvisible", "reltoastrelid", "relrewrite")
        .Same(ClassOids.Owner, "relowner")
        .Same(false, "relhassubclass", "relrowsecurity", "relforcerowsecurity", "relispartition")
        .Same(true, "relispopulated")
        .Null("relacl", "reloptions", "relpartbound")
        .Common(() => SystemCatalog.Relations)
        .Rows(snapshot => snapshot.Relations)
        .Build();

    /// <summary>The character of relkind.</summary>
    public static char KindOf(Relation relation) => relation.Kind switch
    {
        RelationKind.View => 'v',
        RelationKind.Index => 'i',
        RelationKind.Sequence => 'S',
        RelationKind.Catalog => SystemRelations.Find(relation.Oid)!.Kind,
        _ => 'r',
    };

    /// <summary>A foreign key begins or ends at the table: PostgreSQL enforces it by triggers, which it does not show.</summary>
    public static bool HasTriggers(SchemaSnapshot snapshot, Relation relation) =>
        relation.Constraints.Any(constraint => constraint.Type == ConstraintType.ForeignKey) || ReferencedTables(snapshot).Contains(relation.Oid);

    private static HashSet<uint> ReferencedTables(SchemaSnapshot snapshot) => (HashSet<uint>)snapshot.Made.GetOrAdd(
        (typeof(PgClass), 0), _ => snapshot.Relations.SelectMany(r => r.Constraints).Select(c => c.ReferencedOid).ToHashSet());

    private static bool IsShared(Relation relation) => relation.Kind == RelationKind.Catalog && SystemRelations.Find(relation.Oid)!.Shared;
}
