using Rqlite.Pg.Dialect;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Execution;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Protocol;

/// <summary>A Query message: all statements of its text are one implicit transaction, unless the text opens one of its own.</summary>
internal sealed class SimpleQuery(PgSession session)
{
    // The bytes of a statement that is parsed, prepared and gathered.
    private const int StatementBytes = 1024;

    private readonly SessionState _state = session.State;

    // The text was parsed for sessions that translate.
    private bool _translates;

    public async ValueTask RunAsync(string text)
    {
        // A query string does away with the unnamed statement and portal.
        _state.Statements.Remove("");
        await _state.Portals.CloseAsync("").ConfigureAwait(false);
        _translates = _state.Settings.Translates;
        var statements = session.Planner.Parse(text, session.Planning, _state.Context.Options.PipelineStatementsMax);
        if (statements.Count == 0)
        {
            BackendMessage.WriteEmptyQueryResponse(_state.Output.Frames);
            return;
        }

        // The text is counted with its message; the objects of short statements are larger than their text.
        var bytes = (statements.Count - 1) * (long)StatementBytes;
        _state.Memory.Reserve(bytes);
        _state.SharesTransaction = statements.Count > 1;
        try
        {
            for (var next = 0; next < statements.Count;)
            {
                next = await RunNextAsync(statements, next).ConfigureAwait(false);
            }
        }
        finally
        {
            _state.SharesTransaction = false;
            _state.Memory.Release(bytes);
        }
    }

    /// <returns>The index behind what was run.</returns>
    private async ValueTask<int> RunNextAsync(IReadOnlyList<StatementPart> statements, int next)
    {
        if (_state.Block.Open || (statements[next].IsTransaction && !QueryUnits.ClosesLater(statements, next)))
        {
            await RunAloneAsync(statements[next]).ConfigureAwait(false);
            return next + 1;
        }

        var end = QueryUnits.EndOf(statements, next);
        if (!statements[next].IsTransaction && QueryUnits.FollowerOf(statements, end)?.Command is BeginTransaction)
        {
            // PostgreSQL makes one block of the statements before a BEGIN and those after it.
            session.Transactions.OpenImplicit();
            return next;
        }

        if (!_state.SharesTransaction || !QueryUnits.NeedsBlock(statements, next, end))
        {
            return await RunUnitAsync(statements, next).ConfigureAwait(false);
        }

        return await RunAsBlockAsync(statements, next, end).ConfigureAwait(false);
    }

    // A BEGIN among the statements takes the block over, and its COMMIT ends it. What undoes the unit comes next and finds the block open.
    private async ValueTask<int> RunAsBlockAsync(IReadOnlyList<StatementPart> statements, int start, int end)
    {
        session.Transactions.OpenImplicit();
        for (var i = start; i < end; i++)
        {
            await RunAloneAsync(statements[i]).ConfigureAwait(false);
        }

        if (QueryUnits.FollowerOf(statements, end) is not { } follower || !QueryUnits.Undoes(follower))
        {
            await session.Transactions.CommitImplicitAsync().ConfigureAwait(false);
        }

        return end;
    }

    private async ValueTask RunAloneAsync(StatementPart part)
    {
        _state.Block.RequireAlive(part);
        if (part.Runs)
        {
            await RunAsync(await PlanAsync(part, behindWrites: false).ConfigureAwait(false)).ConfigureAwait(false);
        }
        else
        {
            await session.Commands.RunAsync(part).ConfigureAwait(false);
        }
    }

    private async ValueTask RunAsync(BoundStatement bound)
    {
        if (bound.Plan.IsRun)
        {
            await SendAsync(bound, session.Executor.RouteOf(bound.Plan)).ConfigureAwait(false);
        }
        else if (bound.Plan is { Part: { Command: DeclareCursor declare } part, Query: { } query })
        {
            await session.Cursors.DeclareAsync(declare, query, bound.Statement).ConfigureAwait(false);
            if (!_state.SharesTransaction)
            {
                await session.Transactions.CommitImplicitAsync().ConfigureAwait(false);
            }

            CommandComplete.Write(_state.Output.Frames, part.Tag, null);
        }
        else if (bound.Plan.Part is { } command)
        {
            await session.Commands.RunAsync(command).ConfigureAwait(false);
        }
        else
        {
            BackendMessage.WriteEmptyQueryResponse(_state.Output.Frames);
        }
    }

    /// <returns>The index behind the unit.</returns>
    private async ValueTask<int> RunUnitAsync(IReadOnlyList<StatementPart> statements, int start)
    {
        var end = QueryUnits.EndOf(statements, start);
        var unit = new List<BoundStatement>(end - start);
        var writes = false;
        PgException? failure = null;
        for (var i = start; i < end && failure is null; i++)
        {
            try
            {
                var bound = await PlanAsync(statements[i], behindWrites: writes).ConfigureAwait(false);
                if (bound.Plan.Defines ? i + 1 < end : bound.Plan.Calls is not null && _state.SharesTransaction)
                {
                    return await RunAsBlockAsync(statements, start, end).ConfigureAwait(false);
                }

                unit.Add(bound);
                writes |= bound.Plan.Writes;
            }
            catch (PgException exception) when (exception.Error.SqlState != SqlState.SyntaxError)
            {
                // A syntax error spoils the whole text, as in PostgreSQL; any other error is reported in its turn.
                failure = exception;
            }
        }

        if (!writes)
        {
            await ReadUnitAsync(unit).ConfigureAwait(false);
        }
        else if (unit.Count == 1 && failure is null && session.Executor.RouteOf(unit[0].Plan) is var route and not StatementRoute.GatheredBatch)
        {
            await SendAsync(unit[0], route).ConfigureAwait(false);
        }
        else
        {
            var undone = failure is not null || (QueryUnits.FollowerOf(statements, end) is { } follower && QueryUnits.Undoes(follower));
            await WriteUnitAsync(unit, undone).ConfigureAwait(false);
        }

        return failure is null ? end : throw failure;
    }

    private async ValueTask WriteUnitAsync(List<BoundStatement> unit, bool rollBack)
    {
        // Refuses the unit if its first write may not run.
        session.Executor.RouteOf(unit.Find(static bound => bound.Plan.Writes)!.Plan, gathers: true);
        if (unit.Exists(static bound => SettingCommands.SetsIdempotencyKey(bound.Plan.Command)))
        {
            throw Settings.IdempotencyKeyTooLate();
        }

        var range = UnitRouting.Decide(unit.ConvertAll(static bound => bound.Plan.Traits), session.Executor.LockTraits());
        if (range.Refused)
        {
            throw new PgException(
                SqlState.FeatureNotSupported,
                "advisory locks cannot be used between the writes of one query string",
                "Send the statements one by one.");
        }

        await ReadUnitAsync(unit[..range.First]).ConfigureAwait(false);
        foreach (var bound in unit[range.First..range.End])
        {
            if (bound.Plan.IsRun)
            {
                session.Pipeline.Add(bound);
            }
            else
            {
                session.Pipeline.AddCommand(bound.Prepared);
            }
        }

        await session.Pipeline.CompleteAsync(rollBack).ConfigureAwait(false);
        if (range.End < unit.Count && !rollBack)
        {
            await ReadUnitAsync(unit[range.End..]).ConfigureAwait(false);
        }
    }

    private async ValueTask ReadUnitAsync(List<BoundStatement> unit)
    {
        // Reads after a lock must be as new as the lock, so such a unit takes no snapshot.
        if (unit.Count(static bound => bound.Plan.IsRun) > 1 && !unit.Exists(bound => session.Executor.ServesLocks(bound.Plan)))
        {
            await session.Executor.PinAsync().ConfigureAwait(false);
        }

        foreach (var bound in unit)
        {
            await RunAsync(bound).ConfigureAwait(false);
        }

        await session.Executor.UnpinAsync().ConfigureAwait(false);
    }

    private async ValueTask SendAsync(BoundStatement bound, StatementRoute route)
    {
        var cursor = await session.Executor.ExecuteAsync(bound, route).ConfigureAwait(false);
        await using (cursor.ConfigureAwait(false))
        {
            await session.Sender.SendResultAsync(new StatementRun(bound), cursor).ConfigureAwait(false);
        }
    }

    private async ValueTask<BoundStatement> PlanAsync(StatementPart part, bool behindWrites)
    {
        if (_state.Settings.Translates != _translates)
        {
            throw new PgException(
                SqlState.FeatureNotSupported, "a statement behind a change of rqlite.dialect in the same query string is not supported",
                "Send it in a query of its own.");
        }

        if (part.Command is ExecuteStatement execute)
        {
            return await session.Commands.BindAsync(execute).ConfigureAwait(false);
        }

        if (part.ParameterCount > 0 || part is { Command: DeclareCursor, Body.ParameterCount: > 0 })
        {
            throw new PgException(SqlState.UndefinedParameter, "there is no parameter $1");
        }

        var plan = await session.Planner.PlanAsync(part, default, session.Planning, behindWrites).ConfigureAwait(false);
        return new BoundStatement(new PreparedStatement("", plan, _state.Round), plan.Bind([], _state.Settings.Format, moment: _state.Block.Moment));
    }
}
