using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>
/// Queued writes: requests of many clients are gathered into batches, and each batch is one request to the database. One batch is run at a
/// time, in the order in which the requests came.
/// </summary>
internal sealed class WriteQueue : IAsyncDisposable
{
    // The statements are held as they came and, while their batch is run, as it goes through the log.
    private const int MemoryFactor = 3;
    private const int SqliteAbort = 4;
    private const int StatementBytes = 256;

    /// <summary>A batch is closed at this size, so that the requests of others need not wait for a long one; a larger request is alone.</summary>
    private const long BatchBytesMax = 4 << 20;

    private static readonly TimeSpan s_tryMax = TimeSpan.FromSeconds(30);

    private readonly IDatabase _database;
    private readonly WriteQueueOptions _options;
    private readonly BatchOptions _batchOptions;
    private readonly MemoryBudget _memory;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Queue<QueuedWrite> _waiting = new();
    private readonly SemaphoreSlim _places;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private TaskCompletionSource _changed = NewChange();
    private long _sequence;
    private bool _closing;

    /// <param name="batchOptions">How the statements of every batch are run.</param>
    /// <param name="memory">The node's memory for requests, of which the queue takes a part.</param>
    public WriteQueue(
        IDatabase database, WriteQueueOptions options, BatchOptions batchOptions, MemoryBudget memory, TimeProvider time, ILogger logger)
    {
        _database = database;
        _options = options;
        _batchOptions = batchOptions | (options.Transaction ? BatchOptions.Atomic : BatchOptions.None);
        _memory = new MemoryBudget(Math.Max(1, memory.BytesMax / 4), memory);
        _time = time;
        _logger = logger;
        _places = new SemaphoreSlim(options.Capacity);
        _sequence = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The longest that a batch is tried again while it has certainly not been run.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The longest that a batch is tried again when it may have been run: the log keeps its key for longer than that, unless more than a
    /// thousand others come each second.
    /// </summary>
    public TimeSpan UnknownRetryMax { get; init; } = TimeSpan.FromMinutes(1);

    public QueueCounters Counters { get; } = new();

    /// <summary>The sequence number of the last request that was taken.</summary>
    public long Sequence => Volatile.Read(ref _sequence);

    public long Bytes => _memory.Used;

    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    public static long BatchBytesOf(IReadOnlyList<Statement> statements)
    {
        long bytes = 0;
        foreach (var statement in statements)
        {
            bytes += statement.Bytes + StatementBytes;
        }

        return bytes;
    }

    /// <summary>Takes a request, once there is room; from then on it is run even if its client goes away.</summary>
    /// <param name="patience">The longest wait for room.</param>
    /// <exception cref="RequestException">503: no room, no memory, or the node stops. Nothing of the request will be run.</exception>
    /// <exception cref="ClusterException"><see cref="ClusterError.TooLarge"/>.</exception>
    public async ValueTask<QueuedWrite> AddAsync(
        IReadOnlyList<Statement> statements, WriteOptions write, bool atomic, bool awaited, TimeSpan patience, CancellationToken token)
    {
        _database.RequireSize(new StatementBatch(statements, _batchOptions));
        var request = new QueuedWrite(statements, (BatchBytesOf(statements) + StatementBytes) * MemoryFactor)
        {
            Key = write.IdempotencyKey,

            // One statement takes effect wholly or not at all by itself, so such requests share a batch.
            Atomic = atomic && new StatementBatch(statements, BatchOptions.Atomic).IsUndoneTogether,
            StatementTimeout = write.StatementTimeout,
            Awaited = awaited,
        };
        if (!_memory.TryReserve(request.ReservedBytes))
        {
            throw RequestException.Overloaded(
                $"out of memory: queued writes of this node hold {_memory.Used} of the {_memory.BytesMax} bytes that they may hold; "
                + "try again later, or send less at once");
        }

        var taken = false;
        try
        {
            if (!await _places.WaitAsync(patience, token).ConfigureAwait(false))
            {
                throw RequestException.Overloaded($"the write queue is full: {_options.Capacity} requests are waiting (-write-queue-capacity)");
            }

            taken = TryEnqueue(request);
            if (!taken)
            {
                // Others wait for the place, to learn the same.
                _places.Release();
                throw RequestException.Overloaded("the node is stopping");
            }

            return request;
        }
        finally
        {
            if (!taken)
            {
                _memory.Release(request.ReservedBytes);
            }
        }
    }

    /// <summary>Takes no more requests, and runs those that wait.</summary>
    /// <param name="limit">Ends the tries: what is in the queue then fails, and is in the log as lost.</param>
    public async Task DrainAsync(CancellationToken limit)
    {
        lock (_gate)
        {
            _closing = true;
            _changed.TrySetResult();
        }

        using (limit.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop))
        {
            await _loop.ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DrainAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        _stop.Dispose();
        _places.Dispose();
    }

    private bool TryEnqueue(QueuedWrite request)
    {
        lock (_gate)
        {
            if (_closing)
            {
                return false;
            }

            request.Sequence = ++_sequence;
            request.ArrivedTicks = _time.GetTimestamp();
            _waiting.Enqueue(request);
            Counters.Received++;
            if (_waiting.Count == 1 || _waiting.Count >= _options.BatchSize)
            {
                _changed.TrySetResult();
            }

            return true;
        }
    }

    private async Task RunAsync()
    {
        while (await NextAsync().ConfigureAwait(false) is { } batch)
        {
            _places.Release(batch.Count);
            try
            {
                await RunAsync(batch).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // One request that nobody expected must not stop those of others.
                _logger.QueueBroken(e);
                Fail(batch, e);
            }
        }
    }

    /// <summary>Waits until a batch is due; null when the queue is empty and takes no more.</summary>
    private async ValueTask<List<QueuedWrite>?> NextAsync()
    {
        while (true)
        {
            TaskCompletionSource changed;
            var delay = Timeout.InfiniteTimeSpan;
            lock (_gate)
            {
                if (_waiting.TryPeek(out var first))
                {
                    delay = _options.Timeout - _time.GetElapsedTime(first.ArrivedTicks);
                    if (_closing || delay <= TimeSpan.Zero || _waiting.Count >= _options.BatchSize)
                    {
                        Counters.TimedOut += _waiting.Count < _options.BatchSize && !_closing ? 1 : 0;
                        return Take();
                    }
                }
                else if (_closing)
                {
                    return null;
                }

                changed = _changed = NewChange();
            }

            await changed.Task.WaitAsync(delay, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private List<QueuedWrite> Take()
    {
        var batch = new List<QueuedWrite> { _waiting.Dequeue() };
        var bytes = batch[0].BatchBytes;
        while (!batch[0].Alone && batch.Count < _options.BatchSize && _waiting.TryPeek(out var next) && !next.Alone
            && bytes + next.BatchBytes <= BatchBytesMax)
        {
            bytes += next.BatchBytes;
            batch.Add(_waiting.Dequeue());
        }

        return batch;
    }

    private async ValueTask RunAsync(List<QueuedWrite> batch)
    {
        var statements = new List<Statement>(batch.Sum(static request => request.Statements.Count));
        batch.ForEach(request => statements.AddRange(request.Statements));
        if (statements.Count == 0)
        {
            batch.ForEach(request => Finish(request, QueuedOutcome.Nothing));
            return;
        }

        var options = _batchOptions | (batch[0].Atomic ? BatchOptions.Atomic : BatchOptions.None);
        List<StatementOutcome> outcomes;
        try
        {
            outcomes = await ExecuteAsync(new StatementBatch(statements, options), batch[0]).ConfigureAwait(false);
        }
        catch (ClusterException e)
        {
            Fail(batch, e);
            return;
        }

        Counters.Flushed++;
        Counters.Statements += statements.Count;
        if (batch.Count > 1 && (options & BatchOptions.Atomic) == 0 && IsRefused(outcomes, statements.Count))
        {
            await RunEachAsync(batch).ConfigureAwait(false);
            return;
        }

        Complete(batch, outcomes, (options & BatchOptions.Atomic) != 0);
    }

    /// <summary>Runs the requests one by one after their batch was refused as a whole, so that none fails for another's sake.</summary>
    private async ValueTask RunEachAsync(List<QueuedWrite> batch)
    {
        foreach (var request in batch)
        {
            await RunAsync([request]).ConfigureAwait(false);
        }
    }

    /// <summary>True if the node has undone the batch because one statement took too long or too much memory.</summary>
    private static bool IsRefused(List<StatementOutcome> outcomes, int statements) =>
        outcomes.Count == statements && outcomes.TrueForAll(static outcome => outcome.Error is not null)
        && outcomes.Count(static outcome => outcome.Error!.ResultCode == SqliteAbort) >= statements - 1;

    /// <summary>Runs a batch until its outcome is known, under one key, so that it takes effect once however often it is tried.</summary>
    private async ValueTask<List<StatementOutcome>> ExecuteAsync(StatementBatch batch, QueuedWrite first)
    {
        var write = new WriteOptions
        {
            // A space is in no client's key.
            IdempotencyKey = first.Key ?? $"queued {Guid.NewGuid():N}",
            StatementTimeout = first.StatementTimeout,
            Timeout = s_tryMax,
        };
        var started = _time.GetTimestamp();
        ClusterException? unknown = null;
        for (var tries = 1; ; tries++)
        {
            ClusterException failure;
            try
            {
                var result = await _database.ExecuteAsync(batch, write, _stop.Token).ConfigureAwait(false);
                await using (result.ConfigureAwait(false))
                {
                    return await ReadAsync(result, _stop.Token).ConfigureAwait(false);
                }
            }
            catch (ClusterException e)
            {
                failure = e;
            }
            catch (OperationCanceledException e)
            {
                throw unknown ?? new ClusterException(ClusterError.NotReady, "the node has stopped before the queued write was run", null, e);
            }

            unknown = failure.Error == ClusterError.OutcomeUnknown ? failure : unknown;
            var limit = unknown is null ? RetryMax : UnknownRetryMax;
            if (!MayTryAgain(failure.Error) || _time.GetElapsedTime(started) >= limit || _stop.IsCancellationRequested)
            {
                // An answer about the key tells what has become of the earlier tries too.
                throw failure.Error is ClusterError.KeyReused or ClusterError.ResultLost ? failure : unknown ?? failure;
            }

            Counters.Retries++;
            _logger.QueueRetries(first.Sequence, tries, failure.Message);
            var pause = TimeSpan.FromMilliseconds(Math.Min(1000, 50 << Math.Min(tries, 5)));
            await Task.Delay(pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static bool MayTryAgain(ClusterError error) => error is ClusterError.OutcomeUnknown or ClusterError.DiskFull
        || ErrorMapping.DidNotHappen(error);

    private static async ValueTask<List<StatementOutcome>> ReadAsync(BatchResult result, CancellationToken token)
    {
        var outcomes = new List<StatementOutcome>();
        while (await result.NextAsync(token).ConfigureAwait(false) is { } rows)
        {
            await using (rows.ConfigureAwait(false))
            {
                // Rows of RETURNING: nobody can ask for them.
                while (await rows.WaitToReadAsync(token).ConfigureAwait(false))
                {
                    while (rows.TryRead())
                    {
                    }
                }

                outcomes.Add(rows.Outcome);
            }
        }

        return outcomes;
    }

    /// <summary>Tells each request what became of its statements.</summary>
    private void Complete(List<QueuedWrite> batch, List<StatementOutcome> outcomes, bool atomic)
    {
        var at = 0;
        var undone = atomic && outcomes.Exists(static outcome => outcome.Error is not null);
        var cause = undone ? outcomes.Find(static outcome => outcome.Error is not null).Error!.Message : null;
        foreach (var request in batch)
        {
            var end = Math.Min(outcomes.Count, at + request.Statements.Count);
            var outcome = new QueuedOutcome(outcomes.GetRange(at, end - at), null, null);
            at = end;
            if (undone && outcome.FailedStatement < 0)
            {
                outcome = new QueuedOutcome([], batch.Count > 1 ? $"the transaction of the batch was rolled back: {cause}" : cause, null);
            }

            var failed = outcome.Statements.Count(static statement => statement.Error is not null);
            Counters.StatementsFailed += failed;
            Counters.RequestsUndone += undone ? 1 : 0;
            if (!request.Awaited && outcome.FailedStatement >= 0)
            {
                _logger.QueuedStatementFailed(
                    request.Sequence, outcome.FailedStatement + 1, failed, outcome.Statements[outcome.FailedStatement].Error!.Message);
            }
            else if (!request.Awaited && undone)
            {
                _logger.QueuedRequestUndone(request.Sequence, cause!);
            }

            Finish(request, outcome);
        }
    }

    private void Finish(QueuedWrite request, QueuedOutcome outcome)
    {
        _memory.Release(request.ReservedBytes);
        request.Complete(outcome);
    }

    private void Fail(List<QueuedWrite> batch, Exception failure)
    {
        var fate = failure switch
        {
            ClusterException { Error: ClusterError.ResultLost } => "was run, but which of its statements failed is not known",
            ClusterException { Error: not ClusterError.OutcomeUnknown } => "was not run",
            _ => "may or may not have been run",
        };
        foreach (var request in batch.Where(static request => !request.Done.IsCompleted))
        {
            Counters.RequestsUnknown += fate == "was not run" ? 0 : 1;
            Counters.RequestsFailed += fate == "was not run" ? 1 : 0;
            if (!request.Awaited)
            {
                _logger.QueuedRequestFailed(request.Sequence, fate, failure.Message);
            }

            Finish(request, QueuedOutcome.Failed(failure));
        }
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
