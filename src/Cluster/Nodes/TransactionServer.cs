using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// Serves connections of the transaction lane: each has one conversation, whose requests are answered in turn. What it holds is given up as
/// soon as the connection ends.
/// </summary>
internal sealed class TransactionServer(ClusterOptions options, INodeRequestHandler handler, ILogger logger)
{
    private const int HeadBytes = 5;

    /// <summary>The longest that sent bytes may stay unconfirmed.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(30);

    public async Task RunAsync(NodeConnection connection, CancellationToken token)
    {
        connection.LimitSilence(SilenceMax);
        var conversation = handler.Converse();
        await using (conversation.ConfigureAwait(false))
        {
            var buffer = Array.Empty<byte>();
            while (await connection.FillAsync(token).ConfigureAwait(false))
            {
                using var reading = new IdleTimeout(options.SnapshotIdleTimeout, token);
                await connection.EnsureAsync(HeadBytes, reading.Token).ConfigureAwait(false);
                var length = connection.TakeInt32();
                var request = (TransactionRequest)connection.TakeByte();
                if (length < 0 || length > options.NodeFrameMax)
                {
                    throw new InvalidDataException($"A request of {length} bytes is over the limit of {options.NodeFrameMax}.");
                }

                if (buffer.Length < length)
                {
                    buffer = GC.AllocateUninitializedArray<byte>(length);
                }

                await connection.ReadExactlyAsync(buffer.AsMemory(0, length), reading).ConfigureAwait(false);
                if (request != TransactionRequest.Interrupt)
                {
                    await AnswerAsync(connection, conversation, request, buffer.AsMemory(0, length), token).ConfigureAwait(false);
                }
            }
        }
    }

    private async ValueTask AnswerAsync(
        NodeConnection connection, IConversationHandler conversation, TransactionRequest request, ReadOnlyMemory<byte> body,
        CancellationToken token)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(gone.Token);
        var watching = WatchAsync(connection, stop, gone);
        var ended = false;
        try
        {
            await RunAsync(connection, conversation, request, body, stop.Token, gone.Token).ConfigureAwait(false);
            await connection.FlushAsync(gone.Token).ConfigureAwait(false);
            ended = true;
        }
        finally
        {
            if (!ended)
            {
                await gone.CancelAsync().ConfigureAwait(false);
                await watching.ConfigureAwait(false);
            }
        }

        if (!await watching.ConfigureAwait(false))
        {
            throw new EndOfStreamException();
        }
    }

    private async ValueTask RunAsync(
        NodeConnection connection, IConversationHandler conversation, TransactionRequest request, ReadOnlyMemory<byte> body,
        CancellationToken stop, CancellationToken gone)
    {
        try
        {
            await conversation.HandleAsync(request, body, new FrameAnswer(connection, options.NodeFrameMax), stop, gone).ConfigureAwait(false);
            connection.Output.WriteInt32(0);
            connection.Output.WriteByte((byte)AnswerFrame.End);
        }
        catch (ClusterException error)
        {
            NodeResponse.WriteError(connection, error);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            throw new IOException("The caller has gone.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            NodeResponse.WriteError(connection, new ClusterException(ClusterError.Timeout, "the caller ended the wait"));
        }
        catch (Exception error) when (error is not (IOException or InvalidDataException))
        {
            // The edge of a request: the caller gets an answer that promises nothing, and the log the details.
            logger.RequestFailed(error);
            NodeResponse.WriteError(connection, NodeResponse.Failed(options.NodeId));
        }
    }

    /// <summary>
    /// Reads on while a request is served: the caller sends nothing but interrupts then, so the beginning of anything else is the next request,
    /// for which true is returned, and an end means that the caller has gone.
    /// </summary>
    private static async Task<bool> WatchAsync(NodeConnection connection, CancellationTokenSource stop, CancellationTokenSource gone)
    {
        try
        {
            while (await connection.FillAsync(gone.Token).ConfigureAwait(false))
            {
                await connection.EnsureAsync(HeadBytes, gone.Token).ConfigureAwait(false);
                if (connection.Peek(HeadBytes)[4] != (byte)TransactionRequest.Interrupt)
                {
                    return true;
                }

                connection.Take(HeadBytes);
                await stop.CancelAsync().ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // As good as an end.
        }

        await gone.CancelAsync().ConfigureAwait(false);
        return false;
    }
}
