using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>Which types have values here.</summary>
internal static class StoredForms
{
    /// <summary>True for a type whose values can neither be read nor written: geometry, money, XML, text search, paths of JSON.</summary>
    public static bool IsRefused(PgTypeInfo type) => type.Category == 'G' || type.Kind == 'p'
        || type.Name is "money" or "xml" or "tsvector" or "tsquery" or "gtsvector" or "jsonpath" or "txid_snapshot" or "pg_snapshot" or "aclitem"
            or "pg_node_tree" or "pg_ndistinct" or "pg_dependencies" or "pg_mcv_list" or "pg_brin_bloom_summary" or "pg_brin_minmax_multi_summary";
}
