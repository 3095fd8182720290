using System.Globalization;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// PostgreSQL's functions and views of replication, in terms of the log: an LSN is the index of an entry. They report this node's state at the
/// moment of the call, not of the snapshot that a statement reads.
/// </summary>
internal sealed class NodeViews
{
    private const string Recovery = "recovery is in progress";

    private Replica? _replica;

    public NodeViews() => Sql = new(
        [
            new("pg_is_in_recovery", 0, _ => Replica.Log.IsLeader ? 0L : 1L, OnWriter: 0L),
            new("pg_current_wal_lsn", 0, _ => Lsn(Leading.LastIndex)),
            new("pg_current_wal_insert_lsn", 0, _ => Lsn(Leading.LastIndex)),
            new("pg_current_wal_flush_lsn", 0, _ => Lsn(Leading.CommitIndex)),
            new("pg_last_wal_receive_lsn", 0, _ => Replica.Log.IsLeader ? null : Lsn(Replica.Raft?.LastIndex ?? Replica.Log.AppliedIndex)),
            new("pg_last_wal_replay_lsn", 0, _ => Replica.Log.IsLeader ? null : Lsn(Replica.Log.AppliedIndex)),
            new("pg_wal_lsn_diff", 2, static values => Difference(values[0], values[1]), Pure: true),
        ],
        [
            new(
                "pg_stat_replication",
                """
                pid INTEGER, usesysid OID, usename TEXT, application_name TEXT, client_addr TEXT, client_hostname TEXT, client_port INTEGER,
                backend_start TIMESTAMPTZ, backend_xmin TEXT, state TEXT, sent_lsn PG_LSN_TEXT, write_lsn PG_LSN_TEXT, flush_lsn PG_LSN_TEXT, replay_lsn PG_LSN_TEXT,
                write_lag INTERVAL, flush_lag INTERVAL, replay_lag INTERVAL, sync_priority INTEGER, sync_state TEXT, reply_time TIMESTAMPTZ
                """,
                Replication),
        ]);

    public NodeSql Sql { get; }

    private Replica Replica => Volatile.Read(ref _replica) ?? throw new NodeSqlException("the node is not open yet");

    private RaftNode Leading => Replica is { Log.IsLeader: true, Raft: { } raft } ? raft : throw new NodeSqlException(Recovery);

    /// <summary>Sets the replica whose state is reported from now on.</summary>
    public void Attach(Replica replica) => Volatile.Write(ref _replica, replica);

    private static string Lsn(long index) => string.Create(CultureInfo.InvariantCulture, $"{(ulong)index >> 32:X}/{(uint)index:X}");

    private static object? Difference(object? left, object? right) =>
        left is null || right is null ? null : Index(left) - Index(right);

    private static long Index(object value)
    {
        if (value is string text && text.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
            && uint.TryParse(text.AsSpan(0, slash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            && uint.TryParse(text.AsSpan(slash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low)
            && high <= int.MaxValue)
        {
            return ((long)high << 32) | low;
        }

        throw new NodeSqlException($"invalid input syntax for type pg_lsn: \"{value}\"");
    }

    /// <summary>One row for each other member, if this node leads.</summary>
    private IReadOnlyList<object?[]> Replication()
    {
        if (Replica is not { Log.IsLeader: true, Raft: { } raft } replica)
        {
            return [];
        }

        var peers = raft.Transport.Members.Where(static peer => peer.IsRemote).ToDictionary(static peer => peer.Info.DiskId);
        return [.. replica.Members.Nodes
            .Where(node => node.DiskId != replica.Info.DiskId)
            .OrderBy(static node => node.Node.Id, StringComparer.Ordinal)
            .Select(node => Row(node.Node, peers.GetValueOrDefault(node.DiskId), raft.CommitIndex))];
    }

    // The leader does not know a read replica's position, nor the applied index of a voter.
    private static object?[] Row(NodeDescription node, RaftPeer? peer, long committed)
    {
        var reached = peer is { Status: DotNext.Net.Cluster.ClusterMemberStatus.Available };
        var matched = peer is { Matched: > 0 } ? Lsn(peer.Matched) : null;
        var state = !reached ? null : peer!.Matched >= committed ? "streaming" : "catchup";
        var address = NodeAddress.TryParse(node.RaftAddress, out var parsed) ? parsed.Host : node.RaftAddress;
        return
        [
            null, null, null, node.Id, address, null, null,
            null, null, state, null, matched, matched, null,
            null, null, null, node.Voter ? 1L : 0L, node.Voter ? "quorum" : "async", null,
        ];
    }
}
