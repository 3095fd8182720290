using System.Buffers;
using System.Runtime.CompilerServices;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>A transaction on the leader's own writer.</summary>
internal sealed class LocalTransaction(WriterLease lease, ProposalWriter proposals, IReplicatedLog log, RequestLimits limits, TimeProvider time)
    : ITransaction
{
    private const int Interrupted = 9;

    /// <summary>The transaction's lease of the writer.</summary>
    public WriterLease Lease => lease;

    public Rehearsal Rehearsal => lease.Rehearsal!;

    public bool HoldsWriter => lease.State is LeaseState.Busy or LeaseState.Idle;

    public static ClusterException Overtaken(Exception? inner = null) => new(
        ClusterError.Serialization, "could not serialize access due to concurrent update", null, inner);

    /// <summary>The error for the owner of a lease that has ended.</summary>
    public static ClusterException Why(WriterLease lease, IReplicatedLog log) => lease.End switch
    {
        LeaseEnd.Idle => new(ClusterError.IdleTransaction, "the transaction held the writer for too long without a statement"),
        LeaseEnd.Stopping => new(ClusterError.NotReady, "the node is stopping"),
        LeaseEnd.None or LeaseEnd.LeadershipLost => new(
            ClusterError.Serialization, "could not serialize access: the leader has changed, the transaction was rolled back", log.Leader),
        _ => Overtaken(),
    };

    /// <summary>Sets the savepoints that the owner has set before the transaction began; called before any other request.</summary>
    public void Begin()
    {
        try
        {
            for (var i = 0; i < lease.Options.Savepoints; i++)
            {
                Rehearsal.SetSavepoint();
            }
        }
        catch (RehearsalLostException)
        {
            throw Lost();
        }
        finally
        {
            lease.Leave();
        }
    }

    public async ValueTask<StatementShape> DescribeAsync(Statement statement, CancellationToken token)
    {
        await LeaveSocketThread();
        using var nodeLimit = new Deadline(limits.WriteTimeout, time, token);
        var bounded = nodeLimit.Token;
        var shape = await CallAsync(rehearsal => rehearsal.Describe(statement.Sql.Span, bounded), bounded).ConfigureAwait(false);
        token.ThrowIfCancellationRequested();
        return shape.Error is not null && nodeLimit.Passed ? shape with { Error = Proposal.RanTooLong(limits.WriteTimeout) } : shape;
    }

    public async ValueTask<RowCursor> RunAsync(Statement statement, TimeSpan? timeout, CancellationToken token)
    {
        var bytes = Rehearsal.RecordBytes + statement.Bytes;
        if (bytes > limits.CommandBytesMax)
        {
            throw ProposalWriter.TooLarge(bytes, limits.CommandBytesMax);
        }

        if (OnSocketThread && !Rehearsal.IsKnownShort(statement))
        {
            await LeaveSocketThread();
        }

        using var deadline = timeout is { } limit ? new Deadline(limit, time, token) : null;
        using var nodeLimit = new Deadline(limits.WriteTimeout, time, deadline?.Token ?? token);
        var bounded = nodeLimit.Token;
        ReadOnlyMemory<byte> encoded;
        try
        {
            encoded = await CallAsync(rehearsal => rehearsal.Run(statement, bounded), bounded).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The transaction was evicted and did not get the writer back in time; a running statement would have had the same error.
            proposals.Release(lease, LeaseEnd.Released);
            encoded = Failed(new StatementError(Interrupted, "query cancelled", -1));
        }

        if (bounded.IsCancellationRequested && !(deadline?.Token ?? token).IsCancellationRequested
            && new WrittenBatch(encoded, 0, null, false).FirstOutcome() is { Error: not null })
        {
            encoded = Failed(Proposal.RanTooLong(limits.WriteTimeout));
        }

        if (lease.End is not (LeaseEnd.None or LeaseEnd.Released) || !log.IsLeader)
        {
            throw Lost();
        }

        var cursor = await new EncodedResults(encoded).NextAsync(token).ConfigureAwait(false);
        return cursor ?? throw new InvalidDataException("A statement left no result.");
    }

    public async ValueTask<RowCursor> PeekAsync(Statement statement, CancellationToken token)
    {
        await LeaveSocketThread();
        using var nodeLimit = new Deadline(limits.WriteTimeout, time, token);
        var bounded = nodeLimit.Token;
        var encoded = await CallAsync(rehearsal => rehearsal.Peek(statement, bounded), bounded).ConfigureAwait(false);
        if (lease.End != LeaseEnd.None || !log.IsLeader)
        {
            throw Lost();
        }

        return await new EncodedResults(encoded).NextAsync(token).ConfigureAwait(false)
            ?? throw new InvalidDataException("A statement left no result.");
    }

    /// <summary>
    /// Goes on with a thread of the pool. A socket's completion runs on one of the few threads that serve all sockets: a statement that takes long
    /// there would keep cancellations, departures and heartbeats from being noticed.
    /// </summary>
    private static ConfiguredTaskAwaitable LeaveSocketThread() => Task.CompletedTask.ConfigureAwait(
        OnSocketThread ? ConfigureAwaitOptions.ForceYielding : ConfigureAwaitOptions.None);

    private static bool OnSocketThread => !Thread.CurrentThread.IsThreadPoolThread;

    public ValueTask SetSavepointAsync(CancellationToken token) => DoAsync(static (rehearsal, _) => rehearsal.SetSavepoint(), 0, token);

    public ValueTask ReleaseAsync(int savepoint, CancellationToken token) =>
        DoAsync(static (rehearsal, number) => rehearsal.Release(Known(rehearsal, number)), savepoint, token);

    public ValueTask RollBackToAsync(int savepoint, CancellationToken token) =>
        DoAsync(static (rehearsal, number) => rehearsal.RollBackTo(Known(rehearsal, number)), savepoint, token);

    /// <summary>Keeps the writer from now on, whatever transactions wait.</summary>
    /// <returns>The last entry that the transaction sees.</returns>
    public ValueTask<long> StayAsync(CancellationToken token) => CallAsync(
        static rehearsal =>
        {
            rehearsal.Stay();
            return rehearsal.BaseIndex;
        },
        token);

    public ValueTask<bool> SuspendAsync(CancellationToken token) => new(proposals.Suspend(lease));

    public async ValueTask<CommitResult> CommitAsync(CancellationToken token)
    {
        StatementError? error = null;
        await LeaveSocketThread();
        var entry = await CallAsync(rehearsal => rehearsal.Seal(out error), token, keep: true).ConfigureAwait(false);
        if (entry is null)
        {
            proposals.Release(lease, LeaseEnd.Released);
            if (error is null)
            {
                await ConfirmAsync(token).ConfigureAwait(false);
            }

            return new(0, error);
        }

        var nonce = ProposalWriter.NewUInt128();
        var encoded = new ArrayBufferWriter<byte>((int)LogTransactionEncoding.Measure(entry));
        LogTransactionEncoding.Write(encoded, new(nonce, Rehearsal.UnixMicroseconds, Rehearsal.Seed, entry));
        var proposed = new ProposedTransaction(nonce, encoded.WrittenMemory, Rehearsal);
        await proposals.AppendAsync(lease, proposed).ConfigureAwait(false);
        try
        {
            return new(await proposed.Done.WaitAsync(lease.Options.CommitTimeout, time, token).ConfigureAwait(false), null);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            throw new ClusterException(ClusterError.OutcomeUnknown, "the wait for the commit ended before its outcome was known", null, e);
        }
    }

    /// <summary>A read-only commit must wait until the entries it read from are committed.</summary>
    private async ValueTask ConfirmAsync(CancellationToken token)
    {
        var read = Rehearsal.BaseIndex;
        if (log.AppliedIndex >= read)
        {
            return;
        }

        try
        {
            await log.WaitForCommitAsync(read, token).AsTask().WaitAsync(lease.Options.CommitTimeout, time, token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ClusterException or TimeoutException)
        {
            throw Overtaken(e);
        }

        if (log.Term != lease.Term)
        {
            throw Overtaken();
        }
    }

    public ValueTask DisposeAsync()
    {
        proposals.Release(lease, LeaseEnd.Released);
        return ValueTask.CompletedTask;
    }

    private static ReadOnlyMemory<byte> Failed(StatementError error)
    {
        var output = new ArrayBufferWriter<byte>();
        RowEncoding.WriteSchema(output, RowSchema.Empty);
        RowEncoding.WriteOutcome(output, new StatementOutcome(false, 0, 0, TimeSpan.Zero, error));
        return output.WrittenMemory;
    }

    /// <summary>The number may be any if it comes from another node.</summary>
    private static int Known(Rehearsal rehearsal, int savepoint) => savepoint >= 0 && savepoint < rehearsal.SavepointCount
        ? savepoint
        : throw new ClusterException(ClusterError.Invalid, $"a transaction with {rehearsal.SavepointCount} savepoints has no savepoint {savepoint}");

    private async ValueTask DoAsync(Action<Rehearsal, int> action, int number, CancellationToken token) => await CallAsync(
        rehearsal =>
        {
            action(rehearsal, number);
            return true;
        },
        token).ConfigureAwait(false);

    /// <summary>Runs an action on the rehearsal, which is resumed first if it was evicted.</summary>
    /// <param name="keep">The lease stays in the call after this returns.</param>
    private async ValueTask<T> CallAsync<T>(Func<Rehearsal, T> action, CancellationToken token, bool keep = false)
    {
        while (true)
        {
            if (!lease.TryEnter())
            {
                await ReturnAsync(token).ConfigureAwait(false);
            }

            var done = false;
            try
            {
                var result = action(Rehearsal);
                done = true;
                return result;
            }
            catch (RehearsalEvictedException)
            {
                proposals.Interrupted(lease);
            }
            catch (RehearsalLostException)
            {
                proposals.Release(lease, LeaseEnd.Overtaken);
                throw Lost();
            }
            catch (InvalidOperationException e)
            {
                // Another node may send any request at any time.
                throw new ClusterException(ClusterError.Invalid, $"the transaction does not take this request now: {e.Message}", null, e);
            }
            catch (StorageException e)
            {
                // A failing disk fails the applier too, which decides about the process.
                proposals.Release(lease, LeaseEnd.Released);
                throw new ClusterException(ClusterError.Serialization, $"the transaction could not go on: {e.Message}", null, e);
            }
            finally
            {
                if (!(keep && done))
                {
                    lease.Leave();
                }
            }
        }
    }

    private async ValueTask ReturnAsync(CancellationToken token)
    {
        if (lease.State == LeaseState.Evicted && lease.Since > lease.Options.IdleTimeout)
        {
            lease.TryEndIdle();
        }

        if (lease.State != LeaseState.Evicted)
        {
            throw Lost();
        }

        try
        {
            await proposals.ReturnAsync(lease, token).ConfigureAwait(false);
        }
        catch (ClusterException) when (lease.End != LeaseEnd.None)
        {
            throw Lost();
        }
    }

    private ClusterException Lost() => Why(lease, log);
}
