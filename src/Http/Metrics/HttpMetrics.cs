using System.Diagnostics.Metrics;

namespace Rqlite.Pg.Http;

/// <summary>The instruments of this project.</summary>
internal static class HttpMetrics
{
    private static readonly Meter s_meter = new("Rqlite.Pg.Http");

    public static readonly Counter<long> Responses = s_meter.CreateCounter<long>(
        "rqlite.http.responses", null, "Requests over HTTP that have ended, by endpoint and status; status 0 for those that broke off");

    public static readonly Counter<long> Statements = s_meter.CreateCounter<long>(
        "rqlite.http.statements", null, "Statements in requests over HTTP, by endpoint");
}
