using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Rqlite.Pg.Access;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire;

namespace Rqlite.Pg.Host;

/// <summary>Instruments of what the composition alone knows: the doors' connections, sessions, logins, memory, and the process.</summary>
internal static class NodeMetrics
{
    /// <param name="node">The scope of the instruments.</param>
    /// <param name="pg">The places of PostgreSQL's sessions.</param>
    /// <returns>To be disposed with the node.</returns>
    public static Meter Create(
        ClusterNode node, ConnectionSlots http, ConnectionSlots pg, SessionRegistry sessions, MemoryBudget memory, CredentialStore? users)
    {
        var meter = new Meter(new MeterOptions("Rqlite.Pg.Host") { Scope = node });
        meter.CreateObservableGauge(
            "rqlite.connections",
            () => new Measurement<long>[] { new(http.Open, Tag("port", "http")), new(pg.Open, Tag("port", "pg")) }, null, "Open connections, by port");
        Gauge("rqlite.pg.sessions", null, "PostgreSQL sessions", () => sessions.Counts().Sessions);
        Gauge("rqlite.pg.transactions.open", null, "PostgreSQL sessions in a transaction block", () => sessions.Counts().Transactions);
        Gauge("rqlite.memory.requests", "By", "Memory that requests and sessions hold, of the budget for them", () => memory.Used);
        Gauge("rqlite.memory.requests.max", "By", "The budget of memory for requests and sessions", () => memory.BytesMax);
        if (users is not null)
        {
            meter.CreateObservableCounter(
                "rqlite.logins",
                () => new Measurement<long>[]
                {
                    new(users.Counters.Ok, Tag("result", "ok")), new(users.Counters.Failed, Tag("result", "failed")),
                    new(users.Throttle.Slowed, Tag("result", "slowed")), new(users.Counters.Denied, Tag("result", "denied")),
                },
                null, "Logins over HTTP and PostgreSQL: with a right password that was not remembered, failed, slowed down; and requests without the permission");
        }

        // The names that Prometheus' own libraries give to these.
        Gauge("process.resident.memory", "By", "Resident memory size in bytes", () => Environment.WorkingSet);
        meter.CreateObservableCounter("process.cpu", static () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Total user and system CPU time");
        using var process = Process.GetCurrentProcess();
        var started = new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0;
        meter.CreateObservableGauge("process.start.time", () => started, "s", "Start time of the process since the Unix epoch");
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
        {
            Gauge("process.open.fds", null, "Open file descriptors", static () => Directory.EnumerateFileSystemEntries("/proc/self/fd").LongCount());
        }

        var version = new Measurement<long>[] { new(1, Tag("version", ProductVersion.Text), Tag("sqlite", ProductVersion.Sqlite), Tag("node_id", node.Self.Id)) };
        meter.CreateObservableGauge("rqlite.build.info", () => version, null, "1, with the versions and the node's id as labels");
        return meter;

        void Gauge(string name, string? unit, string description, Func<long> value) => meter.CreateObservableGauge(name, value, unit, description);
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
