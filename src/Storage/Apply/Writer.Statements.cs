using System.Diagnostics;

namespace Rqlite.Pg.Storage;

public sealed unsafe partial class Writer
{
    // A program names places in this process's memory and counts changes of the schema that this connection has seen. In entries of earlier
    // versions it is not refused.
    private static readonly StatementError s_program = new(
        ResultCode.Authorization, $"not authorized: EXPLAIN{NodeFunctions.Refusal}; EXPLAIN QUERY PLAN can be", -1);

    /// <summary>Runs the statements of a command; false if the entry has to begin again.</summary>
    private bool TryRunBatch(in EntryStamp stamp, int number, StatementBatch batch)
    {
        Connection.Apply(batch.Options);
        Native.sqlite3_set_last_insert_rowid(Connection.Handle, 0);
        var foreignKeys = (batch.Options & BatchOptions.ForeignKeys) != 0;
        var together = batch.IsUndoneTogether;
        var before = _effects!.Current.Mark();
        if (together)
        {
            _transaction!.SetSavepoint();
        }

        for (var i = 0; i < batch.Statements.Count; i++)
        {
            var start = _output.Length;
            var error = _failed.GetValueOrDefault((number, i));
            if (error is null)
            {
                if (!TryRunStatement(stamp, number, i, batch, out error))
                {
                    return false;
                }

                var last = i == batch.Statements.Count - 1;
                if (error is null && foreignKeys && (last || !together) && Connection.DeferredForeignKeyViolations() > 0)
                {
                    error = new StatementError(
                        ResultCode.ConstraintForeignKey, "FOREIGN KEY constraint failed", batch.Atomic ? StatementError.CommitOffset : -1);
                    if (!together)
                    {
                        _failed.Add((number, i), error);
                        return false;
                    }
                }
            }

            if (error is not null)
            {
                WriteError(start, error);
                if (together)
                {
                    _transaction!.RollbackToSavepoint();
                    _definitions++;
                    _effects.Current.RollBackTo(before);
                    return true;
                }
            }
        }

        if (together)
        {
            _transaction!.ReleaseSavepoint();
        }

        return true;
    }

    private bool TryRunStatement(in EntryStamp stamp, int number, int ordinal, StatementBatch batch, out StatementError? error)
    {
        if (_run is null)
        {
            BeginReplayed();
            try
            {
                return TryRunWhole(stamp, number, ordinal, batch, out error);
            }
            catch (StorageException) when (_stopping)
            {
                throw new ApplyStoppedException();
            }
            finally
            {
                EndReplayed();
            }
        }

        error = null;
        (_refusedAt, _refusedStart) = (ordinal, _output.Length);
        if (_stopping)
        {
            _interrupted = true;
            return false;
        }

        if (_run.Exceeded is { } exceeded)
        {
            _refused = exceeded;
            return false;
        }

        using var memory = SqliteMemory.LimitAgain(_memory);
        BeginInterruptible();
        try
        {
            return TryRunWhole(stamp, number, ordinal, batch, out error);
        }
        finally
        {
            EndInterruptible();
        }
    }

    /// <summary>Runs a text and, where a command could end, what virtual tables have to write. False if the entry has to begin anew.</summary>
    private bool TryRunWhole(in EntryStamp stamp, int number, int ordinal, StatementBatch batch, out StatementError? error)
    {
        if (!TryRunText(stamp, number, ordinal, batch, out error))
        {
            return false;
        }

        // In an entry of an earlier version, which has its index in the stamp, they write at the COMMIT.
        var ends = stamp.Index == 0 && (!batch.Atomic || ordinal == batch.Statements.Count - 1);
        if (error is not null || !ends || (error = WriteVirtualTables(0)) is null)
        {
            return true;
        }

        if (!Settle(number, ordinal, error))
        {
            return false;
        }

        // Several statements are undone together. What one alone has changed is still there.
        return batch.IsUndoneTogether || !_failed.TryAdd((number, ordinal), error);
    }

    private bool TryRunText(in EntryStamp stamp, int number, int ordinal, StatementBatch batch, out StatementError? error)
    {
        var statement = batch.Statements[ordinal];
        BeginText(stamp.Seed, number, ordinal, statement);
        return statement.Steps.Count > 0
            ? TryRunGroup(stamp, number, ordinal, batch, statement, out error)
            : TryRunText(stamp, number, ordinal, batch.Options, statement, statement.Settings, out error);
    }

    /// <summary>Runs a text, usually one statement; of several the last one's result remains. False if the entry has to begin anew.</summary>
    private bool TryRunText(
        in EntryStamp stamp, int number, int ordinal, BatchOptions options, Statement statement, SessionSettings? settings, out StatementError? error)
    {
        var start = _output.Length;
        var unnamedUsed = 0;
        var offset = 0;
        while (true)
        {
            var handle = _cache!.Rent(statement.Sql.Span[offset..], options, offset, out error, statement.IsOurs);
            if (handle is null)
            {
                if (error is null && offset == 0)
                {
                    // The text is comments only: a result all the same.
                    RowEncoding.WriteSchema(_output, RowSchema.Empty);
                    RowEncoding.WriteOutcome(_output, new StatementOutcome(true, 0, 0, TimeSpan.Zero, null));
                }

                return error is null || Settle(number, ordinal, error);
            }

            try
            {
                if (handle.Analyzes && IsRunOnGroup)
                {
                    // If the statement had to be undone, the connection would have to be opened again, which would end the group's SQLite
                    // transaction.
                    _unfit = true;
                    return false;
                }

                RewindOutput(start);
                error = stamp.Index == 0 && handle.ListsProgram
                    ? s_program
                    : handle.Parameters.Bind(Connection, handle.Handle, statement.Parameters.Span, unnamedUsed) ?? Run(handle, statement, settings, options, start, offset);
                offset += handle.TailOffset;
                unnamedUsed += handle.Parameters.UnnamedNeeded;
            }
            finally
            {
                _cache.Return(handle);
            }

            if (error is not null || _state->LargestRowId != 0 || _state->HookFailed != 0 || Connection.Autocommit)
            {
                return Settle(number, ordinal, error);
            }

            if (SqlText.IsBlank(statement.Sql.Span[offset..]))
            {
                return _inGroup || (error = EndMetadata()) is null || Settle(number, ordinal, error);
            }
        }
    }

    /// <summary>Begins a text of a client with a state that does not depend on those before.</summary>
    private void BeginText(ulong seed, int number, int ordinal, Statement statement)
    {
        BeginMetadata(statement);
        _state->SeedRandom(seed, number, ordinal);
        _state->LargestRowId = 0;
        _state->ResultTooBig = 0;
        _state->NotUndone = 0;
        Connection.FullText.BeginStatement();
    }

    /// <summary>Classifies a failure; false if the entry has to begin again without the statement.</summary>
    /// <exception cref="StorageException">The failure is the node's.</exception>
    private bool Settle(int number, int ordinal, StatementError? error)
    {
        if (_run is null && error is not null)
        {
            ThrowIfStopping();
        }

        if (_run is not null && (_refused = RefusalOf(error)) is not null)
        {
            return false;
        }

        if (_run is not null && _interrupted && error is not null)
        {
            // The statement was ended to let others write, or since the writer is needed for something else.
            return false;
        }

        if (_state->HookFailed != 0)
        {
            throw new StorageException(ResultCode.NoMemory, "A changed row could not be read.");
        }

        if (error is not null && ResultCode.Classify(error.ResultCode) == ResultKind.Environment
            && !((error.ResultCode & 0xff) == ResultCode.Full && _transaction!.SequenceIsUsedUp()))
        {
            throw new StorageException(error.ResultCode, $"A statement could not be applied: {error.Message} ({error.ResultCode})");
        }

        if (_state->LargestRowId != 0)
        {
            error ??= new StatementError(ResultCode.ConstraintRowId, "the rowid 9223372036854775807 cannot be used", -1);
        }
        else if (!Connection.Autocommit && _state->ResultTooBig == 0 && _state->NotUndone == 0)
        {
            return true;
        }

        _failed.Add((number, ordinal), error ?? new StatementError(ResultCode.Abort, "the statement ended the transaction", -1));
        return false;
    }

    private StatementError? Run(StatementHandle handle, Statement statement, SessionSettings? settings, BatchOptions options, int start, int offset)
    {
        if (handle.ChangesRows && (handle.Effects & StatementEffects.AnyLocks) != 0)
        {
            return StatementError.Of("0A000", "a statement that changes rows cannot take or give back advisory locks");
        }

        if (handle.Analyzes)
        {
            // ANALYZE visits tables in the order in which this connection has come to know them. Read anew, that is their order in the file.
            if (WriteVirtualTables(offset) is { } unwritten)
            {
                return unwritten;
            }

            Connection.ReloadSchema();
        }

        if (BeginRows(handle, statement) is { } unwatched)
        {
            return unwatched;
        }

        var began = Stopwatch.GetTimestamp();
        var before = _effects!.Current.Mark();
        var changedBefore = Native.sqlite3_total_changes64(Connection.Handle);
        var dropped = handle.ReadOnly && (options & BatchOptions.DiscardReads) != 0;
        BeginDefinition(handle.Defines);
        Connection.Context.Caller = handle.AsksSession ? CallerSession.With(_effects.Current.Caller, settings) : null;
        var code = handle.Step();
        var schema = dropped || code is not (ResultCode.Row or ResultCode.Done) ? RowSchema.Empty : handle.Schema();
        RowEncoding.WriteSchema(_output, schema);
        var rowsStart = _output.Length;
        while (code == ResultCode.Row)
        {
            if (schema.Columns.Count > 0)
            {
                RowEncoding.WriteRow(_output, handle);
                if (_output.Length > _options.ResultBytesMax)
                {
                    // A savepoint cannot be released while the statement stands on a row.
                    handle.Reset();
                    CloseRows(refused: false);
                    return TooBig(handle);
                }
            }

            code = handle.Step();
        }

        Connection.Context.Caller = null;

        // SQLite keeps the count of the statement before for one that changes no rows, such as CREATE TABLE. Within that one a full-text index may
        // write what it has gathered, or has written it before: the count must not tell.
        var changed = handle.Defines || Native.sqlite3_total_changes64(Connection.Handle) == changedBefore
            ? 0 : Native.sqlite3_changes64(Connection.Handle);
        var effectsDefine = false;
        var refusal = code == ResultCode.Done ? EndRows() : null;
        var error = code == ResultCode.Done ? refusal ?? _effects.Settle(out effectsDefine) : Connection.LastError(code, offset);
        CloseRows(refusal is not null);
        _analyzed |= handle.Analyzes;
        var metadata = handle.ChangesMetadata && Native.sqlite3_total_changes64(Connection.Handle) != changedBefore;
        _metadataChanged |= metadata;
        EndDefinition(handle.Defines || effectsDefine || metadata);
        handle.Definitions = _definitions;
        if (error is null && handle.Defines && !handle.Analyzes && Connection.HasStatistics() && (error = WriteVirtualTables(offset)) is null)
        {
            Connection.ReloadSchema();
        }

        if (error is not null)
        {
            Connection.NoteFailure();
            _effects.Current.RollBackTo(before);
            _effects.Abandon();
            _effects.StatementFailed();
        }
        else
        {
            var outcome = new StatementOutcome(
                handle.ReadOnly && !dropped, changed, handle.ReadOnly ? 0 : Native.sqlite3_last_insert_rowid(Connection.Handle), TimeSpan.Zero, null)
            {
                Effects = _inGroup ? null : _effects.TakeForSession(),
            };
            _state->Digest.Add(_output[rowsStart..]);
            _state->Digest.Add((ulong)changed);
            _elapsed.Add((_output.Length + RowEncoding.ElapsedOffset, Stopwatch.GetElapsedTime(began).Ticks));
            RowEncoding.WriteOutcome(_output, outcome);
        }

        return error;
    }

    /// <summary>
    /// Has virtual tables write what they have gathered, which a full-text index else does at the COMMIT, where a failure (its index is used up, or
    /// at odds with itself) could be nobody's result any more. What statements see and the digest covers stays as it was.
    /// </summary>
    private StatementError? WriteVirtualTables(int offset)
    {
        if (!HasVirtualTables)
        {
            return null;
        }

        var digest = _state->Digest;
        var (total, changes) = (_state->TotalChanges(Connection.Handle), _state->Changes(Connection.Handle));
        var lastRowId = Native.sqlite3_last_insert_rowid(Connection.Handle);
        var code = _transaction!.TryWriteVirtualTables();
        var error = code == ResultCode.Done ? null : Connection.LastError(code, offset);
        Native.sqlite3_set_last_insert_rowid(Connection.Handle, lastRowId);
        _state->SetChanges(Connection.Handle, total, changes);
        _state->Digest = digest;
        return error;
    }

    /// <summary>SQLite makes all changes of a statement before its first row, so it has to be undone; a statement that only reads need not.</summary>
    private StatementError TooBig(StatementHandle handle)
    {
        if (!handle.ReadOnly)
        {
            _state->ResultTooBig = 1;
        }

        return new StatementError(ResultCode.TooBig, $"the result is larger than {_options.ResultBytesMax} bytes", -1);
    }

    private void WriteError(int start, StatementError error)
    {
        RewindOutput(start);
        _state->Digest.Add((ulong)(error.ResultCode & 0xff));
        RowEncoding.WriteSchema(_output, RowSchema.Empty);
        RowEncoding.WriteOutcome(_output, new StatementOutcome(false, 0, 0, TimeSpan.Zero, error) { Effects = _effects!.TakeOfFailed() });
    }

    private void RewindOutput(int start)
    {
        _output.Rewind(start);

        // The list is ordered by place. Looking at all of it for each statement would be quadratic in the statements of a batch.
        var kept = _elapsed.Count;
        while (kept > 0 && _elapsed[kept - 1].At >= start)
        {
            kept--;
        }

        _elapsed.RemoveRange(kept, _elapsed.Count - kept);
    }
}
