namespace Rqlite.Pg.Storage;

/// <content>Entries that are transactions.</content>
public sealed unsafe partial class Writer
{
    // Keeps the digests of transactions apart from those of batches.
    private const ulong TransactionDigest = 0x7472616E73616374;

    /// <summary>
    /// Applies a transaction: keeps its rehearsal if that is still open here, else runs it and compares the digest. A rehearsal that was kept
    /// is committed at once, or, if another transaction on top of it is open, as soon as that one has ended.
    /// </summary>
    /// <returns>
    /// False if the transaction did nothing, because the database is not in the state that it was rehearsed on; every node says the same.
    /// </returns>
    /// <exception cref="StorageException">This node cannot go on, or the transaction had other effects here than in its rehearsal.</exception>
    public bool ApplyTransaction(in EntryStamp stamp, TransactionEntry entry, Rehearsal? rehearsal)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (rehearsal is not null && TryKeep(stamp, rehearsal))
        {
            return true;
        }

        EnterForEntry();
        try
        {
            DropGroup();
            CheckNext(stamp);
            var fits = (entry.BaseIndex, entry.BaseTerm) == (_position.Index, _position.Term);
            ReplayAlone(stamp, entry, fits);
            return fits;
        }
        finally
        {
            Leave();
        }
    }

    private void CheckNext(in EntryStamp stamp)
    {
        ThrowIfBroken();
        ThrowIfStopping();
        if (stamp.Index <= _position.Index)
        {
            throw new StorageException(ResultCode.Misuse, $"Entry {stamp.Index} was applied before; the database is at {_position.Index}.");
        }
    }

    /// <summary>Begins a transaction's state, and the SQLite transaction or a savepoint in the one that is open.</summary>
    private void BeginTransaction(long clock, ulong seed, BatchOptions options, TransactionEffects effects, bool onGroup)
    {
        _effects!.Begin(effects, locks: false);
        *_state = new EntryState { UnixMicroseconds = clock, Digest = new Mixer(TransactionDigest) };
        _state->AddTime(clock);
        _state->Digest.Add(seed);
        _state->Digest.Add((ulong)options);
        if (onGroup)
        {
            _transaction!.SetMember();
        }
        else
        {
            _transaction!.Begin();
        }

        Connection.Apply(options);
        Native.sqlite3_set_last_insert_rowid(Connection.Handle, 0);
        _state->TotalChangesAtStart = Native.sqlite3_total_changes64(Connection.Handle);
    }

    /// <summary>Stores the transaction's name after <see cref="BeginTransaction"/>. Its counters do not show this.</summary>
    /// <exception cref="RequestKnownException">Another request has the name.</exception>
    private void Name(RequestId request, long baseIndex, long unixMilliseconds)
    {
        if (request == default)
        {
            return;
        }

        _transaction!.NameTransaction(request, baseIndex, unixMilliseconds);
        _state->Digest.Add(request.High);
        _state->Digest.Add(request.Low);
        _state->TotalChangesAtStart = Native.sqlite3_total_changes64(Connection.Handle);
    }

    /// <summary>Stores the name of a transaction as in its first run, where the name was free.</summary>
    private void NameAgain(RequestId request, long baseIndex, long unixMilliseconds)
    {
        try
        {
            Name(request, baseIndex, unixMilliseconds);
        }
        catch (RequestKnownException e)
        {
            throw new StorageException(
                ResultCode.Internal, $"The key of a transaction upon entry {baseIndex} is taken here: this replica differs. {e.Message}");
        }
    }

    /// <summary>Runs a transaction from its entry, in a SQLite transaction of its own.</summary>
    private void ReplayAlone(in EntryStamp stamp, TransactionEntry entry, bool fits)
    {
        try
        {
            BeginTransaction(entry.Clock, stamp.Seed, entry.Options, new TransactionEffects(entry.Caller), onGroup: false);
            if (fits)
            {
                NameAgain(entry.RequestId, entry.BaseIndex, stamp.UnixMilliseconds);
                Repeat(stamp, entry);
            }

            var position = Next(_position, stamp, fits ? entry.Digest : 0);
            Committing?.Invoke(1);
            Commit(position);
            _effects!.Sequences.ForgetSettled();
            _position = position;
        }
        catch
        {
            _transaction!.RollbackQuietly();
            throw;
        }

        _committed(_position);
        Notify(_effects!.Current.Notifications);
    }

    private void Repeat(in EntryStamp stamp, TransactionEntry entry)
    {
        foreach (var statement in entry.Statements)
        {
            Repeat(stamp.Seed, statement, entry.Options);
        }

        if (WriteVirtualTables(0) is { } unwritten)
        {
            throw new StorageException(
                unwritten.ResultCode, $"Transaction {stamp.Index} could not be written as in its rehearsal: {unwritten.Message} ({unwritten.ResultCode})");
        }

        if (_state->Digest.Value != entry.Digest)
        {
            throw new StorageException(
                ResultCode.Internal, $"Transaction {stamp.Index} had other effects here than where it was rehearsed: this replica differs.");
        }
    }

    private static AppliedPosition Next(in AppliedPosition before, in EntryStamp stamp, ulong digest)
    {
        var own = new Mixer((ulong)stamp.Index);
        own.Add(digest);
        var chained = new Mixer(before.Digest);
        chained.Add(own.Value);
        return new(stamp.Index, stamp.Term, stamp.UnixMilliseconds, chained.Value, before.BaseIndex, before.BaseTerm);
    }

    /// <summary>Runs a statement of an entry, which succeeded in its rehearsal.</summary>
    private void Repeat(ulong seed, in TransactionStatement statement, BatchOptions options)
    {
        _output.Clear();
        _elapsed.Clear();
        _effects!.Sequences.BeginReplayed(statement.Sequences);
        if (statement.Sequences?.Session is { } drawn)
        {
            _effects.Current.SetValues(drawn, statement.Sequences.LastSequence);
        }

        StatementError? error;
        BeginReplayed();
        try
        {
            // The leader has run the statement, so it had the right to; in an entry of an earlier version without a mark.
            error = RunInTransaction(seed, statement.Ordinal, statement.Statement.WithFormerRights(), options, readOnly: false, out _);
        }
        catch (StorageException) when (_stopping)
        {
            throw new ApplyStoppedException();
        }
        finally
        {
            EndReplayed();
        }

        if (error is not null)
        {
            ThrowIfStopping();
            throw new StorageException(
                error.ResultCode, $"A statement of a transaction failed that had succeeded in its rehearsal: {error.Message} ({error.ResultCode})");
        }
    }

    private static readonly StatementError s_readOnly = new(ResultCode.ReadOnly, "attempt to change database via query operation", -1);

    /// <summary>Runs one statement of a transaction, which may be a group.</summary>
    /// <param name="readOnly">A statement that does not only read is refused.</param>
    /// <param name="wrote">The statement has to be part of the entry. One that only reads is not, and leaves the digest alone.</param>
    private StatementError? RunInTransaction(
        ulong seed, int ordinal, Statement statement, BatchOptions options, bool readOnly, out bool wrote)
    {
        wrote = false;
        BeginText(seed, 0, ordinal, statement);
        return statement.Steps.Count > 0
            ? RunGroup(statement, options, readOnly, ref wrote)
            : RunText(statement, statement.Settings, options, readOnly, ref wrote);
    }

    /// <summary>Runs one text of a transaction; of several statements in it the last one's result remains.</summary>
    private StatementError? RunText(
        Statement statement, SessionSettings? settings, BatchOptions options, bool readOnly, ref bool wrote)
    {
        var start = _output.Length;
        var unnamedUsed = 0;
        var offset = 0;
        while (true)
        {
            var handle = _cache!.Rent(statement.Sql.Span[offset..], options, offset, out var error, statement.IsOurs);
            if (handle is null)
            {
                return error ?? new StatementError(ResultCode.Misuse, "there is no statement", -1);
            }

            var before = _state->Digest;
            try
            {
                RewindOutput(start);
                error = handle.Analyzes
                    ? StatementError.Of("0A000", "ANALYZE in a transaction block that writes is not supported")
                    : readOnly && !handle.ReadOnly ? s_readOnly
                    : handle.ListsProgram && !handle.ReadOnly && !_replays ? s_program
                    : handle.Parameters.Bind(Connection, handle.Handle, statement.Parameters.Span, unnamedUsed) ?? Run(handle, statement, settings, options, start, offset);
                offset += handle.TailOffset;
                unnamedUsed += handle.Parameters.UnnamedNeeded;
                if (handle.ReadOnly)
                {
                    _state->Digest = before;
                }

                wrote |= !handle.ReadOnly;
            }
            finally
            {
                _cache.Return(handle);
            }

            error ??= Hazard();
            if (error is not null)
            {
                return error;
            }

            if (SqlText.IsBlank(statement.Sql.Span[offset..]))
            {
                return _inGroup ? null : EndMetadata();
            }
        }
    }

    /// <summary>The error for a transaction that cannot be committed although the statement has succeeded; null if it can.</summary>
    private StatementError? Hazard() =>
        _state->HookFailed != 0 ? new StatementError(ResultCode.NoMemory, "a changed row could not be read", -1)
        : _state->LargestRowId != 0 ? new StatementError(ResultCode.ConstraintRowId, "the rowid 9223372036854775807 cannot be used", -1)
        : Connection.Autocommit ? new StatementError(ResultCode.Abort, "the statement ended the transaction", -1)
        : null;
}
