using System.Text;
using System.Text.RegularExpressions;
using Rqlite.Pg.Http.Tests.Doubles;

namespace Rqlite.Pg.Http.Tests;

/// <summary>
/// A file of requests and expected answers, run in order against one server. A case: a line <c># title</c>, the request line, headers,
/// an empty line, the body; then <c>----</c>, the status, headers that must be there (<c>Name: -</c>: must not), an empty line, the
/// exact body. A line <c>====</c> ends it. Times are written as T on both sides, sequence numbers as N; a last newline of the answer is not
/// compared. Where the answer is rqlite's and ours differs, ours stands after a second <c>----</c> and a line <c># reason</c>.
/// </summary>
internal static partial class HttpScript
{
    public static async Task RunAsync(string file, TestServer server)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Data", file));
        var cases = text.ReplaceLineEndings("\n").Split("\n====\n", StringSplitOptions.RemoveEmptyEntries);
        var failures = new StringBuilder();
        foreach (var one in cases.Where(one => one.Trim().Length > 0))
        {
            await RunCaseAsync(one.TrimStart('\n'), server, failures);
        }

        Assert.True(failures.Length == 0, $"{file}:\n{failures}");
    }

    private static async Task RunCaseAsync(string one, TestServer server, StringBuilder failures)
    {
        var halves = one.Split("\n----\n");
        Assert.True(halves.Length is 2 or 3, $"no ---- in: {one}");
        var (requestHead, requestBody) = Split(halves[0]);
        var title = requestHead[0];
        Assert.StartsWith("# ", title, StringComparison.Ordinal);
        var line = requestHead[1].Split(' ', 2);
        using var request = new HttpRequestMessage(new HttpMethod(line[0]), Target(server, line[1]));
        if (requestBody.Length > 0 || requestHead.Any(header => header.StartsWith("Content-Type: ", StringComparison.Ordinal)))
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(requestBody));
        }

        foreach (var header in requestHead.Skip(2).Select(header => header.Split(": ", 2)))
        {
            Assert.True(
                request.Headers.TryAddWithoutValidation(header[0], header[1])
                || request.Content!.Headers.TryAddWithoutValidation(header[0], header[1]));
        }

        using var response = await server.Client.SendAsync(request);
        var actual = Normal(await response.Content.ReadAsStringAsync());
        var (head, body) = Split(halves[^1]);
        if (halves.Length == 3)
        {
            Assert.StartsWith("# ", head[0], StringComparison.Ordinal);
            Assert.False(halves[1].Trim() == string.Join('\n', head[1..]) + "\n\n" + body, $"{title} has the same answer twice");
            head = head[1..];
        }

        body = Normal(body);
        if (head[0] != ((int)response.StatusCode).ToString() || actual != body)
        {
            failures.AppendLine($"{title}\n  expected {head[0]} {body}\n  was      {(int)response.StatusCode} {actual}");
        }

        foreach (var header in head.Skip(1).Select(header => header.Split(": ", 2)))
        {
            var value = response.Headers.NonValidated.TryGetValues(header[0], out var values) ? values.ToString()
                : response.Content.Headers.NonValidated.TryGetValues(header[0], out values) ? values.ToString() : "-";
            if (value != header[1])
            {
                failures.AppendLine($"{title}\n  expected {header[0]}: {header[1]}\n  was      {value}");
            }
        }
    }

    /// <summary>The target as it is written: escapes that are none must reach the server.</summary>
    private static Uri Target(TestServer server, string target) => new(
        server.Address.GetLeftPart(UriPartial.Authority) + target,
        new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = target.All(char.IsAscii) });

    private static (string[] Head, string Body) Split(string half)
    {
        var parts = half.Split("\n\n", 2);
        return (parts[0].TrimEnd('\n').Split('\n'), parts.Length > 1 ? parts[1].TrimEnd('\n') : "");
    }

    private static string Normal(string body)
    {
        body = body.EndsWith('\n') ? body[..^1] : body;
        return SequenceNumbers().Replace(Times().Replace(body, "\"time\":$1T"), "\"sequence_number\":$1N");
    }

    [GeneratedRegex("\"time\":( ?)[0-9.e-]+")]
    private static partial Regex Times();

    [GeneratedRegex("\"sequence_number\":( ?)[0-9]+")]
    private static partial Regex SequenceNumbers();
}
