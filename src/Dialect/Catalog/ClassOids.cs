namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The OIDs of the catalogs that pg_depend and pg_description name, and of the one role that owns everything.</summary>
internal static class ClassOids
{
    public const uint PgType = 1247;
    public const uint PgProc = 1255;
    public const uint PgClass = 1259;
    public const uint PgAuthId = 1260;
    public const uint PgDatabase = 1262;
    public const uint PgTablespace = 1213;
    public const uint PgAttrDef = 2604;
    public const uint PgConstraint = 2606;
    public const uint PgOperator = 2617;
    public const uint PgRewrite = 2618;
    public const uint PgNamespace = 2615;
    public const uint PgCollation = 3456;

    /// <summary>The role that the session has.</summary>
    public const uint Owner = 10;

    /// <summary>The role that owns the schema public.</summary>
    public const uint DatabaseOwner = 6171;

    /// <summary>The database.</summary>
    public const uint Database = 5;
}
