using System.Globalization;
using System.Text;
using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Http;

/// <summary>The query parameters of a request, checked. A flag is on if its key is there, whatever its value.</summary>
internal sealed class QueryParameters
{
    // Beyond a day a wait is as good as endless, and the timers of the platform have a limit of their own.
    private static readonly TimeSpan s_waitMax = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_nodeTimeoutDefault = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_linearizableTimeoutDefault = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait for another node, for a client that does not name one.</summary>
    public static TimeSpan TimeoutDefault { get; } = TimeSpan.FromSeconds(30);

    public bool Pretty { get; private set; }

    public bool Timings { get; private set; }

    public bool Transaction { get; private set; }

    public bool Queue { get; private set; }

    public bool Wait { get; private set; }

    public bool Redirect { get; private set; }

    public bool Associative { get; private set; }

    public bool BlobArray { get; private set; }

    public bool QualifyColumns { get; private set; }

    public bool RaftIndex { get; private set; }

    public bool NoLeader { get; private set; }

    public bool NonVoters { get; private set; }

    public bool Sync { get; private set; }

    public bool Vacuum { get; private set; }

    public bool Compress { get; private set; }

    /// <summary>The form of a backup, as it was written.</summary>
    public string? Format { get; private set; }

    /// <summary>The tables that a backup as SQL is to hold; all if there are none.</summary>
    public IReadOnlyList<string> Tables { get; private set; } = [];

    /// <summary>The entries that are to stay in the log; null for as many as the node keeps.</summary>
    public long? TrailingLogs { get; private set; }

    /// <summary>The client wants the status code to say whether a failed request may have happened.</summary>
    public bool Outcome { get; private set; }

    public TimeSpan Timeout { get; private set; } = TimeoutDefault;

    /// <summary>The longest wait for each member that is asked how it does: one that has stopped must not hide how the others do.</summary>
    public TimeSpan NodeTimeout { get; private set; } = s_nodeTimeoutDefault;

    /// <summary>The SQL of <c>q</c>; null if the parameter is not there.</summary>
    public byte[]? Sql { get; private set; }

    public string? Key { get; private set; }

    public string? NodesVersion { get; private set; }

    /// <summary>How a read is to be run; also says whether a write may be forwarded.</summary>
    public ReadOptions Read { get; private set; } = ReadOptions.Default;

    public WriteOptions Write { get; private set; } = WriteOptions.Default;

    /// <exception cref="RequestException">400: malformed, or a value is not what its parameter takes.</exception>
    public static QueryParameters Parse(ReadOnlySpan<char> raw)
    {
        var parameters = new QueryParameters();
        if (!raw.IsEmpty)
        {
            parameters.ParseAll(raw);
        }

        return parameters;
    }

    private void ParseAll(ReadOnlySpan<char> raw)
    {
        var text = default(Texts);
        var query = new QueryString(raw);
        while (query.Read())
        {
            if (!SetFlag(query.Key))
            {
                text.Set(query.Key, query.Value);
            }
        }

        var timeout = Duration("timeout", text.Timeout);
        var freshness = Duration("freshness", text.Freshness);
        var statementTimeout = Duration("db_timeout", text.DbTimeout);
        var linearizableTimeout = Duration("linearizable_timeout", text.LinearizableTimeout);
        CheckInteger("retries", text.Retries);
        TrailingLogs = CheckInteger("trailing_logs", text.TrailingLogs);
        var minIndex = MinIndex(text.MinIndex);
        if (text.Sql is { Length: 0 })
        {
            throw RequestException.BadRequest("query parameter not set");
        }

        if (text.FreshnessStrict && freshness is null)
        {
            throw RequestException.BadRequest("freshness_strict requires freshness");
        }

        Sql = text.Sql;
        Key = text.Key;
        Format = text.Format;
        Tables = text.Tables?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];
        NodesVersion = text.NodesVersion;
        Timeout = Wait(timeout ?? TimeoutDefault);
        NodeTimeout = Wait(timeout ?? s_nodeTimeoutDefault);
        var level = Level(text.Level);
        var limit = Wait(linearizableTimeout ?? s_linearizableTimeoutDefault);
        Read = new ReadOptions
        {
            Consistency = level,
            Freshness = freshness > TimeSpan.Zero ? freshness : null,
            FreshnessStrict = text.FreshnessStrict,
            MinIndex = minIndex,
            Timeout = level == ReadConsistency.Linearizable && limit < Timeout ? limit : Timeout,
            StatementTimeout = statementTimeout > TimeSpan.Zero ? Wait(statementTimeout.Value) : null,
            Forward = !Redirect,
        };
        Write = new WriteOptions { Timeout = Timeout, StatementTimeout = Read.StatementTimeout, Forward = !Redirect };

        static TimeSpan Wait(TimeSpan asked) => asked < TimeSpan.Zero ? TimeSpan.Zero : asked > s_waitMax ? s_waitMax : asked;
    }

    private bool SetFlag(ReadOnlySpan<char> key)
    {
        switch (key)
        {
            case "pretty": Pretty = true; return true;
            case "timings": Timings = true; return true;
            case "transaction": Transaction = true; return true;
            case "queue": Queue = true; return true;
            case "wait": Wait = true; return true;
            case "redirect": Redirect = true; return true;
            case "associative": Associative = true; return true;
            case "blob_array": BlobArray = true; return true;
            case "qualify_columns": QualifyColumns = true; return true;
            case "raft_index": RaftIndex = true; return true;
            case "noleader": NoLeader = true; return true;
            case "nonvoters": NonVoters = true; return true;
            case "sync": Sync = true; return true;
            case "vacuum": Vacuum = true; return true;
            case "compress": Compress = true; return true;
            case "outcome": Outcome = true; return true;
            default: return false;
        }
    }

    private static ReadConsistency Level(string? text) => text?.ToLowerInvariant() switch
    {
        "none" => ReadConsistency.None,
        "linearizable" => ReadConsistency.Linearizable,
        "strong" => ReadConsistency.Strong,
        "auto" => ReadConsistency.Auto,
        _ => ReadConsistency.Weak,
    };

    private static TimeSpan? Duration(string name, string? text) =>
        text is null ? null
        : GoDuration.TryParse(text, out var value) ? value
        : throw RequestException.BadRequest($"{name} is not a valid duration");

    private static long? CheckInteger(string name, string? text) =>
        text is null ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value
        : throw RequestException.BadRequest($"{name} is not a valid integer");

    private static long MinIndex(string? text) =>
        text is null ? 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
        : throw RequestException.BadRequest("min_index is not a valid integer");

    /// <summary>Values as they came; the first one of a key counts.</summary>
    private struct Texts
    {
        public string? Timeout, Freshness, DbTimeout, LinearizableTimeout, Retries, TrailingLogs, MinIndex, Level, Key, NodesVersion, Format, Tables;
        public byte[]? Sql;
        public bool FreshnessStrict;

        public void Set(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
        {
            switch (key)
            {
                case "timeout": Timeout ??= Text(value); break;
                case "freshness": Freshness ??= Text(value); break;
                case "freshness_strict": FreshnessStrict = true; break;
                case "db_timeout": DbTimeout ??= Text(value); break;
                case "linearizable_timeout": LinearizableTimeout ??= Text(value); break;
                case "retries": Retries ??= Text(value); break;
                case "trailing_logs": TrailingLogs ??= Text(value); break;
                case "min_index": MinIndex ??= Text(value); break;
                case "level": Level ??= Text(value); break;
                case "key": Key ??= Text(value); break;
                case "ver": NodesVersion ??= Text(value); break;
                case "fmt": Format ??= Text(value); break;
                case "tables": Tables ??= Text(value); break;
                case "q": Sql ??= QueryString.Unescape(value); break;
                default: break;
            }
        }

        private static string Text(ReadOnlySpan<char> value) => Encoding.UTF8.GetString(QueryString.Unescape(value));
    }
}
