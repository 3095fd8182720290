using System.Buffers;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>Requests about members. The hops bound how often one is handed on to a supposed leader.</summary>
internal static class MembershipRequest
{
    public const int HopsMax = 5;

    public static ReadOnlyMemory<byte> Encode(NodeInfo node, int hops)
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteByte((byte)hops);
        node.WriteTo(output);
        return output.WrittenMemory;
    }

    public static ReadOnlyMemory<byte> Encode(string nodeId, int hops)
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteByte((byte)hops);
        output.WriteText(nodeId);
        return output.WrittenMemory;
    }

    /// <summary>The member list in effect on this node.</summary>
    public static ReadOnlyMemory<byte> Encode(MemberStore store)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, store);
        return output.WrittenMemory;
    }

    /// <returns>The version of the list that was written.</returns>
    public static long Write(IBufferWriter<byte> output, MemberStore store)
    {
        var (members, version) = store.Current;
        output.WriteInt64(version);
        output.WriteBytes(members.Encode().Span);
        return version;
    }

    public static (long Version, Members Members) DecodeMembers(ReadOnlySpan<byte> body)
    {
        var input = new MessageReader(body);
        return (input.ReadInt64(), Members.Decode(input.ReadBytes()));
    }

    public static (NodeInfo Node, int Hops) DecodeJoin(ReadOnlySpan<byte> body)
    {
        var input = new MessageReader(body);
        var hops = input.ReadByte();
        return (NodeInfo.Read(ref input), hops);
    }

    public static (string NodeId, int Hops) DecodeNode(ReadOnlySpan<byte> body)
    {
        var input = new MessageReader(body);
        var hops = input.ReadByte();
        return (input.ReadText(), hops);
    }
}
