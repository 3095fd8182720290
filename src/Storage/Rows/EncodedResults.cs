namespace Rqlite.Pg.Storage;

/// <summary>Reads the next bytes of encoded results in whole chunks; null or empty at the end.</summary>
public delegate ValueTask<ReadOnlyMemory<byte>?> NextRowBytes(CancellationToken token);

/// <summary>
/// Results in <see cref="RowEncoding"/>, one after the other: from memory, or in pieces from a connection. A piece must stay unchanged until
/// the next is asked for. Not for use by two threads at once.
/// </summary>
#pragma warning disable CA1001 // A buffered cursor holds nothing.
public sealed class EncodedResults
#pragma warning restore CA1001
{
    private readonly NextRowBytes? _next;
    private BufferedCursor? _open;

    public EncodedResults(ReadOnlyMemory<byte> encoded) => Rest = encoded;

    public EncodedResults(NextRowBytes next) => _next = next;

    internal ReadOnlyMemory<byte> Rest { get; set; }

    /// <summary>The next result, or null at the end. The rest of the result before it is skipped.</summary>
    public async ValueTask<RowCursor?> NextAsync(CancellationToken token)
    {
        if (_open is not null)
        {
            await _open.SkipAsync(token).ConfigureAwait(false);
            _open = null;
        }

        if (!await FillAsync(token).ConfigureAwait(false))
        {
            return null;
        }

        _ = RowEncoding.TryReadChunk(Rest, out var kind, out var body, out var rest);
        if (kind != RowChunkKind.Schema)
        {
            throw new InvalidDataException($"A result begins with a chunk of kind {(byte)kind}.");
        }

        Rest = rest;
        return _open = new BufferedCursor(this, RowEncoding.ReadSchema(body.Span));
    }

    /// <summary>Makes sure that <see cref="Rest"/> is not empty; false at the end.</summary>
    internal async ValueTask<bool> FillAsync(CancellationToken token)
    {
        if (Rest.IsEmpty && _next is not null)
        {
            // A null in a conditional expression easily turns into an empty memory, so an empty piece has to end the rows too.
            Rest = await _next(token).ConfigureAwait(false) ?? default;
        }

        return !Rest.IsEmpty;
    }
}
