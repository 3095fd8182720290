using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>A request as it is known when it ends, for the metrics and the log of slow statements.</summary>
internal sealed class RequestTrace
{
    private const int TextBytesMax = 4 * SlowStatementLog.LengthMax;

    private IReadOnlyList<Statement>? _statements;
    private long _started;

    /// <summary>The path of the endpoint as rqlite names it; null if there is none.</summary>
    public string? Endpoint { get; private set; }

    public RequestKind Kind { get; set; }

    public ReadConsistency Level { get; private set; }

    /// <summary>The user who has logged in for the request; null for nobody.</summary>
    public string? User { get; set; }

    /// <summary>The trace of a request; null outside of <see cref="RqliteApi"/>.</summary>
    public static RequestTrace? Of(HttpContext context) => context.Features.Get<RequestTrace>();

    public void Route(string endpoint, RequestKind kind, ReadConsistency level) => (Endpoint, Kind, Level) = (endpoint, kind, level);

    /// <summary>The request is understood, and its statements begin to run.</summary>
    public void Begin(IReadOnlyList<Statement> statements)
    {
        (_statements, _started) = (statements, Stopwatch.GetTimestamp());
        HttpMetrics.Statements.Add(statements.Count, new KeyValuePair<string, object?>("endpoint", Endpoint));
    }

    public void End(HttpContext context, SlowStatementLog? slow)
    {
        var status = context.RequestAborted.IsCancellationRequested ? "0" : context.Response.StatusCode.ToString(CultureInfo.InvariantCulture);
        HttpMetrics.Responses.Add(1, new("endpoint", Endpoint ?? "other"), new KeyValuePair<string, object?>("status", status));
        if (_statements is not { Count: > 0 } statements)
        {
            return;
        }

        var elapsed = Stopwatch.GetElapsedTime(_started);
        RequestMetrics.Http.Record(Kind, Level, elapsed);
        if (slow?.IsSlow(elapsed) == true)
        {
            slow.Write("http", User ?? "", context.Connection.RemoteIpAddress?.ToString() ?? "", elapsed, Text(statements));
        }
    }

    /// <summary>The first statement, and how many come after it; never the parameters.</summary>
    private static string Text(IReadOnlyList<Statement> statements)
    {
        var sql = statements[0].Sql.Span;
        var text = Encoding.UTF8.GetString(sql[..Math.Min(sql.Length, TextBytesMax)]);
        return statements.Count == 1 ? text : $"{SlowStatementLog.Cut(text)} (and {statements.Count - 1} more statements)";
    }
}
