using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>Reads of one snapshot on a reader of this node.</summary>
internal sealed class SnapshotReads(ReaderLease lease) : IReadTransaction
{
    public ValueTask<RowCursor> ReadAsync(
        Statement statement, BatchOptions options, TimeSpan? statementTimeout, CancellationToken token) =>
        new(lease.Run(statement, options, statementTimeout, ownsLease: false, token));

    public ValueTask DisposeAsync()
    {
        lease.Dispose();
        return ValueTask.CompletedTask;
    }
}
