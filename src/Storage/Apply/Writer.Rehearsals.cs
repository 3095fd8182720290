using System.Diagnostics;
using System.Text;

namespace Rqlite.Pg.Storage;

/// <content>Transactions that are run ahead of their entry: the operations that their owners call.</content>
public sealed unsafe partial class Writer
{
    private const int ShortParametersMax = 64 << 10;

    private readonly Lock _interruptLock = new();
    private Rehearsal? _rehearsal;
    private volatile bool _interruptible;

    // The statement that runs was interrupted, or the last one that could be interrupted was.
    private volatile bool _interrupted;

    /// <summary>
    /// Opens a transaction on the applied state, or on the members of the open group. One transaction at a time takes statements; the caller
    /// makes sure that no other entry is on its way. Entries that are applied nevertheless end the transaction.
    /// </summary>
    /// <param name="unixMicroseconds">The time of the transaction's entry.</param>
    /// <param name="caller">The session that the transaction runs for.</param>
    /// <param name="clock">The time that the statements see as now; null for the entry's time.</param>
    /// <param name="requestId">The name that the owner gave to the transaction; none if default.</param>
    /// <param name="schemaVersion">The version of the schema that the statements are made for; 0 for any.</param>
    /// <exception cref="RequestKnownException">In the state that the transaction would stand on, another request has the name.</exception>
    /// <exception cref="SchemaMovedException">In that state the schema has another version.</exception>
    public Rehearsal BeginRehearsal(
        long unixMicroseconds, ulong seed, BatchOptions options, CallerSession? caller = null, long? clock = null, RequestId requestId = default,
        long schemaVersion = 0)
    {
        var rehearsal = new Rehearsal(this, unixMicroseconds, clock ?? unixMicroseconds, seed, options, new TransactionEffects(caller))
        {
            RequestId = requestId,
            SchemaVersion = schemaVersion,
        };
        Pause.Enter();
        try
        {
            Attach(rehearsal, resumes: false);
            return rehearsal;
        }
        finally
        {
            Leave();
        }
    }

    internal ReadOnlyMemory<byte> RunRehearsed(Rehearsal rehearsal, Statement statement, CancellationToken token)
    {
        Enter(rehearsal, RehearsalState.Open);
        try
        {
            var answer = RunStep(rehearsal, statement, token, out var step);
            if (MustGiveWay(rehearsal, step, token))
            {
                rehearsal.History.RemoveLast();
                Detach(rehearsal, RehearsalState.Evicted);
                throw new RehearsalEvictedException();
            }

            return rehearsal.State == RehearsalState.Lost ? throw new RehearsalLostException() : answer;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>
    /// True if a statement of an open rehearsal is known to take a short time: it was run before in the schema of now, and its plan has no loop.
    /// False too if the writer is not free at once.
    /// </summary>
    internal bool IsKnownShort(Rehearsal rehearsal, Statement statement)
    {
        if (statement.Steps.Count > 0 || statement.Parameters.Length > ShortParametersMax || !Pause.TryEnter(TimeSpan.Zero))
        {
            return false;
        }

        try
        {
            return _rehearsal == rehearsal && _cache!.Find(statement.Sql.Span, rehearsal.Options) is { } handle
                && handle.Definitions == _definitions && handle.IsShort();
        }
        catch (StorageException)
        {
            // There was no memory to look at the plan.
            return false;
        }
        finally
        {
            Leave();
        }
    }

    internal StatementShape DescribeRehearsed(Rehearsal rehearsal, ReadOnlySpan<byte> sql, CancellationToken token)
    {
        Enter(rehearsal, RehearsalState.Failed);
        try
        {
            return rehearsal.Gone ? StatementShape.Failed(s_gone, sql.Length)
                : SqlText.IsBlank(sql) ? StatementShape.None(sql.Length)
                : DescribeInterruptible(rehearsal, sql, token);
        }
        finally
        {
            Leave();
        }
    }

    private StatementShape DescribeInterruptible(Rehearsal rehearsal, ReadOnlySpan<byte> sql, CancellationToken token)
    {
        using (token.UnsafeRegister(static state => ((Writer)state!).Interrupt(), this))
        {
            using var memory = SqliteMemory.LimitAgain(_memory);
            BeginInterruptible();
            try
            {
                var shape = token.IsCancellationRequested ? null : Describe(rehearsal, sql);
                return shape is null || (shape.Error is not null && _interrupted)
                    ? StatementShape.Failed(new StatementError(ResultCode.Interrupt, "interrupted", -1), sql.Length)
                    : shape;
            }
            finally
            {
                EndInterruptible();
            }
        }
    }

    private StatementShape Describe(Rehearsal rehearsal, ReadOnlySpan<byte> sql)
    {
        // Through the cache, where the following run of the statement finds it.
        var handle = _cache!.Rent(sql, rehearsal.Options, 0, out var error);
        try
        {
            if (handle is { Node: null })
            {
                handle.Definitions = _definitions;
            }

            if (handle is null || handle.Definitions == _definitions)
            {
                return Shape(handle, error, sql.Length);
            }
        }
        finally
        {
            if (handle is not null)
            {
                _cache.Return(handle);
            }
        }

        // A statement prepared before a change of the schema notices the change only when it runs.
        using var fresh = StatementHandle.Prepare(Connection, sql, 0, out error);
        return Shape(fresh, error, sql.Length);
    }

    internal void Stay(Rehearsal rehearsal)
    {
        Enter(rehearsal, RehearsalState.Open);
        try
        {
            rehearsal.History.End();
        }
        finally
        {
            Leave();
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
                Detach(rehearsal, RehearsalState.Lost);
                return null;
            }

            if (rehearsal.Strayed && HasVirtualTables)
            {
                // A full-text index writes its pending terms at a savepoint or a read; the replay has neither, so its index pages would differ.
                rehearsal.Marks.Clear();
                RunAgain(rehearsal);
            }

            if ((rehearsal.Options & BatchOptions.ForeignKeys) != 0 && Connection.DeferredForeignKeyViolations() > 0)
            {
                // A COMMIT that the quorum has agreed to may not fail any more.
                error = new StatementError(ResultCode.ConstraintForeignKey, "FOREIGN KEY constraint failed", -1);
            }

            error ??= WriteVirtualTables(0);
            if (error is not null)
            {
                Detach(rehearsal, RehearsalState.Lost);
                return null;
            }

            return AddMember(rehearsal);
        }
        catch (Exception e) when (e is StorageException or RehearsalLostException)
        {
            Detach(rehearsal, RehearsalState.Lost);
            throw;
        }
        finally
        {
            Leave();
        }
    }

    internal void Abandon(Rehearsal rehearsal)
    {
        if (rehearsal.State == RehearsalState.Evicted)
        {
            // The statement that runs on the writer belongs to another rehearsal.
            rehearsal.State = RehearsalState.Lost;
            return;
        }

        if (Volatile.Read(ref _rehearsal) != rehearsal)
        {
            return;
        }

        EnterForEntry();
        try
        {
            Detach(rehearsal, RehearsalState.Lost);
        }
        finally
        {
            Leave();
        }
    }

    private static StatementShape Shape(StatementHandle? handle, StatementError? error, int length) => handle is null
        ? new StatementShape(error, error is null, false, error is null, [], RowSchema.Empty, length)
        : new StatementShape(
            null, handle.ReadOnly, handle.Explain, false, ParameterPlan.Names(handle.Handle), handle.Schema(), handle.TailOffset)
        {
            Effects = handle.Effects,
            Sources = handle.Sources,
            SchemaVersion = handle.SchemaVersion,
        };

    /// <summary>Runs a statement and adds it to the history. The answer is complete; the rehearsal may have failed or be lost.</summary>
    private ReadOnlyMemory<byte> RunStep(
        Rehearsal rehearsal, Statement statement, CancellationToken token, out RehearsalStep step)
    {
        _output.Clear();
        _elapsed.Clear();
        var began = Stopwatch.GetTimestamp();
        var ordinal = rehearsal.NextOrdinal++;
        _effects!.Sequences.BeginRehearsed();
        var drawn = rehearsal.Effects.Undrawn ? rehearsal.Effects.Values : ((IReadOnlyList<SequenceValue>, long)?)null;
        var error = RunInterruptible(rehearsal, ordinal, statement, readOnly: false, token, out var wrote);

        // The caller may reuse the statement's memory.
        var kept = statement.Copy();
        if (error is not null)
        {
            rehearsal.State = RehearsalState.Failed;
            WriteError(0, error);
        }
        else if (wrote)
        {
            rehearsal.Record.Add(new TransactionStatement(ordinal, kept) { Sequences = _effects.Sequences.Record(drawn) });
            rehearsal.RecordBytes += kept.Bytes;
            rehearsal.Answers = Answered(rehearsal.Answers);
        }

        rehearsal.Strayed |= error is not null || !wrote;
        var answer = AnswerDigest(error);
        WriteElapsed();
        var written = _output.Written.ToArray();
        var broken = Connection.Autocommit || error is { ResultCode: ResultCode.Interrupt };
        step = new(RehearsalStepKind.Run, 0, kept, answer, broken);

        // A broken statement is not run again, so the time it took is no cost of running the rehearsal again.
        rehearsal.History.Add(step, written.Length, broken ? TimeSpan.Zero : Stopwatch.GetElapsedTime(began), rehearsal.OnGroup);
        if (Connection.Autocommit)
        {
            rehearsal.Gone = true;
            _transaction!.Rollback();
            RebuildGroup();
        }

        return written;
    }

    private StatementError? RunInterruptible(
        Rehearsal rehearsal, int ordinal, Statement statement, bool readOnly, CancellationToken token, out bool wrote)
    {
        wrote = false;

        // Disposing the registration waits for an interrupt under way, so that no interrupt reaches another owner's statement.
        using (token.UnsafeRegister(static state => ((Writer)state!).Interrupt(), this))
        {
            using var memory = SqliteMemory.LimitAgain(_memory);
            BeginInterruptible();
            try
            {
                var error = token.IsCancellationRequested
                    ? new StatementError(ResultCode.Interrupt, "query cancelled", -1)
                    : RunInTransaction(rehearsal.Seed, ordinal, statement, rehearsal.Options, readOnly, out wrote);

                // A statement that is interrupted in a long call of SQLite is refused memory, so it ends with NOMEM.
                return error is not null && _interrupted ? new StatementError(ResultCode.Interrupt, "interrupted", -1) : error;
            }
            catch (StorageException e) when (_interrupted || e.ResultCode is ResultCode.NoMemory or ResultCode.Full or ResultCode.IOErrorNoMemory)
            {
                // The failure is that of a statement of ours that belongs to the client's, which fails with it.
                wrote = false;
                _effects!.Abandon();
                return _interrupted ? new StatementError(ResultCode.Interrupt, "interrupted", -1) : new StatementError(e.ResultCode, e.Message, -1);
            }
            finally
            {
                EndInterruptible();
            }
        }
    }

    private void Enter(Rehearsal rehearsal, RehearsalState worst)
    {
        Pause.Enter();
        if (_rehearsal == rehearsal && rehearsal.State <= worst)
        {
            _effects!.Current = rehearsal.Effects;
            return;
        }

        Leave();
        throw rehearsal.State switch
        {
            RehearsalState.Lost => new RehearsalLostException(),
            RehearsalState.Evicted => new RehearsalEvictedException(),
            _ => new InvalidOperationException($"The rehearsal is {rehearsal.State}."),
        };
    }

    private Mixer Answered(Mixer answers)
    {
        answers.Add(_output.Written);
        return answers;
    }

    /// <summary>
    /// The digest of the answer that the owner was given: columns, rows, count and kind of failure, before times are put in. Not the last
    /// rowid, which front doors do not pass on and which other transactions' inserts change.
    /// </summary>
    private ulong AnswerDigest(StatementError? error)
    {
        var digest = new Mixer((ulong)(error?.ResultCode ?? 0));
        if (error is not null)
        {
            digest.Add(Encoding.ASCII.GetBytes(error.SqlState ?? ""));
        }
        else
        {
            var outcome = _elapsed[^1].At - RowEncoding.ElapsedOffset;
            digest.Add(_output[..outcome]);
            digest.Add(_output[outcome..(outcome + RowEncoding.LastRowIdOffset)]);
        }

        return digest.Value;
    }
}
