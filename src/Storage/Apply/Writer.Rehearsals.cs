namespace Rqlite.Pg.Storage;

/// <content>Transactions that are run ahead of their entry.</content>
public sealed unsafe partial class Writer
{
    private static readonly TimeSpan InterruptAgain = TimeSpan.FromMilliseconds(1);

    private Rehearsal? _rehearsal;

    /// <summary>
    /// Opens a transaction on the applied state. At most one is open; the caller sees to it that no entry is on its way. Entries that are
    /// applied nevertheless put an end to it.
    /// </summary>
    /// <param name="caller">The session that it runs for.</param>
    public Rehearsal BeginRehearsal(long unixMilliseconds, ulong seed, BatchOptions options, CallerSession? caller = null)
    {
        Pause.Enter();
        try
        {
            if (_rehearsal is not null)
            {
                throw new InvalidOperationException("A rehearsal is open already.");
            }

            var rehearsal = new Rehearsal(this, unixMilliseconds, seed, options, _position.Index, new TransactionEffects(caller));
            BeginTransaction(unixMilliseconds, seed, options, rehearsal.Effects);
            Volatile.Write(ref _rehearsal, rehearsal);
            return rehearsal;
        }
        finally
        {
            Pause.Leave();
        }
    }

    internal ReadOnlyMemory<byte> RunRehearsed(Rehearsal rehearsal, Statement statement, CancellationToken token)
    {
        Enter(rehearsal, RehearsalState.Open);
        try
        {
            _output.Clear();
            _elapsed.Clear();
            var ordinal = rehearsal.NextOrdinal++;
            _effects!.Sequences.BeginRehearsed();
            var drawn = rehearsal.Effects.Undrawn ? rehearsal.Effects.Values : ((IReadOnlyList<SequenceValue>, long)?)null;
            StatementError? error;
            bool wrote;

            // Disposing the registration waits for an interrupt under way, so that none can meet the statement of somebody else.
            using (token.UnsafeRegister(static state => ((Writer)state!).Interrupt(), this))
            {
                error = token.IsCancellationRequested
                    ? new StatementError(ResultCode.Interrupt, "query cancelled", -1)
                    : null;
                wrote = false;
                error ??= RunInTransaction(rehearsal.Seed, ordinal, statement, rehearsal.Options, out wrote);
            }

            if (error is not null)
            {
                rehearsal.State = RehearsalState.Failed;
                WriteError(0, error);
            }
            else if (wrote)
            {
                // The caller may use its memory for something else.
                rehearsal.Record.Add(new TransactionStatement(
                    ordinal, new Statement(statement.Sql.ToArray(), statement.Parameters.ToArray()))
                {
                    Sequences = _effects.Sequences.Record(drawn),
                });
                rehearsal.RecordBytes += statement.Sql.Length + statement.Parameters.Length;
                rehearsal.Answers = Answered(rehearsal.Answers);
            }

            rehearsal.Strayed |= error is not null || !wrote;

            WriteElapsed();
            return _output.Written.ToArray();
        }
        finally
        {
            Pause.Leave();
        }
    }

    internal StatementShape DescribeRehearsed(Rehearsal rehearsal, ReadOnlySpan<byte> sql)
    {
        Enter(rehearsal, RehearsalState.Open);
        try
        {
            if (SqlText.IsBlank(sql))
            {
                return new StatementShape(null, true, false, true, [], RowSchema.Empty, sql.Length);
            }

            // Not from the cache: a statement prepared before a change of the schema learns of it only when it runs.
            using var handle = StatementHandle.Prepare(Connection, sql, 0, out var error);
            return handle is null
                ? new StatementShape(error, error is null, false, error is null, [], RowSchema.Empty, sql.Length)
                : new StatementShape(
                    null, handle.ReadOnly, handle.Explain, false, ParameterPlan.Names(handle.Handle), handle.Schema(), handle.TailOffset)
                {
                    Effects = handle.Effects,
                };
        }
        finally
        {
            Pause.Leave();
        }
    }

    internal void SetSavepoint(Rehearsal rehearsal)
    {
        Enter(rehearsal, RehearsalState.Open);
        try
        {
            rehearsal.Strayed = true;
            Connection.Execute($"SAVEPOINT s{rehearsal.Marks.Count}");
            rehearsal.Marks.Add(new RehearsalMark(
                rehearsal.Record.Count, rehearsal.RecordBytes, rehearsal.Answers, _state->Digest, Native.sqlite3_last_insert_rowid(Connection.Handle),
                _state->TotalChanges(Connection.Handle), _state->Changes(Connection.Handle), rehearsal.Effects.Mark()));
        }
        finally
        {
            Pause.Leave();
        }
    }

    internal void Release(Rehearsal rehearsal, int savepoint)
    {
        Enter(rehearsal, RehearsalState.Open);
        try
        {
            Connection.Execute($"RELEASE s{savepoint}");
            rehearsal.Marks.RemoveRange(savepoint, rehearsal.Marks.Count - savepoint);
        }
        finally
        {
            Pause.Leave();
        }
    }

    internal void RollBackTo(Rehearsal rehearsal, int savepoint)
    {
        Enter(rehearsal, RehearsalState.Failed);
        try
        {
            var mark = rehearsal.Marks[savepoint];
            rehearsal.Record.RemoveRange(mark.Statements, rehearsal.Record.Count - mark.Statements);
            rehearsal.RecordBytes = mark.Bytes;
            rehearsal.Answers = mark.Answers;
            rehearsal.Effects.RollBackTo(mark.Effects);
            rehearsal.Effects.NoteUndone();
            rehearsal.Marks.RemoveRange(savepoint + 1, rehearsal.Marks.Count - savepoint - 1);
            if (Connection.Autocommit)
            {
                RunAgain(rehearsal);
            }
            else
            {
                Connection.Execute($"ROLLBACK TO s{savepoint}");

                // SQLite does not take back what the connection remembers; a replay must meet the same without the statements undone.
                Native.sqlite3_set_last_insert_rowid(Connection.Handle, mark.LastRowId);
                _state->Digest = mark.Digest;
                _state->SetChanges(Connection.Handle, mark.TotalChanges, mark.Changes);
            }

            rehearsal.State = RehearsalState.Open;
        }
        catch (Exception e) when (e is StorageException or RehearsalLostException)
        {
            DropRehearsal();
            throw;
        }
        finally
        {
            Pause.Leave();
        }
    }

    internal TransactionEntry? Seal(Rehearsal rehearsal, out StatementError? error)
    {
        Enter(rehearsal, RehearsalState.Open);
        try
        {
            error = null;
            if (rehearsal.Record.Count == 0)
            {
                DropRehearsal();
                return null;
            }

            if (rehearsal.Strayed && (_mayHaveVirtualTables || Connection.Authorizer.SawVirtualTable))
            {
                // A full-text index writes what it has gathered at a savepoint or a read; the replay meets neither, so its index pages
                // would be others.
                rehearsal.Marks.Clear();
                RunAgain(rehearsal);
            }

            if ((rehearsal.Options & BatchOptions.ForeignKeys) != 0 && Connection.DeferredForeignKeyViolations() > 0)
            {
                // A COMMIT that the quorum has agreed to may not fail any more.
                error = new StatementError(ResultCode.ConstraintForeignKey, "FOREIGN KEY constraint failed", -1);
                DropRehearsal();
                return null;
            }

            rehearsal.State = RehearsalState.Sealed;
            return new TransactionEntry(rehearsal.BaseIndex, _state->Digest.Value, rehearsal.Options, rehearsal.Record)
            {
                Caller = rehearsal.Effects.UsedCaller,
            };
        }
        catch (Exception e) when (e is StorageException or RehearsalLostException)
        {
            DropRehearsal();
            throw;
        }
        finally
        {
            Pause.Leave();
        }
    }

    internal void Abandon(Rehearsal rehearsal)
    {
        if (rehearsal.State is RehearsalState.Lost or RehearsalState.Committed)
        {
            return;
        }

        EnterForEntry();
        try
        {
            if (_rehearsal == rehearsal)
            {
                DropRehearsal();
            }
        }
        finally
        {
            Pause.Leave();
        }
    }

    /// <summary>Takes the writer for entries; a statement of a rehearsal that runs on it is ended.</summary>
    private void EnterForEntry()
    {
        while (!Pause.TryEnter(InterruptAgain))
        {
            if (Volatile.Read(ref _rehearsal) is not null)
            {
                Interrupt();
            }
        }
    }

    private void Interrupt() => Native.sqlite3_interrupt(Connection.Handle);

    private void Enter(Rehearsal rehearsal, RehearsalState worst)
    {
        Pause.Enter();
        if (_rehearsal == rehearsal && rehearsal.State <= worst)
        {
            _effects!.Current = rehearsal.Effects;
            return;
        }

        Pause.Leave();
        throw rehearsal.State == RehearsalState.Lost
            ? new RehearsalLostException()
            : new InvalidOperationException($"The rehearsal is {rehearsal.State}.");
    }

    /// <summary>Ends the open rehearsal, if there is one, without a trace.</summary>
    private void DropRehearsal()
    {
        if (_rehearsal is { } rehearsal)
        {
            Volatile.Write(ref _rehearsal, null);
            rehearsal.State = RehearsalState.Lost;
            _transaction!.RollbackQuietly();
        }
    }

    /// <summary>Begins again and runs what is recorded, savepoints included. The answers must be those that the owner was given.</summary>
    private void RunAgain(Rehearsal rehearsal)
    {
        _transaction!.Rollback();
        var former = rehearsal.Effects;
        rehearsal.Effects = former.Anew();
        BeginTransaction(rehearsal.UnixMilliseconds, rehearsal.Seed, rehearsal.Options, rehearsal.Effects);
        var answers = new Mixer(0);
        var mark = 0;
        for (var i = 0; i <= rehearsal.Record.Count; i++)
        {
            for (; mark < rehearsal.Marks.Count && rehearsal.Marks[mark].Statements == i; mark++)
            {
                Connection.Execute($"SAVEPOINT s{mark}");
                rehearsal.Marks[mark] = rehearsal.Marks[mark] with { Digest = _state->Digest, Effects = rehearsal.Effects.Mark() };
            }

            if (i < rehearsal.Record.Count)
            {
                Repeat(rehearsal.Seed, rehearsal.Record[i], rehearsal.Options);
                answers = Answered(answers);
            }
        }

        rehearsal.Effects.KeepValuesOf(former);
        if (answers.Value != rehearsal.Answers.Value)
        {
            throw new RehearsalLostException();
        }
    }

    private Mixer Answered(Mixer answers)
    {
        answers.Add(_output.Written);
        return answers;
    }
}
