using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// The functions of sequences, which Storage has under their own names: they take a name, PostgreSQL's a regclass. A helper turns the OID into
/// the name by which Storage knows the sequence.
/// </summary>
internal static class SequenceCalls
{
    /// <summary>The helper: an OID's sequence, as a quoted name.</summary>
    public const string Helper = "pg_sequence_name";

    public static void Register(FunctionRegistry registry)
    {
        registry.Helper(Helper, 1, Name, Purity.Stable);
        registry.Native("nextval(regclass)", $"nextval({Helper}({{0}}))");
        registry.Native("currval(regclass)", $"currval({Helper}({{0}}))");
        registry.Native("setval(regclass,bigint)", $"setval({Helper}({{0}}), {{1}})");
        registry.Native("setval(regclass,bigint,boolean)", $"setval({Helper}({{0}}), {{1}}, {{2}})");
        registry.Native("lastval()", "lastval()");
    }

    private static void Name(in FunctionCall call)
    {
        var oid = call.Oid(0);
        var relation = call.View().Snapshot.FindRelation(oid)
            ?? throw new TypeException(SqlState.InternalError, $"could not open relation with OID {oid}");
        call.ReturnText(relation.Kind == RelationKind.Sequence
            ? $"\"{relation.SqliteName.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : throw new TypeException(SqlState.WrongObjectType, $"\"{relation.Name}\" is not a sequence"));
    }
}
