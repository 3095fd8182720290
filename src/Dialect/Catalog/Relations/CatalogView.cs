using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>What a scan of a catalog sees: the schema of its transaction and the session that asks.</summary>
internal sealed class CatalogView(SchemaSnapshot snapshot, StatementContext statement)
{
    public SchemaSnapshot Snapshot { get; } = snapshot;

    public CallerSession? Caller => statement.Caller;

    /// <summary>Reads in the transaction of the scan.</summary>
    public IConnectionSql Sql => statement.Sql;

    /// <summary>The sequences by their names in SQLite, read when they are first asked for.</summary>
    public IReadOnlyDictionary<string, SequenceRow> Sequences => field ??= Catalog.Sequences.Of(this).ToDictionary(row => row.Relation.SqliteName);

    /// <summary>Microseconds since 1970.</summary>
    public long TransactionTime => statement.TransactionTime;

    /// <summary>The name of the one role that can log in, which is that of the session.</summary>
    public string User => Caller?.Settings?.User ?? "postgres";

    public string Database => Caller?.Settings?.Database ?? "postgres";

    public static CatalogView Of(StatementContext statement) => new(SnapshotCache.Of(statement.Sql), statement);
}
