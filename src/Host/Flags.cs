using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Rqlite.Pg.Http;

namespace Rqlite.Pg.Host;

/// <summary>The flags of <c>rqlited</c>: names, defaults and meaning are rqlite's where rqlite has the flag. Both <c>-flag</c> and <c>--flag</c> work.</summary>
internal static class Flags
{
    /// <param name="Initial">The default in the form in which it is given; null for none.</param>
    /// <param name="Set">Takes a value; returns what it must be if it cannot be taken, else null.</param>
    private sealed record Flag(Option Option, string Help, string? Initial, Func<NodeOptions, string, string?> Set)
    {
        public string Name => Option.Name.TrimStart('-');

        public string ShownName => Option is Option<bool> ? Name : Name + FlagHelp.Value;

        /// <summary>The help of a switch tells its default.</summary>
        public string ShownDefault => Option is Option<bool> ? "" : Initial ?? "";
    }

    private static readonly Argument<string> s_dataDirectory = new("DATA_DIR");
    private static readonly Option<bool> s_help = new("-help", "--help", "-h", "-?");
    private static readonly Option<bool> s_version = new("-version", "--version");
    private static readonly Option<bool> s_hash = new("-hash-password", "--hash-password");
    private static readonly Option<string?> s_config = new("-config", "--config");

    /// <summary>Flags of the command line alone.</summary>
    private static readonly (string Name, string Help)[] s_commands =
    [
        ("help", "Print this and exit"),
        ("version", "Print the version and exit"),
        ("hash-password", "Read a password from standard input, print its hash for the file of -auth, and exit"),
    ];

    private const string ConfigHelp = "JSON file with flags: {\"http-addr\": \"localhost:4001\", \"fk\": true}";

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
        Text("http-verify-common-name", "", "Common name that HTTP clients' certificates must have; needs -http-verify-client", (o, v) => o.HttpVerifyCommonName = v),
        Text("auth", "", "File of the users, their passwords and permissions (default: everybody may do everything)", (o, v) => o.Auth = v),
        Text("raft-addr", "localhost:4002", "Bind address of the port between nodes", (o, v) => o.RaftAddr = v),
        Text("raft-adv-addr", "", "Advertised address of the port between nodes (default: -raft-addr)", (o, v) => o.RaftAdvAddr = v),
        Text("node-cert", "", "File of the certificate for the port between nodes, in PEM form; with it nodes speak TLS, on all nodes or none", (o, v) => o.NodeCert = v),
        Text("node-key", "", "File of the key of -node-cert", (o, v) => o.NodeKey = v),
        Text("node-ca-cert", "", "File of the authorities that other nodes' certificates must be of (default: the system's)", (o, v) => o.NodeCaCert = v),
        Switch("node-no-verify", false, "Do not check the certificates of nodes that are called", (o, v) => o.NodeNoVerify = v),
        Switch("node-verify-client", false, "Ask nodes that call for a certificate: then only certificates of -node-ca-cert are members", (o, v) => o.NodeVerifyClient = v),
        Text("node-verify-common-name", "", "Common name that certificates of calling nodes must have; needs -node-verify-client", (o, v) => o.NodeVerifyCommonName = v),
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
        Text("disco-mode", "", "Find the nodes to join by DNS instead of -join: dns or dns-srv", (o, v) => o.DiscoMode = v),
        Text("disco-key", "rqlite", "As in rqlite, dns and dns-srv do not use it", (o, v) => o.DiscoKey = v),
        Text("disco-config", "", "What -disco-mode looks up: JSON with name and port (dns), or name and service (dns-srv), or a file with it", (o, v) => o.DiscoConfig = v),
        Switch("raft-non-voter", false, "Be a read replica", (o, v) => o.RaftNonVoter = v),
        Duration("cluster-connect-timeout", "30s", ("10ms", "1h"), "Timeout of connects between nodes", (o, v) => o.ClusterConnectTimeout = v),
        Text("log-level", "INFO", "Least level of the log: ERROR, WARN, INFO, DEBUG", (o, v) => o.LogLevel = v),
        Text("log-format", "text", "Form of the log: text, or json for one JSON object a line", (o, v) => o.LogFormat = v),
        Text("query-log", "", "Log slow statements: stderr for those of 10s and more, a duration, or a JSON file with one in \"duration\"; \"\" for none", (o, v) => o.QueryLog = v),
        Text("raft-log-level", "WARN", "Least level of Raft's log: ERROR, WARN, INFO, DEBUG", (o, v) => o.RaftLogLevel = v),
        Duration("raft-heartbeat-timeout", "1s", ("50ms", "1h"), "Raft's heartbeat timeout", (o, v) => o.RaftHeartbeatTimeout = v),
        Duration("raft-election-timeout", "1s", ("50ms", "1h"), "Raft's election timeout", (o, v) => o.RaftElectionTimeout = v),
        Duration("raft-apply-timeout", "10s", ("10ms", "1h"), "Longest wait to be taken into the log", (o, v) => o.RaftApplyTimeout = v),
        Duration("write-timeout", "60s", ("10ms", "24h"), "Longest that the leader runs one write; what takes longer is undone", (o, v) => o.WriteTimeout = v),
        Text("skip-entry", null, "Comma-separated entries of the log, INDEX:CHECKSUM, that no node can apply and every node is told to pass over", (o, v) => o.SkipEntries = v),
        Switch("raft-remove-shutdown", false, "Stop when this node is removed", (o, v) => o.RaftRemoveShutdown = v),
        Switch("raft-cluster-remove-shutdown", false, "Leave the cluster on graceful shutdown", (o, v) => o.RaftClusterRemoveShutdown = v),
        Switch("raft-shutdown-stepdown", true, "Hand leadership over on graceful shutdown", (o, v) => o.RaftShutdownStepdown = v),
        Duration("raft-reap-node-timeout", "0s", ("0s", "8760h"), "Remove a voter that the leader could not reach for this long; 0 for never", (o, v) => o.RaftReapNodeTimeout = v),
        Duration("raft-reap-read-only-node-timeout", "0s", ("0s", "8760h"), "The same for read replicas", (o, v) => o.RaftReapReadOnlyNodeTimeout = v),
        Duration("shutdown-timeout", "20s", ("1s", "1h"), "Longest graceful shutdown; then the process ends at once", (o, v) => o.ShutdownTimeout = v),
        Number("raft-snap", 8192, (1, int.MaxValue), "Least number of entries between two cuts of the log; as many, at most 5000, stay for slow nodes", (o, v) => o.RaftSnap = v),
        Number("raft-snap-wal-size", 16 << 20, (64 << 10, 1 << 30), "Size of SQLite's -wal, in bytes, that asks for a checkpoint", (o, v) => o.RaftSnapWalSize = v),
        Duration("raft-snap-int", "1s", ("10ms", "24h"), "Time between checkpoints when anything was written", (o, v) => o.RaftSnapInt = v),
        Duration("auto-optimize-int", "24h", ("0s", "8760h"), "How often the leader brings the planner's statistics up to date (ANALYZE); 0 for never", (o, v) => o.AutoOptimizeInt = v),
        Text("extensions-path", "", "SQLite's loadable extensions, with commas between them: files, folders, zip and tar.gz; the same on all nodes", (o, v) => o.ExtensionsPath = v),
        Duration("auto-vacuum-int", "0s", ("0s", "8760h"), "Only 0: a VACUUM cannot be an entry of the log; GET /db/backup?vacuum with POST /db/load rebuilds the file", (o, v) => o.AutoVacuumInt = v),
        Switch("fk", false, "Enforce foreign keys for statements over HTTP", (o, v) => o.ForeignKeys = v),
        Number("write-queue-capacity", 1024, (1, 1_000_000), "Most queued writes that wait; further ones wait for room", (o, v) => o.WriteQueueCapacity = (int)v),
        Number("write-queue-batch-size", 128, (1, 100_000), "Queued writes that make a batch", (o, v) => o.WriteQueueBatchSize = (int)v),
        Duration("write-queue-timeout", "50ms", ("1ms", "1h"), "Longest wait of a queued write for its batch to fill", (o, v) => o.WriteQueueTimeout = v),
        Switch("write-queue-tx", false, "Run each batch of queued writes as one transaction", (o, v) => o.WriteQueueTransaction = v),
        Number("db-max-ro-conns", 256, (4, 1024), "Most read connections to SQLite, 4 to 1024", (o, v) => o.DbMaxRoConns = (int)v),
        Duration("read-timeout", "0s", ("0s", "24h"), "Longest time of a read, whatever its client allows; 0 for no limit", (o, v) => o.ReadTimeout = v),
    ];

    /// <summary>rqlite's flags for what this version does not do; refused by name, since to ignore one would promise what it asks for.</summary>
    private static readonly Dictionary<string, string> s_notSupported = new()
    {
        ["compress-snap-transport"] = "copies of the database travel between nodes without compression",
        ["raft-leader-lease-timeout"] = "there are no leader leases: a leader that no majority follows asks one before it reads",
        ["raft-commit-timeout"] = "followers hear of a commit at once, and of the leader each fifth of -raft-heartbeat-timeout",
        ["auto-backup"] = "take backups by GET /db/backup",
        ["auto-restore"] = "load a backup by POST /db/load or /boot",
        ["cdc-config"] = "",
        ["otlp-endpoint"] = "",
        ["otlp-interval"] = "",
        ["otlp-insecure"] = "",
        ["otlp-no-verify"] = "",
        ["otlp-ca-cert"] = "",
        ["otlp-cert"] = "",
        ["otlp-key"] = "",
        ["cpu-profile"] = "dotnet-trace profiles a running node",
        ["mem-profile"] = "dotnet-gcdump and dotnet-counters show a running node's memory",
        ["trace-profile"] = "dotnet-trace traces a running node",
    };

    /// <summary>The names of all flags, without dash.</summary>
    public static IEnumerable<string> Names => s_flags.Select(f => f.Name).Concat(["config", "version", "hash-password"]);

    /// <summary>Reads the command line, the environment and the file of <c>-config</c>, and runs <paramref name="run"/> with what they say.</summary>
    /// <returns>The exit code; 1 after a message on standard error for anything wrong.</returns>
    public static async Task<int> RunAsync(string[] args, Func<NodeOptions, Task<int>> run)
    {
        var root = new RootCommand { s_dataDirectory };
        root.Options.Clear();
        foreach (var option in s_flags.Select(static flag => flag.Option).Concat([s_help, s_version, s_hash, s_config]))
        {
            root.Options.Add(option);
        }

        root.SetAction((_, _) => Task.FromResult(0));
        var switches = s_flags.Where(flag => flag.Option is Option<bool>).Select(flag => flag.Name).ToHashSet();
        var given = new List<string>();
        foreach (var arg in args)
        {
            if (Split(arg, switches, given) is { } wrong)
            {
                return Fail(wrong);
            }
        }

        var parsed = root.Parse(given, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (IsGiven(parsed, s_help))
        {
            FlagHelp.Print(
                Console.Out,
                [
                    .. s_commands.Select(static c => (c.Name, c.Help, "")), ("config" + FlagHelp.Value, ConfigHelp, ""),
                    .. s_flags.Select(static f => (f.ShownName, f.Help, f.ShownDefault)),
                ]);
            return 0;
        }

        if (IsGiven(parsed, s_version))
        {
            Console.Out.WriteLine($"rqlited {ProductVersion.Text} {Environment.OSVersion.Platform} .NET {Environment.Version} sqlite{ProductVersion.Sqlite}");
            return 0;
        }

        if (IsGiven(parsed, s_hash))
        {
            return PasswordHash.Run();
        }

        if (ErrorIn(parsed) is { } error)
        {
            return Fail(error);
        }

        var options = new NodeOptions { DataDirectory = parsed.GetValue(s_dataDirectory)! };
        try
        {
            Fill(options, parsed);
        }
        catch (FormatException e)
        {
            return Fail(LogLine.Escape(e.Message));
        }

        return await run(options).ConfigureAwait(false);
    }

    public static int Fail(string message)
    {
        Console.Error.WriteLine($"fatal: {message}");
        return 1;
    }

    /// <summary>The command line counts before the environment, and that before the file.</summary>
    private static void Fill(NodeOptions options, ParseResult parsed)
    {
        var variables = FlagVariables.Read(Environment.GetEnvironmentVariables(), name => name == "config" ? null : Unfit(name));
        var config = IsGiven(parsed, s_config) ? new FlagValue(parsed.GetValue(s_config)!, null) : variables.GetValueOrDefault("config");
        var file = config.Text is null ? []
            : config.Text.Length == 0 ? throw new FormatException("-config: \"\" names no file")
            : ConfigFile.Read(config.Text, name => name == "config" ? "config cannot name another file" : Unfit(name));
        var sources = new Dictionary<string, string>();
        foreach (var flag in s_flags)
        {
            var value = parsed.GetResult(flag.Option) is { Implicit: false } result ? new FlagValue(result.Tokens is [.., var last] ? last.Value : "true", null)
                : variables.TryGetValue(flag.Name, out var variable) ? variable
                : file.TryGetValue(flag.Name, out var line) ? line
                : new FlagValue(flag.Initial!, null);
            if (value.Text is null)
            {
                continue;
            }

            if (value.Source is { } source)
            {
                sources[flag.Name] = source;
            }

            if (flag.Set(options, value.Text) is { } allowed)
            {
                throw new FormatException(
                    $"invalid value \"{value.Text}\" for flag -{flag.Name}: it must be {allowed}{(value.Source is null ? "" : $" (it comes from {value.Source})")}");
            }
        }

        options.Sources = new FlagSources(sources);
    }

    /// <summary>Why a name outside the command line is no flag; null if it is one.</summary>
    private static string? Unfit(string name) =>
        Array.Exists(s_flags, flag => flag.Name == name) ? null
        : s_notSupported.ContainsKey(name) ? NotSupported(name)
        : Array.Exists(s_commands, command => command.Name == name) ? $"-{name} can be given on the command line only"
        : $"there is no flag -{name} (rqlited -help lists the flags)";

    private static string NotSupported(string name) =>
        $"rqlite's flag -{name} is not supported by this version{(s_notSupported[name] is { Length: > 0 } instead ? $": {instead}" : "")}";

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static string? ErrorIn(ParseResult parsed)
    {
        var unknown = parsed.UnmatchedTokens.Append(TokenOf(parsed)).FirstOrDefault(t => t is ['-', _, ..]);
        return unknown is not null && s_notSupported.ContainsKey(NameOf(unknown)) ? NotSupported(NameOf(unknown))
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

    private static Flag Text(string name, string? initial, string help, Action<NodeOptions, string> set) => New<string>(
        name, initial, help, "a text", set, static (string text, out string value) =>
        {
            value = text;
            return true;
        });

    private static Flag Number(string name, long initial, (long Min, long Max) range, string help, Action<NodeOptions, long> set) => New(
        name, initial.ToString(CultureInfo.InvariantCulture), help, $"a whole number from {range.Min} to {range.Max}", set,
        (string text, out long value) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
            && value >= range.Min && value <= range.Max);

    private static Flag Switch(string name, bool initial, string help, Action<NodeOptions, bool> set) => New<bool>(
        name, initial ? "true" : "false", initial ? $"{help}; on unless -{name}=false is given" : help, "true or false", set, TryParseSwitch);

    private static Flag Duration(string name, string initial, (string Min, string Max) range, string help, Action<NodeOptions, TimeSpan> set)
    {
        var (min, max) = (Parse(range.Min), Parse(range.Max));
        return New(
            name, initial, help, $"a duration such as 500ms, 10s or 1h30m, from {range.Min} to {range.Max}", set,
            (string text, out TimeSpan value) => GoDuration.TryParse(text, out value) && value >= min && value <= max);

        static TimeSpan Parse(string text) => GoDuration.TryParse(text, out var value) ? value : throw new FormatException(text);
    }

    private delegate bool TryParse<T>(string text, out T value);

    private static Flag New<T>(string name, string? initial, string help, string allowed, Action<NodeOptions, T> set, TryParse<T> parse)
    {
        Option option = typeof(T) == typeof(bool) ? new Option<bool>("-" + name, "--" + name) : new Option<string?>("-" + name, "--" + name);
        return new(option, help, initial, (options, text) =>
        {
            if (!parse(text, out var value))
            {
                return allowed;
            }

            set(options, value);
            return null;
        });
    }

    /// <summary>The words that Go's flags take.</summary>
    private static bool TryParseSwitch(string text, out bool value)
    {
        value = text is "1" or "t" or "T" or "true" or "TRUE" or "True";
        return value || text is "0" or "f" or "F" or "false" or "FALSE" or "False";
    }
}
