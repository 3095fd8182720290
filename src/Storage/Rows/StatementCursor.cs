using System.Diagnostics;
using System.Threading.Tasks.Sources;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Rows of a statement on a reader, a block at a time: a block is copied out of SQLite before it is read, so the reader is only in use while
/// rows are made, and free as soon as the last one is. The first block is made on the caller's thread under a budget of instructions; if that
/// is too small the statement begins again on a <see cref="ReadWorkers">worker</see>, where all further blocks are made.
/// </summary>
internal sealed class StatementCursor : RowCursor, IReadWork, IValueTaskSource<bool>
{
    private const int BlockBytes = 56 << 10;

    private static readonly StatementError s_readOnly = new(ResultCode.ReadOnly, "attempt to change database via query operation", -1);

    /// <summary>With so many rows the first block ends before the budget is used up, so that its rows need not be made again.</summary>
    private const int FirstRowsMin = 64;

    private readonly ReaderLease _lease;
    private readonly Statement _statement;
    private readonly BatchOptions _options;
    private readonly bool _describes;
    private readonly bool _ownsLease;
    private readonly CancellationToken _token;
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly long _deadline;
    private readonly RowBlock _block = new();
    private ManualResetValueTaskSourceCore<bool> _made = new() { RunContinuationsAsynchronously = true };
    private Reader _reader = null!;
    private StatementHandle? _handle;
    private MemoryAccount? _memory;
    private StatementError? _error;
    private RowSchema _schema = RowSchema.Empty;
    private StatementShape? _shape;
    private CancellationToken _waitToken;
    private long _definitions;
    private bool _begun;
    private bool _ended;
    private bool _closed;
    private bool _budgeted;
    private int _looks;
    private Stop _stop;
    private long _elapsed;

    private enum Stop
    {
        None,
        Budget,
        Cancelled,
        TimedOut,
        Ended,
    }

    /// <param name="describes">The statement is only described, and gives no rows.</param>
    public StatementCursor(
        ReaderLease lease, Statement statement, BatchOptions options, TimeSpan? timeout, bool describes, bool ownsLease, CancellationToken token)
    {
        _lease = lease;
        _statement = statement;
        _options = options;
        _describes = describes;
        _ownsLease = ownsLease;
        _token = token;
        Began = StatementContext.Now;
        UnixMicroseconds = lease.UnixMicroseconds ?? Began;
        Caller = CallerSession.With(lease.Caller, statement.Settings);
        _deadline = timeout is { } limit ? Environment.TickCount64 + (long)Math.Min(limit.TotalMilliseconds, int.MaxValue * 1000.0) : long.MaxValue;
    }

    /// <summary>The time that the statement sees as now, in all its steps.</summary>
    public long UnixMicroseconds { get; }

    public CallerSession? Caller { get; }

    /// <summary>The time at which the statement was begun.</summary>
    public long Began { get; }

    public override RowSchema Schema => _schema;

    public override SqliteValue this[int ordinal] => _block[ordinal];

    public override StatementOutcome Outcome => _ended && !_block.Any
        ? new StatementOutcome(true, 0, 0, new TimeSpan(_elapsed), _error)
        : throw new InvalidOperationException("The rows have not ended.");

    public override bool HoldsReader => _begun && !_ended;

    /// <summary>The description of the statement; valid at the end.</summary>
    public StatementShape Shape => _shape ?? StatementShape.Failed(_error!, _statement.Sql.Length);

    /// <summary>The statement has run on a worker.</summary>
    public bool IsLong { get; private set; }

    public override bool TryRead() => _block.TryRead();

    public override ValueTask<bool> WaitToReadAsync(CancellationToken token)
    {
        if (_block.Any || _ended)
        {
            return new(_block.Any);
        }

        _waitToken = token;
        if (!_lease.TryEnter(this, _options, out _reader, out var reason))
        {
            End(reason);
            return new(false);
        }

        if (!_begun)
        {
            _begun = true;
            _budgeted = true;
            var whole = MakeHere();
            _budgeted = false;
            if (whole)
            {
                Leave();
                return new(_block.Any);
            }
        }

        return MakeElsewhereAsync();
    }

    /// <summary>Makes the first block on this thread; false if the budget does not suffice.</summary>
    private bool MakeHere()
    {
        try
        {
            return Make();
        }
        catch
        {
            End(null);
            Leave();
            throw;
        }
    }

    private async ValueTask<bool> MakeElsewhereAsync()
    {
        _made.Reset();
        try
        {
            _reader.Workers.Start(this);
            await new ValueTask<bool>(this, _made.Version).ConfigureAwait(false);
        }
        catch
        {
            End(null);
            throw;
        }
        finally
        {
            Leave();
        }

        return _block.Any;
    }

    void IReadWork.Run()
    {
        try
        {
            _ = Make();
            IsLong = true;
            _made.SetResult(true);
        }
        catch (Exception e)
        {
            _made.SetException(e);
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _made.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _made.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _made.OnCompleted(continuation, state, token, flags);

    /// <summary>Makes a block of rows, or as many as fit in a slice; false, with none made, if the budget does not suffice.</summary>
    private bool Make()
    {
        _block.Clear();
        if (_handle is null && !Prepare())
        {
            return _stop != Stop.Budget;
        }

        while (_block.Bytes < BlockBytes)
        {
            if (IsToStop())
            {
                End(Stopped());
                return true;
            }

            switch (_reader.Step(this, _handle!))
            {
                case ResultCode.Row:
                    if (_block.Rows == 0)
                    {
                        _schema = _handle!.Schema();
                    }

                    _block.Add(_handle!);
                    if (_budgeted ? _looks > _reader.InlineLooksMax / 2 && _block.Rows >= FirstRowsMin : _reader.Workers.IsSliceOver)
                    {
                        return true;
                    }

                    break;
                case ResultCode.Done:
                    _schema = _handle!.Schema();
                    End(null);
                    return true;
                case not ResultCode.Done when _stop == Stop.Budget:
                    // No row has been read yet.
                    _handle!.Reset();
                    CloseAccount();
                    _block.Clear();
                    return false;
                case not ResultCode.Done when _stop != Stop.None:
                    End(Stopped());
                    return true;
                case var code:
                    End(OutOfMemory ?? _reader.Connection.LastError(code, 0));
                    return true;
            }
        }

        return true;
    }

    /// <summary>Prepares and binds; false if there is nothing to be stepped, or not yet.</summary>
    private bool Prepare()
    {
        _stop = Stop.None;
        if (_lease.SchemaVersion != 0 && !_describes && _reader.SchemaVersion != _lease.SchemaVersion)
        {
            throw _lease.SchemaMoved!();
        }

        _definitions = _describes ? _reader.LookAtSchema() : 0;
        var error = _reader.Prepare(this);
        if (_stop == Stop.Budget)
        {
            GiveBackStatement();
            return false;
        }

        if (_handle is null || error is not null || _describes)
        {
            End(_stop != Stop.None ? Stopped() : error is null ? null : OutOfMemory ?? error);
            return false;
        }

        _schema = _handle.Schema();
        return true;
    }

    /// <summary>Prepares and binds on the reader, which meanwhile asks this cursor whether to stop.</summary>
    internal StatementError? PrepareOn(Reader reader)
    {
        if (_describes)
        {
            return Describe();
        }

        if (_statement.Steps.Count > 0)
        {
            return s_readOnly;
        }

        var sql = _statement.Sql.Span;
        var unnamedUsed = 0;
        var offset = 0;
        while (!SqlText.IsBlank(sql[offset..]))
        {
            var next = reader.Cache.Rent(sql[offset..], _options, offset, out var error, _statement.IsOurs);
            if (next is null)
            {
                return error;
            }

            if (_handle is not null)
            {
                unnamedUsed += _handle.Parameters.UnnamedNeeded;
                reader.Cache.Return(_handle);
                if (MustStop())
                {
                    // SQLite prepares a short statement without calling the progress handler, and a text may have a million of them.
                    _handle = next;
                    return null;
                }
            }

            _handle = next;
            offset += next.TailOffset;
            if (!next.ReadOnly && !next.Explain)
            {
                return s_readOnly;
            }
        }

        if (_handle is { AsksForeignKeys: true })
        {
            // Readers need not enforce foreign keys, but a statement that asks is told the setting of this client's writes.
            reader.Connection.Apply(_options);
        }

        return _handle?.Parameters.Bind(reader.Connection, _handle.Handle, _statement.Parameters.Span, unnamedUsed);
    }

    private StatementError? Describe()
    {
        var sql = _statement.Sql.Span;
        _handle = _reader.Cache.Rent(sql, _options, 0, out var error);
        if (_handle is { Node: not null } && _handle.Definitions != _definitions)
        {
            _reader.Cache.Remove(_handle);
            _handle = _reader.Cache.Rent(sql, _options, 0, out error);
        }

        if (_handle is null)
        {
            _shape = error is null ? StatementShape.None(sql.Length) : null;
            return error;
        }

        _handle.Definitions = _definitions;
        _shape = new StatementShape(
            null, _handle.ReadOnly, _handle.Explain, false, ParameterPlan.Names(_handle.Handle), _handle.Schema(), _handle.TailOffset)
        {
            Effects = _handle.Effects,
            NodeUse = _handle.NodeUse,
            Sources = _handle.Sources,
            SchemaVersion = _definitions,
        };
        return null;
    }

    /// <summary>The account for SQLite's allocations by this statement.</summary>
    internal MemoryAccount Memory => _memory ??= _reader.OpenAccount(MustStopAllocating);

    private StatementError? OutOfMemory => _memory is { Exceeded: true } memory
        ? memory.FileRefused ? memory.ErrorOf(ResultCode.Error) with { SqlState = "53400" } : memory.ErrorOf(ResultCode.NoMemory)
        : null;

    private StatementError Stopped() => _stop switch
    {
        Stop.TimedOut => new(ResultCode.Interrupt, "query timeout", -1),
        Stop.Ended => _lease.Ended ?? Cancelled,
        _ => Cancelled,
    };

    private static StatementError Cancelled { get; } = new(ResultCode.Interrupt, "query cancelled", -1);

    /// <summary>Whether the statement must stop; SQLite asks now and then while it prepares or steps this cursor's statement.</summary>
    internal bool MustStop()
    {
        if (IsToStop())
        {
            return true;
        }

        if (!_budgeted)
        {
            _reader.Workers.GiveWay();
        }
        else if (++_looks > _reader.InlineLooksMax)
        {
            // SQLite's count of instructions runs on over several runs of a statement, so the first question may come early.
            _stop = Stop.Budget;
        }

        return _stop != Stop.None;
    }

    /// <summary>As <see cref="MustStop"/>, but SQLite may hold a lock of the whole process, so this must not wait.</summary>
    private bool MustStopAllocating()
    {
        if (!IsToStop() && _budgeted && ++_looks > _reader.InlineLooksMax)
        {
            _stop = Stop.Budget;
        }

        return _stop != Stop.None;
    }

    private bool IsToStop()
    {
        _stop = _token.IsCancellationRequested || _waitToken.IsCancellationRequested ? Stop.Cancelled
            : Environment.TickCount64 > _deadline ? Stop.TimedOut
            : _lease.Ended is not null ? Stop.Ended
            : Stop.None;
        return _stop != Stop.None;
    }

    private void End(StatementError? error)
    {
        _ended = true;
        _error = error;
        _elapsed = Stopwatch.GetElapsedTime(_began).Ticks;
        GiveBackStatement();
    }

    /// <summary>Gives the statement back; called while the lease is entered, or by the lease if no cursor has entered it.</summary>
    internal void GiveBackStatement()
    {
        if (_handle is { } handle)
        {
            _handle = null;
            _reader.Cache.Return(handle);
        }

        CloseAccount();
    }

    private void CloseAccount()
    {
        _memory?.Dispose();
        _memory = null;
    }

    /// <summary>Leaves the reader to others until the next block is asked for, and for good after the last one.</summary>
    private void Leave() => _lease.Leave(this, _ended, _ended && _ownsLease);

    public override ValueTask DisposeAsync()
    {
        if (!_closed)
        {
            _closed = true;
            if (!_ended)
            {
                _ended = true;
                _elapsed = Stopwatch.GetElapsedTime(_began).Ticks;
                _lease.Close(this, _ownsLease);
            }

            _block.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}
