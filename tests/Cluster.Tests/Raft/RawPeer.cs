using System.Buffers;
using System.Net.Sockets;
using System.Text.Json;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>Somebody at the node port who says what a test wants it to say.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly NodeConnection _connection;

    private RawPeer(NodeConnection connection, NodeHelloAnswer answer)
    {
        _connection = connection;
        Answer = answer;
    }

    public NodeHelloAnswer Answer { get; }

    public IBufferWriter<byte> Output => _connection.Output;

    public static Task<RawPeer> DialAsync(string address, LaneKind lane, Guid cluster, Guid disk, Guid target = default, string id = "raw") =>
        DialAsync(address, new NodeHello(lane, cluster, disk, target, id).Write);

    /// <param name="hello">Writes the first message.</param>
    public static async Task<RawPeer> DialAsync(string address, Action<IBufferWriter<byte>> hello)
    {
        var to = NodeAddress.Parse(address, "address");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(to.ToEndPoint(), TestCluster.Limit);
        var connection = new NodeConnection(socket, new NetworkStream(socket, ownsSocket: true));
        hello(connection.Output);
        await connection.FlushAsync(TestCluster.Limit);
        return new RawPeer(connection, await NodeHello.ReadAnswerAsync(connection, TestCluster.Limit));
    }

    /// <summary>Cluster and disk of a node, from its folder.</summary>
    public static (Guid Cluster, Guid Disk) IdentityIn(string folder)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "node.json")));
        return (json.RootElement.GetProperty("ClusterId").GetGuid(), json.RootElement.GetProperty("DiskId").GetGuid());
    }

    public ValueTask FlushAsync() => _connection.FlushAsync(TestCluster.Limit);

    /// <summary>The other side has ended the connection, whatever it may have sent before.</summary>
    public async Task EndsAsync()
    {
        try
        {
            while (await _connection.FillAsync(TestCluster.Limit))
            {
                _connection.TakeByte();
            }
        }
        catch (IOException)
        {
            // Reset is an end too.
        }
    }

    /// <summary>True if the other side ends the connection instead of answering.</summary>
    public async Task<bool> EndsInsteadOfAnsweringAsync()
    {
        try
        {
            return !await _connection.FillAsync(TestCluster.Limit);
        }
        catch (IOException)
        {
            return true;
        }
    }

    public async Task<(long Term, byte Value)> VoteAsync(RaftMessage message, long term, long index, long lastTerm)
    {
        Output.WriteByte((byte)message);
        Output.WriteInt64(term);
        Output.WriteInt64(index);
        Output.WriteInt64(lastTerm);
        await FlushAsync();
        await _connection.EnsureAsync(9, TestCluster.Limit);
        return (_connection.TakeInt64(), _connection.TakeByte());
    }

    public void WriteAppend(long term, long prevIndex, long prevTerm, long commit, int count)
    {
        Output.WriteByte((byte)RaftMessage.Append);
        Output.WriteInt64(term);
        Output.WriteInt64(prevIndex);
        Output.WriteInt64(prevTerm);
        Output.WriteInt64(commit);
        Output.WriteInt32(count);
    }

    public void WriteEntry(long term, byte flags, ReadOnlySpan<byte> content)
    {
        Output.WriteInt64(term);
        Output.WriteByte(flags);
        Output.WriteInt32(1);
        Output.WriteBytes(content);
    }

    /// <summary>The first frame of the answer, or null; an error is thrown as the client of a node would see it.</summary>
    public async Task<byte[]?> AskAsync(NodeRequestKind kind, ReadOnlyMemory<byte> body) => await AskAsync((byte)kind, body);

    public async Task<byte[]?> AskAsync(byte kind, ReadOnlyMemory<byte> body)
    {
        Output.WriteInt32(body.Length);
        Output.WriteByte(kind);
        Output.Write(body.Span);
        await FlushAsync();
        await using var response = new NodeResponse(null, _connection, 1 << 20);
        byte[]? first = null;
        while (await response.ReadFrameAsync(TestCluster.Limit) is { } frame)
        {
            first ??= frame.ToArray();
        }

        return first;
    }

    public async Task<NodeMeta> MetaAsync() => NodeMeta.Decode(await AskAsync(NodeRequestKind.Meta, default));

    public void Dispose() => _connection.Dispose();
}
