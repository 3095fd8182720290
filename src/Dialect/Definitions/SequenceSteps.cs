using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>The steps that make sequences of a table that exists.</summary>
internal static class SequenceSteps
{
    /// <summary>Makes a sequence. The schema of the statement has it from then on.</summary>
    public static void Create(Definition definition, SchemaInfo schema, SequencePlan sequence, char persistence)
    {
        definition.Call("_rqlite_create_sequence", [TableSql.Literal(sequence.SqliteName), "0", .. sequence.Options]);
        var oid = definition.Fresh();
        definition.Metadata.AddRelation(definition.OidOf(oid), schema.Oid, sequence.Name, 'S', sequence.SqliteName, 0, 0, persistence);
        var snapshot = (SchemaSnapshot)definition.Schema;
        definition.Advance(SnapshotChange.With(
            snapshot,
            snapshot.Relations.Append(
                new Relation(oid, schema.Oid, schema.Name, sequence.Name, RelationKind.Sequence, sequence.SqliteName) { Persistence = persistence })));
    }
}
