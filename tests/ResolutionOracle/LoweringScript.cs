using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;

namespace Rqlite.Pg.ResolutionOracle;

/// <summary>
/// Runs the statements of lowering.sql, one a line, on the tables of lowering-schema.sql, and writes what PostgreSQL answers to lowering.tsv: the
/// statement, whether its rows are ordered (o) or to be sorted (s), and the rows or the error.
/// </summary>
internal static partial class LoweringScript
{
    private const string Session = """
        DROP SCHEMA public CASCADE;
        CREATE SCHEMA public;
        SET timezone = 'UTC';
        SET datestyle = 'ISO, MDY';
        """;

    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task<int> RecordAsync(string connectionString, string folder)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using (var schema = new NpgsqlCommand(Session + await File.ReadAllTextAsync(Path.Combine(folder, "lowering-schema.sql")), connection))
        {
            await schema.ExecuteNonQueryAsync();
        }

        var statements = await File.ReadAllLinesAsync(Path.Combine(folder, "lowering.sql"));
        await using var file = new StreamWriter(Path.Combine(folder, "lowering.tsv"), false, new UTF8Encoding(false)) { NewLine = "\n" };
        foreach (var statement in statements)
        {
            var sql = statement.TrimEnd(';');
            var ordered = OrderAtTheEnd().IsMatch(sql);
            await file.WriteLineAsync($"{Json(sql)}\t{(ordered ? 'o' : 's')}\t{Json(await AskAsync(sql, ordered, connection))}");
        }

        return statements.Length;
    }

    private static async Task<string> AskAsync(string sql, bool ordered, NpgsqlConnection connection)
    {
        try
        {
            await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
            await using var reader = await command.ExecuteReaderAsync();
            var rows = new List<string>();
            while (await reader.ReadAsync())
            {
                var values = new string?[reader.FieldCount];
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = await reader.IsDBNullAsync(i) ? null : reader.GetString(i);
                }

                rows.Add(Json(values));
            }

            if (!ordered)
            {
                rows.Sort(StringComparer.Ordinal);
            }

            return $"[{string.Join(",", rows)}]";
        }
        catch (PostgresException e)
        {
            return $"!{e.SqlState} {e.MessageText}";
        }
    }

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, s_json);

    [GeneratedRegex("ORDER BY [^()]*$")]
    private static partial Regex OrderAtTheEnd();
}
