using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>
/// The parameters in WITH, which are about PostgreSQL's storage: those that it knows are taken and change nothing, as SQLite has no counterpart.
/// </summary>
internal static class StorageParameters
{
    private static readonly HashSet<string> s_ofTables = new(StringComparer.Ordinal)
    {
        "fillfactor", "toast_tuple_target", "parallel_workers", "autovacuum_enabled", "vacuum_index_cleanup", "vacuum_truncate",
        "autovacuum_vacuum_threshold", "autovacuum_vacuum_scale_factor", "autovacuum_vacuum_insert_threshold",
        "autovacuum_vacuum_insert_scale_factor", "autovacuum_analyze_threshold", "autovacuum_analyze_scale_factor", "autovacuum_vacuum_cost_delay",
        "autovacuum_vacuum_cost_limit", "autovacuum_freeze_min_age", "autovacuum_freeze_max_age", "autovacuum_freeze_table_age",
        "autovacuum_multixact_freeze_min_age", "autovacuum_multixact_freeze_max_age", "autovacuum_multixact_freeze_table_age",
        "log_autovacuum_min_duration", "user_catalog_table", "oids",
    };

    private static readonly HashSet<string> s_ofIndexes = new(StringComparer.Ordinal) { "fillfactor", "deduplicate_items" };

    public static void Check(Definition definition, NodeList<Option> options, string kind)
    {
        foreach (var option in options)
        {
            var known = (kind == "index" ? s_ofIndexes : s_ofTables).Contains(option.Name) && option.Namespace is null or "toast";
            if (!known)
            {
                throw definition.Error(SqlState.InvalidParameterValue, option.Namespace is null or "toast"
                    ? $"unrecognized parameter \"{option.Name}\""
                    : $"unrecognized parameter namespace \"{option.Namespace}\"");
            }

            if (option.Name == "oids" && option.Value is Constant { Text: "true" or "on" or "1" })
            {
                throw definition.Error(SqlState.FeatureNotSupported, "tables declared WITH OIDS are not supported");
            }
        }
    }

    /// <summary>Tablespaces are PostgreSQL's directories; there is the default one.</summary>
    public static void CheckTablespace(Definition definition, string? name)
    {
        if (name is not (null or "pg_default"))
        {
            throw name == "pg_global"
                ? definition.Error(SqlState.InvalidParameterValue, "only shared relations can be placed in pg_global tablespace")
                : definition.Error(SqlState.UndefinedObject, $"tablespace \"{name}\" does not exist");
        }
    }
}
