using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;

namespace Rqlite.Pg.Wire.Query;

/// <summary>Sends results to the client: rows straight from the cursor into the pipe, never more than a flush ahead of the client.</summary>
internal sealed class ResultSender(SessionOutput output, StatementCancellation cancellation, Settings settings, SessionValues values)
{
    /// <summary>The settings by which values are written now.</summary>
    public FormatSettings Format => settings.Format;

    private IReadOnlyList<string> _warnings = [];

    /// <summary>Keeps warnings of a statement, which are sent before its rows.</summary>
    public void Warn(IReadOnlyList<string> warnings) => _warnings = warnings;

    /// <summary>Moves to the first row, if there is one.</summary>
    public async ValueTask<bool> FirstRowAsync(RowCursor cursor)
    {
        while (await output.AwaitAsync(cursor.WaitToReadAsync(cancellation.Token)).ConfigureAwait(false))
        {
            if (cursor.TryRead())
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sends rows up to <paramref name="max"/> (0 for all) and returns whether the result ended before.</summary>
    public async ValueTask<(long Rows, bool Ended)> SendRowsAsync(RowCursor cursor, bool rowAtHand, ColumnFormat[] columns, long max)
    {
        SendWarnings();
        var token = cancellation.Token;
        var rows = 0L;
        if (rowAtHand)
        {
            DataRow.Write(output.Frames, cursor, columns, Format);
            if (++rows == max)
            {
                return (rows, false);
            }
        }

        while (await output.AwaitAsync(cursor.WaitToReadAsync(token)).ConfigureAwait(false))
        {
            while (cursor.TryRead())
            {
                DataRow.Write(output.Frames, cursor, columns, Format);
                if (++rows == max)
                {
                    return (rows, false);
                }

                if (output.FlushIsDue)
                {
                    await output.FlushAsync().ConfigureAwait(false);
                    token.ThrowIfCancellationRequested();
                }
            }
        }

        return (rows, true);
    }

    /// <summary>Sends a whole result: columns in text format, rows, and CommandComplete; for a COPY its own frames instead.</summary>
    public async ValueTask SendResultAsync(PreparedStatement prepared, RowCursor cursor)
    {
        var parsed = prepared.Parsed!;
        if (parsed.Copy is { } copy)
        {
            await SendCopyAsync(prepared, cursor, copy).ConfigureAwait(false);
            return;
        }

        var rowAtHand = await FirstRowAsync(cursor).ConfigureAwait(false);
        if (prepared is { Name.Length: > 0, Shape: { } shape } && (rowAtHand || cursor.Outcome.Error is null)
            && !ResultColumns.Same(shape.Rows, cursor.Schema))
        {
            // By EXECUTE: the client expects the columns that PREPARE has promised.
            throw PlanChanged();
        }

        var columns = Array.Empty<ColumnFormat>();
        if (cursor.Schema is { Columns.Count: > 0 } schema)
        {
            columns = ResultColumns.Settle(TypesOf(prepared, schema), rowAtHand ? cursor : null, []);
            RowDescription.Write(output.Frames, schema, columns);
        }

        var (rows, _) = await SendRowsAsync(cursor, rowAtHand, columns, 0).ConfigureAwait(false);
        Complete(prepared, cursor.Outcome, rows, parsed);
    }

    private async ValueTask SendCopyAsync(PreparedStatement prepared, RowCursor cursor, CopyOptions options)
    {
        var token = cancellation.Token;
        var rowAtHand = await FirstRowAsync(cursor).ConfigureAwait(false);
        if (!rowAtHand)
        {
            ThrowIfFailed(cursor.Outcome.Error, prepared.Parsed!);
        }

        var schema = cursor.Schema;
        var copy = CopyOut.Create(options, schema, TypesOf(prepared, schema), rowAtHand ? cursor : null, Format);
        copy.Begin(output.Frames, schema);
        var rows = 0L;
        if (rowAtHand)
        {
            copy.WriteRow(output.Frames, cursor);
            rows++;
        }

        while (await output.AwaitAsync(cursor.WaitToReadAsync(token)).ConfigureAwait(false))
        {
            while (cursor.TryRead())
            {
                copy.WriteRow(output.Frames, cursor);
                rows++;
                if (output.FlushIsDue)
                {
                    await output.FlushAsync().ConfigureAwait(false);
                    token.ThrowIfCancellationRequested();
                }
            }
        }

        ThrowIfFailed(cursor.Outcome.Error, prepared.Parsed!);
        copy.End(output.Frames);
        Complete(prepared, cursor.Outcome, rows, prepared.Parsed!);
    }

    /// <summary>Ends a statement: with CommandComplete, or with its error.</summary>
    public void Complete(PreparedStatement prepared, in StatementOutcome outcome, long rows, ParsedStatement parsed)
    {
        values.Note(outcome.Effects);
        ThrowIfFailed(outcome.Error, parsed);
        var counted = !prepared.ReturnsRows && parsed.Verb is StatementVerb.Insert or StatementVerb.Update or StatementVerb.Delete
            ? outcome.RowsAffected : rows;
        CommandComplete.Write(output.Frames, prepared.Parsed ?? parsed, counted);
    }

    public void ThrowIfFailed(StatementError? error, ParsedStatement parsed)
    {
        SendWarnings();
        if (error is not null)
        {
            throw new PgException(ErrorMapping.From(
                error, parsed.PositionOf(error.Offset), parsed.CommandTag, cancellation.Token.IsCancellationRequested))
            {
                AtCommit = error.AtCommit,
            };
        }
    }

    public static PgException PlanChanged() => new(SqlState.FeatureNotSupported, "cached plan must not change result type");

    private void SendWarnings()
    {
        if (_warnings.Count > 0)
        {
            foreach (var warning in _warnings)
            {
                ErrorResponse.Write(output.Frames, PgError.Warning(SqlState.Warning, warning));
            }

            _warnings = [];
        }
    }

    public static PgType?[] TypesOf(PreparedStatement prepared, RowSchema actual) =>
        prepared.ColumnTypes is { } known && ReferenceEquals(prepared.Shape!.Rows, actual)
            ? known
            : ResultColumns.KnownTypes(actual, prepared.Parsed!);
}
