using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness;

/// <summary>A client of one node's HTTP API that never retries and says what is known of each write.</summary>
public sealed class Api : IDisposable
{
    private readonly HttpClient _http;

    public Api(int port, TimeSpan? timeout = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        };
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = timeout ?? TimeSpan.FromSeconds(40),
        };
    }

    /// <summary>POST /db/execute.</summary>
    public Task<Reply> ExecuteAsync(object?[] statements, string query = "", CancellationToken token = default) =>
        PostAsync("/db/execute" + query, statements, token);

    public Task<Reply> ExecuteAsync(string sql, params object?[] parameters) => ExecuteAsync([Statement(sql, parameters)]);

    /// <summary>POST /db/query at a read level.</summary>
    public Task<Reply> QueryAsync(string level, string sql, params object?[] parameters) =>
        PostAsync($"/db/query?level={level}", [Statement(sql, parameters)], default);

    public Task<Reply> PostAsync(string path, object?[] statements, CancellationToken token = default) =>
        SendAsync(HttpMethod.Post, path, JsonSerializer.Serialize(statements), "application/json", token);

    public Task<Reply> GetAsync(string path, CancellationToken token = default) => SendAsync(HttpMethod.Get, path, null, null, token);

    /// <summary>POST /db/execute under a name, which makes sending it again harmless.</summary>
    public Task<Reply> ExecuteOnceAsync(string key, string sql, CancellationToken token = default) =>
        SendAsync(HttpMethod.Post, "/db/execute?raft_index", JsonSerializer.Serialize(new[] { sql }), "application/json", key, token);

    /// <summary>POST under a name: sent again, it is not done again.</summary>
    public Task<Reply> PostNamedAsync(string path, string key, object?[] statements, CancellationToken token = default) =>
        SendAsync(HttpMethod.Post, path, JsonSerializer.Serialize(statements), "application/json", key, token);

    public Task<Reply> SendAsync(HttpMethod method, string path, string? body, string? type, CancellationToken token = default) =>
        SendAsync(method, path, body, type, null, token);

    private async Task<Reply> SendAsync(
        HttpMethod method, string path, string? body, string? type, string? idempotencyKey, CancellationToken token)
    {
        using var request = new HttpRequestMessage(method, path);
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type ?? "application/json");
        }

        try
        {
            using var response = await _http.SendAsync(request, token);
            var text = await response.Content.ReadAsStringAsync(token);
            return new Reply((int)response.StatusCode, text, Classify((int)response.StatusCode, text));
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            || e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return new Reply(0, e.Message, Outcome.Failed);
        }
        catch (HttpRequestException e)
        {
            return new Reply(0, e.Message, Outcome.Unknown);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return new Reply(0, e.Message, Outcome.Unknown);
        }
    }

    public void Dispose() => _http.Dispose();

    private static object?[] Statement(string sql, object?[] parameters) => [sql, .. parameters];

    private static Outcome Classify(int status, string body)
    {
        if (status is >= 400 and < 500 or 503)
        {
            return Outcome.Failed;
        }

        if (status != 200)
        {
            return Outcome.Unknown;
        }

        // Only the top level counts here: an error of one statement is its result.
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("error", out var error) ? Outcome.Ok
                : error.ToString().StartsWith("outcome unknown", StringComparison.Ordinal) ? Outcome.Unknown
                : Outcome.Failed;
        }
        catch (JsonException)
        {
            return Outcome.Ok;
        }
    }
}
