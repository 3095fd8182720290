using System.Buffers;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>Requests about members. The hops bound how often a request is forwarded to a supposed leader.</summary>
internal static class MembershipRequest
{
    public const int HopsMax = 5;

    private const int NodeIdMax = 256;

    /// <param name="login">What the node joins as; null for nothing.</param>
    public static ReadOnlyMemory<byte> Encode(NodeInfo node, int hops, NodeLogin? login = null)
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteByte((byte)hops);
        node.WriteTo(output);
        if (login is not null)
        {
            output.WriteText(login.User);
            output.WriteText(login.Password);
        }

        return output.WrittenMemory;
    }

    public static ReadOnlyMemory<byte> Encode(string nodeId, int hops)
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteByte((byte)hops);
        output.WriteText(nodeId);
        return output.WrittenMemory;
    }

    /// <returns>The version of the list.</returns>
    public static long Write(IBufferWriter<byte> output, MemberStore store)
    {
        var (members, version) = store.Current;
        output.WriteInt64(version);
        output.WriteBytes(members.Encode().Span);
        return version;
    }

    /// <summary>The member list in effect on this node, and the cluster's id, which a node that joins may not know yet.</summary>
    public static ReadOnlyMemory<byte> Encode(MemberStore store, Guid clusterId)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, store);
        output.WriteGuid(clusterId);
        return output.WrittenMemory;
    }

    /// <returns>The cluster's id is empty if the answer has none.</returns>
    public static (long Version, Members Members, Guid ClusterId) DecodeMembers(ReadOnlySpan<byte> body)
    {
        var input = new MessageReader(body);
        var version = input.ReadInt64();
        var members = Members.Decode(input.ReadBytes());
        return (version, members, input.End ? Guid.Empty : input.ReadGuid());
    }

    public static (NodeInfo Node, int Hops, NodeLogin? Login) DecodeJoin(ReadOnlySpan<byte> body)
    {
        var input = new MessageReader(body);
        var hops = input.ReadByte();
        var node = NodeInfo.Read(ref input);
        return (node, hops, input.End ? null : new NodeLogin(input.ReadText(), input.ReadText()));
    }

    public static (string NodeId, int Hops) DecodeNode(ReadOnlySpan<byte> body)
    {
        var input = new MessageReader(body);
        var hops = input.ReadByte();
        var nodeId = input.ReadText();
        return nodeId.Length <= NodeIdMax && PrintableText.Of(nodeId) == nodeId
            ? (nodeId, hops)
            : throw new InvalidDataException($"'{PrintableText.Of(nodeId)}' cannot be a node.");
    }
}
