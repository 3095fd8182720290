namespace Rqlite.Pg.Cluster;

/// <summary>Why a lease ends.</summary>
internal enum LeaseEnd
{
    None,
    Released,
    Commit,
    Idle,
    Overtaken,
    LeadershipLost,
    Stopping,
}
