using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Execution;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Protocol;

/// <summary>Parse, Bind, Describe, Execute and Close (manual, 55.2.3). The session handles Sync, Flush and the skip after an error.</summary>
internal sealed class ExtendedQuery(PgSession session)
{
    private readonly SessionState _state = session.State;
    private readonly PortalBinder _binder = new(session);

    public ValueTask DispatchAsync(FrontendCode code, ReadOnlyMemory<byte> body) => code switch
    {
        FrontendCode.Parse => ParseAsync(ParseMessage.Read(body.Span, _state.Output.Encoding)),
        FrontendCode.Bind => BindAsync(BindMessage.Read(body, _state.Output.Encoding)),
        FrontendCode.Describe => DescribeAsync(TargetMessage.Read(body.Span, _state.Output.Encoding, "DESCRIBE")),
        FrontendCode.Execute => ExecuteAsync(ExecuteMessage.Read(body.Span, _state.Output.Encoding)),
        FrontendCode.Close => CloseAsync(TargetMessage.Read(body.Span, _state.Output.Encoding, "CLOSE")),
        _ => throw new InvalidOperationException($"Message {code} is not of the extended protocol."),
    };

    private async ValueTask ParseAsync(ParseMessage message)
    {
        if (message.Name.Length == 0)
        {
            _state.Statements.Remove("");
        }

        var parts = session.Planner.Parse(message.Text, session.Planning);
        if (parts.Count > 1)
        {
            throw new PgException(SqlState.SyntaxError, "cannot insert multiple commands into a prepared statement");
        }

        var part = parts.Count == 0 ? null : parts[0];
        if (part is not null)
        {
            _state.Block.RequireAlive(part);
            if (part.IsRun && session.Pipeline.Defines)
            {
                // The statement may name what is being defined, so all of the pipeline becomes a block of its own.
                await session.Pipeline.CompleteInBlockAsync().ConfigureAwait(false);
            }
        }

        var plan = await session.Planner.PlanAsync(
            part, message.Types, session.Planning, behindWrites: !session.Pipeline.IsEmpty).ConfigureAwait(false);
        _state.Statements.RequireFree(message.Name, _state.Context.Options.PreparedStatementsMax);
        _state.Statements.Add(new PreparedStatement(message.Name, plan, _state.Round));
        BackendMessage.WriteParseComplete(_state.Output.Frames);
    }

    private async ValueTask BindAsync(BindMessage message)
    {
        await _state.Portals.AddAsync(await _binder.BindAsync(message).ConfigureAwait(false)).ConfigureAwait(false);
        BackendMessage.WriteBindComplete(_state.Output.Frames);
    }

    private ValueTask DescribeAsync(in TargetMessage message) => message.IsPortal
        ? DescribePortalAsync(_state.Portals[message.Name])
        : DescribeStatementAsync(_state.Statements[message.Name]);

    private async ValueTask DescribeStatementAsync(PreparedStatement prepared)
    {
        RequireAliveForRows(prepared.Plan);
        BackendMessage.WriteParameterDescription(_state.Output.Frames, prepared.Plan.ParameterTypes);
        if (prepared.Plan is { IsRun: true, IsKnown: true } && prepared.Round != _state.Round && _state.Block.Status != TransactionStatus.Failed)
        {
            await RequireColumnsAsync(prepared.Plan).ConfigureAwait(false);
        }

        (prepared.RowsAnnounced, prepared.PromisesColumns) = (true, true);
        if (prepared.Plan.Command is ExecuteStatement execute)
        {
            prepared = _state.Statements[execute.Name];
            prepared.RowsAnnounced = true;
        }

        var plan = prepared.Plan;
        if (plan.Copy is not null)
        {
            BackendMessage.WriteNoData(_state.Output.Frames);
        }
        else if (plan.IsRun)
        {
            Announce(ResultColumns.Announce(plan.Columns, null, []));
        }
        else
        {
            session.Commands.Describe(plan.Part, []);
        }
    }

    /// <summary>Refuses a statement whose result has changed since it was planned.</summary>
    private async ValueTask RequireColumnsAsync(PlannedStatement plan)
    {
        var now = await session.ColumnsNowAsync(plan).ConfigureAwait(false);
        if (!now.AsSpan().SequenceEqual(plan.Columns))
        {
            throw PlannedStatement.ResultChanged();
        }
    }

    private async ValueTask DescribePortalAsync(Portal portal)
    {
        var plan = portal.Plan;
        RequireAliveForRows(plan);
        if (!plan.IsRun)
        {
            session.Commands.Describe(plan.Part, portal.Formats);
            return;
        }

        if (plan.Copy is not null)
        {
            BackendMessage.WriteNoData(_state.Output.Frames);
            return;
        }

        if (!plan.IsKnown)
        {
            session.Pipeline.AddDescribe(portal);
            return;
        }

        // Only a value can tell the type of an open column; and to this node another one's definitions may come late. The portal begins to run now then, and
        // keeps its first row.
        var mustLook = portal.Columns is null && plan.IsReadOnly && !portal.Prepared.RowsAnnounced
            && (plan.HasOpenColumns || (plan.SchemaVersion != 0 && !portal.Prepared.PromisesColumns && !session.Planning.IsLeader));
        if (mustLook && portal.Cursor is null && session.Pipeline.IsEmpty)
        {
            await session.OpenAsync(portal, session.Executor.RouteOf(plan)).ConfigureAwait(false);
        }

        portal.Columns ??= ResultColumns.Announce(ColumnsOf(portal), portal.RowAtHand ? portal.Cursor : null, portal.Formats);
        portal.Prepared.PromisesColumns = true;
        Announce(portal.Columns);
    }

    /// <summary>The columns of a portal that may run by a newer plan than it was bound to.</summary>
    private static PlannedColumn[]? ColumnsOf(Portal portal)
    {
        var columns = portal.Prepared.Plan.Columns;
        return portal.Formats.Length <= 1 || columns?.Length == portal.Formats.Length ? columns : throw PlannedStatement.ResultChanged();
    }

    private void Announce(OutputColumn[] columns)
    {
        if (columns.Length == 0)
        {
            BackendMessage.WriteNoData(_state.Output.Frames);
        }
        else
        {
            RowDescription.Write(_state.Output.Frames, _state.Output.Encoding, columns);
        }
    }

    private async ValueTask ExecuteAsync(ExecuteMessage message)
    {
        var portal = _state.Portals[message.Portal];
        var plan = portal.Plan;
        if (plan.Part is not { } part)
        {
            BackendMessage.WriteEmptyQueryResponse(_state.Output.Frames);
            return;
        }

        _state.Block.RequireAlive(part);
        _state.Clock.Require();
        _state.Activity.Begin(part.Source, _state.Block.Open);
        _state.Watch.Begin(part.Source);
        if (session.Pipeline.Defines && portal.Cursor is null && !part.IsTransaction)
        {
            // The statement may have been prepared for what is being defined anew.
            await session.Pipeline.CompleteInBlockAsync().ConfigureAwait(false);
        }

        if (portal is { State: PortalState.Gathered, Limited: true, Plan.ReturnsRows: true } || IsCursors(portal))
        {
            await session.Pipeline.CompleteAsync(rollBack: false).ConfigureAwait(false);
        }

        if (portal.Declared is not null)
        {
            await session.Cursors.ExecuteAsync(portal, message.RowsMax).ConfigureAwait(false);
        }
        else if (portal.State is PortalState.Done or PortalState.Gathered)
        {
            ExecuteAgain(portal);
        }
        else if (portal.Rows is not null)
        {
            ExecuteFromFrames(portal, message.RowsMax);
        }
        else if (!plan.IsRun)
        {
            await ExecuteCommandAsync(portal, part, message.RowsMax).ConfigureAwait(false);
        }
        else
        {
            await ExecuteRunAsync(portal, message.RowsMax).ConfigureAwait(false);
        }

        if (portal.State != PortalState.Suspended)
        {
            _state.Clock.Stop();
        }
    }

    private static bool IsCursors(Portal portal) => portal.Declared is not null || portal.Plan.Command is DeclareCursor or FetchCursor;

    private async ValueTask ExecuteRunAsync(Portal portal, long max)
    {
        var route = StatementRoute.OwnSnapshot;
        if (portal.Plan.Calls is not null && !session.Pipeline.IsEmpty)
        {
            // The session's calls are no part of an entry, so what is gathered before them becomes a block.
            await session.Pipeline.CompleteInBlockAsync().ConfigureAwait(false);
        }

        if (portal.Cursor is null)
        {
            route = session.Executor.RouteOf(portal.Plan, gathers: !session.Pipeline.IsEmpty, announces: true);
            if (route == StatementRoute.GatheredBatch)
            {
                session.Pipeline.Add(portal, max);
                return;
            }
        }

        // A statement that runs now comes after all that are gathered.
        await session.Pipeline.CompleteAsync(rollBack: false).ConfigureAwait(false);
        if (portal.Plan.Copy is not null)
        {
            // Row limits do not hold for it, as in PostgreSQL.
            portal.Cursor = await session.Executor.ExecuteAsync(portal.Bound, route).ConfigureAwait(false);
            await session.Sender.SendResultAsync(new StatementRun(portal.Bound), portal.Cursor).ConfigureAwait(false);
            portal.State = PortalState.Done;
            await portal.DisposeAsync().ConfigureAwait(false);
            return;
        }

        if (portal.Cursor is null)
        {
            await session.OpenAsync(portal, route).ConfigureAwait(false);
        }

        await SendRowsAsync(portal, portal.Cursor!, max).ConfigureAwait(false);
    }

    private async ValueTask SendRowsAsync(Portal portal, RowCursor cursor, long max)
    {
        var first = portal.State == PortalState.Ready;
        portal.Columns ??= ResultColumns.Announce(ColumnsOf(portal), null, portal.Formats);
        var (rows, ended) = first && !portal.RowAtHand
            ? (0, true)
            : await session.Sender.SendRowsAsync(cursor, portal.RowAtHand, portal.Columns, max).ConfigureAwait(false);
        portal.RowAtHand = false;
        if (ended)
        {
            session.Sender.Complete(new StatementRun(portal.Bound), cursor.Outcome, rows);
            portal.State = PortalState.Done;
            await portal.DisposeAsync().ConfigureAwait(false);
            return;
        }

        if (_state.Block.Writing is not null && portal.Plan.AsksCaller)
        {
            // The values that the statement draws are reported after its last row, which may be asked for late or never.
            _state.Sequences.InvalidateCaches();
        }

        portal.State = PortalState.Suspended;
        BackendMessage.WritePortalSuspended(_state.Output.Frames);
    }

    private async ValueTask ExecuteCommandAsync(Portal portal, StatementPart part, long max)
    {
        if (!session.Pipeline.IsEmpty && part.IsTransaction)
        {
            switch (part.Command)
            {
                case BeginTransaction:
                    await session.Pipeline.CompleteInBlockAsync().ConfigureAwait(false);
                    break;
                case RollbackTransaction { Chain: false }:
                    await session.Pipeline.CompleteAsync(rollBack: true).ConfigureAwait(false);
                    break;
                case CommitTransaction { Chain: false }:
                    await session.Pipeline.CompleteAsync(rollBack: false).ConfigureAwait(false);
                    break;

                // The other commands need a block, so they fail, and the gathered statements with them.
            }
        }

        await session.Commands.ExecuteAsync(portal, max).ConfigureAwait(false);
    }

    private void ExecuteAgain(Portal portal)
    {
        if (portal.Plan.Copy is null
            && (portal.Plan.IsQuery || portal.Plan.ReturnsRows || portal.Plan.Command is ShowSetting or FetchCursor { Moves: false }))
        {
            session.Sender.WriteTag(portal.Plan, 0);
            return;
        }

        throw new PgException(SqlState.ObjectNotInPrerequisiteState, $"portal \"{portal.Name}\" cannot be run");
    }

    private void ExecuteFromFrames(Portal portal, long max)
    {
        if (!portal.Rows!.Send(_state.Output.Frames, max, out var rows))
        {
            BackendMessage.WritePortalSuspended(_state.Output.Frames);
            return;
        }

        portal.Rows = null;
        portal.State = PortalState.Done;
        session.Sender.WriteTag(portal.Plan, rows);
    }

    private async ValueTask CloseAsync(TargetMessage message)
    {
        if (message.IsPortal)
        {
            await _state.Portals.CloseAsync(message.Name).ConfigureAwait(false);
        }
        else
        {
            _state.Statements.Remove(message.Name);
        }

        BackendMessage.WriteCloseComplete(_state.Output.Frames);
    }

    // In a failed block only statements without rows can be described.
    private void RequireAliveForRows(PlannedStatement plan)
    {
        if (plan.Part is { } part && (plan.ReturnsRows || session.Commands.ReturnsRows(part)))
        {
            _state.Block.RequireAlive(part);
        }
    }
}
