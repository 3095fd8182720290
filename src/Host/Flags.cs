using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Globalization;
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

    private static readonly Option<bool> s_hash = new("-hash-password", "--hash-password")
    {
        Description = "Read a password from standard input, print its hash for the file of -auth, and exit",
    };

    private static readonly Flag[] s_flags =
    [
        Text("node-id", null, "Unique name of the node, fixed for life (default: the advertised Raft address)", (o, v) => o.NodeId = v),
        Text("http-addr", "localhost:4001", "HTTP server bind address", (o, v) => o.HttpAddr = v),
        Text("http-adv-addr", "", "Advertised HTTP address (default: -http-addr)", (o, v) => o.HttpAdvAddr = v),
        Text("http-allow-origin", "", "Origins whose pages may use the HTTP API, with commas between them; * for all", (o, v) => o.HttpAllowOrigin = v),
        Text("http-cert", "", "File of the HTTP certificate, in PEM form; with it HTTP is HTTPS", (o, v) => o.HttpCert = v),
        Text("http-key", "", "File of the key of -http-cert", (o, v) => o.HttpKey = v),
        Text("http-ca-cert", "", "File of the authorities that HTTP clients' certificates must be of (default: the system's)", (o, v) => o.HttpCaCert = v),
        Switch("http-verify-client", false, "Ask HTTP clients for a certificate", (o, v) => o.HttpVerifyClient = v),
        Text("auth", "", "File of the users, their passwords and permissions (default: everybody may do everything)", (o, v) => o.Auth = v),
        Text("raft-addr", "localhost:4002", "Bind address of the port between nodes", (o, v) => o.RaftAddr = v),
        Text("raft-adv-addr", "", "Advertised address of the port between nodes (default: -raft-addr)", (o, v) => o.RaftAdvAddr = v),
        Text("node-cert", "", "File of the certificate for the port between nodes, in PEM form; with it nodes speak TLS, on all nodes or none", (o, v) => o.NodeCert = v),
        Text("node-key", "", "File of the key of -node-cert", (o, v) => o.NodeKey = v),
        Text("node-ca-cert", "", "File of the authorities that other nodes' certificates must be of (default: the system's)", (o, v) => o.NodeCaCert = v),
        Switch("node-no-verify", false, "Do not check the certificates of nodes that are called", (o, v) => o.NodeNoVerify = v),
        Switch("node-verify-client", false, "Ask nodes that call for a certificate: then only certificates of -node-ca-cert are members", (o, v) => o.NodeVerifyClient = v),
        Text("node-verify-server-name", "", "Name that the certificates of nodes must have (default: the host that is called)", (o, v) => o.NodeVerifyServerName = v),
        Text("node-secret-file", "", "File of a secret that all nodes share, without which nobody may use the port between them", (o, v) => o.NodeSecretFile = v),
        Text("pg-addr", null, "PostgreSQL bind address; \"\" turns it off (default: host of -http-addr, its port + 1000)", (o, v) => o.PgAddr = v),
        Text("pg-adv-addr", "", "Advertised PostgreSQL address (default: -pg-addr)", (o, v) => o.PgAdvAddr = v),
        Text("pg-dialect", "postgresql", "SQL of PostgreSQL sessions that do not set rqlite.dialect: postgresql or sqlite", (o, v) => o.PgDialect = v),
        Text("pg-cert", "", "File of the certificate for PostgreSQL clients (default: -http-cert)", (o, v) => o.PgCert = v),
        Text("pg-key", "", "File of the key of -pg-cert", (o, v) => o.PgKey = v),
        Text("pg-ca-cert", "", "File of the authorities that PostgreSQL clients' certificates must be of (default: -http-ca-cert)", (o, v) => o.PgCaCert = v),
        Switch("pg-verify-client", false, "Ask PostgreSQL clients for a certificate, besides the login", (o, v) => o.PgVerifyClient = v),
        Switch("pg-require-tls", false, "Refuse PostgreSQL clients that do not use TLS", (o, v) => o.PgRequireTls = v),
        Text("pg-auth", null, "How PostgreSQL clients log in: scram, or trust to believe them (default: scram with -auth, else trust)", (o, v) => o.PgAuth = v),
        Text("join", "", "Comma-separated nodes to join: their Raft or HTTP addresses", (o, v) => o.Join = v),
        Text("join-as", "", "User of -auth, with a password in plain text, as which this node joins", (o, v) => o.JoinAs = v),
        Number("join-attempts", 5, (1, 1_000_000), "Rounds of join attempts", (o, v) => o.JoinAttempts = (int)v),
        Duration("join-interval", "3s", ("10ms", "1h"), "Time between join attempts", (o, v) => o.JoinInterval = v),
        Number("bootstrap-expect", 0, (0, 100), "Form a cluster once this many nodes are there", (o, v) => o.BootstrapExpect = (int)v),
        Duration("bootstrap-expect-timeout", "120s", ("100ms", "24h"), "Longest wait for them", (o, v) => o.BootstrapExpectTimeout = v),
        Switch("raft-non-voter", false, "Be a read replica", (o, v) => o.RaftNonVoter = v),
        Duration("cluster-connect-timeout", "30s", ("10ms", "1h"), "Timeout of connects between nodes", (o, v) => o.ClusterConnectTimeout = v),
        Text("raft-log-level", "WARN", "Least level of Raft's log: ERROR, WARN, INFO, DEBUG", (o, v) => o.RaftLogLevel = v),
        Duration("raft-heartbeat-timeout", "1s", ("50ms", "1h"), "Raft's heartbeat timeout", (o, v) => o.RaftHeartbeatTimeout = v),
        Duration("raft-election-timeout", "1s", ("50ms", "1h"), "Raft's election timeout", (o, v) => o.RaftElectionTimeout = v),
        Duration("raft-apply-timeout", "10s", ("10ms", "1h"), "Longest wait to be taken into the log", (o, v) => o.RaftApplyTimeout = v),
        Duration("write-timeout", "60s", ("10ms", "24h"), "Longest that the leader runs one write; what takes longer is undone", (o, v) => o.WriteTimeout = v),
        Text("skip-entry", null, "Comma-separated entries of the log, INDEX:CHECKSUM, that no node can apply and every node is told to pass over", (o, v) => o.SkipEntries = v),
        Switch("raft-remove-shutdown", false, "Stop when this node is removed", (o, v) => o.RaftRemoveShutdown = v),
        Switch("raft-cluster-remove-shutdown", false, "Leave the cluster on graceful shutdown", (o, v) => o.RaftClusterRemoveShutdown = v),
        Switch("raft-shutdown-stepdown", true, "Hand leadership over on graceful shutdown", (o, v) => o.RaftShutdownStepdown = v),
        Duration("shutdown-timeout", "20s", ("1s", "1h"), "Longest graceful shutdown; then the process ends at once", (o, v) => o.ShutdownTimeout = v),
        Number("raft-snap", 8192, (1, int.MaxValue), "Least number of entries between two cuts of the log; as many, at most 5000, stay for slow nodes", (o, v) => o.RaftSnap = v),
        Number("raft-snap-wal-size", 16 << 20, (64 << 10, 1 << 30), "Size of SQLite's -wal, in bytes, that asks for a checkpoint", (o, v) => o.RaftSnapWalSize = v),
        Duration("raft-snap-int", "1s", ("10ms", "24h"), "Time between checkpoints when anything was written", (o, v) => o.RaftSnapInt = v),
        Switch("fk", false, "Enforce foreign keys for statements over HTTP", (o, v) => o.ForeignKeys = v),
        Number("db-max-ro-conns", 256, (4, 1024), "Most read connections to SQLite, 4 to 1024", (o, v) => o.DbMaxRoConns = (int)v),
        Duration("read-timeout", "0s", ("0s", "24h"), "Longest time of a read, whatever its client allows; 0 for no limit", (o, v) => o.ReadTimeout = v),
    ];

    /// <summary>rqlite's flags for what this version does not do; refused by name, since to ignore one would promise what it asks for.</summary>
    private static readonly HashSet<string> s_notSupported =
    [
        "http-verify-common-name", "node-verify-common-name",
        "disco-mode", "disco-key", "disco-config", "compress-snap-transport", "raft-leader-lease-timeout", "raft-commit-timeout",
        "raft-reap-node-timeout", "raft-reap-read-only-node-timeout", "auto-vacuum-int", "auto-optimize-int", "extensions-path",
        "write-queue-capacity", "write-queue-batch-size", "write-queue-timeout", "write-queue-tx", "auto-backup", "auto-restore",
        "cdc-config", "otlp-endpoint", "otlp-interval", "otlp-insecure", "otlp-no-verify", "otlp-ca-cert", "otlp-cert", "otlp-key",
        "cpu-profile", "mem-profile", "trace-profile",
    ];

    /// <summary>The names of all flags, without dash.</summary>
    public static IEnumerable<string> Names => s_flags.Select(f => f.Option.Name.TrimStart('-')).Append("version").Append("hash-password");

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
        root.Options.Add(s_hash);
        foreach (var flag in s_flags)
        {
            root.Options.Add(flag.Option);
        }

        root.SetAction((_, _) => Task.FromResult(0));
        var switches = s_flags.Where(flag => flag.Option is Option<bool>).Select(flag => flag.Option.Name.TrimStart('-')).ToHashSet();
        var given = new List<string>();
        foreach (var arg in args)
        {
            if (Split(arg, switches, given) is { } wrong)
            {
                return Fail(wrong);
            }
        }

        var parsed = root.Parse(given, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (parsed.Action is not null && parsed.Action != root.Action && parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync().ConfigureAwait(false);
        }

        if (parsed.GetResult(s_version) is { Implicit: false })
        {
            Console.Out.WriteLine($"rqlited {ProductVersion.Text} {Environment.OSVersion.Platform} .NET {Environment.Version} sqlite{ProductVersion.Sqlite}");
            return 0;
        }

        if (parsed.GetResult(s_hash) is { Implicit: false })
        {
            return PasswordHash.Run();
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
            : parsed.Errors.FirstOrDefault(error => error.SymbolResult is OptionResult) is { } wrong ? Explain(wrong)
            : parsed.UnmatchedTokens.Count > 0 ? $"unexpected argument {parsed.UnmatchedTokens[0]}: the data directory comes once, after the flags"
            : string.IsNullOrEmpty(TokenOf(parsed)) ? "no data directory given (rqlited [flags] DATA_DIR)"
            : parsed.Errors.Count > 0 ? parsed.Errors[0].Message
            : null;
    }

    /// <summary>
    /// Go's <c>-flag=value</c>, where the library differs: it takes an empty value for none, and reads no value that is not true or false as
    /// a switch's.
    /// </summary>
    /// <returns>What is wrong with it, or null.</returns>
    private static string? Split(string arg, HashSet<string> switches, List<string> given)
    {
        var equals = arg.IndexOf('=', StringComparison.Ordinal);
        if (arg is not ['-', _, ..] || equals < 0)
        {
            given.Add(arg);
            return null;
        }

        var value = arg[(equals + 1)..];
        if (switches.Contains(NameOf(arg)))
        {
            given.Add($"{arg[..equals]}={(TryParseSwitch(value, out var on) && on ? "true" : "false")}");
            return TryParseSwitch(value, out _) ? null : $"invalid value \"{value}\" for flag -{NameOf(arg)}: it must be true or false";
        }

        given.AddRange(value.Length == 0 ? [arg[..equals], ""] : [arg]);
        return null;
    }

    /// <summary>The library's own messages speak of types and of symbols.</summary>
    private static string Explain(ParseError error) => error.SymbolResult switch
    {
        OptionResult { Tokens.Count: 0 } option => $"flag needs a value: {option.Option.Name}",
        OptionResult { IdentifierTokenCount: > 1 } option => $"flag is given more than once: {option.Option.Name}",
        _ => error.Message,
    };

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

    private static Flag Number(string name, long initial, (long Min, long Max) range, string help, Action<NodeOptions, long> set)
    {
        var option = new Option<long>("-" + name, "--" + name)
        {
            Description = help,
            DefaultValueFactory = _ => initial,
            CustomParser = argument => Value(
                argument, name, $"a whole number from {range.Min} to {range.Max}",
                (string text, out long value) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
                    && value >= range.Min && value <= range.Max),
        };
        return new(option, (r, o) => set(o, r.GetValue(option)));
    }

    private static Flag Switch(string name, bool initial, string help, Action<NodeOptions, bool> set)
    {
        // The library shows defaults of all but switches.
        var option = new Option<bool>("-" + name, "--" + name)
        {
            Description = initial ? $"{help}; on unless -{name}=false is given" : help,
            DefaultValueFactory = _ => initial,
        };
        return new(option, (r, o) => set(o, r.GetValue(option)));
    }

    private static Flag Duration(string name, string initial, (string Min, string Max) range, string help, Action<NodeOptions, TimeSpan> set)
    {
        var (min, max) = (Parse(range.Min), Parse(range.Max));
        var option = new Option<GivenDuration>("-" + name, "--" + name)
        {
            Description = help,
            DefaultValueFactory = _ => new GivenDuration(Parse(initial), initial),
            CustomParser = argument => Value(
                argument, name, $"a duration such as 500ms, 10s or 1h30m, from {range.Min} to {range.Max}",
                (string text, out GivenDuration given) =>
                {
                    var valid = GoDuration.TryParse(text, out var duration) && duration >= min && duration <= max;
                    given = new GivenDuration(duration, text);
                    return valid;
                }),
        };
        return new(option, (r, o) => set(o, r.GetValue(option).Value));

        static TimeSpan Parse(string text) => GoDuration.TryParse(text, out var value) ? value : throw new FormatException(text);
    }

    private delegate bool TryParse<T>(string text, out T value);

    private static T? Value<T>(ArgumentResult argument, string name, string allowed, TryParse<T> parse)
    {
        var text = argument.Tokens[0].Value;
        if (!parse(text, out var value))
        {
            argument.AddError($"invalid value \"{text}\" for flag -{name}: it must be {allowed}");
        }

        return value;
    }

    /// <summary>The words that Go's flags take.</summary>
    private static bool TryParseSwitch(string text, out bool value)
    {
        value = text is "1" or "t" or "T" or "true" or "TRUE" or "True";
        return value || text is "0" or "f" or "F" or "false" or "FALSE" or "False";
    }

    /// <summary>A duration that the help shows in the notation in which it is given.</summary>
    private readonly record struct GivenDuration(TimeSpan Value, string Text)
    {
        public override string ToString() => Text;
    }
}
