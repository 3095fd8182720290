using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The comments of objects.</summary>
internal static class DescriptionFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Call("obj_description(oid,name)", (in FunctionCall call) => call.ReturnOrNull(
            SystemRelations.Find("pg_catalog", call.String(1)) is { } catalog ? Find(call, catalog.Oid, call.Oid(0), 0) : null));
        registry.Call("obj_description(oid)", (in FunctionCall call) =>
        {
            var oid = call.Oid(0);
            call.ReturnOrNull(
                call.View().Snapshot.Descriptions.FirstOrDefault(d => d.Key.Object == oid && d.Key.Sub == 0).Value ?? BuiltinDescriptions.Find(oid));
        });
        registry.Call("col_description(oid,integer)", (in FunctionCall call) =>
            call.ReturnOrNull(Find(call, ClassOids.PgClass, call.Oid(0), call.Int32(1))));

        // Databases, roles and tablespaces cannot be commented on.
        registry.Call("shobj_description(oid,name)", (in FunctionCall call) => call.ReturnNull());
    }

    private static string? Find(in FunctionCall call, uint catalog, uint oid, int sub) =>
        call.View().Snapshot.Descriptions.GetValueOrDefault(new ObjectAddress(catalog, oid, sub))
        ?? (sub == 0 ? BuiltinDescriptions.Find(catalog, oid) : null);
}
