using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Session;
using Rqlite.Pg.Wire.Startup;

namespace Rqlite.Pg.Wire.Protocol;

/// <summary>SET, RESET and SHOW, and the settings of the startup packet.</summary>
internal sealed class SettingCommands(PgSession session)
{
    private static readonly string[] s_showAllColumns = ["name", "setting", "description"];

    private readonly SessionState _state = session.State;
    private string? _permissions;

    /// <summary>Applies the settings of the startup packet.</summary>
    public void Start(string user, StartupMessage startup)
    {
        try
        {
            _state.Settings.SetServer("session_authorization", user);

            NoteAccess();
            if (_state.Context.Options.Dialect is not Settings.PostgresDialect and var dialect)
            {
                SetStartup(Settings.Dialect, dialect);
            }

            foreach (var (name, value) in startup.Parameters)
            {
                if (name == "options")
                {
                    foreach (var (option, setting) in StartupOptions.Parse(value))
                    {
                        SetStartup(option, setting);
                    }
                }
                else if (name is not ("user" or "database" or "replication") && !name.StartsWith("_pq_.", StringComparison.Ordinal))
                {
                    SetStartup(name, value);
                }
            }
        }
        catch (DialectException exception)
        {
            throw new PgException(ErrorMapping.From(exception)! with { Severity = Severity.Fatal });
        }
    }

    /// <summary>Tells the client and its statements what the user may do.</summary>
    public void NoteAccess()
    {
        var permissions = _state.Access.PermissionNames;
        if (permissions != _permissions)
        {
            _permissions = permissions;
            _state.Settings.SetServer("is_superuser", _state.Access.IsSuperuser ? "on" : "off");
            _state.Settings.SetServer("rqlite.permissions", permissions);
        }
    }

    /// <summary>The titles of SHOW's columns; none for another command.</summary>
    /// <exception cref="DialectException">42704: there is no such setting.</exception>
    public string[] ColumnsOf(SessionCommand? command) => command switch
    {
        ShowSetting { Name: { } name } => _state.Settings.TryShow(name, out _) ? [Settings.SpellingOf(name)] : throw SettingTable.Unknown(name),
        ShowSetting => s_showAllColumns,
        _ => [],
    };

    public static bool SetsIdempotencyKey(SessionCommand? command) =>
        command is SetSetting set && set.Name.Equals(Settings.IdempotencyKey, StringComparison.OrdinalIgnoreCase);

    public void Set(SetSetting set)
    {
        WarnIfLocal(set.Local);
        if (set.Values is null)
        {
            WarnIfIsolation(set.Name);
        }

        if (SetsIdempotencyKey(set) && (_state.Block.Open || !session.Pipeline.IsEmpty))
        {
            throw Settings.IdempotencyKeyTooLate();
        }

        _state.Memory.ReserveForTransaction(Settings.BytesOf(set.Name, set.Values));
        _state.Settings.Set(set.Name, set.Values, set.Local);
    }

    public void Set(SetTransaction set)
    {
        if (set.SessionDefault)
        {
            _state.Settings.Set(set.Modes, sessionDefault: true);
        }
        else if (_state.Block.Open)
        {
            _state.Block.SetModes(set.Modes);
        }
        else
        {
            Warn("SET TRANSACTION can only be used in transaction blocks");
        }
    }

    /// <summary>SET ROLE and SET SESSION AUTHORIZATION.</summary>
    /// <param name="role">Null for the default.</param>
    public void SetRole(string setting, string? role, bool local)
    {
        WarnIfLocal(local);
        _state.Settings.Set(setting, role is null ? null : [role], local);
    }

    public void Reset(string? name)
    {
        if (name is not null)
        {
            WarnIfIsolation(name);
            _state.Memory.ReserveForTransaction(Settings.BytesOf(name, null));
        }

        _state.Settings.Reset(name);
    }

    /// <summary>Writes the rows of a SHOW.</summary>
    public void WriteRows(IBufferWriter<byte> output, ShowSetting show)
    {
        // Too dear to follow every statement.
        _state.Settings.SetServer("rqlite.last_index", _state.Horizon.Seen().ToString(CultureInfo.InvariantCulture));
        if (show.Name is { } name)
        {
            WriteRow(output, [_state.Settings.Show(name)]);
            return;
        }

        foreach (var (setting, value) in _state.Settings.ShowAll())
        {
            WriteRow(output, [setting, value, ""]);
        }
    }

    // A client that asks for another encoding is told in ParameterStatus which one it gets; drivers send these to every server.
    private void SetStartup(string name, string value)
    {
        try
        {
            _state.Settings.SetStartup(name, value);
        }
        catch (DialectException exception) when (exception.SqlState == SqlState.FeatureNotSupported)
        {
            _state.Notice(PgError.Warning(
                SqlState.FeatureNotSupported, $"{exception.Message}; {name} is left at \"{_state.Settings.Show(name)}\"") with
            {
                Hint = exception.Hint,
            });
        }
    }

    // The statements of one query string share a transaction, in which SET LOCAL holds.
    private void WarnIfLocal(bool local)
    {
        if (local && !_state.Block.Open && !_state.SharesTransaction && session.Pipeline.IsEmpty)
        {
            Warn("SET LOCAL can only be used in transaction blocks");
        }
    }

    private void WarnIfIsolation(string reset)
    {
        if (reset.Equals("transaction_isolation", StringComparison.OrdinalIgnoreCase) && !_state.Block.Open)
        {
            Warn("RESET TRANSACTION can only be used in transaction blocks");
        }
    }

    private void Warn(string message) => _state.Notice(PgError.Warning(SqlState.NoActiveSqlTransaction, message));

    private void WriteRow(IBufferWriter<byte> output, ReadOnlySpan<string> values)
    {
        var encoding = _state.Output.Encoding;
        var length = 2;
        foreach (var value in values)
        {
            length += 4 + encoding.Count(value);
        }

        var span = BackendMessage.Start(output, (byte)'D', length);
        BinaryPrimitives.WriteUInt16BigEndian(span, (ushort)values.Length);
        span = span[2..];
        foreach (var value in values)
        {
            var written = encoding.Write(value, span[4..]);
            BinaryPrimitives.WriteInt32BigEndian(span, written);
            span = span[(4 + written)..];
        }

        output.Advance(BackendMessage.HeadBytes + length);
    }
}
