using System.Diagnostics;
using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests.Isolation;

/// <summary>
/// Plays one order of steps. Behind each step it waits until every session has either answered or is known to wait for another one: so
/// what is written down depends on no clock. A step of a session that still waits goes behind the waiting one. <c>step*</c> is waited for
/// whatever it waits for; <c>\cancel s</c>, <c>\leave</c> and <c>\ended</c> are no SQL.
/// </summary>
internal sealed class IsolationRun
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);
    private readonly IsolationScript _script;
    private readonly IIsolationServer _server;
    private readonly string _level;
    private readonly Dictionary<string, IsolationSession> _sessions = [];
    private readonly List<string> _lines = [];

    private IsolationRun(IsolationScript script, IIsolationServer server, string level)
    {
        _script = script;
        _server = server;
        _level = level;
    }

    public static async Task<IReadOnlyList<string>> PlayAsync(IsolationScript script, IsolationScript.Outcome outcome, IIsolationServer server)
    {
        var run = new IsolationRun(script, server, outcome.Level);
        try
        {
            await run.PrepareAsync();
            foreach (var step in outcome.Order)
            {
                await run.StepAsync(step);
            }

            await run.FinishAsync();
            return run._lines;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or IOException)
        {
            throw new TimeoutException($"{outcome}: stuck behind\n{string.Join('\n', run._lines)}", e);
        }
        finally
        {
            foreach (var session in run._sessions.Values)
            {
                await session.DisposeAsync();
            }
        }
    }

    private async Task PrepareAsync()
    {
        foreach (var name in _script.Sessions.Append("control"))
        {
            _sessions.Add(name, await _server.ConnectAsync(name));
        }

        foreach (var sql in _script.Setup)
        {
            var frames = await _sessions["control"].QueryAsync(sql);
            Assert.True(frames.All(f => f.Code != 'E'), $"{sql}: {string.Join('\n', frames)}");
        }

        await _server.PreparedAsync();
    }

    private async Task StepAsync(string step)
    {
        var session = _sessions[step.Split('.')[0]];
        if (session.Pending is not null)
        {
            session.Behind.Enqueue(step);
            return;
        }

        await SendAsync(session, step);
        await SettleAsync();
    }

    private async Task SendAsync(IsolationSession session, string step)
    {
        var name = step.TrimEnd('*');
        var sql = _script.Steps[name].Replace("{level}", _level, StringComparison.Ordinal);
        var words = sql.Split(' ');
        if (words[0] is "\\cancel")
        {
            var target = _sessions[words[1]];
            await target.CancelAsync();
            _lines.Add(name);
            Assert.True(target.Pending is not null, $"Nothing runs that could be cancelled:\n{string.Join('\n', _lines)}");
            await target.Pending.WaitAsync(s_bound);
            return;
        }

        if (words[0] is "\\leave")
        {
            await session.DisposeAsync();
            await _server.GoneAsync(session);
            _lines.Add(name);
            return;
        }

        var ended = words[0] is "\\ended";
        session.Step = name;
        session.SeenWaiting = false;
        session.Pending = ended ? session.EndAsync() : session.QueryAsync(sql);
        if (ended || step.EndsWith('*'))
        {
            await session.Pending.WaitAsync(s_bound);
        }

        var clock = Stopwatch.StartNew();
        while (!await IsSettledAsync(session))
        {
            await PauseAsync(clock);
        }

        Note(session);
    }

    /// <summary>Waits for what the step has meant for the other sessions, and sends on what waited behind their steps.</summary>
    private async Task SettleAsync()
    {
        var clock = Stopwatch.StartNew();
        for (; ; )
        {
            var settled = true;
            foreach (var session in _sessions.Values)
            {
                settled &= await IsSettledAsync(session);
            }

            if (!settled)
            {
                await PauseAsync(clock);
                continue;
            }

            foreach (var session in _sessions.Values)
            {
                Note(session);
            }

            if (_sessions.Values.FirstOrDefault(s => s.Pending is null && s.Behind.Count > 0) is not { } free)
            {
                return;
            }

            await SendAsync(free, free.Behind.Dequeue());
        }
    }

    private async ValueTask<bool> IsSettledAsync(IsolationSession session) =>
        session.Pending is not { IsCompleted: false } || await _server.WaitsAsync(session);

    private void Note(IsolationSession session)
    {
        if (session.Pending is { IsCompleted: true } answer)
        {
            _lines.Add($"{session.Step} {IsolationSession.Describe(answer.GetAwaiter().GetResult())}");
            session.Pending = null;
        }
        else if (session.Pending is not null && !session.SeenWaiting)
        {
            session.SeenWaiting = true;
            _lines.Add($"{session.Step} waits");
        }
    }

    private async Task FinishAsync()
    {
        foreach (var session in _sessions.Values.Where(s => s.Pending is not null))
        {
            _lines.Add($"{session.Step} still waits");
        }

        if (_script.Check is { } check)
        {
            _lines.Add("check " + IsolationSession.Describe(await _sessions["control"].QueryAsync(check)));
        }
    }

    private static async Task PauseAsync(Stopwatch clock)
    {
        if (clock.Elapsed > s_bound)
        {
            throw new TimeoutException("A session neither answers nor waits for another one.");
        }

        await Task.Delay(2);
    }
}
