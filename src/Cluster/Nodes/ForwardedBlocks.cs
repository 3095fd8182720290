namespace Rqlite.Pg.Cluster;

/// <summary>
/// An answer as blocks of whole chunks, which may be larger than a frame: each frame is a byte, 1 if its block goes on in the next frame, and a
/// piece of the block.
/// </summary>
internal static class ForwardedBlocks
{
    /// <summary>The size up to which rows are gathered before they are sent.</summary>
    public const int BlockBytes = 32 << 10;

    /// <summary>The largest block that is accepted from another node.</summary>
    public const int BlockBytesMax = 1 << 30;

    private const int PieceBytes = 48 << 10;

    public static async ValueTask WriteAsync(INodeAnswer answer, ReadOnlyMemory<byte> block, CancellationToken token)
    {
        var frame = new byte[1 + Math.Min(block.Length, PieceBytes)];
        do
        {
            var piece = Math.Min(block.Length, PieceBytes);
            block[..piece].CopyTo(frame.AsMemory(1));
            block = block[piece..];
            frame[0] = block.IsEmpty ? (byte)0 : (byte)1;
            await answer.WriteFrameAsync(frame.AsMemory(0, 1 + piece), token).ConfigureAwait(false);
        }
        while (!block.IsEmpty);
    }

    /// <summary>The next block, or null at the end; the memory is the caller's own.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(INodeResponse response, CancellationToken token)
    {
        if (await response.ReadFrameAsync(token).ConfigureAwait(false) is not { } frame)
        {
            return null;
        }

        if (!GoesOn(frame))
        {
            return frame[1..].ToArray();
        }

        var block = new MemoryStream();
        while (true)
        {
            if (block.Length + frame.Length > BlockBytesMax)
            {
                throw new InvalidDataException($"A block of an answer is larger than {BlockBytesMax} bytes.");
            }

            block.Write(frame.Span[1..]);
            if (!GoesOn(frame))
            {
                return block.GetBuffer().AsMemory(0, (int)block.Length);
            }

            frame = await response.ReadFrameAsync(token).ConfigureAwait(false)
                ?? throw new InvalidDataException("An answer ends within a block.");
        }
    }

    private static bool GoesOn(ReadOnlyMemory<byte> frame) => frame.IsEmpty
        ? throw new InvalidDataException("A frame of an answer is empty.")
        : frame.Span[0] switch
        {
            0 => false,
            1 => true,
            var other => throw new InvalidDataException($"A frame of an answer begins with {other}."),
        };
}
