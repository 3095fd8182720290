using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// Serves connections of the transaction lane: each has one conversation, whose requests are answered in turn. Its transaction ends as soon as
/// the connection ends.
/// </summary>
internal sealed class TransactionServer(ClusterOptions options, NodeGate gate, ByteBudget budget, INodeRequestHandler handler, ILogger logger)
{
    /// <summary>The longest that sent bytes may stay unconfirmed.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(30);

    public async Task RunAsync(NodeConnection connection, NodeHello hello, CancellationToken token)
    {
        connection.LimitSilence(SilenceMax);
        var conversation = handler.Converse();
        await using (conversation.ConfigureAwait(false))
        {
            using var frames = new FrameReader(options, budget, hello.DiskId, connection);

            // The owner may leave an open transaction idle, within the limits that it was begun with.
            while (await frames.WaitAsync(conversation.IsOpen ? Timeout.InfiniteTimeSpan : options.NodeIdleMax, token).ConfigureAwait(false))
            {
                var caller = gate.Identify(hello);
                var (kind, body) = await frames.ReadAsync(caller.IsMember, token).ConfigureAwait(false);
                if ((TransactionRequest)kind == TransactionRequest.Interrupt)
                {
                    frames.Release();
                }
                else if (!await AnswerAsync(connection, frames, conversation, caller, (TransactionRequest)kind, body, token).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
    }

    /// <returns>True when the next request begins to arrive.</returns>
    private async ValueTask<bool> AnswerAsync(
        NodeConnection connection, FrameReader frames, IConversationHandler conversation, NodeCaller caller, TransactionRequest request,
        ReadOnlyMemory<byte>? body, CancellationToken token)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(gone.Token);
        var watching = WatchAsync(connection, stop, gone);
        var ended = false;
        try
        {
            await RunAsync(connection, conversation, caller, request, body, stop.Token, gone.Token).ConfigureAwait(false);
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

        frames.Release();
        if (!conversation.IsOpen)
        {
            gone.CancelAfter(options.NodeIdleMax);
        }

        return await watching.ConfigureAwait(false);
    }

    private async ValueTask RunAsync(
        NodeConnection connection, IConversationHandler conversation, NodeCaller caller, TransactionRequest request,
        ReadOnlyMemory<byte>? body, CancellationToken stop, CancellationToken gone)
    {
        try
        {
            await conversation.HandleAsync(
                request, body ?? throw FrameReader.Busy(), new FrameAnswer(connection, caller, options.NodeFrameMax), stop, gone).ConfigureAwait(false);
            connection.Output.WriteInt32(0);
            connection.Output.WriteByte((byte)AnswerFrame.End);
        }
        catch (ClusterException error)
        {
            NodeResponse.WriteError(connection, caller, error);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            throw new IOException("The caller has gone.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            NodeResponse.WriteError(connection, caller, new ClusterException(ClusterError.Timeout, "the caller ended the wait"));
        }
        catch (InvalidDataException error)
        {
            NodeResponse.WriteError(connection, caller, new ClusterException(ClusterError.Invalid, error.Message, null, error));
        }
        catch (Exception error) when (error is not IOException)
        {
            // An unforeseen failure of a request: the caller gets an answer that promises nothing, and the log the details.
            logger.RequestFailed(error);
            NodeResponse.WriteError(connection, caller, NodeResponse.Failed(options.NodeId));
        }
    }

    /// <summary>
    /// Reads on while a request is served: the caller may send only an interrupt meanwhile, so the beginning of any other request is the next
    /// one, for which true is returned, and an end means that the caller has gone.
    /// </summary>
    private static async Task<bool> WatchAsync(NodeConnection connection, CancellationTokenSource stop, CancellationTokenSource gone)
    {
        try
        {
            while (await connection.FillAsync(gone.Token).ConfigureAwait(false))
            {
                await connection.EnsureAsync(FrameReader.HeadBytes, gone.Token).ConfigureAwait(false);
                if (connection.Peek(FrameReader.HeadBytes)[4] != (byte)TransactionRequest.Interrupt)
                {
                    return true;
                }

                connection.Take(FrameReader.HeadBytes);
                await stop.CancelAsync().ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // A failure counts as the connection's end.
        }

        await gone.CancelAsync().ConfigureAwait(false);
        return false;
    }
}
