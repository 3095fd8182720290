using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Gathers the commands that wait into entries and hands them to the log, one entry at a time: while one is on its way the next one
/// fills, which is the whole group commit. The first caller after an idle moment starts its entry on its own thread.
/// </summary>
internal sealed partial class ProposalWriter : IAsyncDisposable
{
    private const int BufferKeptMax = 4 << 20;

    private readonly IReplicatedLog _log;
    private readonly EntryApplier _applier;
    private readonly Writer _writer;
    private readonly RequestLimits _limits;
    private readonly TimeProvider _time;

    private readonly Lock _gate = new();
    private readonly Queue<Proposal> _queue = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _queuedBytes;
    private bool _running;
    private bool _closed;

    // The loop's own; it runs once at a time.
    private ArrayBufferWriter<byte> _buffer = new();
    private long _unixMilliseconds;

    public ProposalWriter(IReplicatedLog log, EntryApplier applier, Writer writer, RequestLimits limits, TimeProvider time)
    {
        _log = log;
        _applier = applier;
        _writer = writer;
        _limits = limits;
        _time = time;
        _log.Changed += LeadershipChanged;
    }

    /// <summary>Takes a command into the queue; the task ends when it is applied here, or tells why not.</summary>
    public ValueTask<CommandResult> ProposeAsync(ApplyCommand command, TimeSpan timeout, CancellationToken token)
    {
        var bytes = LogCommandEncoding.Measure(command.Batch);
        if (bytes > _limits.CommandBytesMax)
        {
            throw TooLarge(bytes, _limits.CommandBytesMax);
        }

        var encoded = new ArrayBufferWriter<byte>((int)bytes);
        LogCommandEncoding.WriteCommand(encoded, command);
        var proposal = new Proposal(encoded.WrittenMemory);
        bool start;
        lock (_gate)
        {
            Admit(bytes);
            proposal.Watch(_time, timeout, token);
            _queue.Enqueue(proposal);
            _queuedBytes += bytes;
            start = !_running;
            _running = true;
        }

        if (start)
        {
            _ = RunAsync();
        }

        return proposal.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (TryClose(out var queued))
        {
            _log.Changed -= LeadershipChanged;
            foreach (var proposal in queued)
            {
                proposal.Fail(Closed());
            }

            await _stopping.CancelAsync().ConfigureAwait(false);
            await _idle.Task.ConfigureAwait(false);
            _stopping.Dispose();
        }
    }

    public static ClusterException TooLarge(long bytes, long limit) =>
        new(ClusterError.TooLarge, $"the request has {bytes} bytes, the limit for one request is {limit} bytes (CommandBytesMax)");

    private static ClusterException Closed() => new(ClusterError.NotReady, "the node is stopping");

    private void Admit(long bytes)
    {
        if (_closed)
        {
            throw Closed();
        }

        if (_queue.Count >= _limits.QueueCommandsMax || _queuedBytes + bytes > _limits.QueueBytesMax)
        {
            throw new ClusterException(ClusterError.Busy, $"too many writes are waiting ({_queue.Count}, {_queuedBytes} bytes)");
        }
    }

    private bool TryClose(out Proposal[] queued)
    {
        lock (_gate)
        {
            queued = [];
            if (_closed)
            {
                return false;
            }

            _closed = true;
            queued = _queue.ToArray();
            _queue.Clear();
            _queuedBytes = 0;
            StopLeases();
            if (!_running)
            {
                _idle.TrySetResult();
            }

            return true;
        }
    }

    /// <summary>Runs until the queue is empty; never throws. <see cref="DisposeAsync"/> waits for its end.</summary>
    private async Task RunAsync()
    {
        var borrowed = true;
        while (TakeTurn(out var lease) is var entry && (entry is not null || lease is not null))
        {
            var replication = lease is null ? ReplicateAsync(entry!) : ServeAsync(lease);
            borrowed &= replication.IsCompleted;
            await replication.ConfigureAwait(false);
            if (borrowed)
            {
                // Still on the thread of the caller that started the loop: it must not work for those behind it.
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                borrowed = false;
            }
        }
    }

    /// <summary>What is to be done next; nothing ends the loop. Leases and entries take turns, so that neither side starves.</summary>
    private ProposedEntry? TakeTurn(out WriterLease? lease)
    {
        List<Proposal>? taken = null;
        long bytes = 0;
        lock (_gate)
        {
            if ((lease = NextLease(force: false)) is not null)
            {
                return null;
            }

            while ((taken is null || taken.Count < _limits.EntryCommandsMax) && _queue.TryPeek(out var next))
            {
                if (taken is not null && bytes + next.Encoded.Length > _limits.EntryBytesMax)
                {
                    break;
                }

                _queue.Dequeue();
                _queuedBytes -= next.Encoded.Length;
                if (next.TryPropose())
                {
                    (taken ??= new(Math.Min(_queue.Count + 1, _limits.EntryCommandsMax))).Add(next);
                    bytes += next.Encoded.Length;
                }
            }

            TakeLooseSequences(ref taken);
            _leaseIsNext = true;
            if (taken is null && (lease = NextLease(force: true)) is not null)
            {
                return null;
            }

            if (taken is null)
            {
                _running = false;
                if (_closed)
                {
                    _idle.TrySetResult();
                }

                return null;
            }
        }

        return new(NewUInt128(), taken);
    }

    private async ValueTask ReplicateAsync(ProposedEntry entry)
    {
        try
        {
            Encode(entry);
            await _log.ReplicateAsync(_buffer.WrittenMemory, entry, _stopping.Token).ConfigureAwait(false);
            entry.Fail(ClusterError.OutcomeUnknown, "another entry took the place of the write in the log", _log.Leader, null);
            if (_buffer.Capacity > BufferKeptMax)
            {
                _buffer = new();
            }
        }
        catch (ClusterException e) when (e.Error is ClusterError.NotLeader or ClusterError.NoLeader or ClusterError.NotReady)
        {
            _writer.ForgetLooseSequences();
            entry.Fail(e.Error, e.Message, e.Leader, null);
        }
        catch (Exception e)
        {
            // After an append nothing but the applier knows what became of the entry; the log may still read the buffer.
            _buffer = new();
            _writer.ForgetLooseSequences();
            entry.Fail(ClusterError.OutcomeUnknown, "leadership lost while committing log", _log.Leader, e);
        }
    }

    private void Encode(ProposedEntry entry)
    {
        // Time never runs backward within a _log, whatever the clocks of one leader and the next say.
        _unixMilliseconds = Math.Max(
            _time.GetUtcNow().ToUnixTimeMilliseconds(), Math.Max(_unixMilliseconds, _applier.UnixMilliseconds));
        _buffer.ResetWrittenCount();
        LogCommandEncoding.WriteHead(_buffer, entry.Nonce, _unixMilliseconds, (ulong)NewUInt128(), entry.Proposals.Count);
        foreach (var proposal in entry.Proposals)
        {
            _buffer.Write(proposal.Encoded.Span);
        }
    }

    private void AdvanceTime()
    {
        // Time never runs backward within a log, whatever the clocks of one leader and the next say.
        _unixMilliseconds = Math.Max(
            _time.GetUtcNow().ToUnixTimeMilliseconds(), Math.Max(_unixMilliseconds, _applier.UnixMilliseconds));
    }

    public static UInt128 NewUInt128()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }
}
