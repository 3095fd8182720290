using System.Text.Unicode;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>
/// One statement's result, from the cursor to JSON, row by row. The first row decides the types of expressions, so the head is
/// written with it; an error after some rows follows behind them in the same object.
/// </summary>
internal sealed class ResultWriter(JsonResponse response, ResultFormat format)
{
    private const int SqliteReadOnly = 8;
    private const string WriteOverQuery = "attempt to change database via query operation";

    private readonly JsonWriter _json = response.Json;

    /// <summary>Why the request's transaction could not be committed: the request's error, and not the last statement's; null if it was.</summary>
    public string? CommitError { get; private set; }

    public async ValueTask WriteAsync(RowCursor rows, CancellationToken token)
    {
        var hasRow = false;
        while (!hasRow && await rows.WaitToReadAsync(token).ConfigureAwait(false))
        {
            hasRow = rows.TryRead();
        }

        _json.BeginObject();
        if (hasRow)
        {
            await WriteRowsAsync(rows, token).ConfigureAwait(false);
        }
        else
        {
            WriteWithoutRows(rows);
        }

        _json.EndObject();
        await response.FlushIfLargeAsync(token).ConfigureAwait(false);
    }

    private async ValueTask WriteRowsAsync(RowCursor rows, CancellationToken token)
    {
        var plan = ColumnPlan.Create(rows.Schema, format.QualifyColumns, format.Associative);
        var error = BeginRows(plan, rows);
        while (error is null)
        {
            await response.FlushIfLargeAsync(token).ConfigureAwait(false);
            error = WriteAvailable(plan, rows);
            if (error is not null || !await rows.WaitToReadAsync(token).ConfigureAwait(false))
            {
                break;
            }
        }

        if (error is not null && format.Query && !response.Started)
        {
            // rqlite's answer; a write has happened by now, and its client is better told what can be told.
            throw new RequestException(500, error);
        }

        _json.EndArray();
        WriteEnd(error is null ? rows.Outcome : new StatementOutcome(true, 0, 0, default, new StatementError(0, error, -1)));
    }

    /// <summary>Writes rows that are at hand until enough is gathered to be sent; answers why a row cannot be written.</summary>
    private string? WriteAvailable(ColumnPlan plan, RowCursor rows)
    {
        while (rows.TryRead())
        {
            if (WriteRow(plan, rows) is { } error)
            {
                return error;
            }

            if (response.IsLarge)
            {
                break;
            }
        }

        return null;
    }

    private string? BeginRows(ColumnPlan plan, RowCursor rows)
    {
        WriteHead(plan, rows);
        _json.Name(format.Associative ? "rows"u8 : "values"u8);
        _json.BeginArray();
        return WriteRow(plan, rows);
    }

    private void WriteWithoutRows(RowCursor rows)
    {
        var outcome = rows.Outcome;
        if (outcome.Error is not null)
        {
            if (format.Query && format.Associative)
            {
                WriteNoRows();
            }

            WriteEnd(outcome);
            return;
        }

        var schema = rows.Schema;
        if (schema.Columns.Count == 0 && !format.Query)
        {
            WriteChanges(outcome);
            return;
        }

        WriteHead(ColumnPlan.Create(schema, format.QualifyColumns, format.Associative), null);
        if (format.Associative)
        {
            WriteNoRows();
        }

        WriteEnd(outcome);
    }

    private void WriteNoRows()
    {
        _json.Name("rows"u8);
        _json.BeginArray();
        _json.EndArray();
    }

    private void WriteChanges(in StatementOutcome outcome)
    {
        if (!outcome.ReadOnly && outcome.LastInsertRowId != 0)
        {
            _json.Name("last_insert_id"u8);
            _json.Integer(outcome.LastInsertRowId);
        }

        if (!outcome.ReadOnly && outcome.RowsAffected != 0)
        {
            _json.Name("rows_affected"u8);
            _json.Integer(outcome.RowsAffected);
        }

        WriteEnd(outcome);
        if (format.Associative)
        {
            _json.Name("rows"u8);
            _json.Null();
        }
    }

    private void WriteEnd(in StatementOutcome outcome)
    {
        if (outcome.Error is not null)
        {
            RequestMetrics.Http.CountError("statement");
        }

        if (outcome.Error is { AtCommit: true } failed)
        {
            CommitError = failed.Message;
        }
        else if (outcome.Error is { } error)
        {
            _json.Name("error"u8);
            _json.String(format.Query && (error.ResultCode & 0xff) == SqliteReadOnly ? WriteOverQuery : error.Message);
        }
        else if (format.Timings && outcome.Elapsed > TimeSpan.Zero)
        {
            _json.Name("time"u8);
            _json.Real(outcome.Elapsed.TotalSeconds);
        }
    }

    private void WriteHead(ColumnPlan plan, RowCursor? firstRow)
    {
        if (plan.Names.Length == 0)
        {
            return;
        }

        if (format.Associative)
        {
            _json.Name("types"u8);
            _json.BeginObject();
            foreach (var ordinal in plan.Keyed)
            {
                _json.Key(plan.Names[ordinal]);
                _json.String(TypeOf(plan, firstRow, ordinal));
            }

            _json.EndObject();
            return;
        }

        _json.Name("columns"u8);
        _json.BeginArray();
        foreach (var name in plan.Names)
        {
            _json.String(name);
        }

        _json.EndArray();
        _json.Name("types"u8);
        _json.BeginArray();
        for (var i = 0; i < plan.Types.Length; i++)
        {
            _json.String(TypeOf(plan, firstRow, i));
        }

        _json.EndArray();
    }

    private static string TypeOf(ColumnPlan plan, RowCursor? firstRow, int ordinal)
    {
        if (plan.Types[ordinal].Length > 0 || firstRow is null)
        {
            return plan.Types[ordinal];
        }

        return firstRow[ordinal].Class switch
        {
            StorageClass.Integer => "integer",
            StorageClass.Real => "real",
            StorageClass.Text => "text",
            StorageClass.Blob => "blob",
            _ => "",
        };
    }

    /// <summary>Writes the current row whole or not at all; answers why not.</summary>
    private string? WriteRow(ColumnPlan plan, RowCursor row)
    {
        var start = _json.Current;
        string? error = null;
        if (format.Associative)
        {
            _json.BeginObject();
            for (var i = 0; i < plan.Keyed.Length && error is null; i++)
            {
                var ordinal = plan.Keyed[i];
                _json.Key(plan.Names[ordinal]);
                error = WriteValue(plan.Conversions[ordinal], row[ordinal]);
            }
        }
        else
        {
            _json.BeginArray();
            for (var i = 0; i < plan.Names.Length && error is null; i++)
            {
                error = WriteValue(plan.Conversions[i], row[i]);
            }
        }

        if (error is not null)
        {
            _json.Rewind(start);
        }
        else if (format.Associative)
        {
            _json.EndObject();
        }
        else
        {
            _json.EndArray();
        }

        return error;
    }

    private string? WriteValue(Conversion conversion, SqliteValue value)
    {
        switch (value.Class)
        {
            case StorageClass.Integer:
                WriteInteger(conversion, value.Integer);
                break;
            case StorageClass.Real when !double.IsFinite(value.Real):
                return $"json: unsupported value: {(double.IsNaN(value.Real) ? "NaN" : value.Real > 0 ? "+Inf" : "-Inf")}";
            case StorageClass.Real:
                _json.Real(value.Real);
                break;
            case StorageClass.Text:
                WriteText(conversion, value.Bytes);
                break;
            case StorageClass.Blob when conversion == Conversion.Text && Utf8.IsValid(value.Bytes):
                _json.String(value.Bytes);
                break;
            case StorageClass.Blob when format.BlobArray:
                _json.ByteArray(value.Bytes);
                break;
            case StorageClass.Blob:
                _json.Base64(value.Bytes);
                break;
            default:
                _json.Null();
                break;
        }

        return null;
    }

    private void WriteInteger(Conversion conversion, long value)
    {
        Span<byte> time = stackalloc byte[GoTime.LengthMax];
        if (conversion == Conversion.Boolean)
        {
            _json.Boolean(value > 0);
        }
        else if (conversion == Conversion.Time && GoTime.TryFormat(value, time, out var length))
        {
            _json.String(time[..length]);
        }
        else
        {
            _json.Integer(value);
        }
    }

    private void WriteText(Conversion conversion, ReadOnlySpan<byte> text)
    {
        if (conversion != Conversion.Time)
        {
            _json.String(text);
            return;
        }

        Span<byte> time = stackalloc byte[GoTime.LengthMax];
        _json.String(GoTime.TryFormat(text, time, out var length) ? time[..length] : GoTime.Zero);
    }
}
