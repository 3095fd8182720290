using DotNext.IO;
using DotNext.IO.Log;
using DotNext.Net.Cluster.Consensus.Raft;
using DotNext.Net.Cluster.Consensus.Raft.Membership;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The log of a voter, in the shape that the library's Raft needs. An entry has its place as soon as it is appended; a caller that needs it on
/// disk, committed or applied waits for that. The one type that can be made of it comes from <see cref="PersistentStateType"/>.
/// </summary>
internal abstract partial class DurableLog : IAuditTrail<IRaftLogEntry>, IAsyncDisposable
{
    // Entries that arrive from a leader wait in memory for the flush at the end of its message.
    private const long UnflushedBytesMax = 4 << 20;

    private readonly Lock _gate = new();
    private readonly Lock _stateLock = new();
    private readonly SemaphoreSlim _append = new(1, 1);
    private readonly LogTail _tail = new();
    private readonly string _directory;
    private readonly LogFiles _files;
    private readonly TermFile _state;
    private readonly LogStateMachine _machine;
    private readonly Action<string, Exception> _failed;
    private BasePoint _base;
    private long _term;
    private long _last;
    private long _lastTerm;
    private long _lastConfiguration;
    private long _flushed;
    private long _commit;
    private long _applied;
    private Exception? _failure;
    private bool _disposed;

    protected DurableLog(OpenedLog opened)
    {
        _waiters = new(() => LastAppliedIndex);
        _directory = opened.Directory;
        _files = opened.Files;
        _state = opened.State;
        _machine = opened.Machine;
        _failed = opened.Failed;
        _base = opened.Base;
        _term = _state.State.Term;
        _last = _flushed = opened.Last;
        _lastTerm = _last <= _base.Index ? _base.Term : _files.TermAt(_last);

        // Entries in the database were committed; whether later ones were, only a leader can tell.
        _commit = _applied = Math.Max(_base.Index, Math.Min(_machine.AppliedIndex, _last));
        _lastConfiguration = _last;
    }

    /// <summary>Skips the flush, for tests that show its purpose.</summary>
    internal static bool AcknowledgeBeforeFlush { get; set; } = Environment.GetEnvironmentVariable("RQLITED_TEST_NO_LOG_FLUSH") == "1";

    bool IAuditTrail.IsLogEntryLengthAlwaysPresented => true;

    public virtual IClusterConfigurationStorage? ConfigurationStorage { get; set; }

    public virtual long Term => Volatile.Read(ref _term);

    public long LastEntryIndex => Volatile.Read(ref _last);

    public long LastCommittedEntryIndex => Volatile.Read(ref _commit);

    public long LastAppliedIndex => Volatile.Read(ref _applied);

    /// <summary>The last member list in the log; after a start the last entry, which no earlier list can come after.</summary>
    public long LastConfiguration
    {
        get
        {
            lock (_gate)
            {
                return Math.Min(_lastConfiguration, _last);
            }
        }
    }

    public BasePoint Base => Volatile.Read(ref _base);

    public static DurableLog Open(string directory, BasePoint point, LogStateMachine machine, Action<string, Exception> failed)
        => PersistentStateType.Create(OpenedLog.Open(directory, point, machine, failed));

    public Task InitializeAsync(CancellationToken token = default) => Task.CompletedTask;

    public long LastEntryTerm
    {
        get
        {
            lock (_gate)
            {
                return _lastTerm;
            }
        }
    }

    /// <summary>The term of an entry that the log holds, or of the base for those before it.</summary>
    public long TermAt(long index)
    {
        lock (_gate)
        {
            return FindTerm(index);
        }
    }

    /// <summary>A snapshot of the entries of a range, to be disposed; only the base if the range begins at or before it.</summary>
    public LogEntryList Capture(long from, long to)
    {
        lock (_gate)
        {
            if (from <= _base.Index)
            {
                return LogEntryList.Before(_base);
            }

            ArgumentOutOfRangeException.ThrowIfGreaterThan(to, _last);
            var list = new LogEntryList();
            var onDisk = _tail.Count > 0 ? Math.Min(to, _tail.First - 1) : to;
            _files.Capture(from, onDisk, list);
            if (to > onDisk)
            {
                list.Add(_tail.Slice(Math.Max(from, onDisk + 1), to));
            }

            return list;
        }
    }

    public async ValueTask<TResult> ReadAsync<TResult>(
        ILogEntryConsumer<IRaftLogEntry, TResult> reader, long startIndex, long endIndex, CancellationToken token = default)
    {
        using var entries = startIndex > endIndex ? LogEntryList.Empty : Capture(startIndex, endIndex);
        try
        {
            return await reader.ReadAsync<StoredEntry, LogEntryList>(entries, entries.SnapshotIndex, token).ConfigureAwait(false);
        }
        catch (Exception error) when (error.GetBaseException() is LogDamageException damage && damage.Index <= LastCommittedEntryIndex)
        {
            // The library would try again for ever. Entries that are not committed may just have been replaced under the reader.
            Fail("the log could not be read", damage);
            throw;
        }
    }

    /// <summary>
    /// Appends a leader's own entry, also the library's. Refused once the term has moved on, so that a deposed leader leaves no entry behind.
    /// </summary>
    public async ValueTask<long> AppendAsync<TEntry>(TEntry entry, CancellationToken token = default)
        where TEntry : IRaftLogEntry
    {
        var content = entry.TryGetMemory(out var memory)
            ? memory.ToArray()
            : await entry.ToByteArrayAsync(null, token).ConfigureAwait(false);
        lock (_gate)
        {
            ThrowIfFailed();
            return entry.Term == Term ? Add(entry, content) : throw new NotLeaderException();
        }
    }

    /// <summary>
    /// Appends a leader's entries on a follower. Skips those that the log holds already: committed entries, and entries of the same index and
    /// term, which are the same entries; a late repetition of an append must not cut off later entries. Returns when the disk has all of them.
    /// </summary>
    public async ValueTask AppendAsync<TEntry>(
        ILogEntryProducer<TEntry> entries, long startIndex, bool skipCommitted = false, CancellationToken token = default)
        where TEntry : IRaftLogEntry
    {
        await _append.WaitAsync(token).ConfigureAwait(false);
        try
        {
            var next = startIndex;
            for (var unflushed = 0L; entries.RemainingCount > 0 && await entries.MoveNextAsync().ConfigureAwait(false); next++)
            {
                var entry = entries.Current;
                if (Holds(next, entry.Term))
                {
                    continue;
                }

                if (next <= LastEntryIndex)
                {
                    await CutFromAsync(next).ConfigureAwait(false);
                }

                // The caller of this overload has allocated the bytes for the log.
                var content = entry.TryGetMemory(out var memory)
                    ? memory
                    : await entry.ToByteArrayAsync(null, token).ConfigureAwait(false);
                Add(entry, content, next);
                unflushed += content.Length;
                if (unflushed > UnflushedBytesMax)
                {
                    await FlushAsync(next).ConfigureAwait(false);
                    unflushed = 0;
                }
            }

            if (!AcknowledgeBeforeFlush)
            {
                // Entries that were there before are flushed too: an entry of this node's own leadership need not be on disk yet.
                await FlushAsync(next - 1).ConfigureAwait(false);
            }
        }
        finally
        {
            _append.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        try
        {
            await FlushAsync(long.MaxValue).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The failure was reported when it happened.
        }

        await EnterApplyAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _failure = new ObjectDisposedException(nameof(DurableLog));
        }

        _waiters.Fail(_failure);
        await _files.DisposeAsync().ConfigureAwait(false);
        _state.Dispose();
        _append.Dispose();
    }

    private long Add<TEntry>(TEntry entry, ReadOnlyMemory<byte> content)
        where TEntry : IRaftLogEntry
    {
        var index = _last + 1;
        var flags = (entry.IsConfiguration ? StoredEntry.ConfigurationFlag : 0) | (entry.CommandId is null ? 0 : StoredEntry.CommandFlag);
        var context = entry is IInputLogEntry { Context: var given } ? given : null;
        _tail.Add(new(index, entry.Term, (byte)flags, entry.CommandId.GetValueOrDefault(), content, context));
        _lastTerm = entry.Term;
        _lastConfiguration = entry.IsConfiguration ? index : _lastConfiguration;
        Volatile.Write(ref _last, index);
        return index;
    }

    private void Add<TEntry>(TEntry entry, ReadOnlyMemory<byte> content, long index)
        where TEntry : IRaftLogEntry
    {
        lock (_gate)
        {
            ThrowIfFailed();
            if (index != _last + 1 || entry.Term < _lastTerm || entry.IsSnapshot)
            {
                throw new InvalidOperationException(
                    $"An entry of term {entry.Term} for index {index} does not follow index {_last} of term {_lastTerm}.");
            }

            Add(entry, content);
        }
    }

    private bool Holds(long index, long term)
    {
        lock (_gate)
        {
            return index <= _last && (index <= _commit || FindTerm(index) == term);
        }
    }

    private long FindTerm(long index)
        => index == _last ? _lastTerm
            : index <= _base.Index ? _base.Term
            : _tail.Holds(index) ? _tail[index].Term
            : _files.TermAt(index);

    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw failure is ObjectDisposedException ? new ObjectDisposedException(nameof(DurableLog)) : new IOException("The log has failed.", failure);
        }
    }

    /// <summary>Stops the log: after a failed write the content of the disk is unknown, so that nothing may follow it.</summary>
    private void Fail(string reason, Exception error)
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                return;
            }

            _failure = error;
        }

        _waiters.Fail(new IOException("The log has failed.", error));
        _failed(reason, error);
    }
}
