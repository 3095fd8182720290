using System.Text.Json;
using System.Text.RegularExpressions;
using Rqlite.Pg.Harness;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Abuse;

/// <summary>What a door has said to a request.</summary>
internal sealed partial record Answer(AnswerKinds Kind, string Text)
{
    public static Answer Left { get; } = new(AnswerKinds.Left, "the client has left");

    public override string ToString() => $"{Kind}: {(Text.Length > 200 ? Text[..200] + "…" : Text).ReplaceLineEndings(" ")}";

    public static Answer Of(PgAnswer answer) => new(Of(answer.State), answer.ToString());

    /// <summary>The worst of the results counts: a request is acknowledged only if all of it is.</summary>
    public static Answer Of(Reply reply)
    {
        if (reply.Status == 0)
        {
            return new(AnswerKinds.Silence, reply.Body);
        }

        if (reply.Status != 200)
        {
            var kind = reply.Status switch
            {
                413 or 414 or 431 => AnswerKinds.Limit,
                503 or 429 => AnswerKinds.Busy,
                504 => AnswerKinds.Time,
                >= 400 and < 500 => AnswerKinds.Denied,
                _ => AnswerKinds.Fault,
            };
            return new(kind, $"{reply.Status} {reply.Body}");
        }

        try
        {
            var errors = Errors(reply.Json).ToArray();
            return errors.Length == 0 ? new(AnswerKinds.Done, reply.Body) : new(errors.Max(OfText), string.Join("; ", errors.Distinct()));
        }
        catch (JsonException e)
        {
            return new(AnswerKinds.Fault, $"not JSON: {e.Message}");
        }
    }

    public static Answer Of(IOException error) => new(AnswerKinds.Silence, error.Message);

    private static IEnumerable<string> Errors(JsonElement json)
    {
        if (json.TryGetProperty("error", out var whole))
        {
            yield return whole.ToString();
        }

        if (json.TryGetProperty("results", out var results))
        {
            foreach (var result in results.EnumerateArray())
            {
                if (result.TryGetProperty("error", out var error))
                {
                    yield return error.ToString();
                }
            }
        }
    }

    private static AnswerKinds Of(string? state) => state switch
    {
        null => AnswerKinds.Done,
        "57014" or "25P03" => AnswerKinds.Time,
        "53200" => AnswerKinds.Memory,
        "53100" => AnswerKinds.Full,
        "53300" or "53400" or "55P03" => AnswerKinds.Busy,
        "25006" => AnswerKinds.Denied,
        _ when state.StartsWith("54", StringComparison.Ordinal) || state.StartsWith("22", StringComparison.Ordinal) => AnswerKinds.Limit,
        _ when state.StartsWith("42", StringComparison.Ordinal) || state.StartsWith("0A", StringComparison.Ordinal) => AnswerKinds.Denied,
        PgUnknown => AnswerKinds.Fault,
        _ when s_faults.Any(f => state.StartsWith(f, StringComparison.Ordinal)) => AnswerKinds.Fault,
        _ => AnswerKinds.Error,
    };

    private const string PgUnknown = "40003";

    // Internal errors, errors of the system, ended sessions, lost leads.
    private static readonly string[] s_faults = ["XX", "58", "57P", "40", "08"];

    private static AnswerKinds OfText(string text) =>
        FaultText().IsMatch(text) ? AnswerKinds.Fault
        : TimeText().IsMatch(text) ? AnswerKinds.Time
        : MemoryText().IsMatch(text) ? AnswerKinds.Memory
        : LimitText().IsMatch(text) ? AnswerKinds.Limit
        : FullText().IsMatch(text) ? AnswerKinds.Full
        : DeniedText().IsMatch(text) ? AnswerKinds.Denied
        : AnswerKinds.Error;

    [GeneratedRegex("outcome unknown|internal error|leader not found|not leader|Exception|lost the lead", RegexOptions.IgnoreCase)]
    private static partial Regex FaultText();

    [GeneratedRegex("timeout|timed out|time limit|interrupted|cancel|ended after", RegexOptions.IgnoreCase)]
    private static partial Regex TimeText();

    [GeneratedRegex("memory", RegexOptions.IgnoreCase)]
    private static partial Regex MemoryText();

    [GeneratedRegex("too big|too large|too many|too deep|too complex|limit|depth|overflow", RegexOptions.IgnoreCase)]
    private static partial Regex LimitText();

    [GeneratedRegex("full", RegexOptions.IgnoreCase)]
    private static partial Regex FullText();

    [GeneratedRegex("not authorized|prohibited|no such|not allowed|reserved|not readonly|read-only|readonly|syntax|unsafe|may not|denied|not supported", RegexOptions.IgnoreCase)]
    private static partial Regex DeniedText();
}
