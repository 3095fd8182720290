using System.Text;
using Rqlite.Pg.Access;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Protocol;

/// <summary>The statements that concern the session and not the database: settings, prepared statements, and the transaction block.</summary>
internal sealed class SessionCommands(PgSession session)
{
    private readonly SessionState _state = session.State;

    public bool ReturnsRows(StatementPart part) => ColumnCount(part) > 0;

    public int ColumnCount(StatementPart? part) => ColumnsOf(part, []).Length;

    /// <summary>Sends the columns of a command.</summary>
    public void Describe(StatementPart? part, ReadOnlySpan<short> formats)
    {
        if (ColumnsOf(part, formats) is { Length: > 0 } columns)
        {
            RowDescription.Write(_state.Output.Frames, _state.Output.Encoding, columns);
        }
        else
        {
            BackendMessage.WriteNoData(_state.Output.Frames);
        }
    }

    /// <summary>Runs a command of a query string.</summary>
    public async ValueTask RunAsync(StatementPart part)
    {
        switch (part.Command)
        {
            case ShowSetting show:
                Describe(part, []);
                session.SettingCommands.WriteRows(_state.Output.Frames, show);
                CommandComplete.Write(_state.Output.Frames, part.Tag, null);
                return;
            case FetchCursor fetch:
                CommandComplete.Write(_state.Output.Frames, part.Tag, await session.Cursors.RunAsync(fetch, [], announces: true).ConfigureAwait(false));
                return;
        }

        CommandComplete.Write(_state.Output.Frames, await ApplyAsync(part).ConfigureAwait(false), null);
    }

    /// <summary>Runs a command through a portal.</summary>
    public async ValueTask ExecuteAsync(Portal portal, long max)
    {
        var part = portal.Plan.Part!;
        switch (part.Command)
        {
            case ShowSetting show:
                session.SettingCommands.WriteRows((portal.Rows = new RowFrames()).Writer, show);
                SendKept(portal, part, max, counts: false);
                break;
            case FetchCursor fetch when max == 0:
                portal.State = PortalState.Done;
                var rows = await session.Cursors.RunAsync(fetch, portal.Formats).ConfigureAwait(false);
                CommandComplete.Write(_state.Output.Frames, part.Tag, rows);
                break;
            case FetchCursor fetch:
                portal.Rows = new RowFrames();
                await session.Cursors.RunAsync(fetch, portal.Formats, rows: portal.Rows.Writer).ConfigureAwait(false);
                _state.Portals.Grow(portal, portal.Rows.Bytes);
                SendKept(portal, part, max, counts: true);
                break;
            case DeclareCursor declare:
                portal.State = PortalState.Done;
                await session.Cursors.DeclareAsync(declare, portal.Plan.Query!, portal.Bound.Statement).ConfigureAwait(false);
                CommandComplete.Write(_state.Output.Frames, part.Tag, null);
                break;
            default:
                portal.State = PortalState.Done;
                CommandComplete.Write(_state.Output.Frames, await ApplyAsync(part).ConfigureAwait(false), null);
                break;
        }
    }

    /// <param name="counts">The tag has the number of rows.</param>
    private void SendKept(Portal portal, StatementPart part, long max, bool counts)
    {
        if (portal.Rows!.Send(_state.Output.Frames, max, out var rows))
        {
            portal.Rows = null;
            portal.State = PortalState.Done;
            CommandComplete.Write(_state.Output.Frames, part.Tag, counts ? rows : null);
        }
        else
        {
            portal.State = PortalState.Suspended;
            BackendMessage.WritePortalSuspended(_state.Output.Frames);
        }
    }

    private OutputColumn[] ColumnsOf(StatementPart? part, ReadOnlySpan<short> formats)
    {
        if (part?.Command is FetchCursor fetch)
        {
            return session.Cursors.ColumnsOf(fetch, formats);
        }

        var names = session.SettingCommands.ColumnsOf(part?.Command);
        var columns = Array.ConvertAll(names, static name => new PlannedColumn(name, new PgType(PgTypes.Text)));
        return ResultColumns.Announce(columns, null, formats);
    }

    /// <summary>The statement named by an EXECUTE, with its arguments bound.</summary>
    public async ValueTask<BoundStatement> BindAsync(ExecuteStatement execute)
    {
        var prepared = _state.Statements[execute.Name];
        var needed = prepared.Plan.ParameterTypes.Length;
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

        var literals = execute.Arguments.Select(static argument => argument.Literal).ToArray();
        if (_state.Settings.Translates && needed > 0)
        {
            var context = await session.Planning.TranslationAsync().ConfigureAwait(false);
            for (var i = 0; i < needed; i++)
            {
                literals[i] = ExecuteArguments.Fit(execute.Arguments[i], i + 1, prepared.Plan.ParameterTypes[i], context);
            }
        }

        var values = Array.ConvertAll(literals, static literal => new ParameterValue(BytesOf(literal), Binary: false));
        return await session.Replanning.BindAsync(prepared, plan => plan.Bind(values, _state.Settings.Format, moment: _state.Block.Moment)).ConfigureAwait(false);
    }

    private async ValueTask<string> ApplyAsync(StatementPart part)
    {
        _state.Settings.BeginTransaction();
        switch (part.Command)
        {
            case SetSetting set:
                session.SettingCommands.Set(set);
                break;
            case ResetSetting reset:
                session.SettingCommands.Reset(reset.Name);
                break;
            case SetTransaction set:
                session.SettingCommands.Set(set);
                break;
            case PrepareStatement prepare:
                await PrepareAsync(prepare, part.Body!).ConfigureAwait(false);
                break;
            case DeallocateStatement { Name: null }:
                _state.Statements.Clear();
                break;
            case DeallocateStatement { Name: { } name }:
                _state.Statements.Remove(_state.Statements[name].Name);
                break;
            case DiscardState { Target: DiscardTarget.All }:
                await DiscardAllAsync().ConfigureAwait(false);
                break;
            case CloseCursor { Name: { } cursor }:
                if (!await _state.Portals.CloseAsync(cursor).ConfigureAwait(false))
                {
                    throw new PgException(SqlState.InvalidCursorName, $"cursor \"{cursor}\" does not exist");
                }

                break;
            case CloseCursor:
                await _state.Portals.CloseAllAsync().ConfigureAwait(false);
                break;
            case SetSessionAuthorization authorization:
                session.SettingCommands.SetRole("session_authorization", authorization.User, authorization.Local);
                break;
            case SetRole role:
                session.SettingCommands.SetRole("role", role.Role ?? "none", role.Local);
                break;
            case DiscardState { Target: DiscardTarget.Sequences }:
                _state.Sequences.Forget();
                break;

            // Such state does not exist here, so there is nothing to discard.
            case DiscardState:
                break;
            case SetConstraints { Deferred: false } when !_state.Block.Open && !session.Pipeline.IsEmpty:
                throw new PgException(
                    SqlState.FeatureNotSupported, "SET CONSTRAINTS IMMEDIATE behind writes of the same pipeline is not supported", "Send BEGIN first.");
            case SetConstraints constraints:
                await session.Executor.Constraints.SetAsync(constraints).ConfigureAwait(false);
                break;
            case LockTable when !_state.Block.Open:
                throw new PgException(SqlState.NoActiveSqlTransaction, "LOCK TABLE can only be used in transaction blocks");
            case LockTable locked:
                await LockAsync(part.Tag, locked).ConfigureAwait(false);
                break;
            case ListenChannel listen:
                _state.Access.Require(Permissions.Query, part.Tag);
                _state.Memory.ReserveForTransaction(Listening.ChannelBytes);
                _state.Listening.Listen(listen.Channel);
                break;
            case UnlistenChannel unlisten:
                _state.Memory.ReserveForTransaction(Listening.ChannelBytes);
                _state.Listening.Unlisten(unlisten.Channel);
                break;
            case UnsupportedStatement unsupported:
                throw new PgException(SqlState.FeatureNotSupported, $"{unsupported.Name} is not supported");
            default:
                return await session.Transactions.ApplyAsync(part).ConfigureAwait(false);
        }

        return part.Tag;
    }

    private async ValueTask LockAsync(string tag, LockTable locked)
    {
        // ACCESS SHARE conflicts only with statements that drop or alter a table, and each reader has its snapshot.
        var takes = locked.Mode != "ACCESS SHARE";
        if (takes && locked.NoWait)
        {
            await session.Executor.Writer.TakeNowAsync(tag, $"could not obtain lock on relation \"{locked.Tables[0]}\"").ConfigureAwait(false);
        }
        else if (takes)
        {
            await session.Executor.Writer.TakeAsync(tag, _state.Settings.LockTimeout).ConfigureAwait(false);
        }

        // Checked after the wait: the former holder of the writer may have dropped or created a table.
        foreach (var table in locked.Tables)
        {
            await session.Planner.RequireRelationAsync(table, tag, session.Planning).ConfigureAwait(false);
        }
    }

    private async ValueTask PrepareAsync(PrepareStatement prepare, StatementPart body)
    {
        _state.Statements.RequireFree(prepare.Name, _state.Context.Options.PreparedStatementsMax);
        var types = new uint[prepare.Types.Count];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = await session.Planner.TypeAsync(prepare.Types[i], session.Planning).ConfigureAwait(false);
        }

        var plan = await session.Planner.PlanAsync(
            body, types, session.Planning, behindWrites: !session.Pipeline.IsEmpty).ConfigureAwait(false);
        _state.Statements.Add(new PreparedStatement(prepare.Name, plan, _state.Round, fromSql: true));
    }

    private async ValueTask DiscardAllAsync()
    {
        if (_state.Block.Open)
        {
            throw new PgException(SqlState.ActiveSqlTransaction, "DISCARD ALL cannot run inside a transaction block");
        }

        await _state.Portals.CloseAllAsync().ConfigureAwait(false);
        _state.Statements.Clear();
        _state.Listening.Unlisten(null);
        _state.Sequences.Forget();
        _state.Settings.Reset("session_authorization");
        _state.Settings.Reset("role");
        _state.Settings.Reset(null);
        await session.Executor.Locks.ReleaseAllAsync().ConfigureAwait(false);
    }

    private static ReadOnlyMemory<byte>? BytesOf(string? literal)
    {
        if (literal is null)
        {
            return null;
        }

        return Encoding.UTF8.GetBytes(literal);
    }
}
