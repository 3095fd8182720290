using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Rqlite.Pg.Http;

/// <summary>
/// <c>/debug/vars</c>: counts in the form of Go's expvar, under rqlite's names where the thing is here. They are the same as in <c>/metrics</c>.
/// </summary>
internal static class VarsEndpoint
{
    public static Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var vars = Collect(new Counts(services.Metrics.Collect()));
        var parts = vars.Where(pair => parameters.Key is null || pair.Key == parameters.Key).Select(static pair => $"\"{pair.Key}\": {pair.Value}");
        context.Response.ContentType = JsonResponse.ContentType;
        return context.Response.WriteAsync($"{{\n{string.Join(",\n", parts)}\n}}\n", context.RequestAborted);
    }

    private static SortedDictionary<string, string> Collect(Counts counts) => new(StringComparer.Ordinal)
    {
        ["cmdline"] = $"[{string.Join(',', Environment.GetCommandLineArgs().Select(static arg => $"\"{JsonEncodedText.Encode(arg)}\""))}]",
        ["memstats"] = Map(Memory(), ":", ","),
        ["http"] = Map(Http(counts)),
        ["proxy"] = Map(
        [
            ("remote_executions", counts.Of("rqlite.requests.forwarded", ("kind", "execute"))),
            ("remote_queries", counts.Of("rqlite.requests.forwarded", ("kind", "query"))),
            ("remote_requests", counts.Of("rqlite.requests.forwarded", ("kind", "request"))),
        ]),
        ["store"] = Map(
        [
            ("leader_changes_observed", counts.Of("rqlite.raft.leader.changes")),
            ("num_backups", counts.Of("rqlite.work.duration", ("kind", "backup"))),
            ("num_loads", counts.Of("rqlite.work.duration", ("kind", "load"))),
            ("num_restores", counts.Of("rqlite.work.duration", ("kind", "copy_received"), ("result", "ok"))),
            ("num_restores_failed", counts.Of("rqlite.work.duration", ("kind", "copy_received"), ("result", "failed"))),
            ("num_snapshots", counts.Of("rqlite.raft.log.cuts")),
        ]),
        ["db"] = Map([("checkpoints", counts.Of("rqlite.sqlite.checkpoint.duration"))]),
    };

    private static (string, long)[] Http(Counts counts)
    {
        long Responses(string endpoint) => counts.Of("rqlite.http.responses", ("endpoint", endpoint));
        long Statements(string endpoint) => counts.Of("rqlite.http.statements", ("endpoint", endpoint));
        var refused = counts.Of("rqlite.http.responses", ("status", "401"));
        return
        [
            ("auth_fail", refused),
            ("auth_ok", counts.Of("rqlite.http.responses") - Responses("other") - refused),
            ("backups", Responses("/db/backup")),
            ("boot", Responses("/boot")),
            ("execute_stmts_rx", Statements("/db/execute")),
            ("executions", Responses("/db/execute")),
            ("leader_not_found", counts.Of("rqlite.request.errors", ("door", "http"), ("code", "no_leader"))),
            ("loads", Responses("/db/load")),
            ("num_readyz", Responses("/readyz")),
            ("num_status", Responses("/status")),
            ("queries", Responses("/db/query")),
            ("query_stmts_rx", Statements("/db/query")),
            ("request_stmts_rx", Statements("/db/request")),
            ("requests", Responses("/db/request")),
            ("user_snapshots", Responses("/snapshot")),
        ];
    }

    /// <summary>Go's names for what .NET's collector has too.</summary>
    private static (string, long)[] Memory()
    {
        var info = GC.GetGCMemoryInfo();
        var heap = GC.GetTotalMemory(forceFullCollection: false);
        return
        [
            ("Alloc", heap),
            ("TotalAlloc", GC.GetTotalAllocatedBytes()),
            ("Sys", Environment.WorkingSet),
            ("HeapAlloc", heap),
            ("HeapSys", info.TotalCommittedBytes),
            ("HeapInuse", info.HeapSizeBytes),
            ("PauseTotalNs", (long)GC.GetTotalPauseDuration().TotalNanoseconds),
            ("NumGC", Enumerable.Range(0, GC.MaxGeneration + 1).Sum(GC.CollectionCount)),
        ];
    }

    private static string Map(IEnumerable<(string Key, long Value)> values, string colon = ": ", string comma = ", ")
    {
        var text = new StringBuilder("{");
        foreach (var (key, value) in values)
        {
            text.Append(text.Length > 1 ? comma : "").Append('"').Append(key).Append('"').Append(colon).Append(value.ToString(CultureInfo.InvariantCulture));
        }

        return text.Append('}').ToString();
    }

    /// <summary>Sums over the series of an instrument; of a histogram, the number of its measurements.</summary>
    private sealed class Counts(IReadOnlyList<MetricFamily> families)
    {
        public long Of(string instrument, params (string Label, string Value)[] labels) => (long)families
            .Where(family => family.Instrument == instrument)
            .SelectMany(static family => family.Series)
            .Where(series => Array.TrueForAll(labels, wanted => series.Labels.Contains(new(wanted.Label, wanted.Value))))
            .Sum(static series => series.Bounds is null ? series.Sum : series.Counts().Sum());
    }
}
