using System.Text.Json;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness;

/// <summary>An answer of the HTTP API, or the lack of one.</summary>
/// <param name="Status">The HTTP status; 0 if there was no answer.</param>
/// <param name="Outcome">What is known of a write sent with it.</param>
public sealed record Reply(int Status, string Body, Outcome Outcome)
{
    private readonly Lazy<JsonElement> _json = new(() => JsonDocument.Parse(Body).RootElement);

    public bool Ok => Outcome == Outcome.Ok;

    /// <summary>The request and each of its statements succeeded.</summary>
    public bool Clean => Ok && !Body.Contains("\"error\"", StringComparison.Ordinal);

    public JsonElement Json => _json.Value;

    public long? RaftIndex => Json.TryGetProperty("raft_index", out var index) ? index.GetInt64() : null;

    /// <summary>The result of a statement; throws if it is an error.</summary>
    public JsonElement Result(int index = 0)
    {
        if (!Ok)
        {
            throw new InvalidOperationException(ToString());
        }

        var result = Json.GetProperty("results")[index];
        return result.TryGetProperty("error", out var error) ? throw new InvalidOperationException($"{error} in {Body}") : result;
    }

    public JsonElement[][] Rows(int index = 0) =>
        Result(index).TryGetProperty("values", out var values) ? [.. values.EnumerateArray().Select(row => row.EnumerateArray().ToArray())] : [];

    /// <summary>The only value of the only row.</summary>
    public JsonElement Scalar(int index = 0) => Rows(index).Single().Single();

    public override string ToString() => $"status {Status}, outcome {Outcome}: {(Body.Length > 2000 ? Body[..2000] + "…" : Body)}";
}
