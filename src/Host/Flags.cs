using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Rqlite.Pg.Http;

namespace Rqlite.Pg.Host;

/// <summary>The flags of <c>rqlited</c>: names, defaults and meaning are rqlite's where rqlite has the flag. Both <c>-flag</c> and <c>--flag</c> work.</summary>
internal static class Flags
{
    private sealed record Flag(Option Option, Action<ParseResult, NodeOptions> Set);

    private static readonly Argument<string> s_dataDirectory = new("DATA_DIR")
    {
        Description = "Folder of the node's data; made if it does not exist",
    };

    private static readonly Option<bool> s_version = new("-version", "--version") { Description = "Print the version and exit" };

    private static readonly Flag[] s_flags =
    [
        Text("node-id", "", "Unique name of the node, fixed for life (default: the advertised Raft address)", (o, v) => o.NodeId = v),
        Text("http-addr", "localhost:4001", "HTTP server bind address", (o, v) => o.HttpAddr = v),
        Text("http-adv-addr", "", "Advertised HTTP address (default: -http-addr)", (o, v) => o.HttpAdvAddr = v),
        Text("http-allow-origin", "", "Value of Access-Control-Allow-Origin", (o, v) => o.HttpAllowOrigin = v),
        Text("raft-addr", "localhost:4002", "Bind address of the port between nodes", (o, v) => o.RaftAddr = v),
        Text("raft-adv-addr", "", "Advertised address of the port between nodes (default: -raft-addr)", (o, v) => o.RaftAdvAddr = v),
        Text("pg-addr", null, "PostgreSQL bind address; \"\" turns it off (default: host of -http-addr, its port + 1000)", (o, v) => o.PgAddr = v),
        Text("pg-adv-addr", "", "Advertised PostgreSQL address (default: -pg-addr)", (o, v) => o.PgAdvAddr = v),
        Text("join", "", "Comma-separated nodes to join: their Raft or HTTP addresses", (o, v) => o.Join = v),
        Number("join-attempts", 5, "Rounds of join attempts", (o, v) => o.JoinAttempts = v),
        Duration("join-interval", "3s", "Time between join attempts", (o, v) => o.JoinInterval = v),
        Number("bootstrap-expect", 0, "Form a cluster once this many nodes are there", (o, v) => o.BootstrapExpect = v),
        Duration("bootstrap-expect-timeout", "120s", "Longest wait for them", (o, v) => o.BootstrapExpectTimeout = v),
        Switch("raft-non-voter", false, "Be a read replica", (o, v) => o.RaftNonVoter = v),
        Duration("cluster-connect-timeout", "30s", "Timeout of connects between nodes", (o, v) => o.ClusterConnectTimeout = v),
        Text("raft-log-level", "WARN", "Least level of Raft's log: ERROR, WARN, INFO, DEBUG", (o, v) => o.RaftLogLevel = v),
        Duration("raft-heartbeat-timeout", "1s", "Raft's heartbeat timeout", (o, v) => o.RaftHeartbeatTimeout = v),
        Duration("raft-election-timeout", "1s", "Raft's election timeout", (o, v) => o.RaftElectionTimeout = v),
        Duration("write-timeout", "60s", "Longest that the leader runs one write; what takes longer is undone", (o, v) => o.WriteTimeout = v),
        Text("skip-entry", null, "Comma-separated entries of the log, INDEX:CHECKSUM, that no node can apply and every node is told to pass over", (o, v) => o.SkipEntries = v),
        Duration("raft-apply-timeout", "10s", "Longest wait to be taken into the log", (o, v) => o.RaftApplyTimeout = v),
        Switch("raft-remove-shutdown", false, "Stop when this node is removed", (o, v) => o.RaftRemoveShutdown = v),
        Switch("raft-cluster-remove-shutdown", false, "Leave the cluster on graceful shutdown", (o, v) => o.RaftClusterRemoveShutdown = v),
        Switch("raft-shutdown-stepdown", true, "Hand leadership over on graceful shutdown", (o, v) => o.RaftShutdownStepdown = v),
        Number("raft-snap", 8192, "Least number of entries between two cuts of the log; as many, at most 5000, stay for slow nodes", (o, v) => o.RaftSnap = v),
        Number("raft-snap-wal-size", 16 << 20, "Size of SQLite's -wal, in bytes, that asks for a checkpoint", (o, v) => o.RaftSnapWalSize = v),
        Duration("raft-snap-int", "1s", "Time between checkpoints when anything was written", (o, v) => o.RaftSnapInt = v),
        Switch("fk", false, "Enforce foreign keys for statements over HTTP", (o, v) => o.ForeignKeys = v),
        Number("db-max-ro-conns", 256, "Most read connections to SQLite", (o, v) => o.DbMaxRoConns = v),
    ];

    /// <summary>rqlite's flags for what this version does not do; refused by name, since to ignore one would promise what it asks for.</summary>
    private static readonly HashSet<string> s_notSupported =
    [
        "auth", "http-cert", "http-key", "http-ca-cert", "http-verify-client", "http-verify-common-name", "node-cert", "node-key",
        "node-ca-cert", "node-no-verify", "node-verify-client", "node-verify-server-name", "node-verify-common-name", "join-as",
        "disco-mode", "disco-key", "disco-config", "compress-snap-transport", "raft-leader-lease-timeout", "raft-commit-timeout",
        "raft-reap-node-timeout", "raft-reap-read-only-node-timeout", "auto-vacuum-int", "auto-optimize-int", "extensions-path",
        "write-queue-capacity", "write-queue-batch-size", "write-queue-timeout", "write-queue-tx", "auto-backup", "auto-restore",
        "cdc-config", "otlp-endpoint", "otlp-interval", "otlp-insecure", "otlp-no-verify", "otlp-ca-cert", "otlp-cert", "otlp-key",
        "cpu-profile", "mem-profile", "trace-profile",
    ];

    /// <summary>The names of all flags, without dash.</summary>
    public static IEnumerable<string> Names => s_flags.Select(f => f.Option.Name.TrimStart('-')).Append("version");

    /// <summary>Reads the command line, and runs <paramref name="run"/> with what it says.</summary>
    /// <returns>The exit code; 1 after a message on standard error for anything wrong.</returns>
    public static async Task<int> RunAsync(string[] args, Func<NodeOptions, Task<int>> run)
    {
        var root = new RootCommand("A node of Rqlite.Pg: SQLite replicated through Raft, over HTTP and the PostgreSQL protocol.")
        {
            s_dataDirectory,
        };
        foreach (var option in root.Options.OfType<VersionOption>().ToList())
        {
            root.Options.Remove(option);
        }

        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Aliases.Add("-help");
        }

        root.Options.Add(s_version);
        foreach (var flag in s_flags)
        {
            root.Options.Add(flag.Option);
        }

        root.SetAction((_, _) => Task.FromResult(0));
        var parsed = root.Parse(args, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (parsed.Action is not null && parsed.Action != root.Action && parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync().ConfigureAwait(false);
        }

        if (parsed.GetResult(s_version) is { Implicit: false })
        {
            Console.Out.WriteLine($"rqlited {ProductVersion.Text} {Environment.OSVersion.Platform} .NET {Environment.Version} sqlite{ProductVersion.Sqlite}");
            return 0;
        }

        if (ErrorIn(parsed) is { } error)
        {
            return Fail(error);
        }

        var options = new NodeOptions { DataDirectory = parsed.GetValue(s_dataDirectory)! };
        foreach (var flag in s_flags)
        {
            flag.Set(parsed, options);
        }

        return await run(options).ConfigureAwait(false);
    }

    public static int Fail(string message)
    {
        Console.Error.WriteLine($"fatal: {message}");
        return 1;
    }

    private static string? ErrorIn(ParseResult parsed)
    {
        var unknown = parsed.UnmatchedTokens.Append(TokenOf(parsed)).FirstOrDefault(t => t is ['-', _, ..]);
        return unknown is not null && s_notSupported.Contains(NameOf(unknown)) ? $"rqlite's flag -{NameOf(unknown)} is not supported by this version"
            : unknown is not null ? $"flag provided but not defined: {unknown} (rqlited -help lists the flags)"
            : parsed.UnmatchedTokens.Count > 0 ? $"unexpected argument {parsed.UnmatchedTokens[0]}: the data directory comes once, after the flags"
            : string.IsNullOrEmpty(TokenOf(parsed)) ? "no data directory given (rqlited [flags] DATA_DIR)"
            : parsed.Errors.Count > 0 ? parsed.Errors[0].Message
            : null;
    }

    private static string NameOf(string token) => token.TrimStart('-').Split('=', 2)[0];

    private static string? TokenOf(ParseResult parsed)
    {
        var tokens = parsed.GetResult(s_dataDirectory)?.Tokens;
        return tokens is { Count: > 0 } ? tokens[0].Value : null;
    }

    private static Flag Text(string name, string? initial, string help, Action<NodeOptions, string> set)
    {
        var option = new Option<string?>("-" + name, "--" + name) { Description = help, DefaultValueFactory = _ => initial };
        return new(option, (r, o) =>
        {
            if (r.GetValue(option) is { } value)
            {
                set(o, value);
            }
        });
    }

    private static Flag Number(string name, int initial, string help, Action<NodeOptions, int> set)
    {
        var option = new Option<int>("-" + name, "--" + name) { Description = help, DefaultValueFactory = _ => initial };
        return new(option, (r, o) => set(o, r.GetValue(option)));
    }

    private static Flag Switch(string name, bool initial, string help, Action<NodeOptions, bool> set)
    {
        // The library shows defaults of all but switches.
        var description = initial ? $"{help}; on unless -{name}=false is given" : help;
        var option = new Option<bool>("-" + name, "--" + name) { Description = description, DefaultValueFactory = _ => initial };
        return new(option, (r, o) => set(o, r.GetValue(option)));
    }

    private static Flag Duration(string name, string initial, string help, Action<NodeOptions, TimeSpan> set)
    {
        var value = GoDuration.TryParse(initial, out var parsed) ? parsed : throw new FormatException(initial);
        var option = new Option<GivenDuration>("-" + name, "--" + name)
        {
            Description = help,
            DefaultValueFactory = _ => new GivenDuration(value, initial),
            CustomParser = Parse,
        };
        return new(option, (r, o) => set(o, r.GetValue(option).Value));

        GivenDuration Parse(ArgumentResult argument)
        {
            var text = argument.Tokens[0].Value;
            if (!GoDuration.TryParse(text, out var duration) || duration < TimeSpan.Zero)
            {
                argument.AddError($"invalid value \"{text}\" for flag -{name}: a duration such as 500ms, 10s or 1h30m is needed");
            }

            return new GivenDuration(duration, text);
        }
    }

    /// <summary>A duration that the help shows in the notation in which it is given.</summary>
    private readonly record struct GivenDuration(TimeSpan Value, string Text)
    {
        public override string ToString() => Text;
    }
}
