using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>What relations are: their files, sizes, whether they can be written, and what sequences have given out.</summary>
internal static class RelationFunctions
{
    // The bits of pg_relation_is_updatable: UPDATE, INSERT, DELETE.
    private const int Everything = (1 << 2) | (1 << 3) | (1 << 4);

    public static void Register(FunctionRegistry registry)
    {
        // SQLite is built without the table that tells to which object a page belongs: sizes of objects are not known.
        foreach (var size in new[]
        {
            "pg_relation_size(regclass)", "pg_relation_size(regclass,text)", "pg_table_size(regclass)", "pg_indexes_size(regclass)",
            "pg_total_relation_size(regclass)", "pg_tablespace_size(oid)", "pg_tablespace_size(name)",
        })
        {
            registry.Call(size, (in FunctionCall call) => call.ReturnNull());
        }

        registry.Call("pg_relation_filepath(regclass)", (in FunctionCall call) => call.ReturnNull());
        registry.Call("pg_relation_filenode(regclass)", (in FunctionCall call) =>
        {
            if (call.View().Snapshot.FindRelation(call.Oid(0)) is { Kind: RelationKind.Table or RelationKind.Index or RelationKind.Sequence } relation)
            {
                call.Return(relation.Oid);
            }
            else
            {
                call.ReturnNull();
            }
        });
        registry.Call("pg_filenode_relation(oid,oid)", (in FunctionCall call) => call.ReturnNull());
        registry.Call("pg_tablespace_location(oid)", (in FunctionCall call) => call.ReturnText(""));
        registry.Call("pg_relation_is_publishable(regclass)", (in FunctionCall call) => call.ReturnOrNull(
            call.View().Snapshot.FindRelation(call.Oid(0)) is { } relation ? relation is { Kind: RelationKind.Table, Persistence: 'p' } : null));
        registry.Call("pg_relation_is_updatable(regclass,boolean)", (in FunctionCall call) =>
            call.Return(call.View().Snapshot.FindRelation(call.Oid(0)) is { Kind: RelationKind.Table } ? Everything : 0));
        registry.Call("pg_column_is_updatable(regclass,smallint,boolean)", (in FunctionCall call) =>
        {
            var number = call.Integer(1);
            call.Return(number > 0 && call.View().Snapshot.FindRelation(call.Oid(0)) is { Kind: RelationKind.Table });
        });
        registry.Call("pg_sequence_last_value(regclass)", LastValue);
        registry.Set("pg_sequence_parameters(oid)", function => new FunctionSet(function, Parameters));
        registry.Session("pg_describe_object(oid,oid,integer)", (in FunctionCall call) =>
            call.ReturnOrNull(new ObjectDescriptions(call.View()).Describe(new ObjectAddress(call.Oid(0), call.Oid(1), call.Int32(2)))));
        SequenceCalls.Register(registry);
    }

    private static RowList Parameters(in FunctionCall call)
    {
        var oid = call.Oid(0);
        if (call.View().Snapshot.FindRelation(oid) is null)
        {
            throw new TypeException(SqlState.UndefinedTable, $"relation with OID {oid} does not exist");
        }

        if (Sequences.Of(call.View()).FirstOrDefault(row => row.Relation.Oid == oid) is not { } sequence)
        {
            throw new TypeException(SqlState.InternalError, $"cache lookup failed for sequence {oid}");
        }

        return new RowList(
        [
            [
                RowList.Integer(sequence.Start), RowList.Integer(sequence.Min), RowList.Integer(sequence.Max), RowList.Integer(sequence.Increment),
                RowList.Integer(sequence.Cycle ? 1 : 0), RowList.Integer(sequence.Cache), RowList.Integer(sequence.Type),
            ],
        ]);
    }

    private static void LastValue(in FunctionCall call)
    {
        var oid = call.Oid(0);
        if (Sequences.Of(call.View()).FirstOrDefault(row => row.Relation.Oid == oid) is not { } sequence)
        {
            throw new TypeException(SqlState.InternalError, $"could not open relation with OID {oid}");
        }

        if (sequence.IsCalled)
        {
            call.Return(sequence.Last);
        }
        else
        {
            call.ReturnNull();
        }
    }
}
