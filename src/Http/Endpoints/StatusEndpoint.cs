using System.Globalization;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Access;

namespace Rqlite.Pg.Http;

/// <summary><c>GET /status</c>: what this node knows of itself, under rqlite's keys. A key whose value we do not have is left out.</summary>
internal sealed class StatusEndpoint(ApiServices services, TimeProvider clock)
{
    private readonly DateTimeOffset _started = clock.GetUtcNow();
    private readonly long _startedTicks = clock.GetTimestamp();

    public async Task HandleAsync(HttpContext context, QueryParameters parameters)
    {
        var status = Collect();
        // rqlite prints a part of the document compact whatever is asked for.
        using var response = new JsonResponse(context, parameters.Pretty && parameters.Key is null);
        if (string.IsNullOrEmpty(parameters.Key))
        {
            JsonTree.Write(response.Json, status);
        }
        else if (JsonTree.TryFind(status, parameters.Key, out var part))
        {
            JsonTree.Write(response.Json, part);
        }
        else
        {
            response.Json.BeginObject();
            response.Json.EndObject();
        }

        await response.CompleteAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private Dictionary<string, object?> Collect()
    {
        var self = services.Control.Self;
        return new Dictionary<string, object?>
        {
            ["build"] = Build(),
            ["node"] = Node(),
            ["os"] = OperatingSystem(),
            ["runtime"] = Runtime(),
            ["http"] = Http(),
            ["store"] = Store(),
            ["cluster"] = new Dictionary<string, object?>
            {
                ["addr"] = self.RaftAddress,
                ["api_addr"] = self.HttpAddress,
                ["https"] = Text(services.Options.Https),
            },
            ["extensions"] = new Dictionary<string, object?>
            {
                ["dir"] = services.Options.ExtensionsDirectory,
                ["names"] = services.Options.Extensions?.Invoke().Select(static name => (object?)name).ToList() ?? [],
            },
            ["mux"] = new Dictionary<string, object?>
            {
                ["addr"] = self.RaftAddress,
                ["timeout"] = GoDuration.Format(services.Options.NodeConnectTimeout),
                ["tls"] = services.Options.NodeTls ? "enabled" : "disabled",
            },
            ["network"] = new Dictionary<string, object?> { ["interfaces"] = Interfaces() },
        };
    }

    private Dictionary<string, object?> Store() => new(services.Control.Status())
    {
        // The setting comes with each request that HTTP sends.
        ["db_conf"] = new Dictionary<string, object?> { ["fk_constraints"] = services.Options.ForeignKeys },
    };

    private Dictionary<string, object?> Build()
    {
        var build = new Dictionary<string, object?>
        {
            ["version"] = services.Options.Version,
            ["compiler_toolchain"] = "dotnet",
        };
        if (services.Options.Commit is { } commit)
        {
            build["commit"] = commit;
        }

        return build;
    }

    private Dictionary<string, object?> Node() => new()
    {
        ["start_time"] = GoTime.Format(_started),
        ["current_time"] = GoTime.Format(clock.GetUtcNow()),
        ["uptime"] = GoDuration.Format(clock.GetElapsedTime(_startedTicks)),
    };

    private static Dictionary<string, object?> OperatingSystem() => new()
    {
        ["pid"] = (long)Environment.ProcessId,
        ["page_size"] = (long)Environment.SystemPageSize,
        ["executable"] = Environment.ProcessPath ?? "",
        ["hostname"] = Environment.MachineName,
    };

    private static Dictionary<string, object?> Runtime() => new()
    {
        ["GOARCH"] = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "amd64",
            Architecture.X86 => "386",
            var other => other.ToString().ToLowerInvariant(),
        },
        ["GOOS"] = System.OperatingSystem.IsWindows() ? "windows" : System.OperatingSystem.IsMacOS() ? "darwin" : "linux",
        ["GOMAXPROCS"] = (long)Environment.ProcessorCount,
        ["num_cpu"] = (long)Environment.ProcessorCount,
        ["num_threads"] = (long)ThreadPool.ThreadCount,
        ["version"] = RuntimeInformation.FrameworkDescription,
    };

    private Dictionary<string, object?> Http()
    {
        var http = new Dictionary<string, object?>
        {
            ["bind_addr"] = services.Options.BindAddress,
            ["auth"] = services.Options.Credentials is null ? "disabled" : "enabled",
            ["queue"] = new Dictionary<string, object?> { ["_default"] = Queue(services.Queue, services.Options.WriteQueue) },
            ["tls"] = new Dictionary<string, object?>(services.Options.TlsFiles.Select(static pair => KeyValuePair.Create(pair.Key, (object?)pair.Value)))
            {
                ["enabled"] = Text(services.Options.Https),
            },
            ["cluster"] = new Dictionary<string, object?>
            {
                ["local_node_addr"] = services.Control.Self.RaftAddress,
                ["timeout"] = GoDuration.Format(QueryParameters.TimeoutDefault),
            },
            ["body_bytes_max"] = services.Options.BodyBytesMax,
        };
        if (services.Options.Credentials is { } credentials)
        {
            http["logins"] = Logins(credentials);
        }

        if (services.Options.AllowOrigin is { Length: > 0 } origin)
        {
            http["allow_origin"] = origin;
        }

        return http;
    }

    /// <summary>rqlite's keys, and counts of ours.</summary>
    private static Dictionary<string, object?> Queue(WriteQueue queue, WriteQueueOptions options) => new()
    {
        ["max_size"] = (long)options.Capacity,
        ["batch_size"] = (long)options.BatchSize,
        ["timeout"] = GoDuration.Format(options.Timeout),
        ["sequence_number"] = queue.Sequence,
        ["transaction"] = options.Transaction,
        ["waiting"] = (long)queue.Waiting,
        ["bytes"] = queue.Bytes,
        ["requests"] = queue.Counters.Received,
        ["requests_undone"] = queue.Counters.RequestsUndone,
        ["requests_failed"] = queue.Counters.RequestsFailed,
        ["requests_unknown"] = queue.Counters.RequestsUnknown,
        ["batches"] = queue.Counters.Flushed,
        ["batches_timed_out"] = queue.Counters.TimedOut,
        ["statements"] = queue.Counters.Statements,
        ["statements_failed"] = queue.Counters.StatementsFailed,
        ["retries"] = queue.Counters.Retries,
    };

    /// <summary>Both front doors' logins.</summary>
    private static Dictionary<string, object?> Logins(CredentialStore credentials) => new()
    {
        ["users"] = (long)credentials.Current.Count,
        ["ok"] = credentials.Counters.Ok,
        ["failed"] = credentials.Counters.Failed,
        ["slowed"] = credentials.Throttle.Slowed,
        ["denied"] = credentials.Counters.Denied,
        ["reloads"] = credentials.Counters.Reloads,
        ["bad_reloads"] = credentials.Counters.BadReloads,
    };

    private static Dictionary<string, object?> Interfaces()
    {
        var interfaces = new Dictionary<string, object?>();
        foreach (var adapter in NetworkInterface.GetAllNetworkInterfaces())
        {
            interfaces[adapter.Name] = new Dictionary<string, object?>
            {
                ["hardware_address"] = string.Join(
                    ':', adapter.GetPhysicalAddress().GetAddressBytes().Select(part => part.ToString("x2", CultureInfo.InvariantCulture))),
                ["addresses"] = adapter.GetIPProperties().UnicastAddresses
                    .Select(address => new Dictionary<string, object?> { ["address"] = $"{address.Address}/{address.PrefixLength}" }).ToArray(),
            };
        }

        return interfaces;
    }

    private static string Text(bool value) => value ? "true" : "false";
}
