using System.Buffers;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>A member as the replicated configuration has it. Two are equal if they are the same disk.</summary>
internal sealed class NodeInfo(Guid diskId, NodeDescription node) : IEquatable<NodeInfo>
{
    public Guid DiskId { get; } = diskId;

    public NodeDescription Node { get; } = node;

    public bool Equals(NodeInfo? other) => other is not null && DiskId == other.DiskId;

    public override bool Equals(object? obj) => Equals(obj as NodeInfo);

    public override int GetHashCode() => DiskId.GetHashCode();

    public override string ToString() => $"{Node.Id}@{Node.RaftAddress}{(Node.Voter ? "" : " (read replica)")}";

    public void WriteTo(IBufferWriter<byte> output)
    {
        output.WriteGuid(DiskId);
        Write(output, Node);
    }

    public static NodeInfo Read(ref MessageReader input) => new(input.ReadGuid(), ReadDescription(ref input));

    public static void Write(IBufferWriter<byte> output, NodeDescription node)
    {
        output.WriteText(node.Id);
        output.WriteText(node.RaftAddress);
        output.WriteText(node.HttpAddress);
        output.WriteText(node.PgAddress);
        output.WriteByte(node.Voter ? (byte)1 : (byte)0);
    }

    public static NodeDescription ReadDescription(ref MessageReader input)
        => new(input.ReadText(), input.ReadText(), input.ReadText(), input.ReadText(), input.ReadByte() != 0);
}
