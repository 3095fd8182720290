namespace Rqlite.Pg.Cluster;

/// <summary>Why a lease ends.</summary>
internal enum LeaseEnd
{
    Released,
    Commit,
    Idle,
    LeadershipLost,
    Stopping,
}
