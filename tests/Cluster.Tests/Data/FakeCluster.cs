using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Storage;
using StorageDatabase = Rqlite.Pg.Storage.Database;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>
/// Nodes with real databases over one list of entries instead of consensus. A test says who leads, holds entries back, cuts nodes off
/// and loses answers.
/// </summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    private readonly List<(byte[] Entry, long Term)> _entries = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("rqlite-pg-").FullName;

    public FakeCluster(
        int count = 2, RequestLimits? limits = null, TimeProvider? time = null, bool[]? voters = null, SqlExtensions? sql = null)
    {
        for (var i = 0; i < count; i++)
        {
            Nodes.Add(new(this, i, Path.Combine(_folder, $"n{i}"), limits ?? new(), time ?? TimeProvider.System, voters?[i] ?? true, sql ?? SqlExtensions.None));
        }

        Lead(Nodes[0]);
    }

    public List<FakeNode> Nodes { get; } = [];

    public FakeNode? Leader { get; private set; }

    public long LastIndex
    {
        get
        {
            lock (_entries)
            {
                return _entries.Count;
            }
        }
    }

    public byte[] LastEntry
    {
        get
        {
            lock (_entries)
            {
                return _entries[^1].Entry;
            }
        }
    }

    /// <summary>Makes a node the leader, everywhere at once; null for none.</summary>
    public void Lead(FakeNode? leader)
    {
        Leader = leader;
        foreach (var node in Nodes)
        {
            node.Log.Follow(leader);
        }
    }

    public FakeNode ByAddress(string raftAddress) => Nodes.Single(node => node.Log.Self.RaftAddress == raftAddress);

    public long Append(byte[] entry, long term)
    {
        lock (_entries)
        {
            _entries.Add((entry, term));
            return _entries.Count;
        }
    }

    public byte[] Entry(long index)
    {
        lock (_entries)
        {
            return _entries[(int)index - 1].Entry;
        }
    }

    public long TermOf(long index)
    {
        lock (_entries)
        {
            return _entries[(int)index - 1].Term;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>One node of a <see cref="FakeCluster"/>.</summary>
internal sealed class FakeNode : IAsyncDisposable
{
    public FakeNode(FakeCluster cluster, int number, string folder, RequestLimits limits, TimeProvider time, bool voter, SqlExtensions sql)
    {
        Storage = StorageDatabase.Open(new StorageOptions { Directory = folder, Sql = sql }, NullLoggerFactory.Instance);
        Applier = new(Storage);
        var self = new NodeDescription($"n{number}", $"n{number}:4002", $"n{number}:4001", "", voter);
        Log = new(cluster, Applier, self);
        Peers = new(cluster);
        Database = new(Log, Applier, Storage, Peers, limits, time);
    }

    public StorageDatabase Storage { get; }

    public EntryApplier Applier { get; }

    public FakeLog Log { get; }

    public FakePeers Peers { get; }

    public ClusterDatabase Database { get; }

    public async ValueTask DisposeAsync()
    {
        Log.Release();
        await Database.DisposeAsync();
        await Storage.DisposeAsync();
    }
}
