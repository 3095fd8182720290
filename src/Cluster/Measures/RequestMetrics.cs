using System.Diagnostics.Metrics;

namespace Rqlite.Pg.Cluster;

/// <summary>The kinds of clients' requests by which latencies are told apart.</summary>
public enum RequestKind
{
    /// <summary>Neither reads nor writes rows: BEGIN, SET and their kin.</summary>
    Other,
    Read,
    Write,
}

/// <summary>The latencies and failures of clients' requests, which both front doors record under the same names.</summary>
public sealed class RequestMetrics
{
    private static readonly Meter s_meter = new("Rqlite.Pg.Requests");

    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "rqlite.request.duration", "s", "Time from a request that is read to its answer that is sent, by door, kind, and for reads the level asked for",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
        });

    private static readonly Counter<long> s_errors = s_meter.CreateCounter<long>(
        "rqlite.request.errors", null, "Requests and statements that failed, by door and kind of error: SQLSTATE over PostgreSQL, a name over HTTP");

    private static readonly KeyValuePair<string, object?>[] s_kinds =
        [new("kind", "other"), new("kind", "read"), new("kind", "write")];

    private static readonly KeyValuePair<string, object?> s_noLevel = new("level", "");

    // In the order of the enumeration.
    private static readonly KeyValuePair<string, object?>[] s_levels =
        [new("level", "none"), new("level", "weak"), new("level", "strong"), new("level", "auto"), new("level", "linearizable")];

    private readonly KeyValuePair<string, object?> _door;

    private RequestMetrics(string door) => _door = new("door", door);

    public static RequestMetrics Http { get; } = new("http");

    public static RequestMetrics Pg { get; } = new("pg");

    /// <param name="level">The level that a read asked for; without meaning for others.</param>
    public void Record(RequestKind kind, ReadConsistency level, TimeSpan elapsed) =>
        s_duration.Record(elapsed.TotalSeconds, _door, s_kinds[(int)kind], kind == RequestKind.Read ? s_levels[(int)level] : s_noLevel);

    public void CountError(string code) => s_errors.Add(1, _door, new("code", code));
}
