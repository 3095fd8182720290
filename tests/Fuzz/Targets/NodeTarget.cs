using System.Net.Sockets;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>Messages of the node port; the first byte chooses which.</summary>
internal sealed class NodeTarget : IFuzzTarget
{
    public string Name => "node";

    public async ValueTask RunAsync(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        var rest = input[1..];
        try
        {
            switch (input[0] % 6)
            {
                case 0:
                    using (var connection = Connection(rest))
                    {
                        await NodeHello.ReadAsync(connection, CancellationToken.None);
                    }

                    break;
                case 1:
                    using (var connection = Connection(rest))
                    {
                        await NodeHello.ReadAnswerAsync(connection, CancellationToken.None);
                    }

                    break;
                case 2:
                    Members.Decode(rest);
                    break;
                case 3:
                    MembershipRequest.DecodeJoin(rest);
                    break;
                case 4:
                    MembershipRequest.DecodeNode(rest);
                    break;
                default:
                    NodeMeta.Decode(rest);
                    break;
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or OtherVersionException)
        {
            // Ends the connection.
        }
    }

    private static NodeConnection Connection(byte[] bytes) =>
        new(new Socket(SocketType.Stream, ProtocolType.Tcp), new MemoryStream(bytes));
}
