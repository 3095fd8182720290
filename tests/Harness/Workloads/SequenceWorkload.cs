using System.Collections.Concurrent;
using System.Globalization;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>Draws from a sequence without a cache and from one with it, alone and in blocks, of which some are given up.</summary>
public sealed class SequenceWorkload(WorkloadOptions options) : Workload("sequences", options)
{
    private readonly ConcurrentQueue<Drawn> _draws = new();
    private readonly ConcurrentDictionary<string, Outcome> _rows = new();
    private readonly TermWatch _terms = new(options.Nodes);
    private Task _watching = Task.CompletedTask;
    private long _next;

    private string Plain => $"plain{Options.Run}";

    private string Cached => $"cached{Options.Run}";

    private string Table => $"drawn{Options.Run}";

    public override string Counts => $"{base.Counts}, {_draws.Count} values seen";

    public override async Task CreateAsync(Api api) => await Until.TrueAsync("the sequences are there", async () =>
    {
        try
        {
            using var session = await PgText.ConnectAsync(Options.Nodes[0].PgPort);
            var answer = await session.RunAsync(
                $"CREATE SEQUENCE IF NOT EXISTS {Plain}; CREATE SEQUENCE IF NOT EXISTS {Cached} CACHE 20; "
                + $"CREATE TABLE IF NOT EXISTS {Table} (who TEXT, v BIGINT DEFAULT (nextval('{Plain}')), c BIGINT DEFAULT (nextval('{Cached}')))");
            return answer.Ok;
        }
        catch (IOException)
        {
            return false;
        }
    });

    public override void Start()
    {
        _watching = Task.Run(() => _terms.RunAsync(Stopped));
        base.Start();
    }

    public override async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        await _watching;
        await _terms.SampleAsync();
        var rows = (await nodes[0].Api.QueryAsync("strong", $"SELECT who, v, c FROM {Table}")).Rows();
        var present = rows.Select(r => r[0].GetString()!).ToHashSet();
        if (_rows.FirstOrDefault(r => (r.Value == Outcome.Ok) != present.Contains(r.Key) && r.Value != Outcome.Unknown) is { Key: { } wrong })
        {
            return Verdict.Violation($"row {wrong} is {_rows[wrong]} but {(present.Contains(wrong) ? "there" : "lost")}");
        }

        // What nobody was shown is in the table all the same.
        var unseen = rows.Where(r => _rows[r[0].GetString()!] == Outcome.Unknown && !_draws.Any(d => d.Who == r[0].GetString())).ToArray();
        var plain = SequenceDraws.Check([.. Draws(Plain), .. unseen.Select(r => Unseen(r[1].GetInt64()))], cached: false);
        var cached = SequenceDraws.Check([.. Draws(Cached), .. unseen.Select(r => Unseen(r[2].GetInt64()))], cached: true);
        return plain.Passed ? cached : plain;
    }

    public override IEnumerable<string> History() => Draws(Plain).Select(d => $"plain {d}").Concat(Draws(Cached).Select(d => $"cached {d}"));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _watching;
        _terms.Dispose();
    }

    protected override async Task ClientAsync(int client, Random random)
    {
        var node = Options.Nodes[random.Next(Options.Nodes.Count)];
        using var session = await PgText.ConnectAsync(node.PgPort);
        var name = $"client {client} on {node.Id}";
        for (var i = 0; i < 60 && !Stopped.IsCancellationRequested; i++)
        {
            if (random.Next(3) > 0)
            {
                await SingleAsync(session, random, name);
            }
            else
            {
                await BlockAsync(session, random, name);
            }

            await PauseAsync(random, 20);
        }
    }

    private static SequenceDraw Unseen(long value) => new(value, 0, long.MaxValue, Kept: true, 0, long.MaxValue, "seen by nobody");

    private IEnumerable<SequenceDraw> Draws(string sequence) => _draws.Where(d => d.Sequence == sequence).Select(d => new SequenceDraw(
        d.Value, d.Invoked, d.Returned, d.Kept, _terms.Before(d.Invoked), _terms.After(d.Settled), $"{d.Client}: {d.Who}"));

    /// <summary>Draws once or several times in one statement; notes nothing yet.</summary>
    private async Task<(PgAnswer Answer, List<Drawn> Draws)> DrawAsync(PgText session, Random random, string client)
    {
        var who = $"r{Interlocked.Increment(ref _next)}";
        var (sql, sequences) = random.Next(5) switch
        {
            0 => ($"INSERT INTO {Table} (who) VALUES ('{who}') RETURNING v, c", new[] { Plain, Cached }),
            1 => ($"SELECT nextval('{Plain}'), nextval('{Cached}')", [Plain, Cached]),
            2 => ($"SELECT nextval('{Cached}')", [Cached]),
            _ => ($"SELECT nextval('{Plain}')", [Plain]),
        };
        var isRow = sql.StartsWith('I');
        if (isRow)
        {
            _rows[who] = Outcome.Unknown;
        }

        var invoked = HistoryLog.Now;
        var answer = await session.RunAsync(sql, extended: random.Next(2) == 0);
        var returned = HistoryLog.Now;
        if (isRow && !answer.Ok && answer.State != PgOutcome.Unknown)
        {
            _rows[who] = Outcome.Failed;
        }

        List<Drawn> draws = answer.Ok
            ? [.. sequences.Select((s, i) => new Drawn(s, long.Parse(answer.Rows[0][i]!, CultureInfo.InvariantCulture), invoked, returned, returned, true, client, isRow ? who : "no row"))]
            : [];
        return (answer, draws);
    }

    private async Task SingleAsync(PgText session, Random random, string client)
    {
        try
        {
            var (answer, draws) = await DrawAsync(session, random, client);
            Settle(draws, answer.Ok ? Outcome.Ok : PgOutcome.Of(answer), answer.Ok ? null : answer.ToString());
        }
        catch (IOException e)
        {
            Count(Outcome.Unknown, e.Message);
            throw;
        }
    }

    private async Task BlockAsync(PgText session, Random random, string client)
    {
        var all = new List<Drawn>();
        var outcome = Outcome.Failed;
        var surprise = (string?)null;
        try
        {
            var answer = await session.RunAsync("BEGIN");
            for (var i = random.Next(1, 5); i > 0 && answer.Ok; i--)
            {
                var undone = random.Next(5) == 0;
                answer = undone ? await session.RunAsync("SAVEPOINT s") : answer;
                (answer, var draws) = answer.Ok ? await DrawAsync(session, random, client) : (answer, []);
                all.AddRange(draws.Select(d => d with { Undone = undone }));
                if (answer.Ok && undone)
                {
                    answer = await session.RunAsync("ROLLBACK TO SAVEPOINT s");
                }

                // Longer than a holder of the writer may be silent while others wait.
                await Task.Delay(random.Next(8) == 0 ? random.Next(200) : 0);
            }

            var end = random.Next(6);
            if (answer.Ok && end == 0)
            {
                session.Vanish();
                throw new IOException("the client vanished");
            }

            if (answer.Ok && end > 1)
            {
                outcome = Outcome.Unknown;
                answer = await session.RunAsync("COMMIT");
                outcome = PgOutcome.Of(answer);
            }
            else
            {
                await session.RunAsync("ROLLBACK");
            }

            surprise = answer.Ok ? null : answer.ToString();
        }
        catch (IOException e)
        {
            surprise = e.Message;
            throw;
        }
        finally
        {
            Settle(all, outcome, surprise);
        }
    }

    private void Settle(List<Drawn> draws, Outcome outcome, string? surprise)
    {
        Count(outcome, surprise);
        foreach (var draw in draws)
        {
            // What an undone part has drawn lies beside the entry, not in it.
            _draws.Enqueue(draw with { Settled = HistoryLog.Now, Kept = outcome == Outcome.Ok && !draw.Undone });
            if (_rows.ContainsKey(draw.Who))
            {
                _rows[draw.Who] = draw.Undone ? Outcome.Failed : outcome;
            }
        }
    }

    private sealed record Drawn(
        string Sequence, long Value, long Invoked, long Returned, long Settled, bool Kept, string Client, string Who, bool Undone = false);
}
