using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// A transaction on the leader's writer for a client of this node. Before its commit has been sent, a failure of the leader or of the
/// connection means that nothing of it happened.
/// </summary>
internal sealed class RemoteTransaction : ITransaction
{
    /// <summary>The time that the leader may take to end a request, once it was interrupted or the request's own limit has passed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>The time for an orderly rollback.</summary>
    private static readonly TimeSpan RollBackWait = TimeSpan.FromSeconds(1);

    private readonly INodeConversation _conversation;
    private readonly TransactionOptions _options;
    private readonly IReplicatedLog _log;
    private readonly TimeProvider _time;

    // Not disposed: the log may be about to cancel it, and it holds no other resource.
    private readonly CancellationTokenSource _moved = new();
    private TransactionGrant _grant;
    private bool _over;

    private RemoteTransaction(INodeConversation conversation, TransactionOptions options, IReplicatedLog log, TimeProvider time)
    {
        _conversation = conversation;
        _options = options;
        _log = log;
        _time = time;
    }

    /// <summary>Waits for the writer of the node at the other end of the conversation; owns the conversation.</summary>
    /// <param name="queued">Called when that node has queued the transaction.</param>
    /// <exception cref="ClusterException">
    /// As the other node threw it, or <see cref="ClusterError.OutcomeUnknown"/> if the connection was lost.
    /// </exception>
    public static async ValueTask<RemoteTransaction> BeginAsync(
        INodeConversation conversation, TransactionOptions options, IReplicatedLog log, TimeProvider time, Action queued, CancellationToken token)
    {
        try
        {
            var response = await conversation.AskAsync(TransactionRequest.Begin, TransactionMessages.Begin(options), token).ConfigureAwait(false);
            await using (response.ConfigureAwait(false))
            {
                _ = await FrameAsync(response, token).ConfigureAwait(false);
                queued();
                var grant = TransactionMessages.ReadGrant(await FrameAsync(response, token).ConfigureAwait(false));
                await EndAsync(response, token).ConfigureAwait(false);
                return new RemoteTransaction(conversation, options, log, time).Follow(grant);
            }
        }
        catch (Exception e)
        {
            // Closing the conversation takes the request out of the other node's queue.
            await conversation.DisposeAsync().ConfigureAwait(false);
            throw e is InvalidDataException ? new ClusterException(ClusterError.Unreachable, e.Message, null, e) : e;
        }
    }

    /// <summary>Checks whether the reads of a snapshot would still have the same answers.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterError.Serialization"/>: an answer would differ.</exception>
    public async ValueTask CheckAsync(IReadOnlyList<ReadDigest> reads, CancellationToken token) =>
        await DoAsync(TransactionRequest.Check, TransactionMessages.Check(reads), token).ConfigureAwait(false);

    public ValueTask<StatementShape> DescribeAsync(Statement statement, CancellationToken token)
    {
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        ShapeEncoding.WriteRequest(body, statement.Sql.Span, _options.Options);
        return AskAsync(
            TransactionRequest.Describe, body.WrittenMemory,
            static async (response, t) =>
            {
                var shape = ShapeEncoding.ReadShape(await ForwardedBlocks.ReadAsync(response, t).ConfigureAwait(false) ?? throw CutShort());
                await EndAsync(response, t).ConfigureAwait(false);
                return shape;
            },
            null, token);
    }

    public async ValueTask<RowCursor> RunAsync(Statement statement, TimeSpan? timeout, CancellationToken token)
    {
        var results = await AskAsync(
            TransactionRequest.Run, TransactionMessages.Run(statement, timeout), ReadResultAsync, timeout + Grace, token).ConfigureAwait(false);
        return await new EncodedResults(results).NextAsync(token).ConfigureAwait(false) ?? throw await LoseAsync(CutShort()).ConfigureAwait(false);
    }

    public async ValueTask<RowCursor> PeekAsync(Statement statement, CancellationToken token)
    {
        var results = await AskAsync(
            TransactionRequest.Peek, TransactionMessages.Run(statement, null), ReadResultAsync, null, token).ConfigureAwait(false);
        return await new EncodedResults(results).NextAsync(token).ConfigureAwait(false) ?? throw await LoseAsync(CutShort()).ConfigureAwait(false);
    }

    public ValueTask SetSavepointAsync(CancellationToken token) => DoAsync(TransactionRequest.SetSavepoint, default, token);

    public ValueTask ReleaseAsync(int savepoint, CancellationToken token) =>
        DoAsync(TransactionRequest.Release, TransactionMessages.Number(savepoint), token);

    public ValueTask RollBackToAsync(int savepoint, CancellationToken token) =>
        DoAsync(TransactionRequest.RollBackTo, TransactionMessages.Number(savepoint), token);

    /// <summary>Keeps the writer from now on, whatever transactions wait.</summary>
    /// <returns>The last entry that the transaction sees.</returns>
    public ValueTask<long> StayAsync(CancellationToken token) => AskAsync(
        TransactionRequest.Stay, default,
        static async (response, t) =>
        {
            var grant = TransactionMessages.ReadGrant(await FrameAsync(response, t).ConfigureAwait(false));
            await EndAsync(response, t).ConfigureAwait(false);
            return grant.BaseIndex;
        },
        null, token);

    public ValueTask<bool> SuspendAsync(CancellationToken token) => AskAsync(
        TransactionRequest.Suspend, default,
        static async (response, t) =>
        {
            var suspended = TransactionMessages.ReadNumber(await FrameAsync(response, t).ConfigureAwait(false)) != 0;
            await EndAsync(response, t).ConfigureAwait(false);
            return suspended;
        },
        null, token);

    public async ValueTask<CommitResult> CommitAsync(CancellationToken token)
    {
        await RequireOpenAsync(token).ConfigureAwait(false);
        using var deadline = new Deadline(_options.CommitTimeout + Grace, _time, token);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _moved.Token);
        try
        {
            var response = await _conversation.AskAsync(TransactionRequest.Commit, TransactionMessages.Number(), attempt.Token).ConfigureAwait(false);
            await using (response.ConfigureAwait(false))
            {
                var result = TransactionMessages.ReadCommitted(await FrameAsync(response, attempt.Token).ConfigureAwait(false));
                await EndAsync(response, attempt.Token).ConfigureAwait(false);
                _conversation.Reusable = true;
                return result;
            }
        }
        catch (ClusterException e) when (e.Error is ClusterError.NotReady or ClusterError.NotLeader or ClusterError.NoLeader)
        {
            throw Lost(e);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidDataException)
        {
            throw new ClusterException(
                ClusterError.OutcomeUnknown,
                _moved.IsCancellationRequested
                    ? "the leader changed while the transaction was committed"
                    : "the wait for the commit ended before its outcome was known",
                _log.Leader, e);
        }
        finally
        {
            _over = true;
            await CloseAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_over && _conversation.Alive && !_moved.IsCancellationRequested)
        {
            try
            {
                // Closing the connection would do, but costs the next transaction a new one.
                await AskAsync(TransactionRequest.RollBack, default, ReadNothingAsync, RollBackWait, CancellationToken.None).ConfigureAwait(false);
                _conversation.Reusable = true;
            }
            catch (ClusterException)
            {
                // The connection is closed below, which rolls back all the same.
            }
        }

        _over = true;
        await CloseAsync().ConfigureAwait(false);
    }

    private static async ValueTask<ReadOnlyMemory<byte>> FrameAsync(INodeResponse response, CancellationToken token) =>
        await response.ReadFrameAsync(token).ConfigureAwait(false) ?? throw CutShort();

    private static async ValueTask EndAsync(INodeResponse response, CancellationToken token)
    {
        if (await response.ReadFrameAsync(token).ConfigureAwait(false) is not null)
        {
            throw new InvalidDataException("An answer goes on where it should end.");
        }
    }

    private static async ValueTask<bool> ReadNothingAsync(INodeResponse response, CancellationToken token)
    {
        await EndAsync(response, token).ConfigureAwait(false);
        return true;
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadResultAsync(INodeResponse response, CancellationToken token)
    {
        var first = await ForwardedBlocks.ReadAsync(response, token).ConfigureAwait(false) ?? throw CutShort();
        return await ForwardedAnswer.ReadRestAsync(response, TransactionMessages.AfterHead(first), token).ConfigureAwait(false);
    }

    private static InvalidDataException CutShort() => new("The leader gave no whole answer.");

    private RemoteTransaction Follow(TransactionGrant grant)
    {
        _grant = grant;
        _log.Changed += LookAtLeader;
        LookAtLeader();
        return this;
    }

    /// <summary>Ends the transaction when another leader is known: a deposed leader may be silent for long, and its lease is lost.</summary>
    private void LookAtLeader()
    {
        if (_log.Term > _grant.Term && _log.Leader is not null)
        {
            _moved.Cancel();
        }
    }

    private async ValueTask DoAsync(TransactionRequest request, ReadOnlyMemory<byte> body, CancellationToken token) =>
        await AskAsync(request, body, ReadNothingAsync, null, token).ConfigureAwait(false);

    /// <param name="limit">The longest wait for the answer; null if only a change of leaders ends it.</param>
    private async ValueTask<T> AskAsync<T>(
        TransactionRequest request, ReadOnlyMemory<byte> body, Func<INodeResponse, CancellationToken, ValueTask<T>> read, TimeSpan? limit,
        CancellationToken token)
    {
        await RequireOpenAsync(token).ConfigureAwait(false);
        using var late = new CancellationTokenSource(limit ?? Timeout.InfiniteTimeSpan, _time);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _moved.Token);
        try
        {
            var response = await _conversation.AskAsync(request, body, attempt.Token).ConfigureAwait(false);
            await using (response.ConfigureAwait(false))
            {
                var answer = read(response, attempt.Token);
                return answer.IsCompleted || !token.CanBeCanceled
                    ? await answer.ConfigureAwait(false)
                    : await InterruptibleAsync(answer.AsTask(), late, attempt.Token, token).ConfigureAwait(false);
            }
        }
        catch (ClusterException e) when (e.Error is ClusterError.OutcomeUnknown or ClusterError.NotReady or ClusterError.NotLeader)
        {
            throw await LoseAsync(e).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidDataException)
        {
            var lost = await LoseAsync(e).ConfigureAwait(false);
            token.ThrowIfCancellationRequested();
            throw lost;
        }
    }

    /// <summary>
    /// Forwards the caller's cancellation to the leader, which answers soon; the transaction can go on from a savepoint only after that answer.
    /// </summary>
    private async ValueTask<T> InterruptibleAsync<T>(Task<T> answer, CancellationTokenSource late, CancellationToken attempt, CancellationToken token)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = token.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), cancelled);
        if (await Task.WhenAny(answer, cancelled.Task).ConfigureAwait(false) != answer)
        {
            late.CancelAfter(Grace);
            try
            {
                await _conversation.InterruptAsync(attempt).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ClusterException or OperationCanceledException)
            {
                // The wait for the answer fails too.
            }
        }

        return await answer.ConfigureAwait(false);
    }

    private async ValueTask RequireOpenAsync(CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        if (_over || _moved.IsCancellationRequested || !_conversation.Alive)
        {
            throw await LoseAsync(null).ConfigureAwait(false);
        }
    }

    private async ValueTask<ClusterException> LoseAsync(Exception? inner)
    {
        _over = true;
        await CloseAsync().ConfigureAwait(false);
        return Lost(inner);
    }

    private ClusterException Lost(Exception? inner) => new(
        ClusterError.Serialization,
        $"could not serialize access: {(_moved.IsCancellationRequested ? "the leader has changed" : "the leader was lost")}, the transaction was rolled back",
        _log.Leader, inner);

    private ValueTask CloseAsync()
    {
        _log.Changed -= LookAtLeader;
        return _conversation.DisposeAsync();
    }
}
