using System.Globalization;

namespace Rqlite.Pg.Cluster;

/// <summary>The <c>store</c> section of <c>/status</c>.</summary>
public sealed partial class ClusterNode
{
    public IReadOnlyDictionary<string, object?> Status()
    {
        var log = _replica.Log;
        var options = _replica.Options;
        var leader = Leader;
        var bytes = BytesIn(options.DataDirectory);
        var status = new Dictionary<string, object?>
        {
            ["open"] = true,
            ["started"] = Volatile.Read(ref _started),
            ["applying"] = Applying(),
            ["node_id"] = Self.Id,
            ["addr"] = Self.RaftAddress,
            ["ready"] = Ready,
            ["leader"] = new Dictionary<string, object?> { ["node_id"] = leader?.Id ?? "", ["addr"] = leader?.RaftAddress ?? "" },
            ["nodes"] = _replica.Members.Nodes.OrderBy(static n => n.Node.Id, StringComparer.Ordinal).Select(static n => (object?)Node(n.Node)).ToList(),
            ["fsm_index"] = log.AppliedIndex,
            ["fsm_term"] = _storage.AppliedTerm,
            ["db_applied_index"] = _storage.AppliedIndex,
            ["digest"] = Digest(),
            ["apply_timeout"] = Text(options.ApplyTimeout),
            ["heartbeat_timeout"] = Text(options.HeartbeatTimeout),
            ["election_timeout"] = Text(options.ElectionTimeout),
            ["snapshot_threshold"] = options.SnapshotStep,
            ["snapshot_interval"] = Text(options.SnapshotInterval),
            ["trailing_logs"] = options.TrailingEntries,
            ["dir"] = options.DataDirectory,
            ["dir_size"] = bytes,
            ["dir_size_friendly"] = Rqlite.Pg.Storage.Database.Friendly(bytes),
            ["work"] = _work.Status(),
            ["removed"] = _replica.Membership.Removed,
            ["raft"] = RaftStatus(log),
            ["reap_timeout"] = Text(options.ReapVoterAfter),
            ["reap_read_only_timeout"] = Text(options.ReapReplicaAfter),
            ["sqlite3"] = _storage.Status(),
        };
        if (_optimize is { } optimize)
        {
            status["auto_optimize"] = new Dictionary<string, object?>
            {
                ["last_optimize"] = optimize.Last?.ToString("O", CultureInfo.InvariantCulture) ?? "",
                ["next_optimize_after"] = optimize.Next.ToString("O", CultureInfo.InvariantCulture),
            };
        }

        return status;
    }

    /// <summary>The entry that is being applied, if that takes more than a second; else null.</summary>
    private Dictionary<string, object?>? Applying() => _progress.Current(TimeSpan.FromSeconds(1)) is { } current
        ? new() { ["index"] = current.Index, ["for"] = Text(current.For), ["statement"] = current.What }
        : null;

    /// <summary>The last entry in the database and the digest of all entries up to it; nodes at one index must show one digest.</summary>
    private Dictionary<string, object?> Digest()
    {
        var index = _storage.AppliedIndex;
        return _storage.TryGetDigest(index, out var digest)
            ? new() { ["applied_index"] = index, ["chained"] = digest.ToString("x16", CultureInfo.InvariantCulture) }
            : new() { ["applied_index"] = index };
    }

    private Dictionary<string, object?> RaftStatus(IReplicatedLog log)
    {
        var members = _replica.Members;
        return new Dictionary<string, object?>
        {
            ["state"] = _replica.State,
            ["term"] = log.Term,
            ["last_log_index"] = _replica.Raft?.LastIndex ?? log.AppliedIndex,
            ["last_log_term"] = _replica.Raft?.LastTerm ?? _storage.AppliedTerm,
            ["commit_index"] = log.CommitIndex,
            ["applied_index"] = log.AppliedIndex,
            ["fsm_pending"] = Math.Max(0, log.CommitIndex - log.AppliedIndex),
            ["log_size"] = BytesIn(Path.Combine(_replica.Options.DataDirectory, "raft")),
            ["last_snapshot_index"] = _replica.Raft?.BaseIndex ?? 0,
            ["last_snapshot_term"] = _replica.Raft?.BaseTerm ?? 0,
            ["last_contact"] = log.IsLeader ? "0" : Text(log.SinceLeaderContact),
            ["num_peers"] = (long)members.Voters.Count(v => v.DiskId != _replica.Info.DiskId),
            ["latest_configuration"] = members.ToString(),
            ["latest_configuration_index"] = _replica.MembersVersion,
            ["voter"] = log.Voter,
            ["cluster_id"] = _replica.Identity.ClusterId.ToString(),
            ["disk_id"] = _replica.Identity.DiskId.ToString(),
        };
    }

    /// <summary>The size of a folder's files, as far as they stay where they are meanwhile.</summary>
    private static long BytesIn(string folder)
    {
        var bytes = 0L;
        try
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
            {
                bytes += file.Exists ? file.Length : 0;
            }
        }
        catch (IOException)
        {
            // A file or folder has gone since it was listed.
        }

        return bytes;
    }

    private static Dictionary<string, object?> Node(NodeDescription node)
        => new() { ["id"] = node.Id, ["addr"] = node.RaftAddress, ["suffrage"] = node.Voter ? "voter" : "nonvoter" };

    /// <summary>A duration of up to minutes as Go prints it: 1s, 250ms, 1m30s.</summary>
    private static string Text(TimeSpan duration)
        => duration.TotalMilliseconds < 1000 ? $"{duration.TotalMilliseconds:0.###}ms"
            : duration.TotalMinutes < 1 ? $"{duration.TotalSeconds:0.###}s"
            : $"{(long)duration.TotalMinutes}m{duration.TotalSeconds % 60:0.###}s";
}
