using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Serves one connection of the request lane: a request, its answer, the next.</summary>
internal sealed class RequestServer(ClusterOptions options, INodeRequestHandler handler, ILogger logger)
{
    public async Task RunAsync(NodeConnection connection, CancellationToken token)
    {
        var buffer = Array.Empty<byte>();
        while (await connection.FillAsync(token).ConfigureAwait(false))
        {
            using var reading = new IdleTimeout(options.SnapshotIdleTimeout, token);
            await connection.EnsureAsync(5, reading.Token).ConfigureAwait(false);
            var length = connection.TakeInt32();
            var kind = (NodeRequestKind)connection.TakeByte();
            if (length < 0 || length > options.NodeFrameMax)
            {
                throw new InvalidDataException($"A request of {length} bytes is over the limit of {options.NodeFrameMax}.");
            }

            if (buffer.Length < length)
            {
                buffer = GC.AllocateUninitializedArray<byte>(length);
            }

            await connection.ReadExactlyAsync(buffer.AsMemory(0, length), reading).ConfigureAwait(false);
            await AnswerAsync(connection, kind, buffer.AsMemory(0, length), token).ConfigureAwait(false);
        }
    }

    private async ValueTask AnswerAsync(NodeConnection connection, NodeRequestKind kind, ReadOnlyMemory<byte> body, CancellationToken token)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(token);

        // The caller sends nothing until it has its answer, so a read that ends now means that it is gone.
        var watching = WatchAsync(connection, gone);
        var ended = false;
        try
        {
            await handler.HandleAsync(kind, body, new FrameAnswer(connection, options.NodeFrameMax), gone.Token).ConfigureAwait(false);
            connection.Output.WriteInt32(0);
            connection.Output.WriteByte((byte)AnswerFrame.End);
            ended = true;
        }
        catch (ClusterException error)
        {
            NodeResponse.WriteError(connection, error);
            ended = true;
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // Nobody is there to be told.
            throw new IOException("The caller has gone.");
        }
        catch (Exception error) when (error is not (IOException or InvalidDataException))
        {
            // The edge of a request: the caller gets an answer that promises nothing, and the log the details.
            logger.RequestFailed(error);
            NodeResponse.WriteError(connection, NodeResponse.Failed(options.NodeId));
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

        await connection.FlushAsync(gone.Token).ConfigureAwait(false);
        if (!await watching.ConfigureAwait(false))
        {
            throw new EndOfStreamException();
        }
    }

    /// <summary>True when the next request begins to arrive.</summary>
    private static async Task<bool> WatchAsync(NodeConnection connection, CancellationTokenSource gone)
    {
        try
        {
            if (await connection.FillAsync(gone.Token).ConfigureAwait(false))
            {
                return true;
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
