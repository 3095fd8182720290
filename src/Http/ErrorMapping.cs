using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Http;

/// <summary>Every exception of ours as the client sees it, in rqlite's places and words where rqlite has them.</summary>
internal static class ErrorMapping
{
    private const string LeaderNotFound = "leader not found";

    // not_leader for NotLeader, and so on.
    private static readonly string[] s_codes = [.. Enum.GetNames<ClusterError>().Select(
        static name => string.Concat(name.Select(static (c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString())))];

    public static Task WriteAsync(HttpContext context, QueryParameters? parameters, ApiServices services, ClusterException exception)
    {
        var retry = DidNotHappen(exception.Error);
        if (retry)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        if (parameters is { Outcome: true, Redirect: false } && (retry || exception.Error == ClusterError.OutcomeUnknown))
        {
            context.Response.StatusCode = retry ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status504GatewayTimeout;
            return WriteErrorAsync(context, parameters.Pretty, Text(exception), retry ? "none" : "unknown");
        }

        switch (exception.Error)
        {
            case ClusterError.NotLeader when parameters is { Redirect: true }:
                return RedirectAsync(context, services, exception.Leader ?? services.Control.Leader);
            case ClusterError.NoLeader:
                return WriteTextAsync(context, StatusCodes.Status503ServiceUnavailable, LeaderNotFound);
            case ClusterError.Busy or ClusterError.AwaitsDatabase:
                return WriteTextAsync(context, StatusCodes.Status503ServiceUnavailable, Text(exception));
            case ClusterError.DiskFull:
                return WriteTextAsync(context, StatusCodes.Status507InsufficientStorage, Text(exception));
            case ClusterError.KeyReused:
                return WriteTextAsync(context, StatusCodes.Status422UnprocessableEntity, Text(exception));
            case ClusterError.ResultLost or ClusterError.AlreadyCommitted:
                return WriteTextAsync(context, StatusCodes.Status409Conflict, Text(exception));
            case ClusterError.TooLarge:
                return WriteTextAsync(context, StatusCodes.Status413PayloadTooLarge, Text(exception));
            default:
                return WriteErrorAsync(context, parameters is { Pretty: true }, Text(exception), null);
        }
    }

    /// <summary>Certainly nothing of it took effect, and it may succeed when it is sent again.</summary>
    public static bool DidNotHappen(ClusterError error) => error is ClusterError.NoLeader or ClusterError.NotLeader or ClusterError.NotReady
        or ClusterError.Busy or ClusterError.Timeout or ClusterError.Unreachable or ClusterError.AwaitsDatabase
        or ClusterError.Withdrawn;

    public static string Text(ClusterException exception) => exception.Error switch
    {
        ClusterError.NotLeader => "not leader",
        ClusterError.NoLeader => LeaderNotFound,
        ClusterError.StaleRead => "stale read",
        ClusterError.OutcomeUnknown => $"outcome unknown, the write may or may not have been applied: {exception.Message}",
        ClusterError.AwaitsDatabase => $"starting up: {exception.Message}; try again in a moment, or ask another node"
            + (exception.Leader is { HttpAddress.Length: > 0 } leader ? $" (the leader is at {leader.HttpAddress})" : ""),
        _ => exception.Message,
    };

    /// <summary>The name of an error in the metrics.</summary>
    public static string CodeOf(Exception exception) => exception switch
    {
        ClusterException e => s_codes[(int)e.Error],
        RequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => "too_large",
        RequestException { StatusCode: StatusCodes.Status503ServiceUnavailable } => "busy",
        RequestException { StatusCode: < 500 } or BadHttpRequestException => "bad_request",
        IOException or OperationCanceledException => "broken_off",
        _ => "internal",
    };

    /// <summary>Sends the client to the leader, with the path and query as they came.</summary>
    public static Task RedirectAsync(HttpContext context, ApiServices services, NodeDescription? leader)
    {
        if (leader is null)
        {
            return WriteTextAsync(context, StatusCodes.Status503ServiceUnavailable, LeaderNotFound);
        }

        if (leader.HttpAddress.Length == 0)
        {
            return WriteTextAsync(context, StatusCodes.Status500InternalServerError, LeaderNotFound);
        }

        var request = context.Request;
        context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
        context.Response.Headers.Location =
            $"{services.Options.Scheme}://{leader.HttpAddress}{request.Path.ToUriComponent()}{request.QueryString.Value}";
        return Task.CompletedTask;
    }

    /// <summary>A line of text, or an empty body for an empty message.</summary>
    public static Task WriteTextAsync(HttpContext context, int statusCode, string message)
    {
        context.Response.StatusCode = statusCode;
        if (message.Length == 0)
        {
            return Task.CompletedTask;
        }

        context.Response.Headers.XContentTypeOptions = "nosniff";
        return WritePlainAsync(context, message + "\n");
    }

    public static Task WritePlainAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static async Task WriteErrorAsync(HttpContext context, bool pretty, string error, string? outcome)
    {
        using var response = new JsonResponse(context, pretty);
        var json = response.Json;
        json.BeginObject();
        json.Name("results"u8);
        json.BeginArray();
        json.EndArray();
        json.Name("error"u8);
        json.String(error);
        if (outcome is not null)
        {
            json.Name("outcome"u8);
            json.String(outcome);
        }

        json.EndObject();
        await response.CompleteAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
