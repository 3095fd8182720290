using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>rqlite's HTTP API over the database and its cluster, as the terminal middleware of a server.</summary>
public sealed class RqliteApi
{
    private readonly ApiServices _services;
    private readonly StatusEndpoint _status;
    private readonly OriginGuard _origins;

    public RqliteApi(IDatabase database, IClusterControl control, HttpOptions options, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggers);
        options.Validate();
        options = options with { Memory = options.Memory ?? new(MemoryBudget.BytesMaxDefault) };
        _services = new ApiServices(database, control, options, loggers.CreateLogger<RqliteApi>());
        _status = new StatusEndpoint(_services, TimeProvider.System);
        _origins = new OriginGuard(options);
    }

    /// <summary>Answers one request. It throws nothing: what went wrong is the answer, or the connection is broken off.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
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
            await RouteAsync(context, parameters).ConfigureAwait(false);
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
            _services.Logger.ResponseBroken(context.Request.Method, context.Request.Path, e.Message);
            context.Abort();
        }
        catch (RequestException e)
        {
            _services.Logger.RequestRefused(context.Request.Method, context.Request.Path, e.Message);
            if (e.StatusCode == StatusCodes.Status503ServiceUnavailable)
            {
                context.Response.Headers.RetryAfter = "1";
            }

            await ErrorMapping.WriteTextAsync(context, e.StatusCode, e.Message).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            _services.Logger.RequestRefused(context.Request.Method, context.Request.Path, e.Message);
            await ErrorMapping.WriteTextAsync(context, e.StatusCode, e.Message).ConfigureAwait(false);
        }
        catch (ClusterException e)
        {
            _services.Logger.RequestRefused(context.Request.Method, context.Request.Path, e.Message);
            await ErrorMapping.WriteAsync(context, parameters, _services, e).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _services.Logger.RequestFailed(e, context.Request.Method, context.Request.Path);
            await ErrorMapping.WriteTextAsync(context, StatusCodes.Status500InternalServerError, "internal error").ConfigureAwait(false);
        }
    }

    private void SetCommonHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers["X-RQLITE-VERSION"] = _services.Options.Version;
        headers.AccessControlAllowMethods = "OPTIONS, GET, POST, DELETE";
        headers.AccessControlAllowHeaders = "Content-Type, Idempotency-Key";
        _origins.SetHeaders(context);
    }

    /// <summary>rqlite matches most of its paths by their beginning, and in this order.</summary>
    private Task RouteAsync(HttpContext context, QueryParameters parameters)
    {
        var path = context.Request.Path.Value ?? "";
        return path switch
        {
            "" or "/" => ToConsole(context),
            _ when Under(path, "/db/execute") => Allow(context, "POST")
                ? ExecuteEndpoint.HandleAsync(_services, context, parameters) : Task.CompletedTask,
            _ when Under(path, "/db/query") => Allow(context, "GET", "POST")
                ? QueryEndpoint.HandleAsync(_services, context, parameters) : Task.CompletedTask,
            _ when Under(path, "/db/request") => Allow(context, "POST")
                ? RequestEndpoint.HandleAsync(_services, context, parameters) : Task.CompletedTask,
            _ when Under(path, "/remove") => Allow(context, "DELETE")
                ? RemoveEndpoint.HandleAsync(_services, context, parameters) : Task.CompletedTask,
            _ when Under(path, "/status") => Allow(context, "GET")
                ? _status.HandleAsync(context, parameters) : Task.CompletedTask,
            _ when Under(path, "/nodes") => Allow(context, "GET")
                ? NodesEndpoint.HandleAsync(_services, context, parameters) : Task.CompletedTask,
            "/leader" => Allow(context, "GET", "POST")
                ? LeaderEndpoint.HandleAsync(_services, context, parameters) : Task.CompletedTask,
            _ when Under(path, "/readyz") => Allow(context, "GET")
                ? ReadyEndpoint.HandleAsync(_services, context, parameters) : Task.CompletedTask,
            _ => NotFound(context, path),
        };
    }

    private static bool Under(string path, string prefix) => path.StartsWith(prefix, StringComparison.Ordinal);

    private static bool Allow(HttpContext context, string method, string? other = null)
    {
        if (context.Request.Method == method || context.Request.Method == other)
        {
            return true;
        }

        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        return false;
    }

    private static Task ToConsole(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = "/console/";
        return Task.CompletedTask;
    }

    /// <summary>A path that rqlite serves and this server does not says so; others answer as in rqlite, empty.</summary>
    private static Task NotFound(HttpContext context, string path)
    {
        string[] missing =
            ["/db/backup", "/db/load", "/db/sql", "/boot", "/snapshot", "/reap", "/console", "/licenses", "/debug/vars", "/debug/pprof"];
        var message = Array.Find(missing, prefix => Under(path, prefix)) is { } known ? $"{known} is not provided by this server" : "";
        return ErrorMapping.WriteTextAsync(context, StatusCodes.Status404NotFound, message);
    }
}
