using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>Rows of a read on the leader, as they arrive. Disposing the result before their end cancels the read over there.</summary>
internal sealed class ForwardedBatchResult : BatchResult
{
    private readonly INodeResponse _response;
    private readonly EncodedResults _results;
    private ReadOnlyMemory<byte> _first;

    /// <param name="first">The chunks that arrived with the head of the answer.</param>
    public ForwardedBatchResult(INodeResponse response, NodeDescription servedBy, long snapshotIndex, ReadOnlyMemory<byte> first)
    {
        SnapshotIndex = snapshotIndex;
        _response = response;
        _first = first;
        ServedBy = servedBy;
        _results = new(NextBlockAsync);
    }

    /// <summary>True if the whole answer has arrived, and the connection is free.</summary>
    public bool Ended { get; private set; }

    /// <summary>The entry of the read's barrier; 0 if there was none.</summary>
    public long Barrier { get; init; }

    public override long RaftIndex => Barrier;

    public override long SnapshotIndex { get; }

    public override NodeDescription ServedBy { get; }

    public override ValueTask<RowCursor?> NextAsync(CancellationToken token) => _results.NextAsync(token);

    public override ValueTask DisposeAsync() => _response.DisposeAsync();

    private async ValueTask<ReadOnlyMemory<byte>?> NextBlockAsync(CancellationToken token)
    {
        if (!_first.IsEmpty)
        {
            var first = _first;
            _first = default;
            return first;
        }

        try
        {
            var block = await ForwardedBlocks.ReadAsync(_response, token).ConfigureAwait(false);
            Ended |= block is null;
            return block;
        }
        catch (ClusterException e) when (e.Error == ClusterError.OutcomeUnknown)
        {
            throw new ClusterException(ClusterError.Unreachable, $"node {ServedBy.Id} was lost while it sent rows", inner: e);
        }
    }
}
