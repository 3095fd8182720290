using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Protocol;

/// <summary>Sends results to the client: rows straight from the cursor into the pipe, never more than a flush ahead of the client.</summary>
internal sealed class ResultSender(SessionState session)
{
    private readonly SessionOutput _output = session.Output;

    /// <summary>The settings by which values are written now.</summary>
    public FormatSettings Format => session.Settings.Format;

    /// <summary>Moves to the next row, if there is one.</summary>
    public async ValueTask<bool> NextRowAsync(RowCursor cursor)
    {
        while (await _output.AwaitAsync(cursor.WaitToReadAsync(session.Cancellation.Token)).ConfigureAwait(false))
        {
            if (cursor.TryRead())
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sends rows up to <paramref name="max"/> (0 for all) and returns whether the result ended before.</summary>
    public async ValueTask<(long Rows, bool Ended)> SendRowsAsync(RowCursor cursor, bool rowAtHand, OutputColumn[] columns, long max)
    {
        SendWarnings();
        var (token, encoding) = (session.Cancellation.Token, _output.Encoding);
        var rows = 0L;
        if (rowAtHand)
        {
            DataRow.Write(_output.Frames, encoding, cursor, columns, Format);
            if (++rows == max)
            {
                return (rows, false);
            }
        }

        while (await _output.AwaitAsync(cursor.WaitToReadAsync(token)).ConfigureAwait(false))
        {
            SendWarnings();
            while (cursor.TryRead())
            {
                DataRow.Write(_output.Frames, encoding, cursor, columns, Format);
                if (++rows == max)
                {
                    return (rows, false);
                }

                if (_output.FlushIsDue)
                {
                    await _output.FlushAsync().ConfigureAwait(false);
                    token.ThrowIfCancellationRequested();
                }
            }
        }

        return (rows, true);
    }

    /// <summary>Sends a whole result: columns in text format, rows, and CommandComplete; for a COPY its own frames instead.</summary>
    public async ValueTask SendResultAsync(StatementRun run, RowCursor cursor)
    {
        var prepared = run.Bound.Prepared;
        var plan = prepared.Plan;
        if (plan.Copy is { } copy)
        {
            await SendCopyAsync(run, cursor, copy).ConfigureAwait(false);
            return;
        }

        SendNotices(plan);
        var rowAtHand = await NextRowAsync(cursor).ConfigureAwait(false);
        if (prepared.Name.Length > 0 && (rowAtHand || cursor.Outcome.Error is null) && !plan.Promises(cursor.Schema))
        {
            // By EXECUTE: the client expects the columns that PREPARE has promised.
            throw PlannedStatement.ResultChanged();
        }

        var columns = Array.Empty<OutputColumn>();
        if (cursor.Schema is { Columns.Count: > 0 } schema)
        {
            columns = ResultColumns.Announce(plan.ColumnsOf(schema), rowAtHand ? cursor : null, []);
            RowDescription.Write(_output.Frames, _output.Encoding, columns);
        }

        var (rows, _) = await SendRowsAsync(cursor, rowAtHand, columns, 0).ConfigureAwait(false);
        Complete(run, cursor.Outcome, rows);
    }

    private async ValueTask SendCopyAsync(StatementRun run, RowCursor cursor, CopyOptions options)
    {
        var plan = run.Bound.Prepared.Plan;
        var token = session.Cancellation.Token;
        SendNotices(plan);
        var rowAtHand = await NextRowAsync(cursor).ConfigureAwait(false);
        if (!rowAtHand)
        {
            ThrowIfFailed(run, cursor.Outcome.Error);
        }

        var planned = plan.ColumnsOf(cursor.Schema);
        var columns = options.Format == CopyFormat.Binary
            ? ResultColumns.Announce(planned, rowAtHand ? cursor : null, [1])
            : ResultColumns.ForCopy(planned);
        var copy = CopyOut.Create(options, _output.Encoding, columns, Format);
        copy.Begin(_output.Frames);
        var rows = 0L;
        if (rowAtHand)
        {
            copy.WriteRow(_output.Frames, cursor);
            rows++;
        }

        while (await _output.AwaitAsync(cursor.WaitToReadAsync(token)).ConfigureAwait(false))
        {
            while (cursor.TryRead())
            {
                copy.WriteRow(_output.Frames, cursor);
                rows++;
                if (_output.FlushIsDue)
                {
                    await _output.FlushAsync().ConfigureAwait(false);
                    token.ThrowIfCancellationRequested();
                }
            }
        }

        ThrowIfFailed(run, cursor.Outcome.Error);
        copy.End(_output.Frames);
        Complete(run, cursor.Outcome, rows);
    }

    /// <summary>Ends a statement: with CommandComplete, or with its error.</summary>
    public void Complete(StatementRun run, in StatementOutcome outcome, long rows)
    {
        End(run, outcome);
        var plan = run.Bound.Prepared.Plan;
        WriteTag(plan, plan is { ReturnsRows: false, CountsChanges: true } ? outcome.RowsAffected : rows);
    }

    /// <summary>Ends a statement whose end the client is not told.</summary>
    public void End(StatementRun run, in StatementOutcome outcome)
    {
        session.Sequences.Note(outcome.Effects);
        ThrowIfFailed(run, outcome.Error);
    }

    /// <summary>Writes CommandComplete.</summary>
    public void WriteTag(PlannedStatement plan, long rows) =>
        CommandComplete.Write(_output.Frames, plan.CountedTag ?? plan.Tag, plan.CountedTag is null ? null : rows);

    public void ThrowIfFailed(StatementRun run, StatementError? error)
    {
        SendWarnings();
        if (error is not null)
        {
            var plan = run.Bound.Prepared.Plan;
            var mapped = ErrorMapping.From(error, plan.PositionOf(error), plan.Tag, session.Cancellation.Token.IsCancellationRequested);
            throw new PgException(plan.Complete(mapped, error))
            {
                AtCommit = error.AtCommit,
                Failed = run,
            };
        }
    }

    /// <summary>Sends the notices that planning has found, before the statement's own answer.</summary>
    public void SendNotices(PlannedStatement plan)
    {
        foreach (var notice in plan.Notices)
        {
            session.Notice(notice);
        }
    }

    private void SendWarnings()
    {
        if (session.Warnings.Count > 0)
        {
            foreach (var warning in session.Warnings)
            {
                session.Notice(PgError.Warning(SqlState.Warning, warning));
            }

            session.Warnings = [];
        }
    }
}
