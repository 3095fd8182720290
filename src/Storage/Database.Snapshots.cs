using System.Collections.Concurrent;
using System.Diagnostics;

namespace Rqlite.Pg.Storage;

/// <content>Durability, copies and generations.</content>
public sealed partial class Database
{
    private const long FirstGeneration = 1;
    private const int WalWarningFactor = 4;

    private readonly GenerationDirectory _directory;
    private readonly StorageFiles _files;
    private readonly SemaphoreSlim _walGrown = new(0, 1);
    private readonly Lock _durableLock = new();
    private readonly Lock _checkpointLock = new();
    private Generation _generation;
    private long _durable;
    private readonly ConcurrentQueue<Generation> _former = new();
    private bool _walWarned;

    /// <summary>The bytes that commits have put into the WAL since it last started over.</summary>
    public long WalBytes => Writer.WalFrames * (long)_generation.Checkpointer!.FrameLength;

    /// <summary>Waits until the WAL's size makes a checkpoint due, at most <paramref name="atMost"/>. One caller at a time.</summary>
    public async ValueTask WaitForCheckpointAsync(TimeSpan atMost, CancellationToken token) =>
        await _walGrown.WaitAsync(atMost, token).ConfigureAwait(false);

    /// <summary>
    /// Makes all that is applied durable and keeps the WAL small. Never waits for a copy under way or for readers. Synchronous, with
    /// syncs of the disk: for a background thread; one call at a time works, and others wait for it.
    /// </summary>
    /// <returns>An index that the database has at least after any crash or power loss.</returns>
    /// <exception cref="StorageException">The disk refused; the process should end.</exception>
    public long Checkpoint()
    {
        lock (_checkpointLock)
        {
            var started = Stopwatch.GetTimestamp();
            var durable = CheckpointAlone();
            StorageMetrics.CheckpointDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
            return durable;
        }
    }

    /// <summary>The databases that others have taken the place of and that are not deleted yet.</summary>
    public int FormerDatabases => _former.Count;

    private long CheckpointAlone()
    {
        DeleteFormer();
        using var use = UseGeneration();
        var generation = use.Generation;

        // Read before the sync: an entry that is applied later may lie in the WAL unsynced.
        var applied = AppliedIndex;
        if (generation.Gate.Wait(0))
        {
            try
            {
                CopyWal(generation);
            }
            finally
            {
                generation.Gate.Release();
            }
        }
        else
        {
            // A copy is being read from the main file, so no checkpoint may write to it; durability does not need one.
            generation.Checkpointer!.SyncWal();
            LimitWal(generation);
        }

        lock (_durableLock)
        {
            return _durable = Math.Max(_durable, applied);
        }
    }

    private void CopyWal(Generation generation)
    {
        var checkpointer = generation.Checkpointer!;
        _files.Passing(StorageStep.CheckpointStarting);
        _readers.ReleaseIdle();
        var length = checkpointer.Copy().Log;
        _files.Passing(StorageStep.CheckpointCopied);
        checkpointer.SyncWal();
        if (length >= _options.WalLimitBytes)
        {
            checkpointer.SyncMain();
            _files.Passing(StorageStep.CheckpointSynced);
            Writer.Pause.Run(() => StartWalOver(checkpointer));
            _files.Passing(StorageStep.WalReset);
        }

        LimitWal(generation);
    }

    /// <summary>
    /// Starts the WAL over. Runs between two transactions: nobody appends, so the rest is soon copied and the next commit starts the WAL over.
    /// </summary>
    private void StartWalOver(Checkpointer checkpointer)
    {
        _files.Passing(StorageStep.WalResetting);
        var (length, copied) = checkpointer.Copy();
        if (length == copied && Writer.Connection.Autocommit)
        {
            // Readers that begin from here on do not need the WAL; older ones end their idle snapshots or are waited for briefly.
            _readers.CountCommit();
            _readers.ReleaseIdle();
            checkpointer.AwaitReaders();
        }
    }

    private void LimitWal(Generation generation)
    {
        var length = WalBytes;
        if (length < WalWarningFactor * _options.WalLimitBytes)
        {
            _walWarned = false;
            return;
        }

        if (!_walWarned)
        {
            _walWarned = true;
            StorageLog.WalLarge(_logger, length);
        }

        var limit = Math.Max(_options.WalHardLimitBytes, RandomAccess.GetLength(generation.Main) / 2);
        if (length > limit && _readers.InterruptOldest(
            $"The read was ended because it kept the write-ahead log from starting over, which had grown to {length} bytes."))
        {
            StorageLog.ReaderEnded(_logger, length, limit);
        }
    }

    private void AskForCheckpoint()
    {
        if (_walGrown.CurrentCount == 0 && WalBytes >= _options.WalLimitBytes)
        {
            _walGrown.Release();
        }
    }

    /// <summary>
    /// Streams a consistent copy, as new as the end of the transfer. No checkpoint moves anything meanwhile, so the WAL grows; a transfer
    /// during which it passes the hard limit is given up. Further copies wait for their turn.
    /// </summary>
    /// <returns>An index and its term that the copy holds at least; the receiver finds its own in it.</returns>
    public async ValueTask<(long Index, long Term)> WriteCopyAsync(Stream destination, CancellationToken token)
    {
        using var use = UseGeneration();
        var generation = use.Generation;
        await generation.Gate.WaitAsync(token).ConfigureAwait(false);
        try
        {
            var limit = Math.Max(_options.WalHardLimitBytes, RandomAccess.GetLength(generation.Main) / 2);
            var copy = new CopyWriter(generation, _files, limit);
            return await copy.WriteAsync(destination, () => (AppliedIndex, AppliedTerm), token).ConfigureAwait(false);
        }
        finally
        {
            generation.Gate.Release();
        }
    }

    /// <summary>Receives a copy into a directory of its own, verified and durable; the open database goes on meanwhile.</summary>
    /// <exception cref="StorageException">The stream is no copy, is damaged or ends early, or the disk refused. Nothing is left behind.</exception>
    public async ValueTask<ReceivedCopy> ReceiveCopyAsync(Stream source, CancellationToken token)
    {
        var folder = _directory.CreateIncoming();
        try
        {
            await new CopyReceiver(folder, _files).ReceiveAsync(source, token).ConfigureAwait(false);
            var (index, term) = StagedCopy.Finish(folder, _options, _files);
            return new ReceivedCopy(folder, index, term, _files);
        }
        catch
        {
            _files.DeleteDirectory(folder);
            throw;
        }
    }

    /// <summary>
    /// Replaces the open database by a received copy, within milliseconds. Readers that are rented keep the old one until they are
    /// returned. For the applier, between two entries. After an exception the old database is still open and valid, unless the failure
    /// came after the commit point: then the process must end, and a restart finds the copy.
    /// </summary>
    public void Install(ReceivedCopy copy)
    {
        ArgumentNullException.ThrowIfNull(copy);
        var started = Stopwatch.GetTimestamp();
        var next = Adopt(copy);
        _directory.WriteCurrent(next.Number);
        SwitchTo(next);
        lock (_durableLock)
        {
            _durable = Math.Max(_durable, copy.Index);
        }

        _files.Passing(StorageStep.InstallFinished);
        Writer.NoteSequencesReplaced();
        Replaced?.Invoke();
        StorageLog.CopyInstalled(_logger, copy.Index, copy.Term, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    private Generation Adopt(ReceivedCopy copy)
    {
        var number = _generation.Number + 1;
        var next = new Generation(number, _directory.PathOf(number), _files);
        var folder = copy.Take();
        try
        {
            _directory.Adopt(folder, number);
            _files.Passing(StorageStep.InstallMoved);
            next.Checkpointer = new Checkpointer(next, _options, _files);
            return next;
        }
        catch
        {
            next.RemoveUser();
            next.TryDelete();
            throw;
        }
    }

    private void SwitchTo(Generation next)
    {
        var former = _generation;
        Writer.Switch(next.MainPath);
        Volatile.Write(ref _generation, next);
        RestrictFiles();
        _readers.Reopen(next);
        Forget();
        Remember(Writer.Position);
        _files.Passing(StorageStep.InstallSwapped);
        former.RemoveUser();
        _former.Enqueue(former);
    }
}
