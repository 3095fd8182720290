using System.Text.Json;

namespace Rqlite.Pg.Shell;

/// <summary>The answer to one statement.</summary>
/// <param name="Error">Null if the statement has succeeded.</param>
/// <param name="Columns">Null for a statement without rows.</param>
/// <param name="Rows">Values as JSON; each row has as many as there are columns.</param>
/// <param name="Seconds">The time that the server tells; null if it does not.</param>
internal sealed record ResultSet(
    string? Error, IReadOnlyList<string>? Columns, IReadOnlyList<IReadOnlyList<JsonElement>> Rows, long RowsAffected, long? LastInsertId, double? Seconds)
{
    /// <summary>Reads an answer of /db/request, /db/execute or /db/query.</summary>
    /// <exception cref="ShellException">The answer is of another form, or tells of a failure of the whole request.</exception>
    public static IReadOnlyList<ResultSet> Read(string answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer, new JsonDocumentOptions { MaxDepth = 512 });
            var root = document.RootElement.Clone();
            if (root.TryGetProperty("results", out var results))
            {
                ResultSet[] read = [.. results.EnumerateArray().Select(One)];
                return root.TryGetProperty("error", out var late) ? [.. read, Failed(late.GetString()!)] : read;
            }

            throw new ShellException(root.TryGetProperty("error", out var error) ? error.GetString()! : "the server's answer has no results");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ShellException($"the server's answer cannot be read: {e.Message}", e);
        }
    }

    private static ResultSet Failed(string error) => new(error, null, [], 0, null, null);

    private static ResultSet One(JsonElement result)
    {
        var columns = result.TryGetProperty("columns", out var names) ? names.EnumerateArray().Select(name => name.GetString()!).ToArray() : null;
        IReadOnlyList<JsonElement>[] rows = result.TryGetProperty("values", out var values) && values.ValueKind == JsonValueKind.Array
            ? [.. values.EnumerateArray().Select(row => (IReadOnlyList<JsonElement>)[.. row.EnumerateArray()])]
            : [];
        return new ResultSet(
            result.TryGetProperty("error", out var error) ? error.GetString() : null, columns, rows,
            result.TryGetProperty("rows_affected", out var affected) ? affected.GetInt64() : 0,
            result.TryGetProperty("last_insert_id", out var id) ? id.GetInt64() : null,
            result.TryGetProperty("time", out var time) ? time.GetDouble() : null);
    }
}
