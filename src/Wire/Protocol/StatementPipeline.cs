using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Execution.Routes;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Protocol;

/// <summary>
/// The answers of statements that take effect together: from the first write on, all statements up to Sync or the end of the query string are
/// gathered (<see cref="GatheredBatch"/>). Answers are given in order once the batch is done, as if each statement had run when it came.
/// </summary>
internal sealed class StatementPipeline(PgSession session)
{
    private const int StepBytes = 256;

    private readonly SessionState _state = session.State;
    private readonly GatheredBatch _batch = session.Executor.Gathered;
    private readonly List<Step> _steps = [];

    private enum StepKind
    {
        Run,
        DescribePortal,
        Command,
    }

    public bool IsEmpty => _steps.Count == 0;

    /// <summary>A gathered statement changes the schema.</summary>
    public bool Defines { get; private set; }

    /// <summary>Adds a statement that sends its own columns, as in a query string.</summary>
    public void Add(BoundStatement bound)
    {
        _batch.Add(bound);
        Push(new Step(0, StepKind.Run, bound.Prepared, null, 0) { Run = RunOf(bound) });
    }

    /// <summary>Adds an Execute.</summary>
    public void Add(Portal portal, long max)
    {
        _batch.Add(portal.Bound);
        Defines |= portal.Plan.Defines;
        portal.State = PortalState.Gathered;
        portal.Limited = max > 0;
        Push(new Step(0, StepKind.Run, portal.Prepared, portal, max) { Run = RunOf(portal.Bound) });
    }

    /// <summary>Adds a Describe of a portal whose columns will be known when it has run.</summary>
    public void AddDescribe(Portal portal) => Push(new Step(0, StepKind.DescribePortal, portal.Prepared, portal, 0));

    /// <summary>Adds a command of the session, run when its turn to be answered has come.</summary>
    public void AddCommand(PreparedStatement prepared) => Push(new Step(0, StepKind.Command, prepared, null, 0));

    /// <summary>Reserves memory for the gathered statements and the held answers; called after each message.</summary>
    public void Count() => _batch.Reserve(_state.Output.HeldBytes + (StepBytes * (long)_steps.Count));

    /// <summary>Drops the gathered statements and the held answers.</summary>
    public void Drop()
    {
        _batch.Drop();
        _steps.Clear();
        Defines = false;
        if (_state.Output.Holding)
        {
            _state.Output.Release();
        }
    }

    /// <summary>Runs the gathered statements and answers them.</summary>
    /// <param name="rollBack">Runs the batch only for its answers: a later message has failed, and no effect may remain.</param>
    /// <exception cref="PgException">A statement of the batch failed; nothing of it took effect.</exception>
    public async ValueTask CompleteAsync(bool rollBack)
    {
        if (IsEmpty)
        {
            return;
        }

        var (steps, statements, held) = Take();
        try
        {
            if (statements.Length == 0 && !rollBack)
            {
                await AnswerAsync(steps, held, static () => new((RowCursor?)null)).ConfigureAwait(false);
                return;
            }

            _state.Listening.Prepare(steps.Select(step => step.Prepared.Plan.Command).OfType<ListenChannel>());
            await _batch.RunAsync(statements, rollBack, results => AnswerAsync(steps, held, results)).ConfigureAwait(false);
        }
        finally
        {
            _batch.Drop();
        }
    }

    /// <summary>Runs the gathered statements in a block that is opened for them, and for the BEGIN that comes next.</summary>
    public async ValueTask CompleteInBlockAsync()
    {
        var (steps, statements, held) = Take();
        try
        {
            session.Transactions.OpenImplicit();
            await _batch.RunInBlockAsync(statements, results => AnswerAsync(steps, held, results)).ConfigureAwait(false);
        }
        finally
        {
            _batch.Drop();
        }
    }

    private (Step[] Steps, BoundStatement[] Statements, ReadOnlyMemory<byte> Held) Take()
    {
        var steps = _steps.ToArray();
        _steps.Clear();
        Defines = false;
        return (steps, _batch.Take(), _state.Output.Release());
    }

    private async ValueTask AnswerAsync(Step[] steps, ReadOnlyMemory<byte> held, NextResult results)
    {
        var sent = 0;
        RowCursor? ahead = null;
        for (var i = 0; i < steps.Length; i++)
        {
            var step = steps[i];
            _state.Output.Write(held.Span[sent..step.HeldOffset]);
            sent = step.HeldOffset;
            switch (step.Kind)
            {
                case StepKind.Run:
                    var cursor = ahead ?? await NextAsync(results).ConfigureAwait(false);
                    ahead = null;
                    await using (cursor.ConfigureAwait(false))
                    {
                        await AnswerRunAsync(step, cursor).ConfigureAwait(false);
                    }

                    break;
                case StepKind.DescribePortal:
                    if (Array.Find(steps[i..], later => later.Kind == StepKind.Run).Portal == step.Portal)
                    {
                        ahead ??= await NextAsync(results).ConfigureAwait(false);
                        Describe(step.Portal!, step.Portal!.Plan.ColumnsOf(ahead.Schema));
                    }
                    else
                    {
                        Describe(step.Portal!, await session.ColumnsNowAsync(step.Prepared.Plan).ConfigureAwait(false));
                    }

                    break;
                default:
                    await session.Commands.RunAsync(step.Prepared.Plan.Part!).ConfigureAwait(false);
                    break;
            }

            if (_state.Output.FlushIsDue)
            {
                await _state.Output.FlushAsync().ConfigureAwait(false);
            }
        }

        _state.Output.Write(held.Span[sent..]);
    }

    private static async ValueTask<RowCursor> NextAsync(NextResult results) =>
        await results().ConfigureAwait(false) ?? throw new InvalidOperationException("A batch has fewer results than statements.");

    private void Describe(Portal portal, PlannedColumn[] columns)
    {
        // The outcome, and with it a failure, is known only after the rows: a failed statement has no columns, and its error follows.
        if (columns.Length == 0 || portal.Plan.Copy is not null)
        {
            BackendMessage.WriteNoData(_state.Output.Frames);
            return;
        }

        portal.Columns = ResultColumns.Announce(columns, null, portal.Formats);
        RowDescription.Write(_state.Output.Frames, _state.Output.Encoding, portal.Columns);
    }

    private async ValueTask AnswerRunAsync(Step step, RowCursor cursor)
    {
        var plan = step.Prepared.Plan;
        if (step.Portal is not { } portal || plan.Copy is not null)
        {
            await session.Sender.SendResultAsync(step.Run!, cursor).ConfigureAwait(false);
            step.Portal?.State = PortalState.Done;
            return;
        }

        session.Sender.SendNotices(plan);
        portal.Columns ??= ResultColumns.Announce(plan.ColumnsOf(cursor.Schema), null, portal.Formats);
        if (cursor.Schema.Columns.Count != portal.Columns.Length)
        {
            // A failed statement has no columns; changed columns may not be sent under the announced ones.
            await session.Sender.NextRowAsync(cursor).ConfigureAwait(false);
            session.Sender.ThrowIfFailed(step.Run!, cursor.Outcome.Error);
            throw PlannedStatement.ResultChanged();
        }

        var (rows, ended) = await session.Sender.SendRowsAsync(cursor, false, portal.Columns, step.Max).ConfigureAwait(false);
        if (ended)
        {
            session.Sender.Complete(step.Run!, cursor.Outcome, rows);
            portal.State = PortalState.Done;
            return;
        }

        // The next result may only be asked for after this one: the rows beyond the limit are kept as frames.
        portal.Rows = new RowFrames();
        var kept = 0;
        while (await cursor.WaitToReadAsync(_state.Cancellation.Token).ConfigureAwait(false))
        {
            while (cursor.TryRead())
            {
                DataRow.Write(portal.Rows.Writer, _state.Output.Encoding, cursor, portal.Columns, session.Sender.Format);
                if (portal.Rows.Bytes > kept)
                {
                    _state.Portals.Grow(portal, portal.Rows.Bytes - kept);
                    kept = portal.Rows.Bytes;
                }
            }
        }

        _state.Sequences.Note(cursor.Outcome.Effects);
        session.Sender.ThrowIfFailed(step.Run!, cursor.Outcome.Error);
        portal.State = PortalState.Suspended;
        BackendMessage.WritePortalSuspended(_state.Output.Frames);
    }

    private StatementRun RunOf(BoundStatement bound) => new(bound, _steps.Exists(static step => step.Run?.Bound.Plan.Writes == true));

    private void Push(Step step)
    {
        if (!_state.Output.Holding)
        {
            _state.Output.Hold();
        }

        _steps.Add(step with { HeldOffset = _state.Output.HeldBytes });
    }

    private readonly record struct Step(int HeldOffset, StepKind Kind, PreparedStatement Prepared, Portal? Portal, long Max)
    {
        /// <summary>Set for <see cref="StepKind.Run"/>.</summary>
        public StatementRun? Run { get; init; }
    }
}
