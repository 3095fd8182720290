using System.Buffers;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>A member in the replicated configuration. Two are equal if they have the same disk.</summary>
internal sealed class NodeInfo(Guid diskId, NodeDescription node) : IEquatable<NodeInfo>
{
    private const int NodeIdMax = 256;
    private const int AddressMax = 300;

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

    /// <exception cref="InvalidDataException">The description is not valid for a node.</exception>
    public static NodeInfo Read(ref MessageReader input)
    {
        var node = new NodeInfo(input.ReadGuid(), ReadDescription(ref input));
        node.Check();
        return node;
    }

    public static void Write(IBufferWriter<byte> output, NodeDescription node)
    {
        output.WriteText(node.Id);
        output.WriteText(node.RaftAddress);
        output.WriteText(node.HttpAddress);
        output.WriteText(node.PgAddress);
        output.WriteByte(node.Voter ? (byte)1 : (byte)0);
    }

    public static NodeDescription ReadDescription(ref MessageReader input)
        => new(input.ReadText(), input.ReadText(), input.ReadText(), input.ReadText(), input.ReadFlag());

    /// <summary>
    /// Checks that all readers of a member list can handle the description: names that can be logged, an address that can be dialled.
    /// </summary>
    private void Check()
    {
        if (DiskId == Guid.Empty || Node.Id.Length is 0 or > NodeIdMax || !IsPlain(Node.Id)
            || Node.RaftAddress.Length > AddressMax || !NodeAddress.TryParse(Node.RaftAddress, out _)
            || Node.HttpAddress.Length > AddressMax || !IsPlain(Node.HttpAddress) || Node.PgAddress.Length > AddressMax || !IsPlain(Node.PgAddress))
        {
            throw new InvalidDataException($"'{PrintableText.Of(Node.Id)}' at '{PrintableText.Of(Node.RaftAddress)}' cannot be a node.");
        }
    }

    private static bool IsPlain(string text) => PrintableText.Of(text) == text;
}
