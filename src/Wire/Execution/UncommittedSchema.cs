using System.Text;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>The schema that a transaction on the writer sees, which may be on another node, or a snapshot that is older than the last commit.</summary>
internal static class UncommittedSchema
{
    private static readonly Statement s_any = new("SELECT 1"u8.ToArray(), default);

    /// <summary>Loads the schema of a transaction, which from then on goes on with this schema alone.</summary>
    /// <param name="committed">The committed schema of this node, which is taken if the transaction sees the same.</param>
    public static async ValueTask<ISchema> LoadAsync(ITransaction transaction, ISchema committed, CancellationToken token)
    {
        var peeked = await transaction.PeekAsync(s_any, token).ConfigureAwait(false);
        await peeked.DisposeAsync().ConfigureAwait(false);
        var shape = await transaction.DescribeAsync(s_any, token).ConfigureAwait(false);
        return shape.SchemaVersion == committed.Version
            ? committed
            : await LoadAsync(shape.SchemaVersion, statement => transaction.PeekAsync(statement, token), token).ConfigureAwait(false);
    }

    /// <summary>Loads the schema of a snapshot.</summary>
    public static ValueTask<ISchema> LoadAsync(IReadTransaction snapshot, CancellationToken token) =>
        LoadAsync(snapshot.SchemaVersion, statement => snapshot.ReadAsync(statement, BatchOptions.None, null, token), token);

    private static async ValueTask<ISchema> LoadAsync(long version, Func<Statement, ValueTask<RowCursor>> read, CancellationToken token)
    {
        // The loader asks synchronously, so it begins again with each answer that it did not have.
        var reader = new Recorded { Version = version };
        while (true)
        {
            try
            {
                return SchemaLoader.Load(reader);
            }
            catch (MissingAnswerException missing)
            {
                var cursor = await read(Statement.Ours(Encoding.UTF8.GetBytes(missing.Sql))).ConfigureAwait(false);
                await using (cursor.ConfigureAwait(false))
                {
                    reader.Answers.Add(missing.Sql, await RowsAsync(cursor, missing.Columns, token).ConfigureAwait(false));
                }
            }
        }
    }

    private static async ValueTask<List<SchemaRow>?> RowsAsync(RowCursor cursor, int columns, CancellationToken token)
    {
        var rows = new List<SchemaRow>();
        while (await cursor.WaitToReadAsync(token).ConfigureAwait(false))
        {
            while (cursor.TryRead())
            {
                var row = new SchemaRow(columns);
                for (var i = 0; i < columns; i++)
                {
                    row.Set(i, cursor[i]);
                }

                rows.Add(row);
            }
        }

        return cursor.Outcome.Error is null ? rows : null;
    }

    private sealed class Recorded : ISchemaReader
    {
        public Dictionary<string, List<SchemaRow>?> Answers { get; } = [];

        public long Version { get; init; }

        public bool Read(string sql, int columns, Action<SchemaRow> visit)
        {
            if (!Answers.TryGetValue(sql, out var rows))
            {
                throw new MissingAnswerException(sql, columns);
            }

            rows?.ForEach(visit);
            return rows is not null;
        }
    }

    private sealed class MissingAnswerException(string sql, int columns) : Exception
    {
        public string Sql { get; } = sql;

        public int Columns { get; } = columns;
    }
}
