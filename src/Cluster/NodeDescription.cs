namespace Rqlite.Pg.Cluster;

/// <summary>A node as other nodes and clients know it.</summary>
/// <param name="Id">The operator's name for the node (<c>-node-id</c>).</param>
/// <param name="RaftAddress">host:port of the node port.</param>
/// <param name="HttpAddress">host:port of the HTTP API, without scheme.</param>
/// <param name="PgAddress">host:port of the PostgreSQL listener; empty if off.</param>
/// <param name="Voter">False for a read replica.</param>
public sealed record NodeDescription(string Id, string RaftAddress, string HttpAddress, string PgAddress, bool Voter);

/// <summary>The leader, as this node sees it.</summary>
public interface ILeadership
{
    /// <summary>True while this node leads and may answer weak reads: it is leader and an entry of its own term is committed.</summary>
    bool IsLeader { get; }

    NodeDescription? Leader { get; }

    NodeDescription Self { get; }

    /// <summary>Raised after any change, on a pool thread.</summary>
    event Action? Changed;
}
