using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The library's write-ahead log, made to answer a leader only after the disk has the entries. The interface is listed again so that the
/// library's calls reach the methods here; without that the class compiles and changes nothing.
/// </summary>
internal sealed class DurableLog(WriteAheadLog.Options options, LogStateMachine machine)
    : WriteAheadLog(options, machine), IAuditTrail<IRaftLogEntry>
{
    private const int ChunkBytes = 16 << 20;

    private readonly SemaphoreSlim _append = new(1, 1);
    private bool _unflushed;

    /// <summary>For tests that show what the flush is for.</summary>
    internal static bool AcknowledgeBeforeFlush { get; set; } = Environment.GetEnvironmentVariable("RQLITED_TEST_NO_LOG_FLUSH") == "1";

    /// <summary>What the explicit implementation of the base says; listing the interface again would bring back its default.</summary>
    bool IAuditTrail.IsLogEntryLengthAlwaysPresented => true;

    public long Term => ((IPersistentState)this).Term;

    public static DurableLog Open(string directory, LogStateMachine machine)
        => new(
            new Options
            {
                Location = directory,
                ChunkSize = ChunkBytes,
                HashAlgorithm = IntegrityHashAlgorithm.XxHash3,
                MemoryManagement = MemoryManagementStrategy.SharedMemory,
            },
            machine);

    /// <summary>The term of an entry that the log holds.</summary>
    public async ValueTask<long> TermAtAsync(long index, CancellationToken token)
    {
        if (index <= machine.Base.Index)
        {
            return machine.Base.Term;
        }

        using var reader = await ReadAsync(index, index, token).ConfigureAwait(false);
        return reader[0].Term;
    }

    /// <summary>A leader's own append, also the library's. Refused once the term has moved on, so that a deposed leader leaves nothing behind.</summary>
    async ValueTask<long> IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(TEntry entry, CancellationToken token)
    {
        await _append.WaitAsync(token).ConfigureAwait(false);
        try
        {
            if (entry.Term != Term)
            {
                throw new NotLeaderException();
            }

            return await AppendAsync(entry, token).ConfigureAwait(false);
        }
        finally
        {
            _append.Release();
        }
    }

    /// <summary>A follower's append.</summary>
    async ValueTask IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(
        ILogEntryProducer<TEntry> entries, long startIndex, bool skipCommitted, CancellationToken token)
    {
        await _append.WaitAsync(token).ConfigureAwait(false);
        try
        {
            var rest = new EntryQueue<TEntry>(entries);
            startIndex = await SkipHeldAsync(rest, startIndex, token).ConfigureAwait(false);
            if (rest.RemainingCount > 0)
            {
                _unflushed = true;
                if (startIndex <= LastEntryIndex)
                {
                    // What lies before must be on disk: an overwrite moves the mark of the unflushed forward to itself. And the first entry
                    // alone cuts off the conflicting tail: if the connection broke in the middle of an overwrite, the library would not
                    // mark what it has overwritten as unflushed.
                    await FlushAsync(CancellationToken.None).ConfigureAwait(false);
                    await AppendAsync(rest.TakeFirst(), startIndex++, skipCommitted, token).ConfigureAwait(false);
                    await FlushAppendedAsync().ConfigureAwait(false);
                    _unflushed = true;
                }

                if (rest.RemainingCount > 0)
                {
                    await AppendAsync(rest, startIndex, skipCommitted, token).ConfigureAwait(false);
                }
            }

            await FlushAppendedAsync().ConfigureAwait(false);
        }
        finally
        {
            _append.Release();
        }
    }

    /// <summary>The install of a copy.</summary>
    async ValueTask IAuditTrail<IRaftLogEntry>.AppendAsync<TEntry>(TEntry entry, long startIndex, CancellationToken token)
    {
        await _append.WaitAsync(token).ConfigureAwait(false);
        try
        {
            await AppendAsync(entry, startIndex, token).ConfigureAwait(false);
            await FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _append.Release();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _append.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>
    /// Passes over what the log holds already: committed entries, which the library must not see again, and entries of the same index and
    /// term, which are the same entries. A late repetition of an append must not cut off what came after it.
    /// </summary>
    private async ValueTask<long> SkipHeldAsync<TEntry>(EntryQueue<TEntry> entries, long index, CancellationToken token)
        where TEntry : IRaftLogEntry
    {
        while (entries.RemainingCount > 0 && index <= LastEntryIndex)
        {
            var entry = await entries.PeekAsync().ConfigureAwait(false);
            if (index > LastCommittedEntryIndex && await TermAtAsync(index, token).ConfigureAwait(false) != entry.Term)
            {
                break;
            }

            entries.Drop();
            index++;
        }

        return index;
    }

    private async ValueTask FlushAppendedAsync()
    {
        if (_unflushed && !AcknowledgeBeforeFlush)
        {
            // Not the caller's token: an append that was interrupted here would look flushed to the next.
            await FlushAsync(CancellationToken.None).ConfigureAwait(false);
            _unflushed = false;
        }
    }
}
