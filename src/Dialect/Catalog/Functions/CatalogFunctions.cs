using System.Collections.Frozen;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The relations of the catalogs and the functions about them, for the registry of what connections know.</summary>
internal static class CatalogFunctions
{
    // Functions whose answer depends on the session's role, database, settings or search path, which have to travel with the statement.
    private static readonly Lazy<FrozenSet<uint>> s_asking = new(() => Builtins.Functions.Where(function => function.Name
        is "pg_get_userbyid" or "pg_table_is_visible" or "pg_type_is_visible" or "format_type" or "to_regclass" or "to_regtype" or "to_regrole"
        or "pg_get_constraintdef" or "pg_get_indexdef" or "pg_get_viewdef" or "pg_get_serial_sequence" or "pg_describe_object" or "oidvectortypes"
        or "current_database" or "current_catalog" or "current_user" or "session_user" or "current_schema" or "current_schemas" or "current_setting"
        or "pg_backend_pid" or "pg_has_role" or "row_security_active"
        || function.Name.StartsWith("has_", StringComparison.Ordinal)).Select(function => function.Oid).ToFrozenSet());

    public static void Register(FunctionRegistry registry)
    {
        NameFunctions.Register(registry);
        DescriptionFunctions.Register(registry);
        DefinitionFunctions.Register(registry);
        SessionFunctions.Register(registry);
        PrivilegeFunctions.Register(registry);
        RelationFunctions.Register(registry);

        // pg_proc shows the functions that work, so its table comes after them.
        foreach (var table in SystemTables.Create(function => registry.Implementations.ContainsKey(function.Oid)))
        {
            registry.Table(table);
        }
    }

    /// <summary>True for a function for whose call <see cref="Translation.AsksSession"/> has to be set.</summary>
    public static bool AsksSession(uint function) => s_asking.Value.Contains(function);
}
