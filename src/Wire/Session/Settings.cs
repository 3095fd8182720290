using System.Collections.Immutable;
using Rqlite.Pg.Dialect;

namespace Rqlite.Pg.Wire.Session;

/// <summary>
/// A session's settings. Only values that differ from the defaults are kept; a mark to return to is a pair of references. Used by the session's
/// own loop only, including <see cref="SetServer"/>.
/// </summary>
/// <param name="block">The block, which has the modes of its transaction; null for settings outside of a session.</param>
internal sealed partial class Settings(TransactionBlock? block = null) : IScoped, ISettingSession
{
    public const string IdempotencyKey = "rqlite.idempotency_key";
    public const string Dialect = "rqlite.dialect";
    public const string PostgresDialect = "postgresql";
    private const string TransactionPrefix = "transaction_";

    private static readonly ImmutableDictionary<string, string> s_none = ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] s_reportedNames =
    [
        "application_name", "client_encoding", "DateStyle", "default_transaction_read_only", "in_hot_standby", "integer_datetimes",
        "IntervalStyle", "is_superuser", "server_encoding", "server_version", "session_authorization", "standard_conforming_strings", "TimeZone",
    ];

    private readonly string?[] _reported = new string?[s_reportedNames.Length];
    private List<State>? _marks;

    // There are a handful, in each session: pairs in an array take a fraction of a dictionary's memory.
    private (string Name, string Value)[] _server = [];
    private ImmutableDictionary<string, string> _startup = s_none;

    // Names that an extension would have are known from the first time on that they are set or reset, whatever becomes of the value.
    private ImmutableHashSet<string> _custom = ImmutableHashSet.Create<string>(StringComparer.OrdinalIgnoreCase);
    private State _state = new(s_none, s_none);
    private State? _atBegin;
    private bool _changed = true;

    private readonly record struct State(ImmutableDictionary<string, string> Session, ImmutableDictionary<string, string> Local);

    /// <summary>The approximate memory of the client's settings.</summary>
    public long Bytes => _state.Session.Sum(static pair => BytesOf(pair.Key, [pair.Value])) + _custom.Sum(static name => BytesOf(name, null));

    /// <summary>The memory of one setting.</summary>
    public static long BytesOf(string name, IReadOnlyList<string>? values) =>
        256 + (2L * name.Length) + (values?.Sum(static value => 2L * value.Length) ?? 0);

    /// <summary>Sets a parameter of the startup message or of its options: the value that RESET returns to.</summary>
    /// <exception cref="DialectException">42704, 22023 or 55P02.</exception>
    public void SetStartup(string name, string value)
    {
        var checkedValue = Check(name, value, atStart: true, out var key);
        _startup = _startup.SetItem(key, checkedValue);
        Forget();
    }

    /// <summary>Sets a value that only the server knows: in_hot_standby, session_authorization, is_superuser, rqlite.permissions, rqlite.last_index.</summary>
    public void SetServer(string name, string value)
    {
        _changed = true;
        _snapshot = null;
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

        Apply(name, SettingValues.Flatten(SettingTable.Find(name), name, values), local);
    }

    private void Apply(string name, string text, bool local)
    {
        var value = Check(name, text, atStart: false, out var key);
        var ofTransaction = key.StartsWith(TransactionPrefix, StringComparison.Ordinal);
        if (ofTransaction && block is { Open: true })
        {
            block.SetModes(ModesOf(key, value));
        }
        else
        {
            Put(key, value, local || ofTransaction);
        }
    }

    /// <summary>Applies set_config(), whose value is not a list of SET but one text.</summary>
    /// <param name="value">Null for the default.</param>
    /// <returns>The new value, as SHOW prints it.</returns>
    public string SetConfig(string name, string? value, bool local)
    {
        if (value is null)
        {
            Reset(name, local);
        }
        else
        {
            Apply(name, value, local);
        }

        return Show(name);
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

    /// <summary>Applies SET SESSION CHARACTERISTICS, or outside of a block the modes of the implicit transaction.</summary>
    public void Set(TransactionModes modes, bool sessionDefault)
    {
        var prefix = sessionDefault ? "default_" + TransactionPrefix : TransactionPrefix;
        if (modes.Isolation is { } isolation)
        {
            Put(prefix + "isolation", NameOf(isolation), local: !sessionDefault);
        }

        if (modes.ReadOnly is { } readOnly)
        {
            Put(prefix + "read_only", NameOf(readOnly), local: !sessionDefault);
        }

        if (modes.Deferrable is { } deferrable)
        {
            Put(prefix + "deferrable", NameOf(deferrable), local: !sessionDefault);
        }
    }

    /// <summary>Applies RESET; null for ALL, which leaves the roles and the modes of the transaction as they are.</summary>
    public void Reset(string? name)
    {
        if (name is not null)
        {
            Reset(name, local: false);
            return;
        }

        _state = new State(Kept(_state.Session), Kept(_state.Local));
        Forget();

        static ImmutableDictionary<string, string> Kept(ImmutableDictionary<string, string> values) => s_none.AddRange(values.Where(static pair =>
            pair.Key is "role" or "session_authorization" || pair.Key.StartsWith(TransactionPrefix, StringComparison.Ordinal)));
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

        if (TryRaw(name, out var custom))
        {
            value = custom!;
            return true;
        }

        value = "";
        return _custom.Contains(name);
    }

    /// <summary>The name in its own spelling, as the title of SHOW's column.</summary>
    public static string SpellingOf(string name) => SettingTable.Find(name)?.Name ?? name;

    /// <summary>The output of SHOW ALL: names and values, in order.</summary>
    public IEnumerable<(string Name, string Value)> ShowAll() => SettingTable.All.Where(static setting => !setting.IsHidden)
        .Select(setting => (setting.Name, SettingTable.Show(setting, Raw(setting.Name))));

    (string Present, string Reset) ISettingSession.Values(string setting) => (Raw(setting), ResetValue(setting));

    bool ISettingSession.HasRole(string role) => TryServer("session_authorization", out var user) && user == role;

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
        for (var i = 0; i < s_reportedNames.Length; i++)
        {
            var value = Raw(s_reportedNames[i]);
            if (value != _reported[i])
            {
                _reported[i] = value;
                (changes ??= []).Add((s_reportedNames[i], value));
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
            _state = state with { Local = s_none };
            _atBegin = null;
            Forget();
        }

        return default;
    }

    private void Reset(string name, bool local)
    {
        if (SettingTable.Find(name) is { } setting)
        {
            ThrowIfFixed(setting, name, atStart: false);
            name = setting.Name;
        }
        else
        {
            SettingTable.ThrowIfNotCustom(name);
            _custom = _custom.Add(name);
        }

        if (name.StartsWith(TransactionPrefix, StringComparison.Ordinal) && block is { Open: true })
        {
            block.SetModes(ModesOf(name, Raw("default_" + name)));
            return;
        }

        if (local)
        {
            Put(name, ResetValue(name), local: true);
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

    private string Check(string name, string value, bool atStart, out string key)
    {
        var setting = SettingTable.Find(name);
        if (setting is null)
        {
            SettingTable.ThrowIfNotCustom(name);
            key = name;
            _custom = _custom.Add(name);
            return value;
        }

        ThrowIfFixed(setting, name, atStart);
        key = setting.Name;
        return SettingValues.Check(setting, name, value, this);
    }

    private static void ThrowIfFixed(Setting setting, string name, bool atStart)
    {
        var reason = setting.Context switch
        {
            'n' => "cannot be changed",
            'p' => "cannot be changed without restarting the server",
            'h' => "cannot be changed now",
            'k' when !atStart => "cannot be set after connection start",
            _ => null,
        };
        if (reason is not null)
        {
            throw new DialectException("55P02", $"parameter \"{name}\" {reason}");
        }
    }

    private string Raw(string name)
    {
        var ofTransaction = name.StartsWith(TransactionPrefix, StringComparison.Ordinal);
        if (ofTransaction && block is { Open: true })
        {
            return name switch
            {
                "transaction_isolation" => NameOf(block.Isolation),
                "transaction_read_only" => NameOf(block.ReadOnly),
                _ => NameOf(block.Deferrable),
            };
        }

        return TryRaw(name, out var value) ? value! : ofTransaction ? Raw("default_" + name) : SettingTable.Find(name)!.Default;
    }

    private string ResetValue(string name) => _startup.GetValueOrDefault(name)
        ?? (TryServer(name, out var value) ? value! : SettingTable.Find(name)?.Default ?? "");

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

    private static TransactionModes ModesOf(string setting, string value) => setting switch
    {
        "transaction_isolation" => TransactionModes.None with { Isolation = IsolationOf(value) },
        "transaction_read_only" => TransactionModes.None with { ReadOnly = value == "on" },
        _ => TransactionModes.None with { Deferrable = value == "on" },
    };

    private static IsolationLevel IsolationOf(string name) => name switch
    {
        "read uncommitted" => IsolationLevel.ReadUncommitted,
        "repeatable read" => IsolationLevel.RepeatableRead,
        "serializable" => IsolationLevel.Serializable,
        _ => IsolationLevel.ReadCommitted,
    };

    private static string NameOf(IsolationLevel isolation) => isolation switch
    {
        IsolationLevel.ReadUncommitted => "read uncommitted",
        IsolationLevel.RepeatableRead => "repeatable read",
        IsolationLevel.Serializable => "serializable",
        _ => "read committed",
    };

    private static string NameOf(bool value) => value ? "on" : "off";
}
