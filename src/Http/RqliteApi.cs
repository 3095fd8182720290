using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Access;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>rqlite's HTTP API over the database and its cluster, as the terminal middleware of a server.</summary>
public sealed class RqliteApi : IAsyncDisposable
{
    private readonly ApiServices _services;
    private readonly OriginGuard _origins;
    private readonly AccessGuard _access;
    private readonly Route[] _routes;

    public RqliteApi(IDatabase database, IClusterControl control, HttpOptions options, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggers);
        options.Validate();
        options = options with { Memory = options.Memory ?? new(MemoryBudget.BytesMaxDefault) };
        var logger = loggers.CreateLogger<RqliteApi>();
        var queue = new WriteQueue(
            database, options.WriteQueue, ApiServices.BatchOptionsOf(options) | BatchOptions.DiscardReads, options.Memory, TimeProvider.System, logger);
        _services = new ApiServices(database, control, options, queue, logger)
        {
            Metrics = new MetricsRegistry(control),
        };
        _origins = new OriginGuard(options);
        _access = new AccessGuard(options.Credentials);
        _routes = Routes(new StatusEndpoint(_services, TimeProvider.System));
    }

    /// <summary>Takes no more queued writes, and runs those that wait; called while the database still answers.</summary>
    /// <param name="limit">Ends the tries: what is still queued then is lost, and the log says so.</param>
    public Task DrainAsync(CancellationToken limit) => _services.Queue.DrainAsync(limit);

    public async ValueTask DisposeAsync()
    {
        await _services.Queue.DisposeAsync().ConfigureAwait(false);
        _services.Metrics.Dispose();
    }

    /// <summary>Answers one request. It throws nothing: what went wrong is the answer, or the connection is broken off.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var trace = new RequestTrace();
        context.Features.Set(trace);
        await AnswerAsync(context, trace).ConfigureAwait(false);
        trace.End(context, _services.Options.SlowStatements);
    }

    private async Task AnswerAsync(HttpContext context, RequestTrace trace)
    {
        SetCommonHeaders(context);
        if (_origins.Refusal(context.Request) is { } refusal)
        {
            _services.Logger.OriginRefused(context.Request.Method, context.Request.Path, refusal);
            await ErrorMapping.WriteTextAsync(context, StatusCodes.Status403Forbidden, refusal).ConfigureAwait(false);
            return;
        }

        if (HttpMethods.IsOptions(context.Request.Method))
        {
            return;
        }

        QueryParameters? parameters = null;
        try
        {
            parameters = QueryParameters.Parse(context.Request.QueryString.Value);
            await RouteAsync(context, parameters, trace).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionResetException
            || (e is OperationCanceledException && context.RequestAborted.IsCancellationRequested))
        {
            // Nobody is there to be answered. The server would go on with the connection, and complain of the read that was broken off.
            context.Abort();
        }
        catch (Exception e) when (context.Response.HasStarted)
        {
            // A whole answer is known by its end; one that is cut off must not look like it.
            RequestMetrics.Http.CountError(ErrorMapping.CodeOf(e));
            _services.Logger.ResponseBroken(context.Request.Method, context.Request.Path, e.Message);
            context.Abort();
        }
        catch (RequestException e)
        {
            RequestMetrics.Http.CountError(ErrorMapping.CodeOf(e));
            _services.Logger.RequestRefused(context.Request.Method, context.Request.Path, e.Message);
            if (e.StatusCode is StatusCodes.Status503ServiceUnavailable or StatusCodes.Status429TooManyRequests)
            {
                context.Response.Headers.RetryAfter = "1";
            }

            await ErrorMapping.WriteTextAsync(context, e.StatusCode, e.Message).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            RequestMetrics.Http.CountError(ErrorMapping.CodeOf(e));
            _services.Logger.RequestRefused(context.Request.Method, context.Request.Path, e.Message);
            await ErrorMapping.WriteTextAsync(context, e.StatusCode, e.Message).ConfigureAwait(false);
        }
        catch (ClusterException e)
        {
            RequestMetrics.Http.CountError(ErrorMapping.CodeOf(e));
            _services.Logger.RequestRefused(context.Request.Method, context.Request.Path, e.Message);
            await ErrorMapping.WriteAsync(context, parameters, _services, e).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            RequestMetrics.Http.CountError(ErrorMapping.CodeOf(e));
            _services.Logger.RequestFailed(e, context.Request.Method, context.Request.Path);
            await ErrorMapping.WriteTextAsync(context, StatusCodes.Status500InternalServerError, "internal error").ConfigureAwait(false);
        }
    }

    private void SetCommonHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers["X-RQLITE-VERSION"] = _services.Options.Version;
        headers.AccessControlAllowMethods = "OPTIONS, GET, POST, DELETE";
        headers.AccessControlAllowHeaders = _access.AllowedHeaders;
        _access.SetHeaders(context);
        _origins.SetHeaders(context);
    }

    /// <summary>The paths in the order in which rqlite looks for them; it matches most by their beginning.</summary>
    private static Route[] Routes(StatusEndpoint status) =>
    [
        new("/db/execute", Permissions.Execute, ["POST"], ExecuteEndpoint.HandleAsync) { Json = true, Kind = RequestKind.Write },
        new("/db/query", Permissions.Query, ["GET", "POST"], QueryEndpoint.HandleAsync) { Json = true, Kind = RequestKind.Read },
        new("/db/request", Permissions.Query | Permissions.Execute, ["POST"], RequestEndpoint.HandleAsync) { Json = true, Kind = RequestKind.Write },
        new("/db/backup", Permissions.Backup, ["GET"], BackupEndpoint.HandleAsync),
        new("/db/load", Permissions.Load, ["POST"], LoadEndpoint.HandleAsync),
        new("/db/sql", Permissions.Query, ["GET", "POST"], SqlEndpoint.HandleAsync) { Json = true },
        new("/snapshot", Permissions.Snapshot, ["POST"], SnapshotEndpoint.SnapshotAsync) { Exact = true },
        new("/reap", Permissions.Snapshot, ["POST"], SnapshotEndpoint.ReapAsync) { Exact = true },
        new("/licenses", Permissions.Status, ["GET"], LicensesEndpoint.HandleAsync) { Exact = true },
        new("/boot", Permissions.Load, ["POST"], LoadEndpoint.BootAsync) { Exact = true },
        new("/remove", Permissions.Remove, ["DELETE"], RemoveEndpoint.HandleAsync),
        new("/status", Permissions.Status, ["GET"], (_, context, parameters) => status.HandleAsync(context, parameters)) { Json = true },
        new("/nodes", Permissions.Status, ["GET"], NodesEndpoint.HandleAsync) { Json = true },
        new("/leader", Permissions.LeaderOps, ["GET", "POST"], LeaderEndpoint.HandleAsync) { Exact = true },
        new("/metrics", Permissions.Status, ["GET"], MetricsEndpoint.HandleAsync) { Exact = true },
        new("/debug/vars", Permissions.Status, [], VarsEndpoint.HandleAsync) { Exact = true },
        new("/readyz", Permissions.Ready, ["GET"], ReadyEndpoint.HandleAsync),
    ];

    /// <summary>As in rqlite the permission is looked at before the method.</summary>
    private async Task RouteAsync(HttpContext context, QueryParameters parameters, RequestTrace trace)
    {
        var path = context.Request.Path.Value ?? "";
        if (path is "" or "/")
        {
            ToConsole(context);
        }
        else if (Array.Find(_routes, route => route.Serves(path)) is not { } route)
        {
            await NotFound(context, path).ConfigureAwait(false);
        }
        else if (!await AllowsAsync(context, parameters, route, trace).ConfigureAwait(false))
        {
            RequestMetrics.Http.CountError("unauthorized");
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else if (route.Methods.Length > 0 && !route.Methods.Contains(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.ContentType = route.Json ? JsonResponse.ContentType : null;
        }
        else
        {
            await route.Handle(_services, context, parameters).ConfigureAwait(false);
        }
    }

    private ValueTask<bool> AllowsAsync(HttpContext context, QueryParameters parameters, Route route, RequestTrace trace)
    {
        trace.Route(route.Path, route.Kind, parameters.Read.Consistency);
        return _access.AllowsAsync(context, route.Required);
    }

    private static bool Under(string path, string prefix) => path.StartsWith(prefix, StringComparison.Ordinal);

    private static void ToConsole(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = "/console/";
    }

    /// <summary>A path that rqlite serves and this server does not says so; others answer as in rqlite, empty.</summary>
    private static Task NotFound(HttpContext context, string path)
    {
        string[] missing = ["/console", "/debug/pprof"];
        var message = Array.Find(missing, prefix => Under(path, prefix)) is { } known ? $"{known} is not provided by this server" : "";
        return ErrorMapping.WriteTextAsync(context, StatusCodes.Status404NotFound, message);
    }

    /// <param name="Required">What the sender of a request must be allowed to do.</param>
    /// <param name="Methods">Empty for any, as rqlite takes it.</param>
    private sealed record Route(
        string Path, Permissions Required, string[] Methods, Func<ApiServices, HttpContext, QueryParameters, Task> Handle)
    {
        /// <summary>The path stands for itself alone.</summary>
        public bool Exact { get; init; }

        /// <summary>As in rqlite a method that is not allowed is answered with the content type of the endpoint, though without a body.</summary>
        public bool Json { get; init; }
        /// <summary>The kind of requests with statements; of those that may read or write, the kind if nothing is known of them.</summary>
        public RequestKind Kind { get; init; }

        public bool Serves(string path) => Exact ? path == Path : Under(path, Path);
    }
}
