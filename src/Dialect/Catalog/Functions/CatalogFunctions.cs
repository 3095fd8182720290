using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The relations of the catalogs and the functions about them, for the registry of what connections know.</summary>
internal static class CatalogFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        NameFunctions.Register(registry);
        DescriptionFunctions.Register(registry);
        DefinitionFunctions.Register(registry);
        SessionFunctions.Register(registry);
        PrivilegeFunctions.Register(registry);
        RelationFunctions.Register(registry);
        IndexProperties.Register(registry);
        ServerFunctions.Register(registry);
        EffectCalls.Register(registry);
        foreach (var signature in ResultCalls.Signatures)
        {
            registry.OfResult(signature);
        }

        // pg_proc shows the functions that work, so its table comes after them.
        foreach (var table in SystemTables.Create(function => registry.Implementations.ContainsKey(function.Oid)))
        {
            registry.Table(table);
        }
    }
}
