using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;

namespace Rqlite.Pg.Wire.Query;

/// <summary>
/// Statements that take effect together: from the first write on, all statements up to Sync or the end of the query string are gathered here
/// and go through the log as one atomic batch. Answers are given in order once the batch is done, as if each statement had run when it came.
/// </summary>
internal sealed class StatementPipeline(PgSession session)
{
    // A statement that fails when it runs, on every node alike, and so undoes a batch whose later part has failed.
    private static readonly Statement s_failing = new("SELECT abs(-9223372036854775807 - 1)"u8.ToArray(), default);

    private const int StepBytes = 256;

    private readonly List<Step> _steps = [];
    private readonly List<Statement> _statements = [];
    private long _bytes;

    // The bytes reserved for gathered statements and held answers; the name of a gathered statement may have been given to another one by now.
    private long _reserved;
    private readonly List<PreparedStatement> _counted = [];

    private enum StepKind
    {
        Run,
        DescribePortal,
        Command,
    }

    public bool IsEmpty => _steps.Count == 0;

    /// <summary>Adds a statement that sends its own columns, as in a query string.</summary>
    public void Add(PreparedStatement prepared, Statement bound)
    {
        Hold(prepared);
        Gather(bound);
        Push(new Step(0, StepKind.Run, prepared, null, 0));
    }

    /// <summary>Adds an Execute.</summary>
    public void Add(Portal portal, long max)
    {
        Hold(portal.Prepared);
        Gather(portal.Bound);
        portal.State = PortalState.Gathered;
        portal.Limited = max > 0;
        Push(new Step(0, StepKind.Run, portal.Prepared, portal, max));
    }

    /// <summary>Adds a Describe of a portal whose columns will be known when it has run.</summary>
    public void AddDescribe(Portal portal) => Push(new Step(0, StepKind.DescribePortal, portal.Prepared, portal, 0));

    /// <summary>Adds a command of the session, run when its turn to be answered has come.</summary>
    public void AddCommand(PreparedStatement prepared, Portal? portal, long max) =>
        Push(new Step(0, StepKind.Command, prepared, portal, max));

    /// <summary>Reserves memory for the gathered statements and the held answers; called after each message.</summary>
    /// <exception cref="PgException">53200: they take more memory than there is left.</exception>
    public void Count()
    {
        var bytes = _bytes + session.Output.HeldBytes + (StepBytes * (long)_steps.Count);
        if (bytes > _reserved)
        {
            session.Memory.Reserve(bytes - _reserved);
            _reserved = bytes;
        }
    }

    /// <summary>Drops the gathered statements and the held answers.</summary>
    public void Drop()
    {
        Uncount();
        _steps.Clear();
        _statements.Clear();
        _bytes = 0;
        if (session.Output.Holding)
        {
            session.Output.Release();
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

        var steps = _steps.ToArray();
        var statements = new List<Statement>(_statements);
        if (rollBack)
        {
            statements.Add(s_failing);
        }

        _steps.Clear();
        _statements.Clear();
        _bytes = 0;
        var held = session.Output.Release();
        StatementBatch? batch = null;
        var taken = false;
        try
        {
            if (statements.Count == 0)
            {
                await AnswerAsync(steps, held, NoResult).ConfigureAwait(false);
                return;
            }

            batch = new StatementBatch(statements, PgSession.Options | BatchOptions.Atomic)
            {
                Caller = steps.Any(step => step.Prepared.MayAskForSession) ? session.Values.Caller : null,
            };

            session.Listening.Prepare(steps.Select(step => step.Prepared.Parsed?.Command).OfType<ListenChannel>());

            // The answers so far leave together with the rest: sent ahead it would cost a system call and wake the client for nothing.
            var write = session.Writer.TakeOptions();
            if (rollBack)
            {
                // No effect remains, so nothing is to be remembered under the key.
                write = write with { IdempotencyKey = null };
            }

            taken = await RunAsync(batch, write, steps, held).ConfigureAwait(false);
        }
        finally
        {
            Uncount();
            if (!taken && batch is { Caller: not null })
            {
                // The entry may have used values that the session has cached, without the session having heard of all of them.
                session.Values.DropCaches();
            }
        }
    }

    /// <returns>False if the answer was another request's, whose session has the cached values of the sequences drawn from.</returns>
    private async ValueTask<bool> RunAsync(StatementBatch batch, WriteOptions write, Step[] steps, ReadOnlyMemory<byte> held)
    {
        var database = session.Context.Database;
        var known = Array.Exists(steps, static step => step.Kind == StepKind.Run && step.Prepared.IsKnownToWrite);
        var result = known
            ? await database.ExecuteAsync(batch, write, session.Cancellation.Token).ConfigureAwait(false)
            : await database.RequestAsync(batch, session.Statements.ReadOptions, write, session.Cancellation.Token).ConfigureAwait(false);
        await using (result.ConfigureAwait(false))
        {
            session.Statements.Saw(result.RaftIndex);
            if (result.Replayed && write.IdempotencyKey is not null)
            {
                session.Notice(new PgError(
                    Severity.Notice, SqlState.SuccessfulCompletion, $"the write had run before, as entry {result.RaftIndex}; this is its first answer"));
            }

            await AnswerAsync(steps, held, () => result.NextAsync(session.Cancellation.Token)).ConfigureAwait(false);
            return !result.Replayed;
        }
    }

    /// <summary>Runs the gathered statements in a block that is opened for them, and for the BEGIN that comes next.</summary>
    public async ValueTask CompleteInBlockAsync()
    {
        var steps = _steps.ToArray();
        var statements = _statements.ToArray();
        _steps.Clear();
        _statements.Clear();
        _bytes = 0;
        var held = session.Output.Release();
        try
        {
            session.OpenAhead();
            var next = 0;
            await AnswerAsync(steps, held, RunNextAsync).ConfigureAwait(false);

            async ValueTask<RowCursor?> RunNextAsync()
            {
                var writer = steps.First(step => step.Kind == StepKind.Run).Prepared;
                await session.Writer.TakeAsync(writer).ConfigureAwait(false);
                return await session.Writer.RunAsync(statements[next++], session.Clock.Left).ConfigureAwait(false);
            }
        }
        finally
        {
            Uncount();
        }
    }

    private static ValueTask<RowCursor?> NoResult() => new((RowCursor?)null);

    private async ValueTask AnswerAsync(Step[] steps, ReadOnlyMemory<byte> held, Func<ValueTask<RowCursor?>> results)
    {
        var sent = 0;
        RowCursor? ahead = null;
        for (var i = 0; i < steps.Length; i++)
        {
            var step = steps[i];
            session.Output.Write(held.Span[sent..step.HeldOffset]);
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
                        Describe(step.Portal!, ahead.Schema);
                    }
                    else
                    {
                        Describe(step.Portal!, (await session.Statements.ShapeAsync(step.Prepared.Parsed!).ConfigureAwait(false)).Rows);
                    }

                    break;
                case StepKind.Command when step.Portal is { } portal:
                    await session.Commands.ExecuteAsync(portal, step.Max).ConfigureAwait(false);
                    break;
                default:
                    await session.Commands.RunAsync(step.Prepared.Parsed!).ConfigureAwait(false);
                    break;
            }

            if (session.Output.FlushIsDue)
            {
                await session.Output.FlushAsync().ConfigureAwait(false);
            }
        }

        session.Output.Write(held.Span[sent..]);
    }

    private static async ValueTask<RowCursor> NextAsync(Func<ValueTask<RowCursor?>> results) =>
        await results().ConfigureAwait(false) ?? throw new InvalidOperationException("A batch has fewer results than statements.");

    private void Describe(Portal portal, RowSchema schema)
    {
        // The outcome, and with it a failure, is known only after the rows: a failed statement has no columns, and its error follows.
        if (schema.Columns.Count == 0 || portal.Prepared.Parsed!.Copy is not null)
        {
            BackendMessage.WriteNoData(session.Output.Frames);
            return;
        }

        portal.Columns = ResultColumns.Settle(ResultSender.TypesOf(portal.Prepared, schema), null, portal.Formats);
        RowDescription.Write(session.Output.Frames, schema, portal.Columns);
    }

    private async ValueTask AnswerRunAsync(Step step, RowCursor cursor)
    {
        if (step.Portal is not { } portal || step.Prepared.Parsed!.Copy is not null)
        {
            await session.Sender.SendResultAsync(step.Prepared, cursor).ConfigureAwait(false);
            step.Portal?.State = PortalState.Done;
            return;
        }

        var parsed = step.Prepared.Parsed!;
        portal.Columns ??= ResultColumns.Settle(ResultSender.TypesOf(portal.Prepared, cursor.Schema), null, portal.Formats);
        if (cursor.Schema.Columns.Count != portal.Columns.Length)
        {
            // A failed statement has no columns; changed columns may not be sent under the announced ones.
            await session.Sender.FirstRowAsync(cursor).ConfigureAwait(false);
            session.Sender.ThrowIfFailed(cursor.Outcome.Error, parsed);
            throw ResultSender.PlanChanged();
        }

        var (rows, ended) = await session.Sender.SendRowsAsync(cursor, false, portal.Columns, step.Max).ConfigureAwait(false);
        if (ended)
        {
            session.Sender.Complete(step.Prepared, cursor.Outcome, rows, parsed);
            portal.State = PortalState.Done;
            return;
        }

        // The next result may only be asked for after this one: the rows beyond the limit are kept as frames.
        portal.Rows = new RowFrames();
        var kept = 0;
        while (await cursor.WaitToReadAsync(session.Cancellation.Token).ConfigureAwait(false))
        {
            while (cursor.TryRead())
            {
                DataRow.Write(portal.Rows.Writer, cursor, portal.Columns, session.Sender.Format);
                if (portal.Rows.Bytes > kept)
                {
                    session.Names.Grow(portal, portal.Rows.Bytes - kept);
                    kept = portal.Rows.Bytes;
                }
            }
        }

        session.Values.Note(cursor.Outcome.Effects);
        session.Sender.ThrowIfFailed(cursor.Outcome.Error, parsed);
        portal.State = PortalState.Suspended;
        BackendMessage.WritePortalSuspended(session.Output.Frames);
    }

    private void Hold(PreparedStatement prepared)
    {
        session.Memory.Hold(prepared);
        _counted.Add(prepared);
    }

    private void Uncount()
    {
        foreach (var prepared in _counted)
        {
            session.Memory.Drop(prepared);
        }

        _counted.Clear();
        session.Memory.Release(_reserved);
        _reserved = 0;
    }

    private void Gather(Statement statement)
    {
        var limits = session.Context.Options;
        _bytes += statement.Sql.Length + statement.Parameters.Length;
        if (_bytes + session.Output.HeldBytes > limits.PipelineBytesMax || _statements.Count >= limits.PipelineStatementsMax)
        {
            throw new PgException(
                SqlState.ProgramLimitExceeded,
                "too many statements or parameters for one implicit transaction",
                "Send Sync more often, or fewer statements in one string.");
        }

        _statements.Add(statement);
    }

    private void Push(Step step)
    {
        if (!session.Output.Holding)
        {
            session.Output.Hold();
        }

        _steps.Add(step with { HeldOffset = session.Output.HeldBytes });
    }

    private readonly record struct Step(int HeldOffset, StepKind Kind, PreparedStatement Prepared, Portal? Portal, long Max);
}
