using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>
/// A result whose calls the session carries out, each row's when the row is asked for. All rows are read before the first call, so that a wait
/// within a call holds no reader.
/// </summary>
internal sealed class CallingCursor : RowCursor
{
    // Such statements name a few sessions or settings.
    private const int RowsMax = 100_000;
    private const int RowBytes = 64;

    private readonly SessionState _session;
    private readonly SessionFunctions _functions;
    private readonly ResultCalls _calls;
    private readonly RowCursor _rows;
    private readonly StatementDeadline _deadline;
    private readonly RowSchema _schema;
    private readonly KeptValue[] _answers;
    private readonly Queue<KeptValue[]> _kept = new();
    private KeptValue[] _row = [];
    private StatementOutcome _outcome;
    private long _bytes;
    private bool _read;
    private bool _ready;

    public CallingCursor(SessionState session, SessionFunctions functions, PlannedStatement plan, RowCursor rows)
    {
        (_session, _functions, _calls, _rows, _deadline) = (session, functions, plan.Calls!, rows, new StatementDeadline(session));
        _schema = new RowSchema([.. plan.Columns!.Select(static column => new Column(column.Name, null, null, null))]);
        _answers = new KeptValue[_calls.Calls.Count];
    }

    // A failed statement has no columns.
    public override RowSchema Schema => _read && _outcome.Error is not null ? RowSchema.Empty : _schema;

    public override StatementOutcome Outcome => _outcome;

    public override SqliteValue this[int ordinal] =>
        _calls.Columns[ordinal] is >= 0 and var column ? _row[column].Value : _answers[~_calls.Columns[ordinal]].Value;

    public override async ValueTask<bool> WaitToReadAsync(CancellationToken token)
    {
        if (!_read)
        {
            await ReadAsync(token).ConfigureAwait(false);
            _read = true;
        }

        if (_ready)
        {
            return true;
        }

        if (_outcome.Error is not null || !_kept.TryDequeue(out var row))
        {
            return false;
        }

        for (var i = 0; i < _calls.Calls.Count; i++)
        {
            var call = _calls.Calls[i];
            var arguments = row.AsMemory(call.First, call.Count);
            _answers[i] = call.Strict && HasNull(arguments.Span) ? KeptValue.Null
                : await _functions.CallAsync(call.Function, arguments, _deadline).ConfigureAwait(false);

            // A call may have cancelled its own session.
            token.ThrowIfCancellationRequested();
        }

        _row = row;
        return _ready = true;
    }

    public override bool TryRead()
    {
        var ready = _ready;
        _ready = false;
        return ready;
    }

    public override ValueTask DisposeAsync()
    {
        _session.Memory.Release(_bytes);
        _bytes = 0;
        return _rows.DisposeAsync();
    }

    private static bool HasNull(ReadOnlySpan<KeptValue> arguments)
    {
        foreach (var argument in arguments)
        {
            if (argument.IsNull)
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask ReadAsync(CancellationToken token)
    {
        while (await _session.Output.AwaitAsync(_rows.WaitToReadAsync(token)).ConfigureAwait(false))
        {
            while (_rows.TryRead())
            {
                Keep();
            }
        }

        _outcome = _rows.Outcome;
        await _rows.DisposeAsync().ConfigureAwait(false);
    }

    private void Keep()
    {
        if (_kept.Count == RowsMax)
        {
            throw new PgException(SqlState.ProgramLimitExceeded, $"a result with such functions can have at most {RowsMax} rows");
        }

        var row = new KeptValue[_rows.Schema.Columns.Count];
        var bytes = 0L;
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = KeptValue.Of(_rows[i]);
            bytes += RowBytes + row[i].Length;
        }

        _session.Memory.Reserve(bytes);
        _bytes += bytes;
        _kept.Enqueue(row);
    }
}
