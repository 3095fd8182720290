using System.Globalization;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Session;

/// <summary>What the settings mean for the session; kept until one changes.</summary>
internal sealed partial class Settings
{
    private static readonly string[] s_modeNames = ["transaction_isolation", "transaction_read_only", "transaction_deferrable"];

    private FormatSettings? _format = FormatSettings.Default;
    private ClientEncoding? _encoding = ClientEncoding.Utf8;
    private ReadOptions? _reads = ReadOptions.Default;
    private SettingSnapshot? _snapshot;
    private (string Text, string User, IReadOnlyList<string> Names)? _searchPath;
    private TimeSpan? _idleTimeout;
    private bool _idleKnown;
    private bool? _translates;

    /// <summary>The settings by which values are written and read now.</summary>
    public FormatSettings Format => _format ??= FormatSettings.Read(Raw);

    /// <summary>Statements are in PostgreSQL's dialect.</summary>
    public bool Translates => _translates ??= Raw(Dialect) == PostgresDialect;

    /// <summary>The encoding of texts on the wire.</summary>
    public ClientEncoding Encoding => _encoding ??= ClientEncoding.Of(Raw("client_encoding"));

    /// <summary>The options of reads now, the statement timeout included.</summary>
    public ReadOptions Reads => _reads ??= CreateReads(null);

    /// <summary>The options of reads for a statement that brings settings of its own.</summary>
    public ReadOptions ReadsWith(ReadHint hint) => CreateReads(hint);

    /// <summary>True if the next write has a name.</summary>
    public bool HasIdempotencyKey => Raw(IdempotencyKey).Length > 0;

    /// <summary>How long an idle transaction may hold the writer while others wait for it; zero for any time.</summary>
    public TimeSpan WriterSlice => Duration("rqlite.writer_slice") ?? TimeSpan.Zero;

    public TimeSpan? StatementTimeout => Duration("statement_timeout");

    public TimeSpan? LockTimeout => Duration("lock_timeout");

    public TimeSpan? IdleInTransactionTimeout => Duration("idle_in_transaction_session_timeout");

    /// <summary>The limit for the session's next wait for its client, read before every wait.</summary>
    public TimeSpan? IdleTimeout
    {
        get
        {
            if (!_idleKnown)
            {
                _idleTimeout = Duration("idle_session_timeout");
                _idleKnown = true;
            }

            return _idleTimeout;
        }
    }

    public bool TransactionReadOnly => Raw("transaction_read_only") == "on";

    /// <summary>The modes of the transaction, or of the next one.</summary>
    public TransactionModes TransactionModes => new(
        IsolationOf(Raw("transaction_isolation")), TransactionReadOnly, Raw("transaction_deferrable") == "on");

    /// <summary>True if the client wants to see notices of this severity.</summary>
    public bool Wants(Severity severity) => Raw("client_min_messages") switch
    {
        "error" => false,
        "warning" => severity == Severity.Warning,
        _ => true,
    };

    /// <summary>The role that statements run as.</summary>
    public string User => Raw("role") is var role && role != "none" ? role : SessionUser;

    /// <summary>The role that the session was started as.</summary>
    public string SessionUser => Raw("session_authorization");

    /// <summary>The names in search_path, in their order: the same object until they change.</summary>
    public IReadOnlyList<string> SearchPath
    {
        get
        {
            var (text, user) = (Raw("search_path"), User);
            if (_searchPath is not { } known || known.Text != text || known.User != user)
            {
                NameList.TrySplit(text, out var names);
                _searchPath = known = (text, user, names.ConvertAll(name => name == "$user" ? user : name));
            }

            return known.Names;
        }
    }

    /// <summary>The values as statements see them, which may run on another node; the same object until one changes.</summary>
    public SettingSnapshot Snapshot
    {
        get
        {
            var modes = TransactionModes;
            return _snapshot is { } snapshot && snapshot.Modes == modes ? snapshot : _snapshot = TakeSnapshot(modes);
        }
    }

    public static PgException IdempotencyKeyTooLate() => new(
        SqlState.FeatureNotSupported, "rqlite.idempotency_key must be set before the write that it names, and outside of a transaction block",
        "Set it in a query of its own: it names the statement, pipeline, query string or block that comes next.");

    private SettingSnapshot TakeSnapshot(TransactionModes modes)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var names = _startup.Keys.Concat(_server.Select(static pair => pair.Name)).Concat(_state.Session.Keys).Concat(_state.Local.Keys)
            .Concat(_custom).Concat(s_modeNames);
        foreach (var name in names)
        {
            values[SpellingOf(name)] = Show(name);
        }

        return new SettingSnapshot(values, modes);
    }

    private ReadOptions CreateReads(ReadHint? hint)
    {
        var limit = StatementTimeout;
        return new()
        {
            Consistency = Value("rqlite.consistency") switch
            {
                "none" => ReadConsistency.None,
                "strong" => ReadConsistency.Strong,
                "auto" => ReadConsistency.Auto,
                "linearizable" => ReadConsistency.Linearizable,
                _ => ReadConsistency.Weak,
            },
            Freshness = Milliseconds(Value("rqlite.freshness")),
            FreshnessStrict = Value("rqlite.freshness_strict") == "on",
            MinIndex = long.Parse(Value("rqlite.min_index"), NumberStyles.None, CultureInfo.InvariantCulture),
            StatementTimeout = limit,
            Timeout = limit ?? ReadOptions.Default.Timeout,
        };

        string Value(string name) => hint?[name] ?? Raw(name);
    }

    private void Forget()
    {
        _changed = true;
        _format = null;
        _encoding = null;
        _reads = null;
        _snapshot = null;
        _idleKnown = false;
        _translates = null;
    }

    private TimeSpan? Duration(string name) => Milliseconds(Raw(name));

    private static TimeSpan? Milliseconds(string text) =>
        long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) is > 0 and var value ? TimeSpan.FromMilliseconds(value) : null;
}
