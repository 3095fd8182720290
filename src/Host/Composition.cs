using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Rqlite.Pg.Access;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Http;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire;

namespace Rqlite.Pg.Host;

/// <summary>The only place where implementations meet: builds a node in order, runs it, and takes it down in reverse.</summary>
internal static class Composition
{
    private const int ReadersIdleMax = 8;

    /// <summary>How long running HTTP requests are waited for at a stop before their connections are closed.</summary>
    private static readonly TimeSpan s_drainMax = TimeSpan.FromSeconds(5);

    /// <summary>The longest that a stop waits for queued writes, most of all for a leader that takes them.</summary>
    private static readonly TimeSpan s_flushMax = TimeSpan.FromSeconds(8);

    // The share of the memory of requests that large ones leave to small ones.
    private const int SmallShare = 8;

    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(NodeOptions options)
    {
        if (OptionsCheck.Complete(options) is { } fault)
        {
            return Flags.Fail(options.Sources.Explain(fault));
        }

        using var loggers = Loggers(options);
        var logger = loggers.CreateLogger("rqlited");
        var shutdown = new Shutdown(options.ShutdownTimeout, loggers, logger);
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            return await RunAsync(options, loggers, logger, shutdown, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (Explanation(e) is { } explanation)
        {
            return Flags.Fail(LogLine.Escape(options.Sources.Explain(explanation)));
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            shutdown.Begin();
            HostLog.Stopping(logger, context.Signal.ToString());
            stop.Cancel();
        }
    }

    private static async Task<int> RunAsync(
        NodeOptions options, BoundedLoggers loggers, ILogger logger, Shutdown shutdown, CancellationToken token)
    {
        var httpEndpoints = await Addresses.ResolveAsync("-http-addr", options.HttpAddr).ConfigureAwait(false);
        var pgEndpoints = options.PgAddr == "" ? [] : await Addresses.ResolveAsync("-pg-addr", options.PgAddr!).ConfigureAwait(false);
        var raftEndpoints = await Addresses.ResolveAsync("-raft-addr", options.RaftAddr).ConfigureAwait(false);
        var memory = new MemoryBudget(MemoryBudget.BytesMaxDefault) { SmallBytesMin = MemoryBudget.BytesMaxDefault / SmallShare };
        using var idle = new IdleMemory(memory);
        var loginKey = LoginKey.Of(options.DataDirectory);
        using var users = OpenUsers(options, loginKey, loggers, logger);
        using var encryption = Encryption.Open(options, loggers, logger);
        var discovery = DiscoConfig.Open(options);
        var extensions = ExtensionFiles.Of(options);
        var slow = QueryLog.ThresholdOf(options.QueryLog) is { } threshold
            ? new SlowStatementLog(threshold, loggers.CreateLogger("Rqlite.Pg.SlowStatements")) : null;
        var http = HttpOptionsOf(options) with
        {
            Memory = memory, Credentials = users, SlowStatements = slow, ExtensionsDirectory = ExtensionFiles.DirectoryIn(options.DataDirectory),
            Extensions = () => ExtensionFiles.Names(extensions.Value),
        };
        http.Validate();
        var limits = DescriptorLimits.Share(DescriptorLimits.Raise(), options.DbMaxRoConns);

        // A first start that fails on them later would have founded a cluster in the folder.
        RequireFree(
        [
            .. httpEndpoints.Select(end => ("-http-addr", options.HttpAddr, end)),
            .. pgEndpoints.Select(end => ("-pg-addr", options.PgAddr!, end)),
            .. raftEndpoints.OrderBy(end => end.AddressFamily != AddressFamily.InterNetwork).Take(1).Select(end => ("-raft-addr", options.RaftAddr, end)),
        ]);
        WarnOfStrangers(options, httpEndpoints, pgEndpoints, raftEndpoints, logger);
        HostLog.Limits(logger, limits.Limit, limits.Http, limits.Pg, limits.Nodes, limits.Readers);
        if (limits.Readers < options.DbMaxRoConns)
        {
            HostLog.FewReaders(logger, limits.Limit, limits.Readers, options.DbMaxRoConns);
        }

        var sessions = new SessionRegistry();
        await using var cluster = await ClusterNode.OpenAsync(
            ClusterOptionsOf(options, limits) with
            {
                Streams = encryption.Nodes, JoinAs = JoinLogin(options, users), MayJoin = users is null ? null : MayJoin(users),
                Discovery = discovery, JoinHttp = encryption.NewHttpHandler, JoinHttps = options.HttpCert.Length > 0,
            },
            StorageOptionsOf(options, limits, sessions) with { LoadableExtensions = extensions }, loggers, token).ConfigureAwait(false);
        if (users is not null)
        {
            loginKey.Keep();
        }

        await using var api = new RqliteApi(cluster.Database, cluster, http, loggers);
        var connections = new HttpConnections(limits.Http, memory, encryption.Http is not null, logger);
        var slots = PgListener.Places(limits.Pg);
        using var metrics = NodeMetrics.Create(cluster, connections.Slots, slots, sessions, memory, users);
        await using var web = HttpServer.Build(httpEndpoints, connections, encryption.Http, loggers, api.HandleAsync);
        await StartAsync(web, options.HttpAddr, token).ConfigureAwait(false);
        var listeners = new List<PgListener>();
        try
        {
            // HTTP answers from here on: a node that has much to apply tells how far it is.
            await cluster.StartAsync(token).ConfigureAwait(false);
            foreach (var endpoint in pgEndpoints)
            {
                var wire = new WireOptions
                {
                    EndPoint = endpoint, Slots = slots, Memory = memory, Dialect = options.PgDialect, Sessions = sessions,
                    Users = users, Authenticates = users is not null && options.PgAuth != "trust",
                    Tls = encryption.Pg, RequiresTls = options.PgRequireTls, SlowStatements = slow,
                };
                var listener = new PgListener(cluster.Database, cluster, wire, loggers);
                listeners.Add(listener);
                Listen(listener, options.PgAddr!);
            }

            HostLog.Running(logger, options.NodeId!, Path.GetFullPath(options.DataDirectory));
            await AdmittedAsync(options, cluster, token).ConfigureAwait(false);
            if (options.LogFormat == "text")
            {
                Greeting.Print(options);
            }

            await cluster.Stopped.WaitAsync(token).ConfigureAwait(false);
            return 0;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            return 0;
        }
        finally
        {
            shutdown.Begin();

            // Queued writes have been answered, so they come first; HTTP still takes other requests meanwhile.
            using (var flushed = new CancellationTokenSource(s_flushMax))
            {
                await api.DrainAsync(flushed.Token).ConfigureAwait(false);
            }

            // A write whose quorum has left waits for longer than a shutdown may take.
            using var drained = new CancellationTokenSource(s_drainMax);
            await Task.WhenAll([web.StopAsync(drained.Token), .. listeners.Select(listener => listener.DisposeAsync().AsTask())]).ConfigureAwait(false);
        }
    }

    /// <summary>A node that has yet to be taken in by others must not say that it serves: they may refuse it.</summary>
    private static async Task AdmittedAsync(NodeOptions options, ClusterNode cluster, CancellationToken token)
    {
        if (options.Join == "" && options.DiscoMode == "" && options.BootstrapExpect <= 1)
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

    /// <summary>All at once, so that two flags that mean one address are found too.</summary>
    private static void RequireFree(IReadOnlyList<(string Flag, string Address, IPEndPoint EndPoint)> all)
    {
        var bound = new List<Socket>();
        try
        {
            foreach (var (flag, address, endpoint) in all)
            {
                // Two sockets of one process can be bound to one address, as long as they do not listen.
                if (all.FirstOrDefault(other => other.Flag != flag && Overlap(other.EndPoint, endpoint)) is { Flag: { } second } other)
                {
                    throw new FormatException($"{flag} and {second} must differ: {address} and {other.Address} are the same");
                }

                var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                bound.Add(socket);
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
        finally
        {
            bound.ForEach(socket => socket.Dispose());
        }
    }

    private static bool Overlap(IPEndPoint one, IPEndPoint other) => one.Port == other.Port && one.AddressFamily == other.AddressFamily
        && (one.Address.Equals(other.Address) || Any(one) || Any(other));

    private static bool Any(IPEndPoint endpoint) => endpoint.Address.Equals(IPAddress.Any) || endpoint.Address.Equals(IPAddress.IPv6Any);

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

    private static CredentialStore? OpenUsers(NodeOptions options, LoginKey key, BoundedLoggers loggers, ILogger logger)
    {
        if (options.Auth.Length == 0)
        {
            return null;
        }

        SecretFiles.Require("-auth", options.Auth);
        SecretFiles.WarnIfReadable(logger, "-auth", options.Auth);
        try
        {
            return CredentialStore.Open(options.Auth, key.Value, TimeProvider.System, loggers.CreateLogger("Rqlite.Pg.Access"));
        }
        catch (FormatException e)
        {
            throw new FormatException($"-auth: {e.Message}", e);
        }
    }

    private static NodeLogin? JoinLogin(NodeOptions options, CredentialStore? users) => options.JoinAs.Length == 0 ? null
        : users!.PlainPasswordOf(options.JoinAs) is { } password ? new NodeLogin(options.JoinAs, password)
        : throw new FormatException($"-join-as: {options.Auth} has no user \"{options.JoinAs}\" with a password in plain text, which joining needs");

    private static Func<NodeLogin?, bool, CancellationToken, ValueTask<bool>> MayJoin(CredentialStore users) => async (login, voter, token) =>
    {
        var required = voter ? Permissions.Join : Permissions.JoinReadOnly;
        try
        {
            return users.Current.AllowsEveryone(required)
                || (login is not null && await users.VerifyAsync(login.User, login.Password, null, token).ConfigureAwait(false)
                    && users.Current.Allows(login.User, required));
        }
        catch (TooManyLoginsException e)
        {
            throw new ClusterException(ClusterError.Busy, e.Message, null, e);
        }
    };

    /// <summary>Tells of ports that others can reach, and what would keep them out.</summary>
    private static void WarnOfStrangers(
        NodeOptions o, IReadOnlyList<IPEndPoint> http, IReadOnlyList<IPEndPoint> pg, IReadOnlyList<IPEndPoint> nodes, ILogger logger)
    {
        static bool Reachable(IReadOnlyList<IPEndPoint> ends) => ends.Any(static end => !IPAddress.IsLoopback(end.Address));
        if (o.Auth.Length == 0 && Reachable([.. http, .. pg]))
        {
            HostLog.NoUsers(logger, Reachable(http) ? o.HttpAddr : o.PgAddr!);
        }

        if (o.Auth.Length > 0 && o.HttpCert.Length == 0 && Reachable(http))
        {
            HostLog.NoEncryption(logger, o.HttpAddr, "http");
        }

        if (o.Auth.Length > 0 && o.HttpCert.Length == 0 && o.PgCert.Length == 0 && Reachable(pg))
        {
            HostLog.NoEncryption(logger, o.PgAddr!, "pg");
        }

        if (Reachable(nodes) && o.NodeCert.Length == 0)
        {
            HostLog.OpenNodePort(logger, o.RaftAddr, o.NodeSecretFile.Length == 0 ? "may join the cluster or pass for a member" : "can read what passes");
        }
        else if (Reachable(nodes) && !o.NodeVerifyClient && o.NodeSecretFile.Length == 0)
        {
            HostLog.AnyNode(logger, o.RaftAddr);
        }
    }

    private static HttpOptions HttpOptionsOf(NodeOptions options) => new()
    {
        Version = ProductVersion.Text,
        BindAddress = options.HttpAddr,
        AllowOrigin = options.HttpAllowOrigin.Length > 0 ? options.HttpAllowOrigin : null,
        HostNames = HostNames(options),
        ForeignKeys = options.ForeignKeys,
        NodeTls = options.NodeCert.Length > 0,
        NodeConnectTimeout = options.ClusterConnectTimeout,
        WriteQueue = new WriteQueueOptions
        {
            Capacity = options.WriteQueueCapacity,
            BatchSize = options.WriteQueueBatchSize,
            Timeout = options.WriteQueueTimeout,
            Transaction = options.WriteQueueTransaction,
        },
        Https = options.HttpCert.Length > 0,
        TlsFiles = options.HttpCert.Length == 0 ? [] :
        [
            new("client_auth", options.HttpVerifyClient ? "RequireAndVerifyClientCert" : "NoClientCert"),
            new("cert_file", options.HttpCert), new("key_file", options.HttpKey), new("ca_file", options.HttpCaCert), new("next_protos", "[http/1.1]"),
        ],
    };

    /// <summary>The names by which a browser may call this node.</summary>
    private static List<string> HostNames(NodeOptions options)
    {
        List<string> names = [Environment.MachineName];
        foreach (var address in new[] { options.HttpAddr, options.HttpAdvAddr })
        {
            if (Addresses.TryParse(address, out var host, out _))
            {
                names.Add(host);
            }
        }

        return names;
    }

    private static StorageOptions StorageOptionsOf(NodeOptions options, DescriptorLimits limits, SessionRegistry sessions) => new()
    {
        Directory = Path.Combine(options.DataDirectory, "db"),
        ReadersMax = limits.Readers,
        ReadersIdleMax = Math.Min(limits.Readers, ReadersIdleMax),
        ReadTimeout = options.ReadTimeout > TimeSpan.Zero ? options.ReadTimeout : null,
        WalLimitBytes = options.RaftSnapWalSize,
        Sql = Implementations.Extensions,
        Node = new NodeSql([], SystemTables.CreateOfNode(sessions.Rows)),
    };

    private static ClusterOptions ClusterOptionsOf(NodeOptions options, DescriptorLimits limits) => new()
    {
        NodeId = options.NodeId!,
        NodeConnectionsMax = limits.Nodes,
        RequestConnectionsMax = limits.NodeRequests,
        TransactionConnectionsMax = limits.NodeTransactions,
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
        AutoOptimize = options.AutoOptimizeInt,
        ReapVoterAfter = options.RaftReapNodeTimeout,
        ReapReplicaAfter = options.RaftReapReadOnlyNodeTimeout,
        SnapshotInterval = options.RaftSnapInt,
        SnapshotStep = options.RaftSnap,
        TrailingEntries = Math.Min(options.RaftSnap, 5_000),
        Version = ProductVersion.Text,
    };

    private static BoundedLoggers Loggers(NodeOptions options)
    {
        var (least, raft) = (LevelOf(options.LogLevel), LevelOf(options.RaftLogLevel));
        var loggers = LoggerFactory.Create(logging =>
        {
            logging.SetMinimumLevel(least);
            logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None).AddFilter("DotNext", raft).AddFilter("Rqlite.Pg.Raft", raft);

            // Messages about input that is no HTTP, which any stranger can cause.
            logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Debug);
            logging.AddConsoleFormatter<LogLine, ConsoleFormatterOptions>();
            logging.AddConsoleFormatter<JsonLogLine, ConsoleFormatterOptions>();
            logging.AddConsole(console =>
            {
                console.FormatterName = options.LogFormat == "json" ? JsonLogLine.FormatterName : LogLine.FormatterName;
                console.LogToStandardErrorThreshold = LogLevel.Trace;
            });
        });
        return new BoundedLoggers(loggers, TimeProvider.System);
    }

    private static LogLevel LevelOf(string name) => name.ToUpperInvariant() switch
    {
        "ERROR" => LogLevel.Error,
        "INFO" => LogLevel.Information,
        "DEBUG" => LogLevel.Debug,
        _ => LogLevel.Warning,
    };
}
