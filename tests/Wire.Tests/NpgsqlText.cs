using Npgsql;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Answers as PostgreSQL prints them.</summary>
internal static class NpgsqlText
{
    /// <summary>The rows of all results as lines, their fields with | between them, NULL as nothing.</summary>
    public static async Task<string> AskAsync(this NpgsqlConnection connection, string sql, bool lastOnly = false)
    {
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        do
        {
            if (lastOnly)
            {
                rows.Clear();
            }

            while (await reader.ReadAsync())
            {
                rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetString(i))));
            }
        }
        while (await reader.NextResultAsync());
        return string.Join('\n', rows);
    }
}
