using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Http;

/// <summary>The header by which a client names a write, so that sending it again does not do it again.</summary>
internal static class IdempotencyKey
{
    private const string Header = "Idempotency-Key";
    private const string ReplayedHeader = "Idempotency-Replayed";
    private const int LengthMax = 255;

    /// <summary>How the write of a request wants to be run, its key included.</summary>
    /// <exception cref="RequestException">400: more than one key, or not a key.</exception>
    public static WriteOptions Read(HttpContext context, WriteOptions write)
    {
        var values = context.Request.Headers[Header];
        if (values.Count == 0)
        {
            return write;
        }

        var key = values.Count == 1 ? values[0] : null;
        return key is { Length: > 0 and <= LengthMax } && key.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
            ? write with { IdempotencyKey = key }
            : throw RequestException.BadRequest($"{Header} must be one value of 1 to {LengthMax} visible ASCII characters");
    }

    /// <summary>Tells the client that its write had run before.</summary>
    public static void SetReplayed(HttpContext context, BatchResult result)
    {
        if (result.Replayed && context.Request.Headers.ContainsKey(Header))
        {
            context.Response.Headers[ReplayedHeader] = "true";
        }
    }
}
