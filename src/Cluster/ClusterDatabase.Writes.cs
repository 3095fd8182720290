using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <content>Writes, and the requests of other nodes.</content>
internal sealed partial class ClusterDatabase
{
    /// <summary>The longest wait for the answer to a write that its caller has cancelled.</summary>
    private static readonly TimeSpan s_withdrawalMax = TimeSpan.FromSeconds(2);

    public async ValueTask HandleAsync(NodeRequestKind kind, ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken token)
    {
        try
        {
            switch (kind)
            {
                case NodeRequestKind.Batch:
                    var request = ForwardedRequest.Parse(body).From(answer.Caller);
                    var result = await RunForwardedAsync(request, token).ConfigureAwait(false);
                    await using (result.ConfigureAwait(false))
                    {
                        await AnswerAsync(result, answer, token).ConfigureAwait(false);
                    }

                    break;
                case NodeRequestKind.Describe:
                    await AnswerDescribeAsync(body, answer, token).ConfigureAwait(false);
                    break;
                case NodeRequestKind.LockLease:
                    await AnswerLockLeaseAsync(body, answer, token).ConfigureAwait(false);
                    break;
                case NodeRequestKind.Backup:
                    await AnswerBackupAsync(body, answer, token).ConfigureAwait(false);
                    break;
                case NodeRequestKind.Load:
                    await AnswerLoadAsync(body, answer, token).ConfigureAwait(false);
                    break;
                default:
                    throw new ClusterException(ClusterError.Invalid, $"a request of kind {kind} is not for the database");
            }
        }
        catch (InvalidDataException e)
        {
            throw new ClusterException(ClusterError.Invalid, e.Message, inner: e);
        }
    }

    public void RequireSize(StatementBatch batch)
    {
        var bytes = LogCommandEncoding.Measure(batch);
        if (bytes > _limits.CommandBytesMax)
        {
            throw ProposalWriter.TooLarge(bytes, _limits.CommandBytesMax);
        }
    }

    private async ValueTask<BatchResult> WriteAsync(
        ForwardedMode mode, StatementBatch batch, ReadOptions read, WriteOptions write, CancellationToken token)
    {
        // Under a key each try of the client has the same name, whichever node it reaches.
        var key = write.IdempotencyKey is { } text ? RequestId.FromKey(text) : default;
        var statementTimeout = write.StatementTimeout ?? read.StatementTimeout;
        var limit = QueueLimit.Of(statementTimeout, write.LockTimeout);
        if (_log.IsLeader || !write.Forward)
        {
            if (!_log.IsLeader)
            {
                throw NotLeader();
            }

            try
            {
                return await ProposeAsync(key, batch, write.Timeout, limit, statementTimeout, token).ConfigureAwait(false);
            }
            catch (ClusterException e) when (write.Forward && e.Error is ClusterError.NotLeader or ClusterError.NoLeader)
            {
                // This node was deposed before the append: nothing has happened, so the new leader may take the write.
            }
        }

        return await ForwardAsync(mode, key, batch, read with { StatementTimeout = statementTimeout }, write, limit, token).ConfigureAwait(false);
    }

    /// <summary>Runs a write on whichever node leads.</summary>
    private async ValueTask<BatchResult> ForwardAsync(
        ForwardedMode mode, RequestId key, StatementBatch batch, ReadOptions read, WriteOptions write, QueueLimit? limit, CancellationToken token)
    {
        RequireSize(batch);
        var id = key == default ? RequestId.Random() : key;
        var level = read.Consistency == ReadConsistency.Strong ? ReadConsistency.Strong : ReadConsistency.Weak;
        var request = new ForwardedRequest(mode, id, write.Timeout, read with { Consistency = level }, batch)
        {
            LockTimeout = write.LockTimeout,
        };
        return await _route.RunAsync(
            write: true,
            write.Timeout,
            (left, t) => ProposeAsync(id, batch, left, limit, read.StatementTimeout, t),
            (leader, left, t) => SendWriteAsync(leader, request with { Timeout = left }, t, token),
            token).ConfigureAwait(false);
    }

    private async ValueTask<BatchResult> ProposeAsync(
        RequestId id, StatementBatch batch, TimeSpan timeout, QueueLimit? limit, TimeSpan? statementTimeout, CancellationToken token)
    {
        var result = await _proposals.ProposeAsync(new(id, batch), timeout, limit, statementTimeout, token).ConfigureAwait(false);

        return result.SchemaMoved ? throw ClusterException.SchemaMoved(result.Index)
            : result.KeyReused
            ? throw new ClusterException(
                ClusterError.KeyReused,
                "the idempotency key was given to another request"
                + (result.Index == CommandResult.NoEntry ? ", a transaction" : $", which is entry {result.Index} of the log"))
            : result.Duplicate && result.Encoded.IsEmpty && batch.Statements.Count > 0
            ? throw new ClusterException(
                ClusterError.ResultLost,
                $"the write took effect as entry {result.Index} of the log, but its results were too large to be kept for a repetition")
            : new WrittenBatch(result);
    }

    private async ValueTask<BatchResult> SendAsync(NodeDescription leader, ForwardedRequest request, CancellationToken token)
    {
        var response = await BeginSendAsync(leader, request, token).ConfigureAwait(false);
        return await ForwardedAnswer.ReadAsync(response, leader, token).ConfigureAwait(false);
    }

    /// <summary>As <see cref="SendAsync"/>; a caller that cancels learns for a while what has become of the write.</summary>
    /// <param name="token">Ends the wait.</param>
    /// <param name="caller">The caller's own token, among those that cancel the other one.</param>
    private async ValueTask<BatchResult> SendWriteAsync(
        NodeDescription leader, ForwardedRequest request, CancellationToken token, CancellationToken caller)
    {
        var response = await BeginSendAsync(leader, request, token).ConfigureAwait(false);
        using var end = new CancellationTokenSource();
        using (token.UnsafeRegister(
            _ =>
            {
                if (caller.IsCancellationRequested)
                {
                    response.Withdraw();
                    end.CancelAfter(s_withdrawalMax);
                }
                else
                {
                    end.Cancel();
                }
            },
            null))
        {
            return await ForwardedAnswer.ReadAsync(response, leader, end.Token).ConfigureAwait(false);
        }
    }

    private async ValueTask<INodeResponse> BeginSendAsync(NodeDescription leader, ForwardedRequest request, CancellationToken token)
    {
        var body = new ArrayBufferWriter<byte>(checked((int)LogCommandEncoding.Measure(request.Batch) + 64));
        request.Write(body);
        ClusterMetrics.CountForwarded(request.Mode);
        return await _peers.SendAsync(leader.RaftAddress, NodeRequestKind.Batch, body.WrittenMemory, token).ConfigureAwait(false);
    }

    private static async ValueTask AnswerAsync(BatchResult result, INodeAnswer answer, CancellationToken token)
    {
        try
        {
            await ForwardedAnswer.WriteAsync(result, answer, token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (result is WrittenBatch)
        {
            // To be told from a write that was withdrawn before it took effect.
            throw new ClusterException(ClusterError.OutcomeUnknown, "the caller withdrew the write while its answer was sent", null, e);
        }
    }

    private async ValueTask<BatchResult> RunForwardedAsync(ForwardedRequest request, CancellationToken token)
    {
        if (!_log.IsLeader)
        {
            throw NotLeader();
        }

        if (request.Mode == ForwardedMode.Query)
        {
            return await QueryAsync(OneSnapshot(request.Batch), request.Read, token).ConfigureAwait(false);
        }

        if (request.Mode == ForwardedMode.Request
            && await OnlyReadsAsync(request.Batch, request.Read, token).ConfigureAwait(false))
        {
            return await QueryAsync(OneSnapshot(request.Batch), request.Read, token).ConfigureAwait(false);
        }

        var limit = QueueLimit.Of(request.Read.StatementTimeout, request.LockTimeout);
        return await ProposeAsync(request.RequestId, request.Batch, request.Timeout, limit, request.Read.StatementTimeout, token).ConfigureAwait(false);
    }

    /// <summary>Makes the batch's reads see one snapshot: the head of an answer tells their index before they are run.</summary>
    private static StatementBatch OneSnapshot(StatementBatch batch) => batch with { Options = batch.Options | BatchOptions.Atomic };

    private async ValueTask AnswerLockLeaseAsync(ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken token)
    {
        if (body.Length != 16 || _locks is not { } locks)
        {
            throw new ClusterException(ClusterError.NotReady, "this node is not ready to answer for advisory locks");
        }

        var node = new Guid(body.Span);
        answer.Caller?.RequireSelf(node);
        var index = await locks.HearAsync(node, token).ConfigureAwait(false);
        var encoded = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(encoded, index);
        await answer.WriteFrameAsync(encoded, token).ConfigureAwait(false);
    }

    private async ValueTask AnswerDescribeAsync(ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken token)
    {
        if (!_log.IsLeader)
        {
            throw NotLeader();
        }

        var (sql, options) = ShapeEncoding.ReadRequest(body);
        var shape = await DescribeHereAsync(new(sql, default), options, token).ConfigureAwait(false);
        var block = new ArrayBufferWriter<byte>();
        ShapeEncoding.WriteShape(block, shape);
        await ForwardedBlocks.WriteAsync(answer, block.WrittenMemory, token).ConfigureAwait(false);
    }
}
