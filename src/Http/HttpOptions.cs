using Rqlite.Pg.Access;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>The settings of the HTTP API.</summary>
public sealed record HttpOptions
{
    /// <summary>The version in <c>X-RQLITE-VERSION</c> and <c>/status</c>.</summary>
    public string Version { get; init; } = "unknown";

    /// <summary>The source revision in <c>/status</c>; null leaves it out.</summary>
    public string? Commit { get; init; }

    /// <summary>The address the listener is bound to, for <c>/status</c> (<c>-http-addr</c>).</summary>
    public string BindAddress { get; init; } = "localhost:4001";

    /// <summary>Origins whose pages may use this server, with commas between them, or <c>*</c> for all (<c>-http-allow-origin</c>).</summary>
    public string? AllowOrigin { get; init; }

    /// <summary>Host names of this server, besides addresses and <c>localhost</c>: a browser that calls it by another one is refused.</summary>
    public IReadOnlyCollection<string> HostNames { get; init; } = [];

    /// <summary>Whether the nodes' HTTP addresses are to be reached by https.</summary>
    public bool Https { get; init; }

    /// <summary>What <c>/status</c> tells of TLS, under rqlite's names.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> TlsFiles { get; init; } = [];

    /// <summary>The names of SQLite's extensions that are loaded, and the folder of unpacked ones, for <c>/status</c>.</summary>
    public Func<IReadOnlyList<string>>? Extensions { get; init; }

    public string ExtensionsDirectory { get; init; } = "";

    /// <summary>The users (<c>-auth</c>); null if everybody may do everything.</summary>
    public CredentialStore? Credentials { get; init; }

    /// <summary>The log of statements that took long (<c>-query-log</c>); null for none.</summary>
    public SlowStatementLog? SlowStatements { get; init; }

    /// <summary>Enforce foreign keys in what comes over HTTP (<c>-fk</c>); the flag travels with each batch.</summary>
    public bool ForeignKeys { get; init; }

    /// <summary>The longest body of a data request; longer ones are answered by 413.</summary>
    public long BodyBytesMax { get; init; } = 64 << 20;

    /// <summary>The memory that all requests of the node may hold together; beyond it the answer is 503. Null for a budget of the API's own.</summary>
    public MemoryBudget? Memory { get; init; }

    /// <summary>The most statements in one request; more are answered by 413.</summary>
    public int StatementsMax { get; init; } = 1_000_000;

    /// <summary>Whether nodes speak TLS with one another, for <c>/status</c>.</summary>
    public bool NodeTls { get; init; }

    /// <summary>The longest that a node tries to connect to another one, for <c>/status</c> (<c>-cluster-connect-timeout</c>).</summary>
    public TimeSpan NodeConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Queued writes (<c>-write-queue-*</c>).</summary>
    public WriteQueueOptions WriteQueue { get; init; } = new();

    internal string[] AllowedOrigins =>
        AllowOrigin?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    internal string Scheme => Https ? "https" : "http";

    /// <exception cref="ArgumentException">An option is out of its range; the message names the flag.</exception>
    public void Validate()
    {
        if (BodyBytesMax is < 1 or > int.MaxValue)
        {
            throw new ArgumentException($"-http-body-max must be between 1 and {int.MaxValue}, not {BodyBytesMax}");
        }

        if (StatementsMax < 1)
        {
            throw new ArgumentException($"-http-statements-max must be positive, not {StatementsMax}");
        }

        var origins = AllowedOrigins;
        if (Array.Find(origins, origin => origin is not ("*" or "null") && !IsOrigin(origin)) is { } wrong)
        {
            throw new ArgumentException($"-http-allow-origin: \"{wrong}\" is not an origin such as https://db.example.com:8443, and neither * nor null");
        }

        if (origins.Length > 1 && Array.IndexOf(origins, "*") >= 0)
        {
            throw new ArgumentException("-http-allow-origin: * stands alone, since it allows every origin");
        }
    }

    /// <summary>Scheme, host and port as browsers write them, without a path.</summary>
    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && text.All(c => c is > ' ' and < (char)127)
        && text.Length > uri.Scheme.Length + 3 && text.IndexOfAny(['/', '?', '#'], uri.Scheme.Length + 3) < 0;
}
