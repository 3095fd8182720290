using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>
/// A whole node over a real database, in this process, with a second member that exists in its list only and that the inputs come from.
/// </summary>
internal sealed class PortHost : ILoggerFactory, ILogger, IAsyncDisposable
{
    private const int RefusedEntry = 2037;

    private readonly string _folder = Directory.CreateTempSubdirectory("fuzz-node-").FullName;
    private readonly Guid _cluster = Guid.NewGuid();
    private readonly ConnectionSlots _slots = new(64);
    private Replica _replica = null!;
    private ClusterDatabase _database = null!;
    private string? _finding;

    private PortHost()
    {
    }

    public Guid Ghost { get; } = Guid.NewGuid();

    public Guid Disk => _replica.Info.DiskId;

    public DurableLog Log => _replica.Raft!.Log;

    /// <param name="leads">The node is the only voter; else the other member is one too, and this one follows.</param>
    public static async Task<PortHost> StartAsync(bool leads)
    {
        var host = new PortHost();
        var options = new ClusterOptions
        {
            NodeId = "fuzz", DataDirectory = host._folder, RaftAddress = "127.0.0.1:0", SnapshotIdleTimeout = TimeSpan.FromSeconds(5),
        };
        var self = NodeIdentity.Open(host._folder, options.NodeId, voter: true);
        self.Adopt(host._cluster);
        self.TakeDatabase();
        Directory.CreateDirectory(Path.Combine(host._folder, "raft"));
        var store = new MemberStore(Path.Combine(host._folder, "raft", "members"));
        await store.SaveAsync(
            Members.Empty
                .With(new NodeInfo(self.DiskId, new NodeDescription("fuzz", "127.0.0.1:1", "", "", true)))
                .With(new NodeInfo(host.Ghost, new NodeDescription("ghost", "127.0.0.1:1", "", "", !leads))),
            0, default);
        store.Dispose();
        Database? storage = null;
        var storageOptions = new StorageOptions { Directory = Path.Combine(host._folder, "db"), ResultBytesMax = 1 << 20, ValueBytesMax = 1 << 20 };
        host._replica = await Replica.OpenAsync(options, () => new DatabaseStorage(storage = Database.Open(storageOptions, host)), null, host, default);
        var applier = new EntryApplier(storage!);
        host._database = new ClusterDatabase(host._replica.Log, applier, storage!, host._replica.Requests, options.Requests, TimeProvider.System)
        {
            NodeId = host.Disk,
        };
        await host._replica.StartAsync(applier, host._database, default);
        host._database.StartLocks(TimeSpan.FromMinutes(10), host);
        while (leads && !host._replica.Log.IsLeader)
        {
            await Task.Delay(10);
        }

        return host;
    }

    /// <summary>The bytes arrive on a lane, and then the connection ends.</summary>
    public async Task ServeAsync(LaneKind lane, byte[] input)
    {
        using var slot = _slots.Take(static () => { })!;
        using var connection = new NodeConnection(new Socket(SocketType.Stream, ProtocolType.Tcp), new OneWayStream(input));
        try
        {
            await _replica.Port.ServeAsync(connection, new NodeHello(lane, _cluster, Ghost, Disk, "ghost"), slot, "fuzz");
        }
        catch (Exception e) when (e is InvalidDataException or IOException or OperationCanceledException)
        {
            // Ends the connection.
        }

        if (_replica.Stopped.IsFaulted)
        {
            throw new InvalidOperationException("the node has stopped", _replica.Stopped.Exception);
        }

        if (Interlocked.Exchange(ref _finding, null) is { } finding)
        {
            throw new InvalidOperationException(finding);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _replica.DisposeAsync();
        Directory.Delete(_folder, true);
    }

    ILogger ILoggerFactory.CreateLogger(string categoryName) => this;

    void ILoggerFactory.AddProvider(ILoggerProvider provider)
    {
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        // What is refused is told without an exception; an exception means that nobody has foreseen it.
        if (logLevel >= LogLevel.Warning && exception is not null && eventId.Id != RefusedEntry)
        {
            _finding ??= $"{formatter(state, exception)}\n{exception}";
        }
    }

    void IDisposable.Dispose()
    {
    }

    /// <summary>What is written to it goes nowhere.</summary>
    private sealed class OneWayStream(byte[] input) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(buffer.Length, input.Length - _at);
            input.AsSpan(_at, count).CopyTo(buffer.Span);
            _at += count;
            return new(count);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
