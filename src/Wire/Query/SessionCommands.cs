using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Startup;

namespace Rqlite.Pg.Wire.Query;

/// <summary>The statements that concern the session and not the database: settings, prepared statements, and the transaction block.</summary>
internal sealed class SessionCommands(PgSession session)
{
    private static readonly string[] s_showAllColumns = ["name", "setting", "description"];

    /// <summary>Applies the settings of the startup packet.</summary>
    public void Start(string user, StartupMessage startup)
    {
        try
        {
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

            session.Settings.SetServer("session_authorization", user);

            // There are no privileges yet: a client that can connect may run every statement.
            session.Settings.SetServer("is_superuser", "on");
        }
        catch (DialectException exception)
        {
            throw new PgException(ErrorMapping.From(exception)! with { Severity = Severity.Fatal });
        }
    }

    // A client that asks for another style or encoding is told in ParameterStatus which one it gets; drivers send these to every server.
    private void SetStartup(string name, string value)
    {
        try
        {
            session.Settings.SetStartup(name, value);
        }
        catch (DialectException exception) when (exception.SqlState == SqlState.FeatureNotSupported)
        {
            session.Notice(PgError.Warning(SqlState.FeatureNotSupported, $"{exception.Message}; {name} is left at \"{session.Settings.Show(name)}\"") with
            {
                Hint = exception.Hint,
            });
        }
    }

    public bool ReturnsRows(ParsedStatement parsed) => ColumnCount(parsed) > 0;

    public int ColumnCount(ParsedStatement? parsed) => ColumnsOf(parsed).Length;

    /// <summary>Sends the columns of a command, all of them texts.</summary>
    public void Describe(ParsedStatement? parsed, ReadOnlySpan<short> formats)
    {
        var names = ColumnsOf(parsed);
        if (names.Length == 0)
        {
            BackendMessage.WriteNoData(session.Output.Frames);
            return;
        }

        var columns = new ColumnFormat[names.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var binary = formats.Length > 0 && formats[formats.Length == 1 ? 0 : i] == 1;
            columns[i] = new ColumnFormat(new PgType(PgTypes.Text), binary);
        }

        RowDescription.Write(
            session.Output.Frames, new RowSchema([.. names.Select(name => new Column(name, null, null, null))]), columns);
    }

    /// <summary>Runs a command of a query string.</summary>
    public async ValueTask RunAsync(ParsedStatement parsed)
    {
        if (parsed.Command is ShowSetting show)
        {
            Describe(parsed, []);
            WriteSettings(session.Output.Frames, show);
            CommandComplete.Write(session.Output.Frames, parsed.CommandTag, null);
            return;
        }

        CommandComplete.Write(session.Output.Frames, await ApplyAsync(parsed).ConfigureAwait(false), null);
    }

    /// <summary>Runs a command through a portal.</summary>
    public async ValueTask ExecuteAsync(Portal portal, long max)
    {
        var parsed = portal.Prepared.Parsed!;
        if (parsed.Command is not ShowSetting show)
        {
            portal.State = PortalState.Done;
            CommandComplete.Write(session.Output.Frames, await ApplyAsync(parsed).ConfigureAwait(false), null);
            return;
        }

        portal.Rows ??= new RowFrames();
        WriteSettings(portal.Rows.Writer, show);
        if (portal.Rows.Send(session.Output.Frames, max, out _))
        {
            portal.Rows = null;
            portal.State = PortalState.Done;
            CommandComplete.Write(session.Output.Frames, parsed.CommandTag, null);
        }
        else
        {
            portal.State = PortalState.Suspended;
            BackendMessage.WritePortalSuspended(session.Output.Frames);
        }
    }

    /// <summary>The statement named by an EXECUTE, with its arguments bound.</summary>
    public (PreparedStatement Prepared, Statement Bound) Bind(ExecuteStatement execute)
    {
        var prepared = session.Names.Statement(execute.Name);
        var needed = prepared.ParameterTypes.Length;
        if (execute.Arguments.Count != needed)
        {
            throw new PgException(PgError.Error(
                SqlState.SyntaxError, $"wrong number of parameters for prepared statement \"{execute.Name}\"") with
            {
                Detail = $"Expected {needed} parameters but got {execute.Arguments.Count}.",
            });
        }

        if (execute.Arguments.FirstOrDefault(a => !a.IsLiteral) is { } expression)
        {
            throw new PgException(
                SqlState.FeatureNotSupported, $"EXECUTE takes constants only, not {expression.Text}");
        }

        var values = execute.Arguments.Select(a => a.Literal).ToArray();
        return (prepared, prepared.Bind(values.Length == 0 ? default : BindMessage.Encode(prepared, values, session.Settings.Format)));
    }

    // Applies one of the two settings that are modes of the current block.
    private void AdoptMode(string name)
    {
        if (!session.Block.Open)
        {
            return;
        }

        if (name.Equals("transaction_isolation", StringComparison.OrdinalIgnoreCase))
        {
            session.Block.SetModes(TransactionModes.None with { Isolation = session.DefaultIsolation });
        }
        else if (name.Equals("transaction_read_only", StringComparison.OrdinalIgnoreCase))
        {
            session.Block.SetModes(TransactionModes.None with { ReadOnly = session.Settings.TransactionReadOnly });
        }
    }

    private async ValueTask<string> ApplyAsync(ParsedStatement parsed)
    {
        var settings = session.Settings;
        session.TouchSettings();
        switch (parsed.Command)
        {
            case SetSetting { Local: true } when !session.Block.Open && session.Pipeline.IsEmpty:
                session.Notice(PgError.Warning(SqlState.NoActiveSqlTransaction, "SET LOCAL can only be used in transaction blocks"));
                break;
            case SetSetting when SetsIdempotencyKey(parsed) && (session.Block.Open || !session.Pipeline.IsEmpty):
                throw KeyTooLate();
            case SetSetting set:
                session.Memory.ReserveForTransaction(Settings.BytesOf(set.Name, set.Values));
                settings.Set(set.Name, set.Values, set.Local);
                AdoptMode(set.Name);
                break;
            case ResetSetting reset:
                settings.Reset(reset.Name);
                break;
            case SetTransaction { SessionDefault: true } set:
                settings.Set(set.Modes, sessionDefault: true);
                break;
            case SetTransaction set when session.Block.Open:
                session.Block.SetModes(set.Modes);
                settings.Set(set.Modes, sessionDefault: false);
                break;
            case SetTransaction:
                session.Notice(PgError.Warning(
                    SqlState.NoActiveSqlTransaction, "SET TRANSACTION can only be used in transaction blocks"));
                break;
            case PrepareStatement prepare:
                await PrepareAsync(prepare).ConfigureAwait(false);
                break;
            case DeallocateStatement { Name: null }:
                session.Names.RemoveStatements();
                break;
            case DeallocateStatement { Name: { } name }:
                session.Names.Statement(name);
                session.Names.RemoveStatement(name);
                break;
            case DiscardState { Target: DiscardTarget.All }:
                await DiscardAllAsync().ConfigureAwait(false);
                break;
            case CloseCursor { Name: { } cursor }:
                if (!await session.Names.ClosePortalAsync(cursor).ConfigureAwait(false))
                {
                    throw new PgException(SqlState.InvalidCursorName, $"cursor \"{cursor}\" does not exist");
                }

                break;
            case CloseCursor:
                await session.Names.ClosePortalsAsync().ConfigureAwait(false);
                break;
            case SetSessionAuthorization { User: { } user } when user != session.User:
                throw new PgException(SqlState.FeatureNotSupported, "SET SESSION AUTHORIZATION is not supported");
            case SetRole { Role: { } role } when role != session.User:
                throw new PgException(SqlState.FeatureNotSupported, "SET ROLE is not supported");

            case DiscardState { Target: DiscardTarget.Sequences }:
                session.Values.ForgetSequences();
                break;

            // Such state does not exist here, so there is nothing to discard.
            case DiscardState or SetSessionAuthorization or SetRole or SetConstraints:
                break;
            case LockTable when !session.Block.Open:
                throw new PgException(SqlState.NoActiveSqlTransaction, "LOCK TABLE can only be used in transaction blocks");
            case LockTable locked:
                await LockAsync(parsed.CommandTag, locked).ConfigureAwait(false);
                break;
            case ListenChannel listen:
                session.Memory.ReserveForTransaction(Listening.ChannelBytes);
                session.Listening.Listen(listen.Channel);
                break;
            case UnlistenChannel unlisten:
                session.Memory.ReserveForTransaction(Listening.ChannelBytes);
                session.Listening.Unlisten(unlisten.Channel);
                break;
            case UnsupportedStatement unsupported:
                throw new PgException(SqlState.FeatureNotSupported, $"{unsupported.Name} is not supported");
            default:
                return await session.Transactions.ApplyAsync(parsed).ConfigureAwait(false);
        }

        return parsed.CommandTag;
    }

    private async ValueTask LockAsync(string tag, LockTable locked)
    {
        // ACCESS SHARE conflicts only with statements that drop or alter a table, and each reader has its snapshot.
        var takes = locked.Mode != "ACCESS SHARE";
        if (takes && locked.NoWait)
        {
            await session.Writer.TakeNowAsync(tag, $"could not obtain lock on relation \"{locked.Tables[0]}\"").ConfigureAwait(false);
        }
        else if (takes)
        {
            await session.Writer.TakeAsync(tag, session.Settings.LockTimeout).ConfigureAwait(false);
        }

        // Checked after the wait: the former holder of the writer may have dropped or created a table.
        foreach (var table in locked.Tables)
        {
            await session.Statements.RequireTableAsync(table).ConfigureAwait(false);
        }
    }

    public static bool SetsIdempotencyKey(ParsedStatement? parsed) =>
        parsed?.Command is SetSetting set && set.Name.Equals(Settings.IdempotencyKey, StringComparison.OrdinalIgnoreCase);

    public static PgException KeyTooLate() => new(
        SqlState.FeatureNotSupported, "rqlite.idempotency_key must be set before the write that it names, and outside of a transaction block",
        "Set it in a query of its own: it names the statement, pipeline, query string or block that comes next.");

    private async ValueTask PrepareAsync(PrepareStatement prepare)
    {
        session.Names.RequireFree(prepare.Name, session.Context.Options.PreparedStatementsMax);
        var types = prepare.Types.Select(type => type.Oid).ToArray();
        session.Names.Add(await session.Statements.PrepareAsync(
            prepare.Name, prepare.Body, types, laterMayKnow: !session.Pipeline.IsEmpty).ConfigureAwait(false));
    }

    private async ValueTask DiscardAllAsync()
    {
        if (session.Block.Open)
        {
            throw new PgException(SqlState.ActiveSqlTransaction, "DISCARD ALL cannot run inside a transaction block");
        }

        await session.Names.ClosePortalsAsync().ConfigureAwait(false);
        session.Names.RemoveStatements();
        session.Listening.Unlisten(null);
        session.Values.ForgetSequences();
        session.Settings.Reset(null);
        await session.Locks.ReleaseAsync().ConfigureAwait(false);
    }

    private static string[] ColumnsOf(ParsedStatement? parsed) => parsed?.Command switch
    {
        ShowSetting { Name: { } name } => [Settings.SpellingOf(name)],
        ShowSetting => s_showAllColumns,
        _ => [],
    };

    private void WriteSettings(IBufferWriter<byte> output, ShowSetting show)
    {
        session.RefreshSettings();
        if (show.Name is { } name)
        {
            WriteRow(output, [session.Settings.Show(name)]);
            return;
        }

        foreach (var (setting, value) in session.Settings.ShowAll())
        {
            WriteRow(output, [setting, value, ""]);
        }
    }

    private static void WriteRow(IBufferWriter<byte> output, ReadOnlySpan<string> values)
    {
        var length = 2;
        foreach (var value in values)
        {
            length += 4 + Encoding.UTF8.GetByteCount(value);
        }

        var span = BackendMessage.Start(output, (byte)'D', length);
        BinaryPrimitives.WriteUInt16BigEndian(span, (ushort)values.Length);
        span = span[2..];
        foreach (var value in values)
        {
            var written = Encoding.UTF8.GetBytes(value, span[4..]);
            BinaryPrimitives.WriteInt32BigEndian(span, written);
            span = span[(4 + written)..];
        }

        output.Advance(BackendMessage.HeadBytes + length);
    }
}
