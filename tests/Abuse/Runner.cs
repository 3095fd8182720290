using System.Diagnostics;
using Rqlite.Pg.Harness;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Abuse;

/// <summary>
/// Runs the cases one after the other. A case that breaks the nodes gets new ones behind it, so that each is judged by itself. After each
/// group of cases all nodes are stopped and started again, then killed and started again, and compared with what was acknowledged.
/// </summary>
internal sealed class Runner(AbuseOptions options)
{
    private readonly List<string> _failures = [];
    private readonly List<string> _left = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Random _random = new(options.Seed);
    private Bench? _bench;
    private int _passed;

    public IReadOnlyList<string> Failures => _failures;

    public int Passed => _passed;

    public async Task<int> RunAsync()
    {
        Directory.CreateDirectory(options.Out);
        var cases = CaseTable.All.Where(options.Takes).ToArray();
        try
        {
            foreach (var group in cases.GroupBy(static c => c.Group))
            {
                var shuffled = group.ToArray();
                _random.Shuffle(shuffled);
                foreach (var @case in shuffled)
                {
                    await CaseAsync(@case);
                }

                if (!options.Short)
                {
                    await RestartAsync($"after group {group.Key}");
                }
            }

            if (options.Short)
            {
                await RestartAsync("at the end");
            }
        }
        finally
        {
            await DropAsync();
        }

        Summary();
        return _failures.Count == 0 && _passed > 0 ? 0 : 1;
    }

    private void Summary()
    {
        Console.WriteLine($"{_passed} right, {_failures.Count} wrong, {_left.Count} left out; {_clock.Elapsed.TotalSeconds:0} s; seed {options.Seed}");
        _failures.ForEach(f => Console.WriteLine($"WRONG {f}"));
        if (_left.Count > 0)
        {
            Console.WriteLine($"left out: {string.Join(", ", _left)}");
        }
    }

    private async Task CaseAsync(AbuseCase @case)
    {
        if (_clock.Elapsed > options.Time)
        {
            _left.Add(@case.Name);
            return;
        }

        if (@case is ActionCase action)
        {
            await AttemptAsync(action, action.Name, async bench =>
            {
                var finding = await action.Run(bench);
                return (finding.Wrong, finding.Seen);
            });
            return;
        }

        var sql = (SqlCase)@case;
        var doors = sql.Doors.SelectMany(static d => ((Door Door, bool Leader)[])[(d, true), (d, false)])
            .Where(d => options.Takes(d.Door, d.Leader) && !(sql.Limit == LimitOf.Cancel && d.Door.Http)).ToArray();
        if (options.Short)
        {
            // One over HTTP and one by the PostgreSQL protocol; another seed takes others.
            _random.Shuffle(doors);
            doors = [.. doors.GroupBy(static d => d.Door.Http).Select(static g => g.First())];
        }

        foreach (var (door, leader) in doors)
        {
            await AttemptAsync(sql, $"{sql.Name} by {AbuseOptions.Name(door, leader)}", bench => SendAsync(bench, sql, door, leader));
        }
    }

    /// <summary>Runs an attempt, and looks how the nodes and the others have come through it.</summary>
    private async Task AttemptAsync(AbuseCase @case, string name, Func<Bench, Task<(string? Wrong, string Seen)>> run)
    {
        var bench = _bench ??= await Bench.StartAsync(options);
        string? wrong;
        var seen = "";
        var clock = Stopwatch.StartNew();
        try
        {
            await bench.SetUpAsync(@case);
            bench.Others.Forget();
            bench.Watch.Forget();
            clock.Restart();
            (wrong, seen) = await run(bench);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException or IOException or System.Net.Sockets.SocketException)
        {
            wrong = e.Message;
        }

        var took = clock.Elapsed;
        var trouble = await bench.TroubleAsync();
        var (writes, reads) = bench.Others.Measured();
        var watched = bench.Watch.ToString();
        wrong ??= await RestAsync(bench);
        Console.WriteLine($"{(wrong is null && trouble is null ? "right" : "WRONG")} {name}: {seen} [{took.TotalSeconds:0.0} s; others' writes {writes}, reads {reads}; {watched}]");
        if (wrong is null && trouble is null)
        {
            _passed++;
            return;
        }

        // What a stranger leaves in a node's log or term need not show at once.
        await FailAsync(name, string.Join("; ", new[] { wrong, trouble }.Where(static w => w is not null)), broken: trouble is not null || @case.Group == CaseGroup.NodePort);
    }

    /// <summary>Nodes that have taken much give it back soon after.</summary>
    private static async Task<string?> RestAsync(Bench bench)
    {
        const long Much = 900L << 20;
        const long Kept = 700L << 20;
        if (bench.Watch.Memory < Much)
        {
            return null;
        }

        var clock = Stopwatch.StartNew();
        do
        {
            await Task.Delay(1000);
            bench.Watch.Forget();
            await Task.Delay(500);
            if (bench.Watch.Memory <= Kept)
            {
                Console.WriteLine($"  {bench.Watch.Memory >> 20} MB after {clock.Elapsed.TotalSeconds:0} s");
                return null;
            }
        }
        while (clock.Elapsed < TimeSpan.FromSeconds(90));
        return $"{bench.Watch.Memory >> 20} MB of memory are kept";
    }

    private async Task<(string? Wrong, string Seen)> SendAsync(Bench bench, SqlCase @case, Door door, bool leader)
    {
        if (@case.Variants.Count == 0)
        {
            return await SendAsync(bench, @case, door, leader, @case.Statements());
        }

        var all = new List<string>();
        foreach (var text in @case.Variants)
        {
            var (wrong, seen) = await SendAsync(bench, @case, door, leader, [text]);
            all.Add(seen);
            if (wrong is not null)
            {
                return ($"{text}: {wrong}", "");
            }
        }

        return (null, string.Join("; ", all.CountBy(static a => a).OrderByDescending(static a => a.Value).Take(2).Select(static a => $"{a.Value} x {a.Key}")));
    }

    private async Task<(string? Wrong, string Seen)> SendAsync(Bench bench, SqlCase @case, Door door, bool leader, IReadOnlyList<string> statements)
    {
        var call = new Call(await bench.NodeAsync(leader), statements, bench.NextMark(), @case.Limit, options.Limit / 2, options.Patience);
        var answer = await door.Send(call);
        var expected = @case.Limit == LimitOf.Departure ? AnswerKinds.Left | @case.Expected : @case.Expected;
        var seen = answer.ToString();
        if ((answer.Kind & expected) == 0)
        {
            // The next attempt begins with an empty table, if the nodes still take a write.
            await bench.Api.ExecuteAsync("DELETE FROM p");
            return ($"answered {answer}, expected {expected}", seen);
        }

        return (await TraceAsync(bench, @case, door, call, answer), seen);
    }

    /// <summary>What was acknowledged is there as a whole, and nothing of anything else.</summary>
    private async Task<string?> TraceAsync(Bench bench, SqlCase @case, Door door, Call call, Answer answer)
    {
        // Behind whatever of it is still running.
        var probe = $"SELECT (SELECT count(*) FROM marks WHERE id = {call.Mark}), (SELECT count(*) FROM p)";
        long[]? counts = null;
        await Until.TrueAsync($"what the request has left can be read", async () =>
        {
            var reply = await bench.Api.QueryAsync("strong", probe);
            counts = reply.Clean ? [.. reply.Rows()[0].Select(static v => v.GetInt64())] : null;
            return counts is not null;
        }, bound: options.Patience);
        var (marks, rows) = (counts![0], counts[1]);
        (await bench.Api.ExecuteAsync("DELETE FROM p")).Result();
        var expected = answer.Kind == AnswerKinds.Done && door.Atomic ? 2 : 0;
        if (marks != expected)
        {
            return $"{marks} marks around it are there, not {expected}, though the answer was {answer}";
        }

        // A request that was answered as failed may hold statements of its own that were not, unless it is atomic.
        return answer.Kind == AnswerKinds.Done ? @case.Rows is { } wanted && rows != wanted ? $"{rows} rows were left, not {wanted}" : null
            : rows != 0 && (door.Atomic || call.Statements.Count == 1) ? $"{rows} rows were left though the answer was {answer}"
            : null;
    }

    private async Task RestartAsync(string when)
    {
        if (_bench is not { } bench)
        {
            return;
        }

        string? wrong = null;
        foreach (var kill in (bool[])[false, true])
        {
            wrong = await bench.RestartAsync(kill);
            if (wrong is null)
            {
                var verdict = await bench.CheckAsync();
                wrong = verdict.Passed ? null : $"after {(kill ? "SIGKILL" : "SIGTERM")}: {verdict.Explanation}";
            }

            if (wrong is not null)
            {
                break;
            }
        }

        Console.WriteLine($"{(wrong is null ? "right" : "WRONG")} restart {when}: {bench.Others.Acknowledged} writes of others acknowledged, each there once on each node: {wrong ?? "yes"}");
        if (wrong is null)
        {
            _passed++;
        }
        else
        {
            await FailAsync($"restart {when}", wrong, broken: true);
        }
    }

    /// <summary>Nodes that are broken are restarted once, to see whether that helps, and then given up.</summary>
    private async Task FailAsync(string name, string wrong, bool broken)
    {
        var after = "";
        if (broken && !name.StartsWith("restart", StringComparison.Ordinal))
        {
            var again = await _bench!.RestartAsync(kill: true);
            after = again is null ? " (a restart of all nodes helps)" : $" (a restart of all nodes does not help: {again.Split('\n')[0]})";
        }

        var first = wrong.Split('\n')[0];
        _failures.Add($"{name}: {(first.Length > 300 ? first[..300] + "…" : first)}{after}");
        var file = Path.Combine(options.Out, $"{name.Replace(' ', '-').Replace('@', '-')}.log");
        await File.WriteAllTextAsync(file, $"{wrong}{after}\n\n{_bench!.Cluster.AllLogs()}");
        Console.WriteLine($"  {wrong}{after}\n  the nodes' logs are in {file}");
        if (broken)
        {
            await DropAsync();
        }
    }

    private async Task DropAsync()
    {
        if (_bench is { } bench)
        {
            _bench = null;
            await bench.DisposeAsync();
        }
    }
}
