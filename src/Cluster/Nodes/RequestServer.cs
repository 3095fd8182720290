using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Serves one connection of the request lane: a request, its answer, the next.</summary>
internal sealed class RequestServer(ClusterOptions options, NodeGate gate, ByteBudget budget, INodeRequestHandler handler, ILogger logger)
{
    private static readonly TimeSpan s_lastMax = TimeSpan.FromSeconds(1);

    public async Task RunAsync(NodeConnection connection, NodeHello hello, CancellationToken token)
    {
        using var frames = new FrameReader(options, budget, hello.DiskId, connection);
        while (await frames.WaitAsync(options.NodeIdleMax, token).ConfigureAwait(false))
        {
            var caller = gate.Identify(hello);
            var (kind, body) = await frames.ReadAsync(caller.IsMember, token).ConfigureAwait(false);
            if (!await AnswerAsync(connection, frames, caller, (NodeRequestKind)kind, body, token).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    /// <param name="body">The request's body; null if there was no room for it.</param>
    /// <returns>True when the next request begins to arrive.</returns>
    private async ValueTask<bool> AnswerAsync(
        NodeConnection connection, FrameReader frames, NodeCaller caller, NodeRequestKind kind, ReadOnlyMemory<byte>? body,
        CancellationToken token)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(token);

        var sent = new StrongBox<bool>();
        var watching = WatchAsync(connection, sent, gone);
        var ended = false;
        try
        {
            gate.Require(caller, kind);
            await handler.HandleAsync(
                kind, body ?? throw FrameReader.Busy(), new FrameAnswer(connection, caller, options.NodeFrameMax), gone.Token).ConfigureAwait(false);
            connection.Output.WriteInt32(0);
            connection.Output.WriteByte((byte)AnswerFrame.End);
            ended = true;
        }
        catch (ClusterException error)
        {
            NodeResponse.WriteError(connection, caller, error);
            ended = true;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw new IOException("The node port stops.");
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The caller has ended its side of the connection, and may still read.
            NodeResponse.WriteError(connection, caller, new ClusterException(ClusterError.Withdrawn, "the request was withdrawn"));
            ended = true;
        }
        catch (InvalidDataException error)
        {
            NodeResponse.WriteError(connection, caller, new ClusterException(ClusterError.Invalid, error.Message, null, error));
            ended = true;
        }
        catch (Exception error) when (error is not IOException)
        {
            // An unforeseen failure of a request: the caller gets an answer that promises nothing, and the log the details.
            logger.RequestFailed(error);
            NodeResponse.WriteError(connection, caller, NodeResponse.Failed(options.NodeId));
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

        Volatile.Write(ref sent.Value, true);
        if (gone.IsCancellationRequested)
        {
            await SendLastAsync(connection, token).ConfigureAwait(false);
            await watching.ConfigureAwait(false);
            return false;
        }

        await connection.FlushAsync(gone.Token).ConfigureAwait(false);
        frames.Release();
        gone.CancelAfter(options.NodeIdleMax);
        return await watching.ConfigureAwait(false);
    }

    /// <summary>Sends what a caller that has withdrawn its request is told, if it reads.</summary>
    private static async ValueTask SendLastAsync(NodeConnection connection, CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(s_lastMax);
        await connection.FlushAsync(limit.Token).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns true when the next request begins to arrive. The caller sends nothing until it has its answer: an end or earlier bytes mean that
    /// it does not wait for the answer any more.
    /// </summary>
    private static async Task<bool> WatchAsync(NodeConnection connection, StrongBox<bool> sent, CancellationTokenSource gone)
    {
        try
        {
            if (await connection.FillAsync(gone.Token).ConfigureAwait(false) && Volatile.Read(ref sent.Value))
            {
                return true;
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
