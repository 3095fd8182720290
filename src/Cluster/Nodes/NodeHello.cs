using System.Buffers;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>The purpose of a connection between nodes.</summary>
internal enum LaneKind : byte
{
    /// <summary>Votes and empty heartbeats, answered within some hundred milliseconds.</summary>
    Control = 1,

    /// <summary>Log entries.</summary>
    Append = 2,

    /// <summary>A copy of the database.</summary>
    Snapshot = 3,

    /// <summary><see cref="INodeRequests"/>.</summary>
    Request = 4,

    /// <summary><see cref="INodeConversation"/>: an open transaction.</summary>
    Transaction = 5,
}

/// <summary>The first message on a connection, and its answer.</summary>
/// <param name="Target">The disk that the caller means to reach; empty if the caller does not know it.</param>
internal readonly record struct NodeHello(LaneKind Lane, Guid ClusterId, Guid DiskId, Guid Target, string NodeId)
{
    public const int ProtocolVersion = 2;
    public const int LengthMax = 1024;
    private const int HeadBytes = 4 + 4;
    private const uint Magic = 0x4E505152; // RQPN

    // The first bytes of a caller that speaks of a secret first.
    private const int SecretMagic = 0x534E5152; // RQNS

    /// <summary>See <see cref="Cluster.FeatureLevel"/>; the caller's.</summary>
    public int FeatureLevel { get; init; } = Cluster.FeatureLevel.Current;

    public void Write(IBufferWriter<byte> output)
    {
        var body = new ArrayBufferWriter<byte>();
        body.WriteInt32(unchecked((int)Magic));
        body.WriteInt32(ProtocolVersion);
        body.WriteInt32(FeatureLevel);
        body.WriteByte((byte)Lane);
        body.WriteGuid(ClusterId);
        body.WriteGuid(DiskId);
        body.WriteGuid(Target);
        body.WriteText(NodeId);
        output.WriteBytes(body.WrittenSpan);
    }

    /// <exception cref="InvalidDataException">The other side is no node.</exception>
    /// <exception cref="OtherVersionException">It is one that speaks another protocol.</exception>
    public static async ValueTask<NodeHello> ReadAsync(NodeConnection connection, CancellationToken token)
    {
        await connection.EnsureAsync(8, token).ConfigureAwait(false);
        var length = connection.TakeInt32();
        if (length == SecretMagic)
        {
            throw new InvalidDataException("the calling node was started with -node-secret-file and this one was not");
        }

        if (length is < HeadBytes or > LengthMax || connection.TakeInt32() != unchecked((int)Magic))
        {
            throw new InvalidDataException("not a node of this kind");
        }

        await connection.EnsureAsync(length - 4, token).ConfigureAwait(false);
        return Parse(connection.Take(length - 4));
    }

    private static NodeHello Parse(ReadOnlySpan<byte> body)
    {
        var input = new MessageReader(body);
        var version = input.ReadInt32();
        if (version != ProtocolVersion)
        {
            throw new OtherVersionException($"the calling node speaks protocol version {version} and this one {ProtocolVersion}");
        }

        var level = input.ReadInt32();
        return new NodeHello((LaneKind)input.ReadByte(), input.ReadGuid(), input.ReadGuid(), input.ReadGuid(), input.ReadText()) { FeatureLevel = level };
    }

    /// <param name="self">The identity of this node; null to hide it from the caller.</param>
    public static void WriteAnswer(IBufferWriter<byte> output, string? refusal, NodeIdentity? self)
    {
        var body = new ArrayBufferWriter<byte>();
        body.WriteByte(refusal is null ? (byte)0 : (byte)1);
        body.WriteText(refusal ?? "");
        body.WriteGuid(self?.ClusterId ?? Guid.Empty);
        body.WriteGuid(self?.DiskId ?? Guid.Empty);
        body.WriteText(self?.NodeId ?? "");
        output.WriteBytes(body.WrittenSpan);
    }

    public static async ValueTask<NodeHelloAnswer> ReadAnswerAsync(NodeConnection connection, CancellationToken token)
    {
        await connection.EnsureAsync(4, token).ConfigureAwait(false);
        var length = connection.TakeInt32();
        if (length is < 4 or > 16 * LengthMax)
        {
            throw new InvalidDataException("not a node of this kind");
        }

        await connection.EnsureAsync(length, token).ConfigureAwait(false);
        return ParseAnswer(connection.Take(length));
    }

    private static NodeHelloAnswer ParseAnswer(ReadOnlySpan<byte> body)
    {
        var input = new MessageReader(body);
        var refused = input.ReadByte() != 0;
        var reason = PrintableText.Of(input.ReadText());
        return new NodeHelloAnswer(refused ? reason : null, input.ReadGuid(), input.ReadGuid(), PrintableText.Of(input.ReadText()));
    }
}

/// <summary>The other side's answer to a <see cref="NodeHello"/>; without ids if the caller does not belong to its cluster.</summary>
internal readonly record struct NodeHelloAnswer(string? Refusal, Guid ClusterId, Guid DiskId, string NodeId);
