using System.Diagnostics.Metrics;

namespace Rqlite.Pg.Cluster;

/// <summary>The instruments of this project that count for the process; <see cref="ClusterNode"/> has those that look at a node.</summary>
internal static class ClusterMetrics
{
    private static readonly Meter s_meter = new("Rqlite.Pg.Cluster");
    private static readonly InstrumentAdvice<double> s_short = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    };

    private static readonly InstrumentAdvice<double> s_long = new() { HistogramBucketBoundaries = [0.1, 0.5, 1, 5, 15, 60, 300, 1800] };

    public static readonly Histogram<double> CommitDuration = s_meter.CreateHistogram(
        "rqlite.raft.commit.duration", "s", "On the leader: time from an entry's place in the log until a majority has it on disk and it is applied", advice: s_short);

    public static readonly Histogram<double> ApplyDuration = s_meter.CreateHistogram(
        "rqlite.raft.apply.duration", "s", "Time to apply a committed entry", advice: s_short);

    public static readonly Counter<long> LeaderChanges = s_meter.CreateCounter<long>(
        "rqlite.raft.leader.changes", null, "Leaders that this node has seen take the place of another one or of none");

    public static readonly Counter<long> LogCuts = s_meter.CreateCounter<long>(
        "rqlite.raft.log.cuts", null, "Times that entries were dropped from the beginning of the log, which rqlite calls snapshots");

    public static readonly Histogram<double> WorkDuration = s_meter.CreateHistogram(
        "rqlite.work.duration", "s", "Long work that has ended: backups, loads, copies sent and received; by kind and result", advice: s_long);

    public static readonly Counter<long> WorkBytes = s_meter.CreateCounter<long>(
        "rqlite.work.moved", "By", "Bytes that long work has moved, by kind");

    private static readonly Counter<long> s_forwarded = s_meter.CreateCounter<long>(
        "rqlite.requests.forwarded", null, "Requests that this node has passed on to the leader, by kind");

    public static void CountForwarded(ForwardedMode mode) => s_forwarded.Add(
        1, new KeyValuePair<string, object?>("kind", mode switch
        {
            ForwardedMode.Execute => "execute",
            ForwardedMode.Query => "query",
            _ => "request",
        }));
}
