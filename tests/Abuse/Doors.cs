using System.Text;
using System.Text.Json;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.Abuse;

/// <summary>All doors for SQL. A read takes those of <see cref="Reads"/>, a write those of <see cref="Writes"/>.</summary>
internal static class Doors
{
    public static IReadOnlyList<Door> Writes { get; } =
    [
        Http("execute", atomic: false, "/db/execute"),
        Http("execute-tx", atomic: true, "/db/execute?transaction"),
        Http("request", atomic: false, "/db/request"),
        Http("request-tx", atomic: true, "/db/request?transaction"),
        Wire("simple", atomic: false, c => [.. c.Statements.Select(PgFrames.Query)]),
        Wire("string", atomic: true, c => [PgFrames.Query(string.Join("; ", c.Marked))]),
        Wire("block", atomic: true, c => [PgFrames.Query($"BEGIN; {string.Join("; ", c.Marked)}; COMMIT")]),
        Wire("steps", atomic: true, c => [PgFrames.Query("BEGIN"), .. c.Marked.Select(PgFrames.Query), PgFrames.Query("COMMIT")]),
        Wire("extended", atomic: false, c => [.. c.Statements.Select(s => (byte[])[.. PgFrames.Execute(s), .. PgFrames.Sync()])]),
        Wire("pipeline", atomic: true, c => [[.. c.Marked.SelectMany(PgFrames.Execute), .. PgFrames.Sync()]]),
    ];

    public static IReadOnlyList<Door> Reads { get; } =
    [
        Http("query-none", atomic: false, "/db/query?level=none"),
        Http("query-weak", atomic: false, "/db/query?level=weak"),
        Http("query-linearizable", atomic: false, "/db/query?level=linearizable"),
        Http("query-strong", atomic: false, "/db/query?level=strong"),
        Get("get", "/db/query?level=none"),
        Get("get-strong", "/db/query?level=strong"),
        Http("request-read", atomic: false, "/db/request?level=strong"),
        Wire("simple-read", atomic: false, c => [.. c.Statements.Select(PgFrames.Query)]),
        Wire("extended-read", atomic: false, c => [.. c.Statements.Select(s => (byte[])[.. PgFrames.Execute(s), .. PgFrames.Sync()])]),
        Wire("block-read", atomic: false, c => [PgFrames.Query("BEGIN"), .. c.Statements.Select(PgFrames.Query), PgFrames.Query("COMMIT")]),
        Wire("block-write-read", atomic: true, c => [PgFrames.Query("BEGIN"), .. c.Marked.Select(PgFrames.Query), PgFrames.Query("COMMIT")]),
        Wire("strong-read", atomic: false, c => [PgFrames.Query("SET rqlite.consistency = 'strong'"), .. c.Statements.Select(PgFrames.Query)]),
    ];

    private static Door Http(string name, bool atomic, string path) => new(name, atomic, Http: true, c => SendAsync(
        c, HttpMethod.Post, path, JsonSerializer.Serialize((atomic ? c.Marked : c.Statements).ToArray())));

    private static Door Get(string name, string path) => new(name, false, Http: true, c => SendAsync(
        c, HttpMethod.Get, $"{path}&q={Uri.EscapeDataString(string.Join("; ", c.Statements))}", null));

    private static Door Wire(string name, bool atomic, Func<Call, IReadOnlyList<byte[]>> messages) => new(name, atomic, Http: false, c => RunAsync(c, messages(c)));

    private static async Task<Answer> SendAsync(Call call, HttpMethod method, string path, string? body)
    {
        if (call.Limit == LimitOf.Client)
        {
            path += $"{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}db_timeout={call.ClientLimit.TotalMilliseconds:0}ms";
        }

        using var api = new Api(call.Node.HttpPort, call.Patience);
        using var leave = new CancellationTokenSource();
        if (call.Limit == LimitOf.Departure)
        {
            leave.CancelAfter(call.ClientLimit);
        }

        var reply = await api.SendAsync(method, path, body, "application/json", leave.Token);
        return call.Limit == LimitOf.Departure && reply.Status == 0 ? Answer.Left : Answer.Of(reply);
    }

    private static async Task<Answer> RunAsync(Call call, IReadOnlyList<byte[]> messages)
    {
        try
        {
            var options = call.Limit == LimitOf.Client ? $"-c statement_timeout={call.ClientLimit.TotalMilliseconds:0}" : "";
            using var session = await PgText.ConnectAsync(call.Node.PgPort, options, call.Patience);
            return await RunAsync(call, session, messages);
        }
        catch (IOException e)
        {
            return Answer.Of(e);
        }
    }

    private static async Task<Answer> RunAsync(Call call, PgText session, IReadOnlyList<byte[]> messages)
    {
        var running = RunAllAsync(session, messages);
        if (call.Limit is LimitOf.Cancel or LimitOf.Departure && await Task.WhenAny(running, Task.Delay(call.ClientLimit)) != running)
        {
            if (call.Limit == LimitOf.Departure)
            {
                session.Vanish();
                await running.ContinueWith(static t => t.Exception, TaskScheduler.Default);
                return Answer.Left;
            }

            await session.CancelAsync();
        }

        return await running;
    }

    /// <summary>The first error is the answer; a COMMIT that says ROLLBACK has kept nothing.</summary>
    private static async Task<Answer> RunAllAsync(PgText session, IReadOnlyList<byte[]> messages)
    {
        Answer? worst = null;
        Answer? last = null;
        foreach (var message in messages)
        {
            last = Answer.Of(await session.RunAsync(message));
            worst ??= last.Kind == AnswerKinds.Done ? null : last;
        }

        return worst ?? last ?? new(AnswerKinds.Done, "");
    }
}
