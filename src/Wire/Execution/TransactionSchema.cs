using System.Text;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>The schema that a transaction on the writer sees, which may be on another node.</summary>
internal static class TransactionSchema
{
    private static readonly Statement s_any = new("SELECT 1"u8.ToArray(), default);

    /// <summary>Loads the schema.</summary>
    /// <param name="committed">The committed schema of this node, which is taken if the transaction sees the same.</param>
    public static async ValueTask<ISchema> LoadAsync(ITransaction transaction, ISchema committed, CancellationToken token)
    {
        var shape = await transaction.DescribeAsync(s_any, token).ConfigureAwait(false);
        var reader = new Recorded { Version = shape.SchemaVersion };
        if (reader.Version == committed.Version)
        {
            return committed;
        }

        // The loader asks synchronously, so it begins again with each answer that it did not have.
        while (true)
        {
            try
            {
                return SchemaLoader.Load(reader);
            }
            catch (MissingAnswerException missing)
            {
                var rows = await ReadAsync(transaction, Ours(missing.Sql), missing.Columns, token).ConfigureAwait(false);
                reader.Answers.Add(missing.Sql, rows);
            }
        }
    }

    /// <returns>Null if SQLite refuses the statement.</returns>
    private static async ValueTask<List<SchemaRow>?> ReadAsync(ITransaction transaction, Statement statement, int columns, CancellationToken token)
    {
        var rows = new List<SchemaRow>();
        var cursor = await transaction.PeekAsync(statement, token).ConfigureAwait(false);
        await using (cursor.ConfigureAwait(false))
        {
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
    }

    private static Statement Ours(string sql) => Statement.Ours(Encoding.UTF8.GetBytes(sql));

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
