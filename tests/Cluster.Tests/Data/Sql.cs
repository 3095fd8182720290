using System.Buffers;
using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Statements from text, and results as text.</summary>
internal static class Sql
{
    /// <summary>A text that begins with @ is what this project writes itself (<see cref="Storage.Statement.Ours"/>); all others are clients'.</summary>
    public static Statement Statement(string sql, params object?[] parameters)
    {
        if (sql.StartsWith('@'))
        {
            return Storage.Statement.Ours(Encoding.UTF8.GetBytes(sql[1..]));
        }

        var encoded = new ArrayBufferWriter<byte>();
        foreach (var parameter in parameters)
        {
            switch (parameter)
            {
                case null:
                    ParameterEncoding.WriteNull(encoded);
                    break;
                case int or long:
                    ParameterEncoding.WriteInteger(encoded, Convert.ToInt64(parameter));
                    break;
                case string text:
                    ParameterEncoding.WriteText(encoded, Encoding.UTF8.GetBytes(text));
                    break;
                default:
                    throw new ArgumentException($"{parameter.GetType()} is no parameter.");
            }
        }

        return new(Encoding.UTF8.GetBytes(sql), encoded.WrittenMemory);
    }

    public static StatementBatch Batch(params string[] sql) => new([.. sql.Select(text => Statement(text))], BatchOptions.None);

    public static StatementBatch Atomic(params string[] sql) => new([.. sql.Select(text => Statement(text))], BatchOptions.Atomic);

    public static Task<IReadOnlyList<string>> ExecuteAsync(this IDatabase database, params string[] sql) =>
        database.ExecuteAsync(Batch(sql), WriteOptions.Default, default).TextAsync();

    public static async Task<string> ReadAsync(this IDatabase database, string sql, ReadOptions? read = null)
    {
        await using var rows = await database.ReadAsync(Statement(sql), BatchOptions.None, read ?? ReadOptions.Default, default);
        return await TextAsync(rows);
    }

    /// <summary>For each statement its rows, or its error, or how many rows it changed.</summary>
    public static async Task<IReadOnlyList<string>> TextAsync(this ValueTask<BatchResult> running)
    {
        await using var result = await running;
        return await TextAsync(result);
    }

    public static async Task<IReadOnlyList<string>> TextAsync(this BatchResult result)
    {
        var texts = new List<string>();
        while (await result.NextAsync(default) is { } rows)
        {
            await using (rows)
            {
                texts.Add(await TextAsync(rows));
            }
        }

        return texts;
    }

    public static async Task<string> TextAsync(RowCursor rows)
    {
        var lines = new List<string>();
        while (await rows.WaitToReadAsync(default))
        {
            while (rows.TryRead())
            {
                lines.Add(Row(rows));
            }
        }

        var outcome = rows.Outcome;
        return outcome.Error is { } error ? $"error: {error.Message}"
            : rows.Schema.Columns.Count == 0 ? $"changed {outcome.RowsAffected}"
            : string.Join(";", lines);
    }

    private static string Row(RowCursor rows)
    {
        var values = new List<string>();
        for (var i = 0; i < rows.Schema.Columns.Count; i++)
        {
            var value = rows[i];
            values.Add(value.Class switch
            {
                StorageClass.Null => "null",
                StorageClass.Integer => value.Integer.ToString(),
                StorageClass.Real => value.Real.ToString(),
                _ => Encoding.UTF8.GetString(value.Bytes),
            });
        }

        return string.Join(",", values);
    }
}
