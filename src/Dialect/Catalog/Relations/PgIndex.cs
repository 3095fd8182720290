using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The indexes.</summary>
internal static class PgIndex
{
    public static SqlTable Create() => new CatalogTableBuilder<IndexOfTable>("pg_catalog", "pg_index")
        .Key("indexrelid", row => row.Index.Oid)
        .Key("indrelid", row => row.Table.Oid)
        .Column("indnatts", row => row.Index.Columns.Count)
        .Column("indnkeyatts", row => row.Index.KeyCount)
        .Column("indisunique", row => row.Index.Unique)
        .Column("indisprimary", row => row.Index.Primary)
        .Column("indimmediate", row => !row.Table.Constraints.Any(c => c.IndexOid == row.Index.Oid && c.Type != ConstraintType.ForeignKey && c.Deferrable))
        .Column("indkey", row => Cell.Vector(row.Index.Columns))
        .Column("indcollation", row => Cell.Vector(Keys(row).Select(key => key.Collation)))
        .Column("indclass", (row, view) => Cell.Vector(Keys(row).Select((key, place) => ClassOf(view.Snapshot, row.Index, key, place))))
        .Column("indoption", row => Cell.Vector(row.Index.Options))
        .Column("indexprs", row => row.Index.Expressions.Count == 0 ? Cell.Null : string.Join(", ", row.Index.Expressions))
        .Column("indpred", row => row.Index.Predicate)
        .Same(true, "indisvalid", "indisready", "indislive")
        .Same(false, "indnullsnotdistinct", "indisexclusion", "indisclustered", "indcheckxmin", "indisreplident")
        .Rows(Of)
        .Build();

    public static IEnumerable<IndexOfTable> Of(SchemaSnapshot snapshot) =>
        snapshot.Relations.SelectMany(table => table.Indexes.Select(index => new IndexOfTable(table, index)));

    public static uint ClassOf(SchemaSnapshot snapshot, IndexInfo index, Attribute key, int place) =>
        index.OperatorClasses.ElementAtOrDefault(place) is var given && given != 0 ? given : Btree.DefaultOf(snapshot, key.Type.Oid)?.Oid ?? 0;

    // The columns of INCLUDE have neither collation nor order.
    private static IEnumerable<Attribute> Keys(IndexOfTable row) => row.Index.Attributes.Take(row.Index.KeyCount);
}

internal sealed record IndexOfTable(Relation Table, IndexInfo Index);
