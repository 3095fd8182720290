using System.Buffers;
using System.Collections.Immutable;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.Membership;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>The replicated configuration: voters and read replicas. Only voters are members in Raft's sense.</summary>
internal sealed class Members(ImmutableHashSet<NodeInfo> nodes) : IClusterConfiguration<NodeInfo>
{
    private const int NodesMax = 1000;
    private const byte Version = 1;

    public static Members Empty { get; } = new([]);

    public ImmutableHashSet<NodeInfo> Nodes { get; } = nodes;

    IReadOnlySet<NodeInfo> IClusterConfiguration<NodeInfo>.Members => Nodes;

    public IEnumerable<NodeInfo> Voters => Nodes.Where(static n => n.Node.Voter);

    public bool IsReusable => true;

    public long? Length => Encode().Length;

    public NodeInfo? Find(Guid diskId) => Nodes.FirstOrDefault(n => n.DiskId == diskId);

    public NodeInfo? Find(string nodeId) => Nodes.FirstOrDefault(n => n.Node.Id == nodeId);

    /// <summary>The same members with <paramref name="node"/> added, or in place of the entry of the same disk.</summary>
    public Members With(NodeInfo node) => new(Nodes.Remove(node).Add(node));

    public Members Without(NodeInfo node) => new(Nodes.Remove(node));

    IClusterConfiguration<NodeInfo> IClusterConfiguration<NodeInfo>.Add(NodeInfo address)
        => Nodes.TryGetValue(address, out var known) && known.Node == address.Node ? this : With(address);

    IClusterConfiguration<NodeInfo> IClusterConfiguration<NodeInfo>.Remove(NodeInfo address)
        => Nodes.Contains(address) ? new Members(Nodes.Remove(address)) : this;

    bool IDataTransferObject.TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = Encode();
        return true;
    }

    public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter
        => writer.WriteAsync(Encode(), null, token);

    public ReadOnlyMemory<byte> Encode()
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteByte(Version);
        output.WriteInt32(Nodes.Count);
        foreach (var node in Nodes.OrderBy(static n => n.DiskId))
        {
            node.WriteTo(output);
        }

        return output.WrittenMemory;
    }

    public static Members Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty)
        {
            return Empty;
        }

        var input = new MessageReader(encoded);
        var version = input.ReadByte();
        var count = input.ReadInt32();
        if (version != Version || (uint)count > NodesMax)
        {
            throw new InvalidDataException($"The member list has version {version} and {count} entries; this version cannot read it.");
        }

        var nodes = ImmutableHashSet.CreateBuilder<NodeInfo>();
        for (var i = 0; i < count; i++)
        {
            if (!nodes.Add(NodeInfo.Read(ref input)))
            {
                throw new InvalidDataException("A member list names one disk twice.");
            }
        }

        if (!input.End)
        {
            throw new InvalidDataException("A member list has bytes behind its end.");
        }

        return new Members(nodes.ToImmutable());
    }

    public override string ToString() => string.Join(", ", Nodes.Select(static n => n.ToString()).Order(StringComparer.Ordinal));
}
