using Rqlite.Pg.Dialect.Catalog.InformationSchema;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The relations of pg_catalog and information_schema as virtual tables, for StorageOptions.Sql and StorageOptions.Node.</summary>
public static class SystemTables
{
    /// <summary>The OID of the database that every session sees.</summary>
    public const uint DatabaseOid = ClassOids.Database;

    /// <summary>The OID of the role that every session runs as.</summary>
    public const uint OwnerOid = ClassOids.Owner;

    /// <summary>
    /// The relations whose rows are the node's or the session's and not the database's. Their rows are given from outside, see
    /// <see cref="CreateOfNode"/>.
    /// </summary>
    public static IReadOnlyList<string> OfNode { get; } =
    [
        "pg_stat_activity", "pg_prepared_statements", "pg_cursors", "pg_prepared_xacts", "pg_replication_slots",
        "pg_stat_ssl", "pg_stat_gssapi", "pg_stat_wal_receiver", "pg_stat_subscription", "pg_stat_bgwriter", "pg_stat_archiver", "pg_stat_wal",
    ];

    /// <summary>A table of one row, about the session that asks, for functions that tell of it; clients find it in no catalog.</summary>
    public const string OwnSession = "pg_own_session";

    /// <summary>A table of the node's sessions: which have the writer, and which wait for it; clients find it in no catalog.</summary>
    public const string SessionWaits = "pg_session_waits";

    private static readonly string[] s_sessionWaits = ["node", "session", "pid", "holds_writer", "awaits_writer"];

    private static readonly string[] s_ownSession =
        ["client_addr", "client_port", "server_addr", "server_port", "queue_usage", "server_start"];

    /// <summary>The relations that follow from the database and the session's settings, the same on every node.</summary>
    /// <param name="works">
    /// True for the functions of pg_proc that statements can call. Operators, casts and aggregates are shown if theirs can be.
    /// </param>
    public static IReadOnlyList<SqlTable> Create(Func<PgFunction, bool> works)
    {
        var working = new WorkingFunctions(works);
        SqlTable[] made =
        [
            PgNamespace.Create(), PgClass.Create(), PgAttribute.Create(), PgAttribute.CreateDefaults(), PgTypeTable.Create(),
            PgTypeTable.CreateEnums(), PgConstraint.Create(), PgIndex.Create(), PgDepend.Create(), PgDepend.CreateDescriptions(working),
            PgProc.Create(working), PgProc.CreateOperators(working), PgProc.CreateCasts(working), PgProc.CreateAggregates(working),
            StaticTables.Create("pg_am", null, "oid"), StaticTables.Create("pg_language", null, "oid"),
            StaticTables.Create("pg_collation", null, "oid", "collname"), StaticTables.Create("pg_tablespace", null, "oid"),
            StaticTables.Create("pg_range", null, "rngtypid", "rngsubtype", "rngmultitypid"), StaticTables.Create("pg_opfamily", null, "oid"),
            StaticTables.Create("pg_opclass", null, "oid"), StaticTables.Create("pg_amop", null, "oid", "amopfamily", "amopopr"),
            StaticTables.Create("pg_amproc", null, "oid", "amprocfamily"),
            Databases.Create(), Databases.CreateStatistics(), Sequences.Create(), Sequences.CreateView(), Settings.Create(),
            .. Roles.Create(), .. Views.Create(), .. Statistics.Create(), .. Zones.Create(),
            .. Columns.Create(), .. Tables.Create(), .. Constraints.Create(), .. Domains.Create(), .. Privileges.Create(),
            .. Routines.Create(working), .. Others.Create(), Locks.Create(), new LockOwners(),
        ];

        // The database itself has the last one.
        var names = made.Select(table => table.Name)
            .Concat(OfNode.Append("pg_stat_replication").Select(name => SystemRelations.Find("pg_catalog", name)!.SqliteName)).ToHashSet();

        // What is left describes objects that this server does not have: partitions, foreign tables, publications, text search, policies …
        return [.. made, .. SystemRelations.All.Where(relation => !names.Contains(relation.SqliteName)).Select(StaticTables.Empty)];
    }

    /// <summary>The relations of the node.</summary>
    /// <param name="rows">
    /// The rows of a relation by its name, for the session that asks: values by the names of columns, a long, a double or a text in the stored form of the
    /// column's type; columns that are left out are null.
    /// </param>
    public static IReadOnlyList<NodeTable> CreateOfNode(Func<string, CallerSession?, IReadOnlyList<IReadOnlyDictionary<string, object?>>> rows) =>
    [
        .. OfNode.Select(name => SystemRelations.Find("pg_catalog", name)!).Select(relation => new NodeTable(
            relation.SqliteName, string.Join(", ", relation.Columns.Select(column => $"{column.Name} {StoredType(column.Type)}").Append("tableoid INTEGER")),
            caller => [.. rows(relation.Name, caller).Select(row => (object?[])
                [.. relation.Columns.Select(column => row.GetValueOrDefault(column.Name)), (long)relation.Oid])])),
        new NodeTable(
            OwnSession, "client_addr TEXT, client_port INTEGER, server_addr TEXT, server_port INTEGER, queue_usage REAL, server_start TEXT",
            caller => [.. rows(OwnSession, caller).Select(row => (object?[])[.. s_ownSession.Select(column => row.GetValueOrDefault(column))])]),
        new NodeTable(
            SessionWaits, "node TEXT, session INTEGER, pid INTEGER, holds_writer INTEGER, awaits_writer INTEGER",
            caller => [.. rows(SessionWaits, caller).Select(row => (object?[])[.. s_sessionWaits.Select(column => row[column])])]),
    ];

    /// <summary>True for a relation whose rows show the session's role, database, settings or search path.</summary>
    internal static bool AsksSession(SystemRelation relation) => relation.Schema == "information_schema"
        || relation.Name is "pg_namespace" or "pg_authid" or "pg_roles" or "pg_shadow" or "pg_user" or "pg_database" or "pg_settings" or "pg_tables" or "pg_views"
            or "pg_indexes" or "pg_sequences" or "pg_stat_database" or "pg_locks" or "pg_prepared_statements" or "pg_cursors";

    /// <summary>The declared type of a column, which gives it the affinity of its stored form.</summary>
    internal static string StoredType(uint type) => type switch
    {
        PgTypes.Bool or PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 or PgTypes.Oid or PgTypes.Xid or PgTypes.RegProc or PgTypes.RegType => "INTEGER",
        PgTypes.Float4 or PgTypes.Float8 => "REAL",
        PgTypes.Bytea => "BLOB",
        _ => "TEXT",
    };
}
