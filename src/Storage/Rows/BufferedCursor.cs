namespace Rqlite.Pg.Storage;

/// <summary>A cursor over encoded rows.</summary>
internal sealed class BufferedCursor(EncodedResults source, RowSchema schema) : RowCursor
{
    private readonly int[] _offsets = new int[schema.Columns.Count];
    private ReadOnlyMemory<byte> _row;
    private StatementOutcome _outcome;
    private bool _ended;

    public override RowSchema Schema => schema;

    public override StatementOutcome Outcome => _ended ? _outcome : throw new InvalidOperationException("The rows have not ended.");

    public override SqliteValue this[int ordinal]
    {
        get
        {
            var value = _row.Span[_offsets[ordinal]..];
            return RowEncoding.ReadValue(ref value);
        }
    }

    public override ValueTask<bool> WaitToReadAsync(CancellationToken token) =>
        _ended ? new(false) : source.Rest.IsEmpty ? FillAndLookAsync(token) : new(Look());

    private async ValueTask<bool> FillAndLookAsync(CancellationToken token)
    {
        if (!await source.FillAsync(token).ConfigureAwait(false))
        {
            throw new InvalidDataException("Encoded rows end without an outcome.");
        }

        return Look();
    }

    private bool Look()
    {
        _ = RowEncoding.TryReadChunk(source.Rest, out var kind, out var body, out var rest);
        switch (kind)
        {
            case RowChunkKind.Row:
                return true;
            case RowChunkKind.Outcome:
                _outcome = RowEncoding.ReadOutcome(body.Span);
                _ended = true;
                source.Rest = rest;
                return false;
            default:
                throw new InvalidDataException("A result begins before the one before it has ended.");
        }
    }

    public override bool TryRead()
    {
        if (_ended || !RowEncoding.TryReadChunk(source.Rest, out var kind, out var body, out var rest) || kind != RowChunkKind.Row)
        {
            return false;
        }

        RowEncoding.ReadRow(body.Span, _offsets);
        _row = body;
        source.Rest = rest;
        return true;
    }

    internal async ValueTask SkipAsync(CancellationToken token)
    {
        while (await WaitToReadAsync(token).ConfigureAwait(false))
        {
            while (TryRead())
            {
            }
        }
    }

    /// <summary>The cursor holds no resource; the source skips the rows that were not read.</summary>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
