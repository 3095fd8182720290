using System.Buffers.Binary;
using System.Security.Cryptography;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Decides who writes next: gathers waiting commands into entries, one entry at a time (while one is on its way the next one fills, which is
/// all of the group commit), and leases the writer to transactions. An entry is run before it is proposed; a command that cannot finish is in
/// no entry. The first caller after an idle moment runs its entry on its own thread.
/// </summary>
internal sealed partial class ProposalWriter : IAsyncDisposable
{
    private readonly IReplicatedLog _log;
    private readonly EntryApplier _applier;
    private readonly Writer _writer;
    private readonly RequestLimits _limits;
    private readonly TimeProvider _time;

    private readonly Lock _gate = new();
    private readonly Queue<Proposal> _queue = new();

    // Commands that were taken out of the queue and not proposed; they precede those in the queue.
    private readonly Queue<Proposal> _returned = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _queuedBytes;
    private bool _running;
    private bool _closed;

    // The number of waits for the outcome of entries; disposing waits for them.
    private int _watching;

    // Used by the loop alone, which runs once at a time.
    private long _unixMicroseconds;

    public ProposalWriter(IReplicatedLog log, EntryApplier applier, Writer writer, RequestLimits limits, TimeProvider time)
    {
        _log = log;
        _applier = applier;
        _writer = writer;
        _limits = limits;
        _time = time;
        _clock = time.CreateTimer(
            static state => ((ProposalWriter)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _log.Changed += LeadershipChanged;
    }

    public async ValueTask DisposeAsync()
    {
        if (TryClose(out var queued, out var turns, out var holder))
        {
            _log.Changed -= LeadershipChanged;
            foreach (var proposal in queued)
            {
                proposal.Fail(Closed());
            }

            EndLeases(turns, holder, LeaseEnd.Stopping, Closed());
            await _clock.DisposeAsync().ConfigureAwait(false);
            await _stopping.CancelAsync().ConfigureAwait(false);
            await _idle.Task.ConfigureAwait(false);
            _stopping.Dispose();
        }
    }

    public static ClusterException TooLarge(long bytes, long limit) =>
        new(ClusterError.TooLarge, $"the request has {bytes} bytes, the limit for one request is {limit} bytes (CommandBytesMax)");

    public static UInt128 NewUInt128()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }

    private static ClusterException Closed() => new(ClusterError.NotReady, "the node is stopping");

    private bool TryClose(out Proposal[] queued, out WriterTurn[] turns, out WriterLease? holder)
    {
        lock (_gate)
        {
            (queued, turns, holder) = ([], [], null);
            if (_closed)
            {
                return false;
            }

            _closed = true;
            queued = [.. _returned, .. _queue];
            _returned.Clear();
            _queue.Clear();
            _queuedBytes = 0;
            turns = TakeTurns();
            holder = _holder;
            EndIfDone();
            return true;
        }
    }

    private void EndIfDone()
    {
        if (_closed && !_running && _watching == 0)
        {
            _idle.TrySetResult();
        }
    }

    /// <summary>
    /// Runs the loop on this thread, if there is work and it does not run yet; never throws. Not on the clock's thread, which has to end what runs.
    /// </summary>
    private void Pump()
    {
        if (Volatile.Read(ref _clockThread) == Environment.CurrentManagedThreadId)
        {
            PumpLater();
        }
        else if (TryStart())
        {
            _ = RunAsync(borrowed: true);
        }
    }

    /// <summary>As <see cref="Pump"/>, on another thread, for callers whose thread must not be kept.</summary>
    private void PumpLater()
    {
        if (TryStart())
        {
            ThreadPool.UnsafeQueueUserWorkItem(static writer => _ = writer.RunAsync(borrowed: false), this, preferLocal: false);
        }
    }

    private bool TryStart()
    {
        lock (_gate)
        {
            // A running loop looks again before it ends.
            if (_running || (!CommandsWait && _turns.Count == 0 && !(_holder is null && _writer.HasLooseSequences)))
            {
                return false;
            }

            return _running = true;
        }
    }

    /// <summary>Runs until nothing can be done; never throws. <see cref="DisposeAsync"/> waits for its end.</summary>
    private async Task RunAsync(bool borrowed)
    {
        try
        {
            await RunLoopAsync(borrowed).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // All writes would wait for ever for a loop that has ended so: the node stops instead.
            _writer.Failed?.Invoke(e);
        }
    }

    private async Task RunLoopAsync(bool borrowed)
    {
        var acted = false;
        while (Decide(out var turn) is var entry && (entry is not null || turn is not null))
        {
            if (borrowed && (acted || entry is [{ Alone: true }, ..]))
            {
                // This is still the thread of the caller that started the loop: it must not work for later callers, nor for long.
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                borrowed = false;
            }

            acted = true;
            if (turn is not null)
            {
                await GrantAsync(turn).ConfigureAwait(false);
            }
            else
            {
                await RunAndProposeAsync(entry!).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// The loop's next step; nothing ends the loop. While a transaction holds the writer nothing is proposed: an entry would precede its own in
    /// the log and change its base. Otherwise a group of transactions and an entry of commands take turns, so that neither starves.
    /// </summary>
    private List<Proposal>? Decide(out WriterTurn? turn)
    {
        lock (_gate)
        {
            turn = null;
            List<Proposal>? entry = null;
            if (_holder is null && !_batchOnItsWay)
            {
                turn = _members > 0 ? TakeTurnToJoin() : !CommandsWait || _batchTaken ? TakeTurn() : null;
                if (turn is null && (_members == 0 || _groupClosed || _turns.Count == 0))
                {
                    // Right after a group the entry shares the flush of its last member.
                    entry = TakeEntry();
                }

                turn ??= entry is null && _members == 0 ? TakeTurn() : null;
            }

            if (turn is null && entry is null)
            {
                _running = false;
                EndIfDone();
            }

            return entry;
        }
    }

    /// <summary>Notes the end of a tracked wait.</summary>
    private void Watched()
    {
        lock (_gate)
        {
            _watching--;
            EndIfDone();
        }
    }

    private void AdvanceTime()
    {
        // Time rises with each entry of a log, however the clocks of successive leaders differ.
        _unixMicroseconds = Math.Max(
            (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
            Math.Max(_unixMicroseconds, _applier.UnixMicroseconds) + 1);
    }
}
