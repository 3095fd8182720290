using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Support;

/// <summary>The control plane of a single node; a test may make it a follower, name other members, and see what was asked for.</summary>
public sealed class StandaloneControl : IClusterControl
{
    private readonly LocalLog _log;
    private readonly Database _storage;

    internal StandaloneControl(LocalLog log, Database storage)
    {
        _log = log;
        _storage = storage;
    }

    public event Action? Changed
    {
        add => _log.Changed += value;
        remove => _log.Changed -= value;
    }

    public bool Ready { get; set; } = true;

    public bool IsLeader => _log.IsLeader;

    public NodeDescription? Leader => _log.Leader;

    public NodeDescription Self => _log.Self;

    /// <summary>Members besides this node.</summary>
    public IList<NodeReport> Others { get; } = [];

    /// <summary>Ids of members that were removed.</summary>
    public IList<string> Removed { get; } = [];

    /// <summary>In favour of whom this node stepped down: empty for anybody.</summary>
    public IList<string> StepDowns { get; } = [];

    /// <summary>Time since this node last heard of a leader, as freshness sees it.</summary>
    public TimeSpan SinceLeaderContact
    {
        get => _log.SinceLeaderContact;
        set => _log.SinceLeaderContact = value;
    }

    public bool Voter
    {
        get => _log.Voter;
        set => _log.Voter = value;
    }

    /// <summary>Makes the outcome of writes unknown.</summary>
    public bool Uncertain
    {
        get => _log.Uncertain;
        set => _log.Uncertain = value;
    }

    /// <summary>Makes this node lead.</summary>
    public void Lead() => _log.Lead(true);

    /// <summary>Makes this node a follower; nothing is replicated to it.</summary>
    public void Follow(NodeDescription? leader) => _log.Lead(false, leader);

    public ValueTask<IReadOnlyList<NodeReport>> NodesAsync(TimeSpan timeout, CancellationToken token)
    {
        var self = new NodeReport(Self, "test", Reachable: true, IsLeader, TimeSpan.FromMilliseconds(1), null);
        return new(new List<NodeReport>(Others.Prepend(self)));
    }

    public ValueTask RemoveAsync(string nodeId, TimeSpan timeout, CancellationToken token)
    {
        if (nodeId != Self.Id && Others.All(other => other.Node.Id != nodeId))
        {
            throw new ClusterException(ClusterError.Invalid, $"no member has the id {nodeId}");
        }

        Removed.Add(nodeId);
        return ValueTask.CompletedTask;
    }

    public ValueTask StepDownAsync(string? nodeId, bool wait, TimeSpan timeout, CancellationToken token)
    {
        if (!IsLeader)
        {
            throw new ClusterException(ClusterError.NotLeader, "not leader", Leader);
        }

        StepDowns.Add(nodeId ?? "");
        return ValueTask.CompletedTask;
    }

    public ValueTask SyncAsync(TimeSpan timeout, CancellationToken token) => Leader is null
        ? throw new ClusterException(ClusterError.NoLeader, "leader not found")
        : ValueTask.CompletedTask;

    public IReadOnlyDictionary<string, object?> Status() => new Dictionary<string, object?>
    {
        ["node_id"] = Self.Id,
        ["ready"] = Ready,
        ["leader"] = new Dictionary<string, object?> { ["node_id"] = Leader?.Id ?? "", ["addr"] = Leader?.RaftAddress ?? "" },
        ["db_applied_index"] = _storage.AppliedIndex,
        ["sqlite3"] = _storage.Status(),
    };
}
