using System.Diagnostics.Metrics;

namespace Rqlite.Pg.Storage;

/// <summary>The instruments of this project. They count for the process, which has one database.</summary>
internal static class StorageMetrics
{
    private static readonly Meter s_meter = new("Rqlite.Pg.Storage");

    public static readonly Counter<long> CacheHits = s_meter.CreateCounter<long>(
        "rqlite.sqlite.statement.cache.hits", null, "Statements that were found prepared on their connection");

    public static readonly Counter<long> CacheMisses = s_meter.CreateCounter<long>(
        "rqlite.sqlite.statement.cache.misses", null, "Statements that SQLite had to prepare");

    public static readonly Histogram<double> CheckpointDuration = s_meter.CreateHistogram(
        "rqlite.sqlite.checkpoint.duration", "s", "Time to make what is applied durable in the database",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] });
}
