using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// The answer to a forwarded batch: a block with its kind (a byte), an index (int64; of the entry, or up to which a read has seen), for a read
/// after a barrier also the barrier's (int64), and the first results, then blocks of results in <see cref="RowEncoding"/>.
/// </summary>
internal static class ForwardedAnswer
{
    private const int HeadBytes = 9;

    private enum Kind : byte
    {
        Read = 0,
        Written = 1,
        Replayed = 2,
        BehindBarrier = 3,
    }

    public static async ValueTask WriteAsync(BatchResult result, INodeAnswer answer, CancellationToken token)
    {
        var block = new ArrayBufferWriter<byte>();
        block.WriteByte((byte)(result is not WrittenBatch ? result.RaftIndex > 0 ? Kind.BehindBarrier : Kind.Read : result.Replayed ? Kind.Replayed : Kind.Written));
        block.WriteInt64(result.SnapshotIndex);
        if (result is not WrittenBatch && result.RaftIndex > 0)
        {
            block.WriteInt64(result.RaftIndex);
        }

        if (result is WrittenBatch written)
        {
            if (written.Encoded.Length > ForwardedBlocks.BlockBytes)
            {
                await ForwardedBlocks.WriteAsync(answer, block.WrittenMemory, token).ConfigureAwait(false);
                await ForwardedBlocks.WriteAsync(answer, written.Encoded, token).ConfigureAwait(false);
                return;
            }

            block.Write(written.Encoded.Span);
        }
        else
        {
            while (await result.NextAsync(token).ConfigureAwait(false) is { } rows)
            {
                await using (rows.ConfigureAwait(false))
                {
                    await WriteRowsAsync(rows, block, answer, token).ConfigureAwait(false);
                }
            }
        }

        if (block.WrittenCount > 0)
        {
            await ForwardedBlocks.WriteAsync(answer, block.WrittenMemory, token).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Reads the head. The results of a write are read to their end before it counts as answered, so that a connection that breaks in between
    /// leads to another try; those of a read are left to stream.
    /// </summary>
    /// <exception cref="ClusterException">As the other node threw it, or <see cref="ClusterError.OutcomeUnknown"/> for an answer cut short.</exception>
    public static async ValueTask<BatchResult> ReadAsync(INodeResponse response, NodeDescription servedBy, CancellationToken token)
    {
        var streams = false;
        try
        {
            var head = await ForwardedBlocks.ReadAsync(response, token).ConfigureAwait(false) ?? throw CutShort(servedBy, null);
            var (kind, index, barrier, results) = ReadHead(head);
            if (kind is Kind.Read or Kind.BehindBarrier)
            {
                streams = true;
                return new ForwardedBatchResult(response, servedBy, index, results) { Barrier = barrier };
            }

            return new WrittenBatch(
                await ReadRestAsync(response, results, token).ConfigureAwait(false), index, servedBy, replayed: kind == Kind.Replayed);
        }
        catch (InvalidDataException e)
        {
            throw CutShort(servedBy, e);
        }
        finally
        {
            if (!streams)
            {
                await response.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static (Kind Kind, long Index, long Barrier, ReadOnlyMemory<byte> Results) ReadHead(ReadOnlyMemory<byte> head)
    {
        var reader = new FieldReader(head);
        var kind = (Kind)reader.ReadByte();
        if (kind > Kind.BehindBarrier)
        {
            throw new InvalidDataException($"An answer has the unknown kind {(byte)kind}.");
        }

        var index = reader.ReadInt64();
        return kind == Kind.BehindBarrier
            ? (kind, index, reader.ReadInt64(), head[(HeadBytes + 8)..])
            : (kind, index, 0, head[HeadBytes..]);
    }

    /// <summary>Reads a block and all that follow it as one.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadRestAsync(
        INodeResponse response, ReadOnlyMemory<byte> first, CancellationToken token)
    {
        ArrayBufferWriter<byte>? all = null;
        while (await ForwardedBlocks.ReadAsync(response, token).ConfigureAwait(false) is { } block)
        {
            if (first.IsEmpty)
            {
                first = block;
                continue;
            }

            if (all is null)
            {
                all = new();
                all.Write(first.Span);
            }

            all.Write(block.Span);
        }

        return all?.WrittenMemory ?? first;
    }

    /// <summary>Sends a result except its last block, which is left in <paramref name="block"/>.</summary>
    public static async ValueTask WriteRowsAsync(
        RowCursor rows, ArrayBufferWriter<byte> block, INodeAnswer answer, CancellationToken token)
    {
        var columns = -1;
        while (await WaitAsync(rows, block, answer, token).ConfigureAwait(false))
        {
            if (columns < 0)
            {
                // Written only after the first wait: SQLite has settled the schema by then.
                columns = rows.Schema.Columns.Count;
                RowEncoding.WriteSchema(block, rows.Schema);
            }

            while (rows.TryRead())
            {
                RowEncoding.WriteRow(block, rows, columns);
                if (block.WrittenCount >= ForwardedBlocks.BlockBytes)
                {
                    await SendAsync(block, answer, token).ConfigureAwait(false);
                }
            }
        }

        if (columns < 0)
        {
            RowEncoding.WriteSchema(block, rows.Schema);
        }

        RowEncoding.WriteOutcome(block, rows.Outcome);
    }

    /// <summary>
    /// Waits for rows. If the wait is not over at once, the gathered rows are sent first: the caller learns early that its read has begun.
    /// </summary>
    private static async ValueTask<bool> WaitAsync(
        RowCursor rows, ArrayBufferWriter<byte> block, INodeAnswer answer, CancellationToken token)
    {
        var wait = rows.WaitToReadAsync(token);
        if (wait.IsCompleted)
        {
            return await wait.ConfigureAwait(false);
        }

        var waiting = wait.AsTask();
        if (block.WrittenCount > 0)
        {
            try
            {
                await SendAsync(block, answer, token).ConfigureAwait(false);
            }
            catch
            {
                // The cursor must not be disposed while it runs.
                await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        }

        return await waiting.ConfigureAwait(false);
    }

    private static async ValueTask SendAsync(ArrayBufferWriter<byte> block, INodeAnswer answer, CancellationToken token)
    {
        await ForwardedBlocks.WriteAsync(answer, block.WrittenMemory, token).ConfigureAwait(false);
        block.ResetWrittenCount();
    }

    private static ClusterException CutShort(NodeDescription node, Exception? inner) =>
        new(ClusterError.OutcomeUnknown, $"node {node.Id} gave no whole answer", inner: inner);
}
