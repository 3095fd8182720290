using System.Collections.Immutable;
using System.Globalization;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Session;

/// <summary>
/// A session's settings. Only values that differ from the defaults are kept; a mark to return to is a pair of references. Used by the session's
/// own loop only, including <see cref="SetServer"/>.
/// </summary>
internal sealed class Settings : IScoped
{
    public const string IdempotencyKey = "rqlite.idempotency_key";

    private static readonly ImmutableDictionary<string, string> None = ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] ReportedNames =
    [
        "application_name", "client_encoding", "DateStyle", "default_transaction_read_only", "in_hot_standby", "integer_datetimes",
        "IntervalStyle", "is_superuser", "server_encoding", "server_version", "session_authorization", "standard_conforming_strings", "TimeZone",
    ];

    private List<State>? _marks;
    private readonly string?[] _reported = new string?[ReportedNames.Length];

    // There are a handful, in each session: pairs in an array take a fraction of a dictionary's memory.
    private (string Name, string Value)[] _server = [];
    private ImmutableDictionary<string, string> _startup = None;
    private State _state = new(None, None);
    private State? _atBegin;
    private FormatSettings? _format = FormatSettings.Default;
    private ReadOptions? _reads = ReadOptions.Default;
    private TimeSpan? _idleTimeout;
    private bool _idleKnown;
    private bool _changed = true;

    private readonly record struct State(ImmutableDictionary<string, string> Session, ImmutableDictionary<string, string> Local);

    /// <summary>The approximate memory of the client's settings.</summary>
    public long Bytes => _state.Session.Sum(static pair => BytesOf(pair.Key, [pair.Value]));

    /// <summary>The memory of one setting.</summary>
    public static long BytesOf(string name, IReadOnlyList<string>? values) => 256 + (2L * name.Length) + (values?.Sum(static value => 2L * value.Length) ?? 0);

    /// <summary>The settings by which values are written and read now.</summary>
    public FormatSettings Format => _format ??= FormatSettings.Read(Raw);

    /// <summary>The members of search_path.</summary>
    public IReadOnlyList<string> SearchPath =>
        [.. Raw("search_path").Split(',').Select(static name => name.Trim().Trim('"')).Where(static name => name.Length > 0)];

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

    /// <summary>Sets a parameter of the startup message or of its options: the value that RESET returns to.</summary>
    /// <exception cref="DialectException">42704, 22023 or 55P02.</exception>
    public void SetStartup(string name, string value)
    {
        var checkedValue = Check(name, [value], atStart: true, out var key);
        _startup = _startup.SetItem(key, checkedValue);
        Forget();
    }

    /// <summary>Sets a value that only the server knows: in_hot_standby, session_authorization, is_superuser, rqlite.last_index.</summary>
    public void SetServer(string name, string value)
    {
        _changed = true;
        for (var i = 0; i < _server.Length; i++)
        {
            if (_server[i].Name == name)
            {
                _server[i].Value = value;
                return;
            }
        }

        Array.Resize(ref _server, _server.Length + 1);
        _server[^1] = (name, value);
    }

    /// <summary>Applies SET and set_config().</summary>
    /// <param name="values">The values; null for DEFAULT.</param>
    /// <param name="local">The value holds until the transaction ends; outside of one it has no effect.</param>
    public void Set(string name, IReadOnlyList<string>? values, bool local)
    {
        if (values is null)
        {
            Reset(name, local);
            return;
        }

        var value = Check(name, values, atStart: false, out var key);
        Put(key, value, local || key.StartsWith("transaction_", StringComparison.Ordinal));
    }

    /// <summary>Returns the name of the next write and forgets it, also in the states that a rollback may return to.</summary>
    public string? TakeIdempotencyKey()
    {
        if (!HasIdempotencyKey)
        {
            return null;
        }

        var key = Raw(IdempotencyKey);
        _state = Without(_state);
        _atBegin = _atBegin is { } begin ? Without(begin) : null;
        _marks = _marks?.ConvertAll(Without);
        _startup = _startup.Remove(IdempotencyKey);
        Forget();
        return key;

        static State Without(State state) => new(state.Session.Remove(IdempotencyKey), state.Local.Remove(IdempotencyKey));
    }

    /// <summary>Applies SET TRANSACTION, BEGIN's modes, and SET SESSION CHARACTERISTICS.</summary>
    public void Set(TransactionModes modes, bool sessionDefault)
    {
        var prefix = sessionDefault ? "default_transaction_" : "transaction_";
        if (modes.Isolation is { } isolation)
        {
            Put(prefix + "isolation", NameOf(isolation), local: !sessionDefault);
        }

        if (modes.ReadOnly is { } readOnly)
        {
            Put(prefix + "read_only", readOnly ? "on" : "off", local: !sessionDefault);
        }

        if (modes.Deferrable is { } deferrable)
        {
            Put(prefix + "deferrable", deferrable ? "on" : "off", local: !sessionDefault);
        }
    }

    /// <summary>Applies RESET; null for ALL.</summary>
    public void Reset(string? name)
    {
        if (name is not null)
        {
            Reset(name, local: false);
            return;
        }

        _state = new State(None, None.AddRange(_state.Local.Where(pair => pair.Key.StartsWith("transaction_", StringComparison.Ordinal))));
        Forget();
    }

    /// <summary>The output of SHOW.</summary>
    /// <exception cref="DialectException">42704: there is no such setting.</exception>
    public string Show(string name) => TryShow(name, out var value) ? value : throw SettingTable.Unknown(name);

    public bool TryShow(string name, out string value)
    {
        if (SettingTable.Find(name) is { } setting)
        {
            value = SettingTable.Show(setting, Raw(setting.Name));
            return true;
        }

        return TryRaw(name, out value!);
    }

    /// <summary>The name in its own spelling, as the title of SHOW's column.</summary>
    public static string SpellingOf(string name) => SettingTable.Find(name)?.Name ?? name;

    /// <summary>The output of SHOW ALL: names and values, in order.</summary>
    public IEnumerable<(string Name, string Value)> ShowAll() =>
        SettingTable.All.Select(setting => (setting.Name, SettingTable.Show(setting, Raw(setting.Name))));

    /// <summary>Called before settings may change: keeps what an error returns to, unless the transaction has begun before.</summary>
    public void BeginTransaction() => _atBegin ??= _state;

    public ValueTask MarkAsync(CancellationToken token)
    {
        (_marks ??= []).Add(_state);
        return default;
    }

    public ValueTask ReleaseAsync(int mark, CancellationToken token)
    {
        _marks!.RemoveRange(mark, _marks.Count - mark);
        return default;
    }

    public ValueTask ReturnAsync(int mark, CancellationToken token)
    {
        _state = _marks![mark];
        _marks.RemoveRange(mark + 1, _marks.Count - mark - 1);
        Forget();
        return default;
    }

    public ValueTask FailAsync() => default;

    public ValueTask CommitAsync() => EndAsync(_state);

    public ValueTask RollbackAsync() => EndAsync(_atBegin ?? _state);

    /// <summary>
    /// The reported settings whose values differ from those returned last; all of them the first time. Called right before ReadyForQuery.
    /// </summary>
    public IReadOnlyList<(string Name, string Value)> TakeChanges()
    {
        if (!_changed)
        {
            return [];
        }

        _changed = false;
        List<(string, string)>? changes = null;
        for (var i = 0; i < ReportedNames.Length; i++)
        {
            var value = Raw(ReportedNames[i]);
            if (value != _reported[i])
            {
                _reported[i] = value;
                (changes ??= []).Add((ReportedNames[i], value));
            }
        }

        return changes is null ? [] : changes;
    }

    private ValueTask EndAsync(in State state)
    {
        _marks = null;

        // Most transactions touch no setting.
        if (_atBegin is not null)
        {
            _state = state with { Local = None };
            _atBegin = null;
            Forget();
        }

        return default;
    }

    private void Reset(string name, bool local)
    {
        if (SettingTable.Find(name) is { } setting)
        {
            ThrowIfFixed(setting, atStart: false);
            name = setting.Name;
        }
        else
        {
            SettingTable.ThrowIfNotCustom(name);
        }

        if (local)
        {
            Put(name, _startup.GetValueOrDefault(name) ?? SettingTable.Find(name)?.Default ?? "", local: true);
            return;
        }

        _state = new State(_state.Session.Remove(name), _state.Local.Remove(name));
        Forget();
    }

    private void Put(string name, string value, bool local)
    {
        if (!local)
        {
            _state = new State(_state.Session.SetItem(name, value), _state.Local.Remove(name));
        }
        else if (_atBegin is not null)
        {
            _state = _state with { Local = _state.Local.SetItem(name, value) };
        }

        Forget();
    }

    private static string Check(string name, IReadOnlyList<string> values, bool atStart, out string key)
    {
        var setting = SettingTable.Find(name);
        if (setting is null)
        {
            SettingTable.ThrowIfNotCustom(name);
            key = name;
            return SettingValues.Flatten(null, name, values);
        }

        ThrowIfFixed(setting, atStart);
        key = setting.Name;
        return SettingValues.Check(setting, atStart ? values[0] : SettingValues.Flatten(setting, name, values));
    }

    private static void ThrowIfFixed(Setting setting, bool atStart)
    {
        var reason = setting.Context switch
        {
            'n' => $"parameter \"{setting.Name}\" cannot be changed",
            'p' => $"parameter \"{setting.Name}\" cannot be changed without restarting the server",
            'h' => $"parameter \"{setting.Name}\" cannot be changed now",
            'k' when !atStart => $"parameter \"{setting.Name}\" cannot be set after connection start",
            _ => null,
        };
        if (reason is not null)
        {
            throw new DialectException("55P02", reason);
        }
    }

    private string Raw(string name)
    {
        if (TryRaw(name, out var value))
        {
            return value!;
        }

        var own = SettingTable.Find(name)!.Default;
        return own.Length == 0 && name.StartsWith("transaction_", StringComparison.Ordinal) ? Raw("default_" + name) : own;
    }

    private bool TryRaw(string name, out string? value) => _state.Local.TryGetValue(name, out value) || _state.Session.TryGetValue(name, out value)
        || TryServer(name, out value) || _startup.TryGetValue(name, out value);

    private bool TryServer(string name, out string? value)
    {
        foreach (var (own, held) in _server)
        {
            if (own.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                value = held;
                return true;
            }
        }

        value = null;
        return false;
    }

    private void Forget()
    {
        _changed = true;
        _format = null;
        _reads = null;
        _idleKnown = false;
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

    private TimeSpan? Duration(string name) => Milliseconds(Raw(name));

    private static TimeSpan? Milliseconds(string text) =>
        long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) is > 0 and var value ? TimeSpan.FromMilliseconds(value) : null;

    private static string NameOf(IsolationLevel isolation) => isolation switch
    {
        IsolationLevel.ReadUncommitted => "read uncommitted",
        IsolationLevel.RepeatableRead => "repeatable read",
        IsolationLevel.Serializable => "serializable",
        _ => "read committed",
    };
}
