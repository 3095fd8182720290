using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// A transaction of another node's client on this node's writer. It ends as soon as the conversation does, so that a client, or a node, that
/// has gone delays no others.
/// </summary>
/// <param name="begin">Begins the transaction on the writer.</param>
internal sealed class TransactionHost(
    Func<TransactionOptions, CancellationToken, ValueTask<(LocalTransaction Transaction, TransactionGrant Grant)>> begin) : IConversationHandler
{
    private LocalTransaction? _transaction;

    public bool IsOpen => _transaction is not null;

    public async ValueTask HandleAsync(
        TransactionRequest request, ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken stop, CancellationToken gone)
    {
        if (_transaction is { } open && request is not (TransactionRequest.RollBackTo or TransactionRequest.RollBack or TransactionRequest.Suspend)
            && (open.Rehearsal.State is RehearsalState.Sealed or RehearsalState.Committed
                || (open.Rehearsal.State == RehearsalState.Failed && request is not (TransactionRequest.Describe or TransactionRequest.Peek))))
        {
            throw new ClusterException(ClusterError.Invalid, $"a transaction that has failed or ended does not take the request {(byte)request}");
        }

        switch (request)
        {
            case TransactionRequest.Begin when _transaction is null:
                await BeginAsync(TransactionMessages.ReadBegin(body), answer, stop, gone).ConfigureAwait(false);
                break;
            case TransactionRequest.Check:
                await CheckAsync(TransactionMessages.ReadCheck(body), stop).ConfigureAwait(false);
                break;
            case TransactionRequest.Describe:
                await DescribeAsync(body, answer, stop, gone).ConfigureAwait(false);
                break;
            case TransactionRequest.Run:
                await RunAsync(body, static (transaction, statement, timeout, t) => transaction.RunAsync(statement, timeout, t), answer, stop, gone)
                    .ConfigureAwait(false);
                break;
            case TransactionRequest.Peek:
                await RunAsync(body, static (transaction, statement, _, t) => transaction.PeekAsync(statement, t), answer, stop, gone)
                    .ConfigureAwait(false);
                break;
            case TransactionRequest.SetSavepoint:
                await Current.SetSavepointAsync(stop).ConfigureAwait(false);
                break;
            case TransactionRequest.Release:
                await Current.ReleaseAsync(TransactionMessages.ReadNumber(body), stop).ConfigureAwait(false);
                break;
            case TransactionRequest.RollBackTo:
                await Current.RollBackToAsync(TransactionMessages.ReadNumber(body), stop).ConfigureAwait(false);
                break;
            case TransactionRequest.Suspend:
                var suspended = await Current.SuspendAsync(stop).ConfigureAwait(false);
                await answer.WriteFrameAsync(TransactionMessages.Number(suspended ? 1 : 0), gone).ConfigureAwait(false);
                break;
            case TransactionRequest.Stay:
                var index = await Current.StayAsync(stop).ConfigureAwait(false);
                await answer.WriteFrameAsync(TransactionMessages.Grant(new(Current.Lease.Term, index)), gone).ConfigureAwait(false);
                break;
            case TransactionRequest.Commit:
                await CommitAsync(answer, stop, gone).ConfigureAwait(false);
                break;
            case TransactionRequest.RollBack:
                await DisposeAsync().ConfigureAwait(false);
                break;
            default:
                throw new ClusterException(ClusterError.Invalid, $"a transaction does not take the request {(byte)request} now");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_transaction is { } transaction)
        {
            _transaction = null;
            await transaction.DisposeAsync().ConfigureAwait(false);
        }
    }

    private LocalTransaction Current => _transaction ?? throw new ClusterException(ClusterError.Invalid, "no transaction is open");

    private async ValueTask BeginAsync(TransactionOptions options, INodeAnswer answer, CancellationToken stop, CancellationToken gone)
    {
        if (options.Caller is { } session)
        {
            answer.Caller?.RequireSelf(session.Node);
        }

        // Tells the caller that the transaction waits in the leader's queue, and no longer for a leader.
        await answer.WriteFrameAsync(TransactionMessages.Number(), gone).ConfigureAwait(false);
        await answer.FlushAsync(gone).ConfigureAwait(false);
        (_transaction, var grant) = await begin(options, stop).ConfigureAwait(false);
        await answer.WriteFrameAsync(TransactionMessages.Grant(grant), gone).ConfigureAwait(false);
    }

    private async ValueTask CheckAsync(IReadOnlyList<ReadDigest> reads, CancellationToken stop)
    {
        if (!await ReadDigest.AllHoldAsync(Current, reads, stop).ConfigureAwait(false))
        {
            await DisposeAsync().ConfigureAwait(false);
            throw LocalTransaction.Overtaken();
        }
    }

    private async ValueTask DescribeAsync(ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken stop, CancellationToken gone)
    {
        var (sql, _) = ShapeEncoding.ReadRequest(body);
        var shape = await Current.DescribeAsync(new(sql, default), stop).ConfigureAwait(false);
        var block = new ArrayBufferWriter<byte>();
        ShapeEncoding.WriteShape(block, shape);
        await ForwardedBlocks.WriteAsync(answer, block.WrittenMemory, gone).ConfigureAwait(false);
    }

    private async ValueTask RunAsync(
        ReadOnlyMemory<byte> body, Func<LocalTransaction, Statement, TimeSpan?, CancellationToken, ValueTask<RowCursor>> run, INodeAnswer answer,
        CancellationToken stop, CancellationToken gone)
    {
        var (statement, timeout) = TransactionMessages.ReadRun(body);
        var cursor = await run(Current, statement, timeout, stop).ConfigureAwait(false);
        await using (cursor.ConfigureAwait(false))
        {
            var block = new ArrayBufferWriter<byte>();
            block.WriteBytes(TransactionMessages.Number().Span);
            await ForwardedAnswer.WriteRowsAsync(cursor, block, answer, gone).ConfigureAwait(false);
            await ForwardedBlocks.WriteAsync(answer, block.WrittenMemory, gone).ConfigureAwait(false);
        }
    }

    private async ValueTask CommitAsync(INodeAnswer answer, CancellationToken stop, CancellationToken gone)
    {
        var result = await Current.CommitAsync(stop).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
        await answer.WriteFrameAsync(TransactionMessages.Committed(result), gone).ConfigureAwait(false);
    }
}
