using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>Names of objects: format_type, the reg types' functions, and what the search path leads to.</summary>
internal static class NameFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Session("format_type(oid,integer)", FormatType);
        registry.Session("pg_get_userbyid(oid)", (in FunctionCall call) =>
            call.ReturnText(Roles.Find(call.View(), call.Oid(0))?.Name ?? $"unknown (OID={call.Oid(0)})"));
        registry.Session("pg_table_is_visible(oid)", (in FunctionCall call) =>
        {
            var names = call.Names();
            call.ReturnOrNull(call.View().Snapshot.FindRelation(call.Oid(0)) is { } relation ? names.IsVisible(relation) : (bool?)null);
        });
        registry.Session("pg_type_is_visible(oid)", (in FunctionCall call) => call.ReturnOrNull(
            TypeFacts.Find(call.View().Snapshot, call.Oid(0)) is null ? null : call.Names().IsTypeVisible(call.Oid(0))));
        Visible(registry, "function", oid => Builtins.FindFunction(oid) is not null);
        Visible(registry, "operator", oid => Builtins.FindOperator(oid) is not null);
        Visible(registry, "opclass", oid => Btree.Find(oid) is not null);
        Visible(registry, "opfamily", oid => StaticRows.Of("pg_opfamily").Any(row => row.Oid(0) == oid));
        Visible(registry, "collation", oid => SchemaNames.CollationName(oid) is not null);
        foreach (var none in new[] { "conversion", "ts_config", "ts_dict", "ts_parser", "ts_template", "statistics_obj" })
        {
            Visible(registry, none, _ => false);
        }

        registry.Session("regclass(text)", (in FunctionCall call) => call.Return(call.RelationNamed(0).Oid));
        ToOid(registry, "to_regclass(text)", PgTypes.RegClass);
        ToOid(registry, "to_regtype(text)", PgTypes.RegType);
        ToOid(registry, "to_regproc(text)", PgTypes.RegProc);
        ToOid(registry, "to_regprocedure(text)", PgTypes.RegProcedure);
        ToOid(registry, "to_regoper(text)", PgTypes.RegOper);
        ToOid(registry, "to_regoperator(text)", PgTypes.RegOperator);
        ToOid(registry, "to_regnamespace(text)", PgTypes.RegNamespace);
        ToOid(registry, "to_regrole(text)", PgTypes.RegRole);
        ToOid(registry, "to_regcollation(text)", PgTypes.RegCollation);
    }

    private static void FormatType(in FunctionCall call)
    {
        if (call.IsNull(0))
        {
            call.ReturnNull();
            return;
        }

        var oid = call.Oid(0);
        int? modifier = call.IsNull(1) ? null : call.Int32(1);
        call.ReturnText(PgTypes.Find(oid) is not null || oid == 0 ? TypeFormat.Name(oid, modifier) : call.Names().TypeName(oid, modifier));
    }

    // All objects of these kinds lie in pg_catalog, which every search path holds.
    private static void Visible(FunctionRegistry registry, string kind, Func<uint, bool> exists) =>
        registry.Call($"pg_{kind}_is_visible(oid)", (in FunctionCall call) => call.ReturnOrNull(exists(call.Oid(0)) ? true : null));

    private static void ToOid(FunctionRegistry registry, string signature, uint type) => registry.Session(signature, (in FunctionCall call) =>
    {
        if (call.Names().TryFind(type, call.String(0)) is { } oid)
        {
            call.Return(oid);
        }
        else
        {
            call.ReturnNull();
        }
    });
}
