namespace Rqlite.Pg.Storage;

/// <content>
/// Commands that are run to their end, under the limits of their callers, before they are proposed. A command that cannot finish is undone, and
/// leaves no trace in the log.
/// </content>
public sealed unsafe partial class Writer
{
    // Keeps the digests of batches apart from those of transactions.
    private const ulong BatchDigest = 0x6261746368;

    // An entry that has been restarted so often because of one command goes on without that command.
    private const int RestartsMax = 8;

    // The command that runs ahead of its entry; null while an entry is replayed. Other threads read it under _interruptLock.
    private WriteRun? _run;
    private long _runBegan;
    private bool _runAlone;
    private bool _runOnGroup;
    private StatementError? _refused;

    // The named requests of the batch at hand.
    private readonly List<RequestId> _named = [];
    private int _refusedAt;
    private int _refusedStart;
    private bool _unfit;
    private volatile bool _evictRun;
    private volatile bool _diskAlmostFull;

    /// <summary>The free bytes on the disk of a folder; replaced in tests.</summary>
    internal Func<string, long> FreeDiskBytes { get; set; } = static directory => new DriveInfo(directory).AvailableFreeSpace;

    private bool IsRunOnGroup => _run is not null && _runOnGroup;

    /// <summary>
    /// Runs commands upon the applied state or the open group. A command that exceeds its limits, or that asks more of this node than it can
    /// give, is refused: its answer is in <see cref="WriteRun.Result"/> and it is in no entry. A command that takes long is undone and marked
    /// <see cref="WriteRun.Alone"/>; alone it may take its time. Commands after either are left for the next entry.
    /// </summary>
    /// <param name="kept">The number of commands, from the first, that are in the batch.</param>
    /// <param name="taken">The number of commands that have been decided on; the others are to be run later.</param>
    /// <returns>Null if no command is kept.</returns>
    /// <exception cref="RehearsalLostException">The writer was needed for other entries; nothing remains.</exception>
    public BatchRehearsal? RehearseBatch(
        long term, long unixMicroseconds, ulong seed, IReadOnlyList<WriteRun> runs, out int kept, out int taken)
    {
        ArgumentNullException.ThrowIfNull(runs);
        Pause.Enter();
        try
        {
            ThrowIfBroken();
            var beneath = _members.Count > 0 ? _members[^1] : null;
            if (_rehearsal is not null || beneath is { EntryIndex: 0 } or BatchRehearsal)
            {
                throw new InvalidOperationException("Something is run ahead of its entry already.");
            }

            var batch = new BatchRehearsal(this, term, unixMicroseconds, seed)
            {
                OnGroup = beneath is not null,
                BaseIndex = beneath?.EntryIndex ?? _position.Index,
                BaseTerm = beneath?.EntryTerm ?? _position.Term,
                Results = new CommandResult?[runs.Count],
                Loose = _loose.All,
            };
            (kept, taken) = (runs.Count, runs.Count);
            _failed.Clear();
            RunAhead(batch, runs, ref kept, ref taken);
            return kept == 0 ? null : AddMember(batch, runs, kept);
        }
        catch (StorageException e) when (_broken is null)
        {
            // The failure is the machine's: nothing is proposed any more.
            ForgetGroup();
            Break(e);
            throw;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>
    /// Ends the statement of a batch whose limits are exceeded, or that may keep others waiting: commands in the same entry, members beneath
    /// it, or a caller whose thread it occupies. A timer calls this now and then.
    /// </summary>
    /// <param name="slice">The longest that a command may run unless it is marked <see cref="WriteRun.Alone"/>.</param>
    public void LookAfterBatch(TimeSpan slice)
    {
        lock (_interruptLock)
        {
            if (!_interruptible || _run is not { } run)
            {
                return;
            }

            var took = TimeSpan.FromMilliseconds(Environment.TickCount64 - _runBegan);
            if (_stopping || run.Exceeded is not null)
            {
                Interrupt();
            }
            else if (took > slice && !_runAlone)
            {
                _evictRun = true;
                Interrupt();
            }
            else if (took > slice && FreeDiskBytes(_options.Directory) < _options.DiskReserveBytes)
            {
                // The pages that SQLite writes before the COMMIT take the disk space that the log needs.
                _diskAlmostFull = true;
                Interrupt();
            }
        }
    }

    /// <summary>
    /// Applies a batch: keeps its rehearsal if that is still open here, else runs it and compares the digest.
    /// </summary>
    /// <param name="results">Null, or an array that receives each command's result.</param>
    /// <returns>False if the batch did nothing, because the database is not in the state that it was run on; every node says the same.</returns>
    /// <exception cref="StorageException">This node cannot go on, or the batch had other effects here than on the leader.</exception>
    public bool ApplyBatch(in EntryStamp stamp, Func<BatchEntry> entry, BatchRehearsal? rehearsal, CommandResult?[]? results)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (rehearsal is not null && rehearsal.Term == stamp.Term && TryKeep(stamp, rehearsal))
        {
            return true;
        }

        var read = entry();
        EnterForEntry();
        try
        {
            DropGroup();
            CheckNext(stamp);
            var fits = (read.BaseIndex, read.BaseTerm, read.Term) == (_position.Index, _position.Term, stamp.Term);
            ReplayBatch(stamp, read, fits, results);
            return fits;
        }
        finally
        {
            Leave();
        }
    }

    private BatchRehearsal AddMember(BatchRehearsal batch, IReadOnlyList<WriteRun> runs, int kept)
    {
        var commands = new ApplyCommand[kept];
        for (var i = 0; i < kept; i++)
        {
            commands[i] = runs[i].Command;
            runs[i].Result = batch.Results[i];
        }

        batch.Entry = new(batch.BaseIndex, batch.BaseTerm, batch.Term, _state->Digest.Value, commands);
        batch.Named = [.. _named];
        batch.Notifications = [.. _notifications];
        batch.Grants = [.. _effects!.Grants];
        batch.State = RehearsalState.Sealed;
        _members.Add(batch);
        return batch;
    }

    private void RunAhead(BatchRehearsal batch, IReadOnlyList<WriteRun> runs, ref int kept, ref int taken)
    {
        var restarts = 0;
        while (kept > 0)
        {
            BeginBatch(batch.UnixMicroseconds, batch.Seed, batch.Term, batch.OnGroup);
            var stamp = new EntryStamp(0, batch.Term, batch.UnixMicroseconds, batch.Seed);
            if (TryRunAhead(batch, stamp, runs, kept, out var failed))
            {
                batch.Analyzed = _analyzed;
                if (!batch.OnGroup || !HasVirtualTables)
                {
                    return;
                }

                // The command created the first virtual table: it needs a SQLite transaction without savepoints of ours.
                (failed, _unfit) = (0, true);
            }

            var lost = _refused is null && !_unfit && _interrupted && !_evictRun;
            Unwind(batch);
            if (lost)
            {
                throw new RehearsalLostException();
            }

            if (_refused is not null)
            {
                // Commands before it are run again and proposed; those after it wait for the next entry, so that each is run at most twice.
                (kept, taken) = (failed, failed + 1);
            }
            else if (_unfit || _evictRun || (!_runAlone && ++restarts > RestartsMax))
            {
                runs[failed].Alone = true;
                (kept, taken) = (failed, failed);
            }
        }
    }

    private bool TryRunAhead(BatchRehearsal batch, in EntryStamp stamp, IReadOnlyList<WriteRun> runs, int count, out int failed)
    {
        _refused = null;
        _unfit = false;
        _evictRun = false;
        _diskAlmostFull = false;
        _runOnGroup = batch.OnGroup;
        _runAlone = !batch.OnGroup && count == 1 && runs[0].Alone;
        try
        {
            for (failed = 0; failed < count; failed++)
            {
                var run = runs[failed];
                (_run, _runBegan) = (run, Environment.TickCount64);
                if (!TryRunLimited(stamp, failed, run.Command, batch.Results))
                {
                    if (_refused is { } error)
                    {
                        run.Result = Refused(run.Command.Batch, error);
                    }

                    return false;
                }
            }

            return true;
        }
        finally
        {
            _run = null;
        }
    }

    private bool TryRunLimited(in EntryStamp stamp, int number, ApplyCommand command, CommandResult?[] results)
    {
        try
        {
            return TryRunCommand(stamp, number, command, results);
        }
        catch (StorageException e) when (_interrupted || e.ResultCode is ResultCode.NoMemory or ResultCode.Full or ResultCode.IOErrorNoMemory)
        {
            // The failure is that of a statement of ours that belongs to the command.
            _refused = RefusalOf(new StatementError(e.ResultCode, e.Message, -1));
            _refusedStart = Math.Min(_refusedStart, _output.Length);
            return false;
        }
    }

    /// <summary>The answer to a command that was undone: the statement that caused it has its error, and the others say so.</summary>
    private CommandResult Refused(StatementBatch batch, StatementError error)
    {
        if (!batch.Atomic)
        {
            _output.Clear();
            _elapsed.Clear();
            var other = new StatementError(
                ResultCode.Abort, $"not executed: statement {_refusedAt + 1} of the request was refused ({error.Message})", -1);
            for (var i = 0; i < batch.Statements.Count; i++)
            {
                WriteError(_output.Length, i == _refusedAt ? error : other);
            }
        }
        else
        {
            WriteError(_refusedStart, error);
            WriteElapsed();
        }

        return new CommandResult(_output.Written.ToArray(), 0, duplicate: false);
    }

    /// <summary>Undoes the running batch, and rebuilds the members beneath it if a statement ended their SQLite transaction.</summary>
    private void Unwind(BatchRehearsal batch)
    {
        _effects!.Abandon();
        _loose.Restore(batch.Loose);
        _definitions++;
        var members = _members.Count;
        if (Connection.Autocommit)
        {
            _transaction!.Rollback();
            RebuildGroup();
        }
        else if (batch.OnGroup)
        {
            _transaction!.RollbackMember();
        }
        else
        {
            _transaction!.Rollback();
        }

        if (_analyzed && !batch.OnGroup)
        {
            // The connection plans with statistics that are not in the file.
            Reopen();
        }

        if (_members.Count != members)
        {
            throw new RehearsalLostException();
        }
    }

    /// <summary>
    /// Why a failure of a statement that runs ahead of its entry is no result: the statement was ended, asks for more memory or disk than this
    /// node has or grants, or found a table in use by itself. Null if every node would give the same result.
    /// </summary>
    private StatementError? RefusalOf(StatementError? error)
    {
        if (_interrupted && error is not null)
        {
            return _run!.Exceeded
                ?? (_diskAlmostFull ? new StatementError(ResultCode.Full, "the disk is almost full: the write was undone", -1) : null);
        }

        if (_state->HookFailed != 0)
        {
            return new StatementError(ResultCode.NoMemory, "out of memory", -1);
        }

        // An R-Tree counts its readers in memory, which no other node has: so LOCKED stays out of the log.
        return error is { ResultCode: ResultCode.IOErrorNoMemory } || (error?.ResultCode & 0xff) is ResultCode.NoMemory or ResultCode.Full or ResultCode.Locked
            ? error
            : null;
    }

    private void BeginBatch(long unixMicroseconds, ulong seed, long term, bool onGroup)
    {
        *_state = new EntryState { UnixMicroseconds = unixMicroseconds, Digest = new Mixer(BatchDigest) };
        _state->AddTime(unixMicroseconds);
        _state->Digest.Add(seed);
        _notifications.Clear();
        _named.Clear();
        _analyzed = false;
        _effects!.BeginEntry(term);
        if (onGroup)
        {
            _transaction!.SetMember();
        }
        else
        {
            _transaction!.Begin();
        }

        _state->TotalChangesAtStart = Native.sqlite3_total_changes64(Connection.Handle);
    }

    /// <summary>Runs a batch from its entry, in a SQLite transaction of its own.</summary>
    private void ReplayBatch(in EntryStamp stamp, BatchEntry entry, bool fits, CommandResult?[]? results)
    {
        _failed.Clear();
        try
        {
            while (!TryReplay(stamp, entry, fits, results))
            {
                _transaction!.Rollback();
            }
        }
        catch
        {
            _transaction!.RollbackQuietly();
            throw;
        }

        _definitions++;
        _committed(_position);
        SetIndex(results, stamp.Index);
        Announce(_notifications, _effects!.Grants);
        if (_analyzed)
        {
            Reopen();
        }
    }

    private bool TryReplay(in EntryStamp stamp, BatchEntry entry, bool fits, CommandResult?[]? results)
    {
        BeginBatch(stamp.UnixMicroseconds, stamp.Seed, stamp.Term, onGroup: false);
        var run = stamp with { Index = 0 };
        for (var i = 0; fits && i < entry.Commands.Count; i++)
        {
            if (!TryRunCommand(run, i, entry.Commands[i], results))
            {
                return false;
            }
        }

        if (fits && _state->Digest.Value != entry.Digest)
        {
            throw new StorageException(
                ResultCode.Internal, $"Entry {stamp.Index} had other effects here than where it was run first: this replica differs.");
        }

        _transaction!.PlaceRequests(_named, stamp.Index);
        var position = Next(_position, stamp, fits ? entry.Digest : 0);
        Committing?.Invoke(1);
        Commit(position);
        _position = position;
        return true;
    }

    private void Announce(IReadOnlyList<Notification> notifications, IReadOnlyList<LockGrant> grants)
    {
        Notify(notifications);
        if (grants.Count > 0)
        {
            LocksGranted?.Invoke(grants);
        }
    }

    private static void SetIndex(CommandResult?[]? results, long index)
    {
        foreach (var result in results ?? [])
        {
            if (result is { Index: 0 })
            {
                result.Index = index;
            }
        }
    }
}
