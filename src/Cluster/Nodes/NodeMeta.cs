using System.Buffers;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>A node's report of itself.</summary>
/// <param name="MembersVersion">The index of the member list in effect on the node; -1 for none.</param>
/// <param name="AskerIsMember">Whether that list has the node that asked.</param>
/// <param name="Formed">The node has a cluster. If the asker does not belong to it, <see cref="Node"/> is empty.</param>
internal sealed record NodeMeta(
    NodeInfo Node, Guid ClusterId, string Version, bool IsLeader, NodeDescription? Leader, long Term, long CommitIndex, long AppliedIndex,
    long MembersVersion, bool AskerIsMember, bool Formed)
{
    /// <summary>The report for a caller of no cluster, or of another one.</summary>
    /// <param name="askerIsMember">The caller may have been added to the cluster without its knowledge.</param>
    public static NodeMeta ForStranger(bool askerIsMember, long membersVersion) => new(
        new NodeInfo(Guid.Empty, new NodeDescription("", "", "", "", false)), Guid.Empty, "", false, null, 0, 0, 0,
        askerIsMember ? membersVersion : -1, askerIsMember, Formed: true);

    public ReadOnlyMemory<byte> Encode()
    {
        var output = new ArrayBufferWriter<byte>();
        Node.WriteTo(output);
        output.WriteGuid(ClusterId);
        output.WriteText(Version);
        output.WriteByte(IsLeader ? (byte)1 : (byte)0);
        output.WriteByte(Leader is null ? (byte)0 : (byte)1);
        if (Leader is not null)
        {
            NodeInfo.Write(output, Leader);
        }

        output.WriteInt64(Term);
        output.WriteInt64(CommitIndex);
        output.WriteInt64(AppliedIndex);
        output.WriteInt64(MembersVersion);
        output.WriteByte(AskerIsMember ? (byte)1 : (byte)0);
        output.WriteByte(Formed ? (byte)1 : (byte)0);
        return output.WrittenMemory;
    }

    public static NodeMeta Decode(ReadOnlySpan<byte> body)
    {
        var input = new MessageReader(body);
        return new NodeMeta(
            new NodeInfo(input.ReadGuid(), NodeInfo.ReadDescription(ref input)), input.ReadGuid(), PrintableText.Of(input.ReadText()), input.ReadFlag(),
            input.ReadFlag() ? NodeInfo.ReadDescription(ref input) : null,
            input.ReadInt64(), input.ReadInt64(), input.ReadInt64(), input.ReadInt64(), input.ReadFlag(), input.ReadFlag());
    }
}
