using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The one cursor of a batch result; disposing it disposes the result too.</summary>
internal sealed class OnlyCursor(RowCursor rows, BatchResult owner) : RowCursor
{
    public override RowSchema Schema => rows.Schema;

    public override StatementOutcome Outcome => rows.Outcome;

    public override long SeenIndex => owner is LocalQuery ? 0 : owner.SnapshotIndex;

    public override bool HoldsReader => owner is ForwardedBatchResult { Ended: false } || rows.HoldsReader;

    public override SqliteValue this[int ordinal] => rows[ordinal];

    public override ValueTask<bool> WaitToReadAsync(CancellationToken token) => rows.WaitToReadAsync(token);

    public override bool TryRead() => rows.TryRead();

    public override async ValueTask DisposeAsync()
    {
        await rows.DisposeAsync().ConfigureAwait(false);
        await owner.DisposeAsync().ConfigureAwait(false);
    }
}
