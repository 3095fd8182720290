using System.Net.Sockets;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// Wraps a socket's stream in a protected one, or lets the two ends prove who they are: the place for TLS and secrets on both sides. It throws
/// <see cref="IOException"/>, on the side that was called also <see cref="InvalidDataException"/>, whose message is for the log.
/// </summary>
/// <param name="server">This side was called.</param>
/// <param name="host">The host that was dialled; empty on the side that was called.</param>
public delegate ValueTask<Stream> StreamWrapper(Stream inner, bool server, string host, CancellationToken token);

/// <summary>Opens connections to other nodes and introduces this one.</summary>
internal sealed class NodeDialer(NodeIdentity self, StreamWrapper? wrapper)
{
    /// <summary>The cluster that new connections name.</summary>
    public Guid ClusterId => self.ClusterId;

    /// <exception cref="IOException">The node is not reachable, or refuses (<see cref="PeerRefusedException"/>).</exception>
    public async ValueTask<(NodeConnection Connection, NodeHelloAnswer Answer)> DialAsync(
        string raftAddress, LaneKind lane, Guid target, CancellationToken token)
    {
        var address = NodeAddress.TryParse(raftAddress, out var parsed) ? parsed : throw new IOException($"'{raftAddress}' is not host:port.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        NodeConnection? connection = null;
        try
        {
            NodeConnection.Configure(socket);
            await socket.ConnectAsync(address.ToEndPoint(), token).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (wrapper is not null)
            {
                stream = await wrapper(stream, false, address.Host, token).ConfigureAwait(false);
            }

            var clusterId = self.ClusterId;
            connection = new NodeConnection(socket, stream) { ClusterId = clusterId };
            new NodeHello(lane, clusterId, self.DiskId, target, self.NodeId).Write(connection.Output);
            await connection.FlushAsync(token).ConfigureAwait(false);
            var answer = await NodeHello.ReadAnswerAsync(connection, token).ConfigureAwait(false);
            connection.Peer = answer.NodeId.Length > 0 ? $"node {answer.NodeId} ({raftAddress})" : $"the node at {raftAddress}";
            if (answer.Refusal is not null)
            {
                throw new PeerRefusedException(answer.Refusal);
            }

            if (target != Guid.Empty && (answer.DiskId != target || answer.ClusterId != clusterId))
            {
                throw new PeerRefusedException("what answers there is not the node that was meant");
            }

            var result = connection;
            connection = null;
            socket = null;
            return (result, answer);
        }
        catch (Exception error) when (error is SocketException or InvalidDataException or ObjectDisposedException
            || (error is IOException and not PeerRefusedException))
        {
            throw new IOException($"{raftAddress}: {ConnectionTrouble.Reason(error)}", error);
        }
        finally
        {
            connection?.Dispose();
            socket?.Dispose();
        }
    }
}
