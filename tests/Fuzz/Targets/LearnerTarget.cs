using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>What a read replica gets from the voter that it follows: frames, each with an int32 length before it.</summary>
internal sealed class LearnerTarget : IFuzzTarget, IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fuzz-learner-").FullName;
    private readonly Frames _frames = new();
    private readonly Lazy<(LearnerNode Node, Database Storage)> _learner;
    private EntryApplier? _applier;
    private Exception? _failure;

    public LearnerTarget() => _learner = new(Open);

    public string Name => "learner";

    public IEnumerable<byte[]> Seeds =>
    [
        Framed(TailFrame.Status, o =>
        {
            o.WriteInt64(PortSeeds.LastIndex);
            o.WriteInt64(1);
            o.WriteInt64(0);
            o.WriteByte(1);
            NodeInfo.Write(o, new NodeDescription("n1", "127.0.0.1:1", "", "", true));
        }),
        [.. Entries(PortSeeds.Entry(PortSeeds.Text("CREATE TABLE IF NOT EXISTS t(a)"))), .. Framed(TailFrame.CopyEnd, static _ => { })],
        Entries(PortSeeds.Entry(PortSeeds.Insert)),
        Framed(TailFrame.Members, o =>
        {
            o.WriteInt64(5);
            o.WriteBytes(Members.Empty.With(new NodeInfo(Guid.NewGuid(), new NodeDescription("n1", "127.0.0.1:1", "", "", false))).Encode().Span);
        }),
        [.. Framed(TailFrame.CopyPart, static o => o.Write("no copy of a database"u8)), .. Framed(TailFrame.CopyEnd, static _ => { })],
    ];

    public async ValueTask RunAsync(byte[] input)
    {
        var (node, storage) = _learner.Value;
        _frames.Input = PortSeeds.Current(input, 1, storage.AppliedIndex + 1);
        try
        {
            await node.FollowOnceAsync("fuzz", _applier!);
        }
        catch (Exception e) when (e is ClusterException or IOException or OperationCanceledException or InvalidDataException)
        {
            // Another voter is asked.
        }

        if (Interlocked.Exchange(ref _failure, null) is { } failure)
        {
            throw new InvalidOperationException("the node has stopped", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_learner.IsValueCreated)
        {
            await _learner.Value.Node.DisposeAsync();
            await _learner.Value.Storage.DisposeAsync();
        }

        Directory.Delete(_folder, true);
    }

    private static byte[] Entries(byte[] entry) => Framed(TailFrame.Entries, o =>
    {
        o.WriteInt32(1);
        o.WriteInt64(PortSeeds.LastIndex);
        o.WriteInt64(1);
        o.WriteByte(0);
        o.WriteBytes(entry);
    });

    private static byte[] Framed(TailFrame kind, Action<ArrayBufferWriter<byte>> write)
    {
        var body = PortSeeds.Bytes(o =>
        {
            o.WriteByte((byte)kind);
            write(o);
        });
        return PortSeeds.Bytes(o => o.WriteBytes(body));
    }

    private (LearnerNode Node, Database Storage) Open()
    {
        var storage = Database.Open(
            new StorageOptions { Directory = Path.Combine(_folder, "db"), ResultBytesMax = 1 << 20, ValueBytesMax = 1 << 20 }, NullLoggerFactory.Instance);
        var options = new ClusterOptions { NodeId = "fuzz", DataDirectory = _folder, RaftAddress = "127.0.0.1:0", NonVoter = true };
        var self = NodeIdentity.Open(_folder, "fuzz", voter: false);
        var store = new MemberStore(Path.Combine(_folder, "members"));
        var own = new OwnEntry(store, self) { Joining = true };
        var node = new LearnerNode(
            options, new NodeDescription("fuzz", "127.0.0.1:1", "", "", false), store, own, new DatabaseStorage(storage), _frames,
            (_, error) => _failure ??= error, NullLogger.Instance);
        _applier = new EntryApplier(storage);
        return (node, storage);
    }

    private sealed class Frames : INodeRequests, INodeResponse
    {
        private ReadOnlyMemory<byte> _rest;

        public byte[] Input
        {
            set => _rest = value;
        }

        public ValueTask<INodeResponse> SendAsync(string raftAddress, NodeRequestKind kind, ReadOnlyMemory<byte> body, CancellationToken token) => new(this);

        public ValueTask<ReadOnlyMemory<byte>?> ReadFrameAsync(CancellationToken token)
        {
            if (_rest.Length < 4)
            {
                return new((ReadOnlyMemory<byte>?)null);
            }

            var length = Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(_rest.Span), 0, _rest.Length - 4);
            var frame = _rest.Slice(4, length);
            _rest = _rest[(4 + length)..];
            return new(frame);
        }

        public void Withdraw()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
