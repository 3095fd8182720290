using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Rqlite.Pg.Abuse;

/// <summary>Somebody at the port between nodes, who knows the protocol as bytes and shares no code with the nodes.</summary>
internal sealed class NodePortClient : IDisposable
{
    public const byte ControlLane = 1;
    public const byte AppendLane = 2;
    public const byte RequestLane = 4;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Null if the greeting was taken.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The cluster that the node says it belongs to.</summary>
    public Guid ClusterId { get; private set; }

    /// <summary>What a node keeps about itself: its cluster and its disk.</summary>
    public static (Guid Cluster, Guid Disk) Identity(string data)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(data, "node.json")));
        Guid Field(string name) => json.RootElement.EnumerateObject().First(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase)).Value.GetGuid();
        return (Field("ClusterId"), Field("DiskId"));
    }

    // Those of src/Cluster/Nodes/NodeHello.cs and src/Cluster/FeatureLevel.cs.
    private const int NodeVersion = 2;
    private const int FeatureLevel = 2;

    public static byte[] Numbers(params object[] values) => [.. values.SelectMany(static v => v switch
    {
        byte b => [b],
        int i => Bytes(i),
        long l => Bytes(l),
        Guid g => g.ToByteArray(),
        byte[] a => a,
        string s => [.. Bytes(Encoding.UTF8.GetByteCount(s)), .. Encoding.UTF8.GetBytes(s)],
        _ => throw new ArgumentException($"{v.GetType()}"),
    })];

    public static async Task<NodePortClient> ConnectAsync(int port, byte lane, Guid cluster, Guid disk, string name = "stranger")
    {
        var client = new NodePortClient();
        await client._socket.ConnectAsync("127.0.0.1", port);
        var hello = Numbers(0x4E505152, NodeVersion, FeatureLevel, lane, cluster, disk, Guid.Empty, name);
        await client._socket.SendAsync(Numbers(hello.Length, hello));
        var answer = await client.ReadAsync(BinaryPrimitives.ReadInt32LittleEndian(await client.ReadAsync(4)));
        var length = BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(1));
        client.Refusal = answer[0] == 0 ? null : Encoding.UTF8.GetString(answer, 5, length);
        client.ClusterId = new Guid(answer.AsSpan(5 + length, 16));
        return client;
    }

    /// <summary>A message of one of the lanes of Raft: an append of one entry.</summary>
    public static byte[] Append(long term, long previousIndex, long previousTerm, byte[] entry, byte flags = 0) => Numbers(
        (byte)3, term, previousIndex, previousTerm, 0L, 1, term, flags, 0, entry.Length, entry);

    public static byte[] Vote(long term, bool pre) => Numbers(pre ? (byte)2 : (byte)1, term, long.MaxValue / 2, term);

    /// <summary>A request frame: a batch to be run as a write, with the parameters of its only statement as they are given.</summary>
    public static byte[] Batch(string sql, byte[] parameters)
    {
        byte[] body = Numbers((byte)1, (byte)1, 7L, DateTime.UtcNow.Ticks, TimeSpan.FromSeconds(20).Ticks, (byte)1, 0L, 0L, (byte)0, 0L,
            (byte)0, (byte)0, 1, sql, parameters.Length, parameters);
        return Request(1, body);
    }

    public static byte[] Request(byte kind, byte[] body) => Numbers(body.Length, kind, body);

    public async Task SendAsync(byte[] bytes)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await _socket.SendAsync(bytes.AsMemory(sent));
            }
        }
        catch (SocketException)
        {
            // The node has had enough, which is an answer.
        }
    }

    /// <summary>What comes within a while; shorter if the node ends the connection.</summary>
    public async Task<byte[]> AnswerAsync(TimeSpan within)
    {
        using var bound = new CancellationTokenSource(within);
        var buffer = new byte[4096];
        try
        {
            var read = await _socket.ReceiveAsync(buffer, bound.Token);
            return buffer[..read];
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return [];
        }
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Bytes(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Bytes(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await _socket.ReceiveAsync(bytes.AsMemory(read));
            read += more > 0 ? more : throw new IOException("the node has ended the connection");
        }

        return bytes;
    }
}
