using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Http;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire;

namespace Rqlite.Pg.Host;

/// <summary>The only place where implementations meet: builds a node in order, runs it, and takes it down in reverse.</summary>
internal static class Composition
{
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(NodeOptions options)
    {
        if (OptionsCheck.Complete(options) is { } fault)
        {
            return Flags.Fail(fault);
        }

        using var loggers = Loggers(options);
        var logger = loggers.CreateLogger("rqlited");
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            return await RunAsync(options, loggers, logger, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (Explanation(e) is { } explanation)
        {
            return Flags.Fail(explanation);
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            HostLog.Stopping(logger, context.Signal.ToString());
            stop.Cancel();
        }
    }

    private static async Task<int> RunAsync(NodeOptions options, ILoggerFactory loggers, ILogger logger, CancellationToken token)
    {
        var httpEndpoints = await Addresses.ResolveAsync(options.HttpAddr).ConfigureAwait(false);
        var pgEndpoints = options.PgAddr == "" ? [] : await Addresses.ResolveAsync(options.PgAddr!).ConfigureAwait(false);
        var http = HttpOptionsOf(options);
        http.Validate();

        // A first start that fails on them later would have founded a cluster in the folder.
        RequireFree(httpEndpoints, "-http-addr", options.HttpAddr);
        RequireFree(pgEndpoints, "-pg-addr", options.PgAddr!);

        await using var cluster = await ClusterNode.StartAsync(ClusterOptionsOf(options), StorageOptionsOf(options), loggers, token)
            .ConfigureAwait(false);
        var api = new RqliteApi(cluster.Database, cluster, http, loggers);
        await using var web = HttpServer.Build(httpEndpoints, loggers, api.HandleAsync);
        await StartAsync(web, options.HttpAddr, token).ConfigureAwait(false);
        var listeners = new List<PgListener>();
        try
        {
            foreach (var endpoint in pgEndpoints)
            {
                var listener = new PgListener(cluster.Database, cluster, new WireOptions { EndPoint = endpoint }, loggers);
                listeners.Add(listener);
                Listen(listener, options.PgAddr!);
            }

            HostLog.Running(logger, options.NodeId, Path.GetFullPath(options.DataDirectory));
            await AdmittedAsync(options, cluster, token).ConfigureAwait(false);
            Greeting.Print(options);
            await cluster.Stopped.WaitAsync(token).ConfigureAwait(false);
            return 0;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            await web.StopAsync(CancellationToken.None).ConfigureAwait(false);
            return 0;
        }
        finally
        {
            foreach (var listener in listeners)
            {
                await listener.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>A node that has yet to be taken in by others must not say that it serves: they may refuse it.</summary>
    private static async Task AdmittedAsync(NodeOptions options, ClusterNode cluster, CancellationToken token)
    {
        if (options.Join == "" && options.BootstrapExpect <= 1)
        {
            return;
        }

        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.Changed += Look;
        try
        {
            Look();
            await (await Task.WhenAny(ready.Task, cluster.Stopped).WaitAsync(token).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            cluster.Changed -= Look;
        }

        void Look()
        {
            if (cluster.Ready)
            {
                ready.TrySetResult();
            }
        }
    }

    private static void RequireFree(IReadOnlyList<IPEndPoint> endpoints, string flag, string address)
    {
        foreach (var endpoint in endpoints)
        {
            using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(endpoint);
            }
            catch (SocketException e)
            {
                throw new FormatException($"{flag}: cannot listen on {address}: {e.Message}", e);
            }
        }
    }

    private static async Task StartAsync(WebApplication web, string address, CancellationToken token)
    {
        try
        {
            await web.StartAsync(token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new FormatException($"-http-addr: cannot listen on {address}: {e.Message}", e);
        }
    }

    private static void Listen(PgListener listener, string address)
    {
        try
        {
            listener.Start();
        }
        catch (SocketException e)
        {
            throw new FormatException($"-pg-addr: cannot listen on {address}: {e.Message}", e);
        }
    }

    private static string? Explanation(Exception e) => e switch
    {
        FormatException or ArgumentException or StorageException or ClusterException => e.Message,
        IOException or UnauthorizedAccessException or SocketException => e.Message,
        _ => null,
    };

    private static HttpOptions HttpOptionsOf(NodeOptions options) => new()
    {
        Version = ProductVersion.Text,
        BindAddress = options.HttpAddr,
        AllowOrigin = options.HttpAllowOrigin.Length > 0 ? options.HttpAllowOrigin : null,
        ForeignKeys = options.ForeignKeys,
    };

    private static StorageOptions StorageOptionsOf(NodeOptions options) => new()
    {
        Directory = Path.Combine(options.DataDirectory, "db"),
        ReadersMax = options.DbMaxRoConns,
        WalLimitBytes = options.RaftSnapWalSize,
    };

    private static ClusterOptions ClusterOptionsOf(NodeOptions options) => new()
    {
        NodeId = options.NodeId,
        DataDirectory = options.DataDirectory,
        RaftAddress = options.RaftAddr,
        RaftAdvertisedAddress = options.RaftAdvAddr,
        HttpAdvertisedAddress = options.HttpAdvAddr,
        PgAdvertisedAddress = options.PgAdvAddr,
        Join = options.Join.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        JoinAttempts = options.JoinAttempts,
        JoinInterval = options.JoinInterval,
        BootstrapExpect = options.BootstrapExpect,
        BootstrapExpectTimeout = options.BootstrapExpectTimeout,
        NonVoter = options.RaftNonVoter,
        HeartbeatTimeout = options.RaftHeartbeatTimeout,
        ElectionTimeout = options.RaftElectionTimeout,
        ApplyTimeout = options.RaftApplyTimeout,
        Requests = new RequestLimits { WriteTimeout = options.WriteTimeout },
        SkipEntries = [.. options.SkipEntries.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static text =>
        {
            // OptionsCheck has looked at them.
            _ = SkippedEntry.TryParse(text.Trim(), out var entry);
            return entry;
        })],
        ConnectTimeout = options.ClusterConnectTimeout,
        ShutdownStepdown = options.RaftShutdownStepdown,
        RemoveOnShutdown = options.RaftClusterRemoveShutdown,
        StopWhenRemoved = options.RaftRemoveShutdown,
        SnapshotInterval = options.RaftSnapInt,
        SnapshotStep = options.RaftSnap,
        TrailingEntries = Math.Min(options.RaftSnap, 5_000),
        Version = ProductVersion.Text,
    };

    private static ILoggerFactory Loggers(NodeOptions options)
    {
        var raft = options.RaftLogLevel.ToUpperInvariant() switch
        {
            "ERROR" => LogLevel.Error,
            "INFO" => LogLevel.Information,
            "DEBUG" => LogLevel.Debug,
            _ => LogLevel.Warning,
        };
        return LoggerFactory.Create(logging =>
        {
            logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("DotNext", raft).AddFilter("Rqlite.Pg.Cluster.Raft", raft);
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                console.UseUtcTimestamp = true;
                console.ColorBehavior = LoggerColorBehavior.Disabled;
            });
            logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        });
    }
}
