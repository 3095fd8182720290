using Microsoft.AspNetCore.Http;

namespace Rqlite.Pg.Http;

/// <summary>
/// A JSON answer on its way out. Up to the threshold nothing is sent, so that an error can still become another answer;
/// a longer one streams, and a slow client holds up its own request only.
/// </summary>
internal sealed class JsonResponse(HttpContext context, bool pretty) : IDisposable
{
    public const string ContentType = "application/json; charset=utf-8";
    private const int ThresholdBytes = 64 * 1024;

    public JsonWriter Json { get; } = new(pretty);

    /// <summary>Something was sent: the status stands.</summary>
    public bool Started { get; private set; }

    public bool IsLarge => Json.Length >= ThresholdBytes;

    public ValueTask FlushIfLargeAsync(CancellationToken token) => IsLarge ? FlushAsync(token) : ValueTask.CompletedTask;

    public ValueTask CompleteAsync(CancellationToken token)
    {
        if (!Started)
        {
            context.Response.ContentLength = Json.Length;
        }

        return FlushAsync(token);
    }

    public void Dispose() => Json.Dispose();

    private async ValueTask FlushAsync(CancellationToken token)
    {
        if (!Started)
        {
            Started = true;
            context.Response.ContentType = ContentType;
        }

        var flushed = await context.Response.BodyWriter.WriteAsync(Json.Written, token).ConfigureAwait(false);
        Json.Clear();
        if (flushed.IsCompleted)
        {
            // Nobody reads any more.
            throw new OperationCanceledException("The client has gone.");
        }
    }
}
