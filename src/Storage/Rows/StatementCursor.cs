using System.Diagnostics;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Rows stepped live from a statement. On a socket's thread it runs under a budget of instructions; over it, and after some rows, it goes on on the
/// thread pool: between rows as it stands, within a step by beginning again in the same snapshot and passing over the rows already read.
/// </summary>
internal sealed class StatementCursor : RowCursor
{
    private const int InlineRowsMax = 64;

    private readonly ReaderLease _lease;
    private readonly Reader _reader;
    private readonly bool _ownsLease;
    private readonly CancellationToken _token;
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly long _deadline;
    private StatementHandle? _handle;
    private StatementError? _error;
    private RowSchema? _schema;
    private CancellationToken _waitToken;
    private State _state;
    private bool _budgeted;
    private int _looks;
    private long _rows;
    private int _rowsHere;
    private Stop _stop;
    private long _elapsed;

    private enum State
    {
        /// <summary>No step was made.</summary>
        New,

        /// <summary>A row was stepped to and not yet read.</summary>
        RowAtHand,

        /// <summary>The last row was read.</summary>
        BetweenRows,

        /// <summary>As before, but the next step is for a pool thread.</summary>
        HopBetweenRows,

        /// <summary>The budget ran out within a step: begin again on a pool thread.</summary>
        HopAgain,
        Ended,
    }

    private enum Stop
    {
        None,
        Budget,
        Cancelled,
        TimedOut,
        Doomed,
    }

    public StatementCursor(
        ReaderLease lease, Reader reader, Statement statement, BatchOptions options, TimeSpan? timeout, bool ownsLease, CancellationToken token)
    {
        _lease = lease;
        _reader = reader;
        _ownsLease = ownsLease;
        _token = token;
        UnixMilliseconds = lease.UnixMilliseconds ?? DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        _deadline = timeout is { } limit ? Environment.TickCount64 + (long)Math.Min(limit.TotalMilliseconds, int.MaxValue * 1000.0) : long.MaxValue;
        _error = lease.EndedBecause is { } reason ? new StatementError(ResultCode.Interrupt, reason, -1) : Prepare(statement, options);
        _schema = _handle?.Schema() ?? RowSchema.Empty;
    }

    /// <summary>What the statement sees as now, in all its steps.</summary>
    public long UnixMilliseconds { get; }

    public override RowSchema Schema => _schema!;

    public override SqliteValue this[int ordinal] => _handle![ordinal];

    public override StatementOutcome Outcome => _state == State.Ended
        ? new StatementOutcome(true, 0, 0, new TimeSpan(_elapsed), _error)
        : throw new InvalidOperationException("The rows have not ended.");

    private StatementError? Prepare(Statement statement, BatchOptions options)
    {
        var sql = statement.Sql.Span;
        var unnamedUsed = 0;
        var offset = 0;
        while (!SqlText.IsBlank(sql[offset..]))
        {
            var next = _reader.Cache.Rent(sql[offset..], options, offset, out var error, statement.IsOurs);
            if (next is null)
            {
                return error;
            }

            if (_handle is not null)
            {
                unnamedUsed += _handle.Parameters.UnnamedNeeded;
                _reader.Cache.Return(_handle);
            }

            _handle = next;
            offset += next.TailOffset;
            if (!next.ReadOnly && !next.Explain)
            {
                return new StatementError(ResultCode.ReadOnly, "attempt to change database via query operation", -1);
            }
        }

        if (_handle is { AsksForeignKeys: true })
        {
            // Readers have no need to enforce them, but whoever asks is told what holds for this client's writes.
            _reader.Connection.Apply(options);
        }

        return _handle?.Parameters.Bind(_reader.Connection, _handle.Handle, statement.Parameters.Span, unnamedUsed);
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken token)
    {
        _waitToken = token;
        switch (_state)
        {
            case State.Ended:
                return new(false);
            case State.RowAtHand:
                return new(true);
            case State.HopBetweenRows:
            case State.HopAgain:
                return HopAsync();
            case State.New when _handle is null || _error is not null:
                End(_error);
                return new(false);
            case State.New:
                _budgeted = !Thread.CurrentThread.IsThreadPoolThread;
                break;
        }

        var more = Advance();
        return _state == State.HopAgain ? HopAsync() : new(more);
    }

    public override bool TryRead()
    {
        switch (_state)
        {
            case State.RowAtHand:
                _state = State.BetweenRows;
                _rows++;
                return true;
            case State.BetweenRows:
                if (++_rowsHere >= InlineRowsMax && LeavesThread())
                {
                    return false;
                }

                if (!Advance())
                {
                    return false;
                }

                _state = State.BetweenRows;
                _rows++;
                return true;
            default:
                return false;
        }
    }

    private bool LeavesThread()
    {
        _rowsHere = 0;
        if (Thread.CurrentThread.IsThreadPoolThread)
        {
            return false;
        }

        _state = State.HopBetweenRows;
        return true;
    }

    private async ValueTask<bool> HopAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        _budgeted = false;
        _rowsHere = 0;
        if (_state == State.HopAgain)
        {
            _handle!.Reset();
            for (var i = 0L; i < _rows; i++)
            {
                if (!Advance())
                {
                    return false;
                }
            }
        }

        return Advance();
    }

    /// <summary>Steps once; true with a row at hand.</summary>
    private bool Advance()
    {
        if (_token.IsCancellationRequested || _waitToken.IsCancellationRequested)
        {
            _stop = Stop.Cancelled;
            End(Stopped());
            return false;
        }

        if (_reader.Doomed)
        {
            _stop = Stop.Doomed;
            End(Stopped());
            return false;
        }

        _stop = Stop.None;
        var code = _reader.Step(this, _handle!);
        switch (code)
        {
            case ResultCode.Row:
                if (_rows == 0)
                {
                    _schema = _handle!.Schema();
                }

                _state = State.RowAtHand;
                return true;
            case ResultCode.Done:
                _schema = _handle!.Schema();
                End(null);
                return false;
            case ResultCode.Interrupt when _stop == Stop.Budget:
                _state = State.HopAgain;
                return false;
            case ResultCode.Interrupt when _stop != Stop.None:
                End(Stopped());
                return false;
            default:
                End(_reader.Connection.LastError(code, 0));
                return false;
        }
    }

    private StatementError Stopped() => new(
        ResultCode.Interrupt,
        _stop switch
        {
            Stop.TimedOut => "query timeout",
            Stop.Doomed => _lease.EndedBecause ?? "query cancelled",
            _ => "query cancelled",
        },
        -1);

    /// <summary>Asked by SQLite now and then while this cursor's statement is stepped.</summary>
    internal bool MustStop()
    {
        if (_token.IsCancellationRequested || _waitToken.IsCancellationRequested)
        {
            _stop = Stop.Cancelled;
        }
        else if (Environment.TickCount64 > _deadline)
        {
            _stop = Stop.TimedOut;
        }
        else if (_reader.Doomed)
        {
            _stop = Stop.Doomed;
        }
        else if (_budgeted && ++_looks > _reader.InlineLooksMax)
        {
            // SQLite's count runs on over runs of a statement, so the first look may come early.
            _stop = Stop.Budget;
        }

        return _stop != Stop.None;
    }

    private void End(StatementError? error)
    {
        _state = State.Ended;
        _error = error;
        _elapsed = Stopwatch.GetElapsedTime(_began).Ticks;
        GiveBackStatement();
    }

    private void GiveBackStatement()
    {
        if (_handle is { } handle)
        {
            _handle = null;
            _reader.Cache.Return(handle);
        }
    }

    private bool _closed;

    public override ValueTask DisposeAsync()
    {
        if (!_closed)
        {
            _closed = true;
            GiveBackStatement();
            if (_state != State.Ended)
            {
                _state = State.Ended;
                _elapsed = Stopwatch.GetElapsedTime(_began).Ticks;
            }

            _lease.CursorClosed(_ownsLease);
        }

        return ValueTask.CompletedTask;
    }
}
