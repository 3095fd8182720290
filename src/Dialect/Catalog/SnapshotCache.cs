using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The snapshots of the schemas that connections of this process see, which they share. From any thread.</summary>
public static class SnapshotCache
{
    // Sessions that change schemas at the same time each see one of their own.
    private const int KeptMax = 16;

    private static readonly Lock s_lock = new();
    private static readonly Queue<(long Stamp, SchemaSnapshot Snapshot)> s_kept = new();
    private static volatile Entry? s_last;

    /// <summary>The schema that the transaction of a connection sees.</summary>
    public static SchemaSnapshot Of(IConnectionSql sql)
    {
        var stamp = sql.SchemaStamp;
        if (Find(stamp) is { } known)
        {
            return known;
        }

        // Two connections may load the same schema at once, which costs less than making one wait.
        var snapshot = SchemaLoader.Load(new ConnectionReader(sql));
        lock (s_lock)
        {
            // All have to see the same object, by which they know the schema.
            foreach (var (kept, other) in s_kept)
            {
                if (kept == stamp)
                {
                    return other;
                }
            }

            s_kept.Enqueue((stamp, snapshot));
            if (s_kept.Count > KeptMax)
            {
                s_kept.Dequeue();
            }
        }

        s_last = new Entry(stamp, snapshot);
        return snapshot;
    }

    /// <summary>The snapshot with a stamp of <see cref="IConnectionSql.SchemaStamp"/>; null if it is not kept.</summary>
    public static SchemaSnapshot? Find(long stamp)
    {
        if (s_last is { } last && last.Stamp == stamp)
        {
            return last.Snapshot;
        }

        lock (s_lock)
        {
            foreach (var (kept, snapshot) in s_kept)
            {
                if (kept == stamp)
                {
                    s_last = new Entry(stamp, snapshot);
                    return snapshot;
                }
            }
        }

        return null;
    }

    private sealed record Entry(long Stamp, SchemaSnapshot Snapshot);

    private sealed class ConnectionReader(IConnectionSql sql) : ISchemaReader
    {
        public long Version => sql.SchemaVersion;

        public bool Read(string query, int columns, Action<SchemaRow> visit)
        {
            var row = new SchemaRow(columns);
            try
            {
                sql.Read(Statement.Ours(Encoding.UTF8.GetBytes(query)), (in SqlRow values) =>
                {
                    for (var i = 0; i < columns; i++)
                    {
                        row.Set(i, values[i]);
                    }

                    visit(row);
                });
                return true;
            }
            catch (StorageException e) when (e.ResultCode is 1)
            {
                return false;
            }
        }
    }
}
