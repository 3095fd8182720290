using System.Diagnostics;
using System.Net;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Session;

/// <summary>Times what the client asks for, until it is told that the session is ready: for the metrics, and for the log of slow statements.</summary>
internal sealed class StatementWatch(SlowStatementLog? slow, SocketEnds ends, Settings settings)
{
    private long _round;
    private long _statement;
    private string _text = "";
    private RequestKind _kind;

    /// <summary>A statement, or a string of several, begins to run. One that ran before it in the same pipeline has ended.</summary>
    public void Begin(string text)
    {
        var now = Stopwatch.GetTimestamp();
        if (_statement == 0)
        {
            _round = now;
        }
        else
        {
            EndStatement(now);
        }

        (_statement, _text) = (now, text);
    }

    /// <summary>Notes what a statement does; one that writes makes all that the client is answered together a write.</summary>
    public void Note(PlannedStatement plan)
    {
        if (plan.Writes)
        {
            _kind = RequestKind.Write;
        }
        else if (_kind == RequestKind.Other)
        {
            _kind = RequestKind.Read;
        }
    }

    /// <summary>The answer is complete.</summary>
    public void End()
    {
        if (_statement == 0)
        {
            return;
        }

        var now = Stopwatch.GetTimestamp();
        EndStatement(now);
        RequestMetrics.Pg.Record(_kind, settings.Reads.Consistency, Stopwatch.GetElapsedTime(_round, now));
        (_statement, _text, _kind) = (0, "", RequestKind.Other);
    }

    private void EndStatement(long now)
    {
        if (slow is not null && Stopwatch.GetElapsedTime(_statement, now) is var elapsed && slow.IsSlow(elapsed))
        {
            slow.Write("pg", settings.SessionUser, (ends.Client as IPEndPoint)?.Address.ToString() ?? "", elapsed, _text);
        }
    }
}
