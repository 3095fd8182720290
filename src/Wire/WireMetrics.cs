using System.Diagnostics.Metrics;

namespace Rqlite.Pg.Wire;

/// <summary>The instruments of this project.</summary>
internal static class WireMetrics
{
    private static readonly Meter s_meter = new("Rqlite.Pg.Wire");

    public static readonly Counter<long> PlanCacheHits = s_meter.CreateCounter<long>(
        "rqlite.pg.plan.cache.hits", null, "Texts whose translation to SQLite's dialect was kept");

    public static readonly Counter<long> PlanCacheMisses = s_meter.CreateCounter<long>(
        "rqlite.pg.plan.cache.misses", null, "Texts that were to be translated to SQLite's dialect");
}
