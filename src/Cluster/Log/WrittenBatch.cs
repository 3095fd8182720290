using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The results of an applied entry.</summary>
internal sealed class WrittenBatch(ReadOnlyMemory<byte> encoded, long index, NodeDescription? servedBy, bool replayed) : BatchResult
{
    private readonly EncodedResults _results = new(encoded);

    public WrittenBatch(CommandResult result)
        : this(result.Encoded, result.Index, null, result.Duplicate)
    {
    }

    public override long RaftIndex => index;

    public override bool Replayed => replayed;

    public override NodeDescription? ServedBy => servedBy;

    /// <summary>All results, in <see cref="RowEncoding"/>.</summary>
    public ReadOnlyMemory<byte> Encoded => encoded;

    /// <summary>The outcome of the first statement, known before its rows are read.</summary>
    public StatementOutcome? FirstOutcome()
    {
        var rest = encoded;
        while (RowEncoding.TryReadChunk(rest, out var kind, out var body, out rest))
        {
            if (kind == RowChunkKind.Outcome)
            {
                return RowEncoding.ReadOutcome(body.Span);
            }
        }

        return null;
    }

    public override ValueTask<RowCursor?> NextAsync(CancellationToken token) => _results.NextAsync(token);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
