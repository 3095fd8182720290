namespace Rqlite.Pg.Cluster;

/// <summary>A member as <c>/nodes</c> shows it.</summary>
public sealed record NodeReport(
    NodeDescription Node, string Version, bool Reachable, bool Leader, TimeSpan Elapsed, string? Error);

/// <summary>The control plane: operators see it over HTTP, the PostgreSQL listener never does.</summary>
public interface IClusterControl : ILeadership
{
    /// <summary>True once the database is open, a new node has its copy of it, and a leader is known.</summary>
    bool Ready { get; }

    /// <summary>Why no entries are applied, if one has been applying for more than ten seconds.</summary>
    string? Stalled => null;

    /// <summary>The number of members, read replicas included.</summary>
    int MemberCount => 1;

    /// <summary>True if this node was removed from the cluster.</summary>
    bool Removed => false;

    /// <summary>Asks every member, read replicas included, whether it answers within <paramref name="timeout"/>.</summary>
    ValueTask<IReadOnlyList<NodeReport>> NodesAsync(TimeSpan timeout, CancellationToken token);

    /// <summary>Asks the leader alone; null if none is known. Unlike <see cref="NodesAsync"/> it need not wait for members that are down.</summary>
    async ValueTask<NodeReport?> LeaderReportAsync(TimeSpan timeout, CancellationToken token)
    {
        var reports = await NodesAsync(timeout, token).ConfigureAwait(false);
        return reports.FirstOrDefault(report => report.Leader);
    }

    /// <summary>Removes a member by its id, through the leader; an id without a member counts as removed.</summary>
    /// <exception cref="ClusterException">There is no leader, or the change could not be committed.</exception>
    ValueTask RemoveAsync(string nodeId, TimeSpan timeout, CancellationToken token);

    /// <summary>Makes the leader step down, in favour of <paramref name="nodeId"/> if it is given.</summary>
    /// <param name="wait">Wait until another node leads.</param>
    ValueTask StepDownAsync(string? nodeId, bool wait, TimeSpan timeout, CancellationToken token);

    /// <summary>Waits until this node has applied the leader's commit index of this call.</summary>
    ValueTask SyncAsync(TimeSpan timeout, CancellationToken token);

    /// <summary>
    /// Makes this node's database durable, and drops the log that it covers but for the last entries: null for as many as the node keeps.
    /// </summary>
    /// <returns>False if there was nothing to do.</returns>
    ValueTask<bool> SnapshotAsync(long? trailing, CancellationToken token) => new(false);

    /// <summary>
    /// Deletes databases that others have taken the place of, and brings the write-ahead log into the database; answers with the number of either.
    /// </summary>
    ValueTask<(int Databases, int Logs)> ReapAsync(CancellationToken token) => new((0, 0));

    /// <summary>
    /// The <c>store</c> section of <c>/status</c>: nested dictionaries, lists, strings, booleans, long and double, in rqlite's key names.
    /// </summary>
    IReadOnlyDictionary<string, object?> Status();
}
