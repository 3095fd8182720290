using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>Makes the schema that a statement leads to of the one that it found.</summary>
internal static class SnapshotChange
{
    public static SchemaSnapshot With(
        SchemaSnapshot snapshot, IEnumerable<Relation>? relations = null, IEnumerable<TypeInfo>? types = null, IEnumerable<SchemaInfo>? schemas = null)
    {
        var metadata = new Metadata();
        metadata.Dependencies.AddRange(snapshot.Dependencies);
        foreach (var (address, text) in snapshot.Descriptions)
        {
            metadata.Descriptions[address] = text;
        }

        return new SchemaSnapshot(
            snapshot.Version, [.. schemas ?? snapshot.Schemas], [.. relations ?? snapshot.Relations], [.. types ?? snapshot.Types], metadata)
        {
            HasMetadata = snapshot.HasMetadata,
        };
    }

    /// <summary>The schema with another definition of a table and its indexes.</summary>
    public static SchemaSnapshot WithTable(SchemaSnapshot snapshot, Relation table)
    {
        var relations = snapshot.Relations.Where(relation => relation.Oid != table.Oid && relation.IndexedTable != table.Oid).Append(table);
        return With(snapshot, relations.Concat(table.Indexes.Select(index => IndexRelation(table, index))).OrderBy(relation => relation.Oid));
    }

    public static Relation IndexRelation(Relation table, IndexInfo index) =>
        new(index.Oid, table.SchemaOid, table.Schema, index.Name, RelationKind.Index, index.SqliteName)
        {
            Attributes = index.Attributes,
            IndexedTable = table.Oid,
            Persistence = table.Persistence,
        };
}
