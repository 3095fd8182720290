using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>Statements read one after the other on one reader of this node, each when its turn comes.</summary>
internal sealed class LocalQuery(ReaderLease lease, StatementBatch batch, TimeSpan? statementTimeout) : BatchResult
{
    private int _next;

    public override long RaftIndex => 0;

    public override NodeDescription? ServedBy => null;

    public override ValueTask<RowCursor?> NextAsync(CancellationToken token) => new(_next < batch.Statements.Count
        ? lease.Run(batch.Statements[_next++], batch.Options, statementTimeout, ownsLease: false, token)
        : null);

    public override ValueTask DisposeAsync()
    {
        lease.Dispose();
        return ValueTask.CompletedTask;
    }
}
