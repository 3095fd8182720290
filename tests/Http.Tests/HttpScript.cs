using System.Text;
using System.Text.RegularExpressions;
using Rqlite.Pg.Http.Tests.Doubles;

namespace Rqlite.Pg.Http.Tests;

/// <summary>
/// A file of requests and expected answers, run in order against one server. A case: a line <c># title</c>, the request line, headers,
/// an empty line, the body; then <c>----</c>, the status, headers that must be there (<c>Name: -</c>: must not), an empty line, the
/// exact body. A line <c>====</c> ends it. Times are written as T on both sides; a last newline of the answer is not compared.
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
        Assert.True(halves.Length == 2, $"no ---- in: {one}");
        var (requestHead, requestBody) = Split(halves[0]);
        var title = requestHead[0];
        Assert.StartsWith("# ", title, StringComparison.Ordinal);
        var line = requestHead[1].Split(' ', 2);
        using var request = new HttpRequestMessage(new HttpMethod(line[0]), new Uri(server.Address, line[1]));
        if (requestBody.Length > 0)
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
        var (head, body) = Split(halves[1]);
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

    private static (string[] Head, string Body) Split(string half)
    {
        var parts = half.Split("\n\n", 2);
        return (parts[0].TrimEnd('\n').Split('\n'), parts.Length > 1 ? parts[1].TrimEnd('\n') : "");
    }

    private static string Normal(string body)
    {
        body = body.EndsWith('\n') ? body[..^1] : body;
        return Times().Replace(body, "\"time\":$1T");
    }

    [GeneratedRegex("\"time\":( ?)[0-9.e-]+")]
    private static partial Regex Times();
}
