using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster;

/// <summary>Log messages of this project.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(2001, LogLevel.Information, "Node {NodeId} ({DiskId}) listens for other nodes on {Address}")]
    public static partial void NodePortOpened(this ILogger logger, string nodeId, Guid diskId, string address);

    [LoggerMessage(2002, LogLevel.Information, "New cluster {ClusterId} with {NodeId} as its only member")]
    public static partial void ClusterCreated(this ILogger logger, Guid clusterId, string nodeId);

    [LoggerMessage(2003, LogLevel.Information, "Log opened: base {Base}, committed {Committed}, last {Last}; database at {Applied}")]
    public static partial void LogOpened(this ILogger logger, long @base, long committed, long last, long applied);

    [LoggerMessage(2004, LogLevel.Information, "Leader is now {NodeId} at {Address}, term {Term}: {Reason}")]
    public static partial void LeaderChanged(this ILogger logger, string nodeId, string address, long term, string reason);

    [LoggerMessage(2005, LogLevel.Information, "No leader is known in term {Term}: {Reason}")]
    public static partial void LeaderLost(this ILogger logger, long term, string reason);

    [LoggerMessage(2006, LogLevel.Warning, "Connection from {Remote} refused: {Reason}")]
    public static partial void PeerRefused(this ILogger logger, string remote, string reason);

    [LoggerMessage(2036, LogLevel.Warning, "{Count} more connections were refused since")]
    public static partial void PeersRefusedSilently(this ILogger logger, long count);

    [LoggerMessage(2037, LogLevel.Error, "Entry {Index} that {NodeId} sends is refused, and nothing behind it can be taken: {Reason}")]
    public static partial void EntryRefused(this ILogger logger, long index, string nodeId, string reason);

    [LoggerMessage(2007, LogLevel.Debug, "Connection from {Remote} ended")]
    public static partial void PeerConnectionEnded(this ILogger logger, Exception error, string remote);

    [LoggerMessage(2008, LogLevel.Warning, "{NodeId} at {Address} refuses us: {Reason}")]
    public static partial void RefusedByPeer(this ILogger logger, string nodeId, string address, string reason);

    [LoggerMessage(2009, LogLevel.Critical, "This node cannot go on: {Reason}")]
    public static partial void NodeFailed(this ILogger logger, Exception error, string reason);

    [LoggerMessage(2010, LogLevel.Information, "Log cut at {Index}: the database is durable up to {Durable}")]
    public static partial void LogCut(this ILogger logger, long index, long durable);

    [LoggerMessage(2011, LogLevel.Information, "Sending a copy of the database to {NodeId}, which needs more than the log holds")]
    public static partial void CopyStarted(this ILogger logger, string nodeId);

    [LoggerMessage(2012, LogLevel.Information, "Sent a copy of the database to {NodeId}, index {Index}")]
    public static partial void CopySent(this ILogger logger, string nodeId, long index);

    [LoggerMessage(2013, LogLevel.Information, "Installed a copy of the database, index {Index}, term {Term}")]
    public static partial void CopyInstalled(this ILogger logger, long index, long term);

    [LoggerMessage(2014, LogLevel.Warning, "A copy of the database is refused: {Reason}")]
    public static partial void CopyRefused(this ILogger logger, string reason);

    [LoggerMessage(2015, LogLevel.Information, "Members: {Members}, configuration {Index}")]
    public static partial void MembersChanged(this ILogger logger, string members, long index);

    [LoggerMessage(2016, LogLevel.Warning, "This node was removed from the cluster; {Consequence}")]
    public static partial void Removed(this ILogger logger, string consequence);

    [LoggerMessage(2017, LogLevel.Information, "Joining the cluster through {Address}")]
    public static partial void Joining(this ILogger logger, string address);

    [LoggerMessage(2018, LogLevel.Warning, "Joining through {Address} failed: {Reason}")]
    public static partial void JoinFailed(this ILogger logger, string address, string reason);

    [LoggerMessage(2034, LogLevel.Debug, "{Address} has not told which nodes are members: {Reason}")]
    public static partial void MembersNotLearnt(this ILogger logger, string address, string reason);

    [LoggerMessage(2019, LogLevel.Information, "Joined the cluster {ClusterId}")]
    public static partial void Joined(this ILogger logger, Guid clusterId);

    [LoggerMessage(2035, LogLevel.Warning,
        "This folder has a cluster of its own, {ClusterId}, with {NodeId} as its only member, so -join is not followed. To join another cluster, start on an empty folder")]
    public static partial void JoinNotFollowed(this ILogger logger, Guid clusterId, string nodeId);

    [LoggerMessage(2020, LogLevel.Information, "{NodeId} at {Address} asks to join, voter {Voter}")]
    public static partial void JoinAsked(this ILogger logger, string nodeId, string address, bool voter);

    [LoggerMessage(2021, LogLevel.Error, "A handler of a leadership change failed")]
    public static partial void ChangedHandlerFailed(this ILogger logger, Exception error);

    [LoggerMessage(2022, LogLevel.Warning, "A request of another node failed unexpectedly")]
    public static partial void RequestFailed(this ILogger logger, Exception error);

    [LoggerMessage(2023, LogLevel.Warning, "This node stays leader, as leadership could not be transferred: {Reason}")]
    public static partial void TransferFailed(this ILogger logger, string reason);

    [LoggerMessage(2024, LogLevel.Warning, "Following the log of {Address} was interrupted: {Reason}")]
    public static partial void TailInterrupted(this ILogger logger, string address, string reason);

    [LoggerMessage(2025, LogLevel.Warning, "Cutting the log was not possible this time")]
    public static partial void CutFailed(this ILogger logger, Exception error);

    [LoggerMessage(2030, LogLevel.Debug, "The lease of advisory locks could not be renewed: {Reason}")]
    public static partial void LockLeaseNotRenewed(this ILogger logger, string reason);

    [LoggerMessage(2031, LogLevel.Debug, "Advisory locks of sessions that are gone could not be looked after this time: {Reason}")]
    public static partial void LocksNotTended(this ILogger logger, string reason);

    [LoggerMessage(2032, LogLevel.Warning, "Node {DiskId} was silent for the lease of its advisory locks: they are given to others")]
    public static partial void LocksOfNodeEnded(this ILogger logger, Guid diskId);

    [LoggerMessage(2033, LogLevel.Information, "The database has arrived: this node holds all that was committed when it came (applied index {Applied})")]
    public static partial void DatabaseArrived(this ILogger logger, long applied);

    [LoggerMessage(2026, LogLevel.Critical, "This node cannot go on: {Reason}: {Message}")]
    public static partial void NodeStopped(this ILogger logger, string reason, string message);

    [LoggerMessage(2090, LogLevel.Warning, "Entry {Entry} was passed over, as -skip-entry says; it has no effect on this node. Every node must do the same. It held: {Text}")]
    public static partial void EntrySkipped(this ILogger logger, string entry, string text);

    [LoggerMessage(2070, LogLevel.Warning,
        "Recovered by peers.json: the members are {Members}, all entries up to {Last} are kept, the cluster is now {ClusterId}. Nodes that are not named must not be started "
        + "with their old folders again")]
    public static partial void Recovered(this ILogger logger, string members, long last, Guid clusterId);

    [LoggerMessage(2071, LogLevel.Warning, "The member list of the recovery is not in the log yet: {Reason}")]
    public static partial void ListNotLogged(this ILogger logger, string reason);

    [LoggerMessage(2072, LogLevel.Information, "This node was a read replica and becomes a voter: its log begins after index {Index} of term {Term}")]
    public static partial void Promoting(this ILogger logger, long index, long term);

    [LoggerMessage(2073, LogLevel.Information, "This node was a voter and is a read replica now: its log is deleted, and it goes on from index {Index}")]
    public static partial void Demoted(this ILogger logger, long index);

    [LoggerMessage(2074, LogLevel.Warning, "{NodeId} at {Address} is removed from the cluster: nothing was heard of it for {Seconds} s (-raft-reap-…)")]
    public static partial void Reaped(this ILogger logger, string nodeId, string address, long seconds);

    [LoggerMessage(2075, LogLevel.Warning, "{NodeId}, of which nothing was heard for {Seconds} s, is not removed: {Reason}")]
    public static partial void NotReaped(this ILogger logger, string nodeId, long seconds, string reason);

    [LoggerMessage(2076, LogLevel.Warning, "No nodes to join were found: {Reason}")]
    public static partial void NotDiscovered(this ILogger logger, string reason);

    [LoggerMessage(2077, LogLevel.Information, "The planner's statistics are up to date (-auto-optimize-int): {Done} tables, {Left} left out, {Milliseconds} ms")]
    public static partial void Optimized(this ILogger logger, int done, int left, long milliseconds);

    [LoggerMessage(2078, LogLevel.Information, "ANALYZE of table {Table} was left out (-auto-optimize-int): {Reason}")]
    public static partial void TableNotOptimized(this ILogger logger, string table, string reason);

    [LoggerMessage(2079, LogLevel.Warning, "The planner's statistics could not be brought up to date (-auto-optimize-int): {Reason}")]
    public static partial void NotOptimized(this ILogger logger, string reason);

    [LoggerMessage(2080, LogLevel.Information, "No other node takes over leadership: {Reason}")]
    public static partial void NotHandedOver(this ILogger logger, string reason);

    [LoggerMessage(2081, LogLevel.Warning, "This node could not leave the cluster, and stays a member: {Reason}")]
    public static partial void NotLeft(this ILogger logger, string reason);

    [LoggerMessage(2060, LogLevel.Warning, "{Count} folders and files in {Directory} were open to other users of this machine; now they are their owner's alone")]
    public static partial void PermissionsTightened(this ILogger logger, int count, string directory);

    [LoggerMessage(2061, LogLevel.Warning, "Not all of {Directory} could be closed to other users of this machine: {Reason}")]
    public static partial void PermissionsOpen(this ILogger logger, string directory, string reason);

    [LoggerMessage(2062, LogLevel.Warning, "Entry {Index} has been applying for {Seconds} s: {What}")]
    public static partial void ApplyIsLong(this ILogger logger, long index, long seconds, string what);

    [LoggerMessage(2100, LogLevel.Information, "Slow statement: {Seconds} s over {Door}, user \"{User}\", client {Client}: {Statement}")]
    public static partial void SlowStatement(this ILogger logger, double seconds, string door, string user, string client, string statement);

    [LoggerMessage(2101, LogLevel.Information, "Long work began: {Kind}, {Stage}")]
    public static partial void WorkBegan(this ILogger logger, string kind, string stage);

    [LoggerMessage(2102, LogLevel.Information, "Long work goes on: {Kind}, {Stage}: {Bytes} bytes of {Total} after {Seconds} s")]
    public static partial void WorkGoesOn(this ILogger logger, string kind, string stage, long bytes, string total, long seconds);

    [LoggerMessage(2103, LogLevel.Information, "Long work is done: {Kind}, {Bytes} bytes in the last stage, {Seconds} s")]
    public static partial void WorkDone(this ILogger logger, string kind, long bytes, double seconds);

    [LoggerMessage(2104, LogLevel.Warning, "Long work has ended without success: {Kind}, {Stage}, after {Bytes} bytes and {Seconds} s")]
    public static partial void WorkFailed(this ILogger logger, string kind, string stage, long bytes, double seconds);

    [LoggerMessage(2063, LogLevel.Information, "Entry {Index} was applied after {Seconds} s")]
    public static partial void ApplyEnded(this ILogger logger, long index, long seconds);
}
