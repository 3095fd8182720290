using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>Results of which some statements were refused before the others ran.</summary>
/// <param name="refused">For each statement of the request its refusal, or null if it ran.</param>
/// <param name="ran">The results of those that ran; null if none did.</param>
internal sealed class PartlyRefused(IReadOnlyList<RefusedCursor?> refused, BatchResult? ran) : BatchResult
{
    private int _next;

    public override long RaftIndex => ran?.RaftIndex ?? 0;

    public override long SnapshotIndex => ran?.SnapshotIndex ?? 0;

    public override NodeDescription? ServedBy => ran?.ServedBy;

    public override ValueTask<RowCursor?> NextAsync(CancellationToken token)
    {
        if (_next == refused.Count)
        {
            return new((RowCursor?)null);
        }

        return refused[_next++] is { } refusal ? new(refusal) : ran!.NextAsync(token);
    }

    public override ValueTask DisposeAsync() => ran?.DisposeAsync() ?? ValueTask.CompletedTask;
}
