using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Http.Tests.Doubles;

/// <summary>A cluster of two voters and a read replica, as a test wants to see it.</summary>
internal sealed class ScriptedControl : IClusterControl
{
    public static readonly NodeDescription N1 = new("n1", "h1:4002", "h1:4001", "h1:5001", true);
    public static readonly NodeDescription N2 = new("n2", "h2:4002", "", "", true);
    public static readonly NodeDescription N3 = new("n3", "h3:4002", "h3:4001", "", false);

    public event Action? Changed;

    public bool IsLeader { get; set; } = true;

    public NodeDescription? Leader { get; set; } = N1;

    public NodeDescription Self { get; set; } = N1;

    public bool Ready { get; set; } = true;

    public string? Stalled { get; set; }

    public int MemberCount { get; set; } = 3;

    /// <summary>A snapshot finds something to do.</summary>
    public bool HasNew { get; set; }

    public long? Trailing { get; private set; }

    public ValueTask<bool> SnapshotAsync(long? trailing, CancellationToken token)
    {
        Trailing = trailing;
        return Failure is null ? new(HasNew) : throw Failure;
    }

    public ValueTask<(int Databases, int Logs)> ReapAsync(CancellationToken token) => new((2, 1));

    /// <summary>Thrown by whatever is asked next.</summary>
    public ClusterException? Failure { get; set; }

    public List<string> Calls { get; } = [];

    public ValueTask<IReadOnlyList<NodeReport>> NodesAsync(TimeSpan timeout, CancellationToken token)
    {
        Note("nodes");
        return ValueTask.FromResult<IReadOnlyList<NodeReport>>(
        [
            new NodeReport(N2, "", false, false, TimeSpan.Zero, "connection refused"),
            new NodeReport(N1, "v1", true, true, TimeSpan.FromMicroseconds(10.2), null),
            new NodeReport(N3, "v1", true, false, TimeSpan.FromMilliseconds(1.5), null),
        ]);
    }

    public ValueTask RemoveAsync(string nodeId, TimeSpan timeout, CancellationToken token) => Record($"remove {nodeId}");

    public ValueTask StepDownAsync(string? nodeId, bool wait, TimeSpan timeout, CancellationToken token) =>
        Record($"stepdown {nodeId ?? "anyone"}{(wait ? " and wait" : "")}");

    public ValueTask SyncAsync(TimeSpan timeout, CancellationToken token) => Record("sync");

    public IReadOnlyDictionary<string, object?> Status() => new Dictionary<string, object?>
    {
        ["open"] = true,
        ["node_id"] = "n1",
        ["raft"] = new Dictionary<string, object?> { ["state"] = "Leader", ["term"] = 2L },
        ["leader"] = new Dictionary<string, object?> { ["node_id"] = "n1", ["addr"] = "h1:4002" },
        ["nodes"] = new List<object?> { new Dictionary<string, object?> { ["id"] = "n1", ["suffrage"] = "voter" } },
        ["ratio"] = 0.5,
    };

    private ValueTask Record(string call)
    {
        Note(call);
        return ValueTask.CompletedTask;
    }

    private void Note(string call)
    {
        Calls.Add(call);
        Changed?.Invoke();
        if (Failure is { } failure)
        {
            throw failure;
        }
    }
}
