using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>A transaction on the leader's own writer.</summary>
internal sealed class LocalTransaction : ITransaction
{
    private readonly WriterLease _lease;
    private readonly Rehearsal _rehearsal;
    private readonly TransactionOptions _options;
    private readonly IReplicatedLog _log;
    private readonly RequestLimits _limits;
    private readonly TimeProvider _time;
    private readonly ITimer _idle;

    public LocalTransaction(
        WriterLease lease, Rehearsal rehearsal, TransactionOptions options, IReplicatedLog log, RequestLimits limits, TimeProvider time)
    {
        _lease = lease;
        _rehearsal = rehearsal;
        _options = options;
        _log = log;
        _limits = limits;
        _time = time;
        _idle = time.CreateTimer(
            static state => ((WriterLease)state!).TryEnd(LeaseEnd.Idle), lease, options.IdleTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>For running reads again before the owner gets the transaction.</summary>
    public Rehearsal Rehearsal => _rehearsal;

    public static ClusterException Overtaken() => new(
        ClusterError.Serialization, "could not serialize access due to concurrent update");

    public ValueTask<StatementShape> DescribeAsync(Statement statement, CancellationToken token) =>
        new(Call(() => _rehearsal.Describe(statement.Sql.Span)));

    public async ValueTask<RowCursor> RunAsync(Statement statement, TimeSpan? timeout, CancellationToken token)
    {
        var bytes = _rehearsal.RecordBytes + statement.Sql.Length + statement.Parameters.Length;
        if (bytes > _limits.CommandBytesMax)
        {
            throw ProposalWriter.TooLarge(bytes, _limits.CommandBytesMax);
        }

        using var deadline = timeout is { } limit ? new Deadline(limit, _time, token) : null;
        var encoded = Call(() => _rehearsal.Run(statement, deadline?.Token ?? token));
        if (_lease.End.IsCompleted || !_log.IsLeader)
        {
            throw Lost();
        }

        var cursor = await new EncodedResults(encoded).NextAsync(token).ConfigureAwait(false);
        return cursor ?? throw new InvalidDataException("A statement left no result.");
    }

    public ValueTask SetSavepointAsync(CancellationToken token) => Do(_rehearsal.SetSavepoint);

    public ValueTask ReleaseAsync(int savepoint, CancellationToken token) => Do(() => _rehearsal.Release(savepoint));

    public ValueTask RollBackToAsync(int savepoint, CancellationToken token) => Do(() => _rehearsal.RollBackTo(savepoint));

    public async ValueTask<CommitResult> CommitAsync(CancellationToken token)
    {
        StatementError? error = null;
        var entry = Call(() => _rehearsal.Seal(out error));
        _idle.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (entry is null)
        {
            _lease.TryEnd(LeaseEnd.Released);
            return new(0, error);
        }

        var nonce = ProposalWriter.NewUInt128();
        var encoded = new ArrayBufferWriter<byte>((int)LogTransactionEncoding.Measure(entry));
        LogTransactionEncoding.Write(encoded, new(nonce, _rehearsal.UnixMilliseconds, _rehearsal.Seed, entry));
        var proposed = new ProposedTransaction(nonce, encoded.WrittenMemory, _rehearsal);
        if (!_lease.TryCommit(proposed))
        {
            throw Lost();
        }

        using var deadline = new Deadline(_options.CommitTimeout, _time, token);
        try
        {
            return new(await proposed.Done.WaitAsync(deadline.Token).ConfigureAwait(false), null);
        }
        catch (OperationCanceledException e)
        {
            throw new ClusterException(ClusterError.OutcomeUnknown, "the wait for the commit ended before its outcome was known", null, e);
        }
    }

    public ValueTask DisposeAsync()
    {
        _idle.Dispose();
        _lease.TryEnd(LeaseEnd.Released);
        return ValueTask.CompletedTask;
    }

    private ValueTask Do(Action action)
    {
        Call(() =>
        {
            action();
            return true;
        });
        return ValueTask.CompletedTask;
    }

    private T Call<T>(Func<T> action)
    {
        _idle.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (_lease.End.IsCompleted)
        {
            throw Lost();
        }

        try
        {
            return action();
        }
        catch (RehearsalLostException)
        {
            _lease.TryEnd(LeaseEnd.Released);
            throw Lost();
        }
        catch (StorageException e)
        {
            // What troubles the disk troubles the applier too, which is the one to judge it.
            _lease.TryEnd(LeaseEnd.Released);
            throw new ClusterException(ClusterError.Serialization, $"the transaction could not go on: {e.Message}", null, e);
        }
        finally
        {
            _idle.Change(_options.IdleTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    private ClusterException Lost() => _lease.End is not { IsCompletedSuccessfully: true } end ? Moved() : end.Result switch
    {
        LeaseEnd.Idle => new(ClusterError.IdleTransaction, "the transaction held the writer for too long without a statement"),
        LeaseEnd.LeadershipLost => Moved(),
        LeaseEnd.Stopping => new(ClusterError.NotReady, "the node is stopping"),
        _ => Overtaken(),
    };

    private ClusterException Moved() => new(
        ClusterError.Serialization, "could not serialize access: the leader has changed, the transaction was rolled back", _log.Leader);
}
