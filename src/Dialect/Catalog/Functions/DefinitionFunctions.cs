using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The texts of definitions, which lie in the catalogs in the form in which PostgreSQL prints them.</summary>
internal static class DefinitionFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Session("pg_get_expr(pg_node_tree,oid)", (in FunctionCall call) => call.ReturnOrNull(Expression(call, pretty: false)));
        registry.Session("pg_get_expr(pg_node_tree,oid,boolean)", (in FunctionCall call) => call.ReturnOrNull(Expression(call, call.Boolean(2))));
        registry.Session("pg_get_constraintdef(oid)", (in FunctionCall call) => call.ReturnOrNull(Constraint(call, pretty: false)));
        registry.Session("pg_get_constraintdef(oid,boolean)", (in FunctionCall call) => call.ReturnOrNull(Constraint(call, call.Boolean(1))));
        registry.Session("pg_get_indexdef(oid)", (in FunctionCall call) => call.ReturnOrNull(Index(call, 0, pretty: false)));
        registry.Session("pg_get_indexdef(oid,integer,boolean)", (in FunctionCall call) =>
            call.ReturnOrNull(Index(call, call.Int32(1), call.Boolean(2))));
        registry.Session("pg_get_viewdef(oid)", (in FunctionCall call) => call.ReturnOrNull(Definition(call, Relation(call), pretty: false)));
        registry.Session("pg_get_viewdef(oid,boolean)", (in FunctionCall call) => call.ReturnOrNull(Definition(call, Relation(call), call.Boolean(1))));
        registry.Session("pg_get_viewdef(oid,integer)", (in FunctionCall call) => call.ReturnOrNull(call.Integer(1) == 0
            ? Definition(call, Relation(call), pretty: true)
            : throw new TypeException(SqlState.FeatureNotSupported, "pg_get_viewdef() with lines of another width than 0 is not supported")));
        registry.Session("pg_get_viewdef(text)", (in FunctionCall call) => call.ReturnOrNull(Definition(call, call.RelationNamed(0), pretty: false)));
        registry.Session("pg_get_viewdef(text,boolean)", (in FunctionCall call) =>
            call.ReturnOrNull(Definition(call, call.RelationNamed(0), call.Boolean(1))));
        registry.Session("pg_get_ruledef(oid)", (in FunctionCall call) => call.ReturnOrNull(Rule(call, pretty: false)));
        registry.Session("pg_get_ruledef(oid,boolean)", (in FunctionCall call) => call.ReturnOrNull(Rule(call, call.Boolean(1))));
        registry.Session("pg_get_serial_sequence(text,text)", SerialSequence);

        // There are no triggers, statistics or partitions that these could describe.
        foreach (var none in new[]
        {
            "pg_get_triggerdef(oid)", "pg_get_triggerdef(oid,boolean)", "pg_get_statisticsobjdef(oid)", "pg_get_statisticsobjdef_columns(oid)",
            "pg_get_partkeydef(oid)", "pg_get_partition_constraintdef(oid)", "pg_get_replica_identity_index(regclass)", "pg_partition_root(regclass)",
        })
        {
            registry.Call(none, (in FunctionCall call) => call.ReturnNull());
        }

        registry.Set("pg_partition_ancestors(regclass)", f => new FunctionSet(f, (in _) => null));
        registry.Set("pg_partition_tree(regclass)", f => new FunctionSet(f, (in _) => null));
        RoutineTexts.Register(registry);
    }

    private static Relation? Relation(in FunctionCall call) => call.View().Snapshot.FindRelation(call.Oid(0));

    private static string? Expression(in FunctionCall call, bool pretty)
    {
        var (view, oid) = (call.View(), call.Oid(1));
        var relation = view.Snapshot.FindRelation(oid);
        return oid != 0 && relation is null ? null : new ShownTexts(view, pretty).Expression(call.String(0), relation);
    }

    private static string? Constraint(in FunctionCall call, bool pretty)
    {
        var (view, oid) = (call.View(), call.Oid(0));
        var row = view.Snapshot.Relations.SelectMany(table => PgConstraint.OfTable(view.Snapshot, table))
            .Concat(view.Snapshot.Types.Concat(SystemCatalog.Types).SelectMany(PgConstraint.OfDomain))
            .FirstOrDefault(row => row.Constraint.Oid == oid);
        return row is null ? null : new ObjectTexts(view.Snapshot, SchemaNames.Of(view), pretty).Constraint(row);
    }

    private static string? Index(in FunctionCall call, int column, bool pretty)
    {
        var (view, oid) = (call.View(), call.Oid(0));
        if (view.Snapshot.FindRelation(oid) is not { Kind: RelationKind.Index } relation
            || view.Snapshot.FindRelation(relation.IndexedTable) is not { } table)
        {
            return null;
        }

        var row = new IndexOfTable(table, table.Indexes.First(index => index.Oid == oid));
        var texts = new ObjectTexts(view.Snapshot, SchemaNames.Of(view), pretty);
        return column == 0 ? texts.Index(row) : texts.IndexColumn(row, column) ?? "";
    }

    private static string? Definition(in FunctionCall call, Relation? relation, bool pretty) => relation switch
    {
        null => null,
        { Kind: RelationKind.View } => new ShownTexts(call.View(), pretty).View(relation),
        { Kind: RelationKind.Catalog } when PgClass.KindOf(relation) == 'v' => null,
        _ => "Not a view",
    };

    private static string? Rule(in FunctionCall call, bool pretty)
    {
        var oid = call.Oid(0);
        var relation = Views.ViewsOf(call.View().Snapshot).FirstOrDefault(view => view.Rule == oid);
        if (Definition(call, relation, pretty) is not { } definition)
        {
            return null;
        }

        var name = pretty ? call.Names().NameOf(relation!) : Identifiers.Qualify(relation!.Schema, relation.Name);
        return $"CREATE RULE \"_RETURN\" AS\n    ON SELECT TO {name} DO INSTEAD {definition}";
    }

    private static void SerialSequence(in FunctionCall call)
    {
        var table = call.RelationNamed(0);
        var name = call.String(1);
        var column = table.Attributes.FirstOrDefault(attribute => attribute.Name == name && !attribute.Dropped)
            ?? throw new TypeException(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{table.Name}\" does not exist");
        var sequence = column.OwnedSequence is { } owned
            ? call.View().Snapshot.Relations.FirstOrDefault(r => r.Kind == RelationKind.Sequence && r.SqliteName == owned)
            : null;
        call.ReturnOrNull(sequence is null ? null : Identifiers.Qualify(sequence.Schema, sequence.Name));
    }
}
