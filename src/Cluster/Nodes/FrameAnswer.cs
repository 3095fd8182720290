using System.Buffers;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>An answer in frames on the connection of its request.</summary>
internal sealed class FrameAnswer(NodeConnection connection, NodeCaller caller, int frameMax) : INodeAnswer
{
    private const int CopyMax = 16 * 1024;

    public NodeCaller Caller => caller;

    public ValueTask FlushAsync(CancellationToken token) => connection.FlushAsync(token);

    public async ValueTask WriteFrameAsync(ReadOnlyMemory<byte> frame, CancellationToken token)
    {
        if (frame.Length > frameMax)
        {
            throw new ClusterException(ClusterError.TooLarge, $"A frame of {frame.Length} bytes is over the limit of {frameMax}.");
        }

        connection.Output.WriteInt32(frame.Length);
        connection.Output.WriteByte((byte)AnswerFrame.Data);
        if (frame.Length <= CopyMax)
        {
            connection.Output.Write(frame.Span);
            if (connection.Unsent > CopyMax)
            {
                await connection.FlushAsync(token).ConfigureAwait(false);
            }
        }
        else
        {
            await connection.WriteThroughAsync(frame, token).ConfigureAwait(false);
        }
    }
}
