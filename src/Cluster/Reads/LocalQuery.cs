using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>Statements read one after the other on one reader of this node, each when its result is asked for.</summary>
/// <param name="index">If all of them see one snapshot, an entry after which it shows no effects; else 0.</param>
internal sealed class LocalQuery(ReaderLease lease, StatementBatch batch, TimeSpan? statementTimeout, Database storage, long index) : BatchResult
{
    private int _next;
    private RowCursor? _begun;

    /// <summary>The entry of the read's barrier; 0 if there was none.</summary>
    public long Barrier { get; set; }

    public override long RaftIndex => Barrier;

    public override long SnapshotIndex => index > 0 ? index : storage.SeenIndex;

    public override NodeDescription? ServedBy => null;

    /// <summary>Runs the first statement up to its first row.</summary>
    public async ValueTask BeginAsync(CancellationToken token)
    {
        if (batch.Statements.Count > 0)
        {
            _begun = Run(token);
            await _begun.WaitToReadAsync(token).ConfigureAwait(false);
        }
    }

    public override ValueTask<RowCursor?> NextAsync(CancellationToken token)
    {
        if (_begun is { } begun)
        {
            _begun = null;
            return new(begun);
        }

        return new(_next < batch.Statements.Count ? Run(token) : null);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_begun is { } begun)
        {
            await begun.DisposeAsync().ConfigureAwait(false);
        }

        lease.Dispose();
    }

    /// <summary>Runs a statement; the last one gives the reader back with its last row, however slowly the rows are read.</summary>
    private RowCursor Run(CancellationToken token) => lease.Run(
        batch.Statements[_next++], batch.Options, statementTimeout, ownsLease: _next == batch.Statements.Count, token);
}
