using System.Collections.Concurrent;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>
/// Sessions on all nodes that take advisory locks of every kind, and read and raise a number under those that are exclusive, only where it is
/// still the one that they have read.
/// </summary>
public sealed class LockWorkload(WorkloadOptions options) : Workload("locks", options)
{
    private const int Keys = 3;
    private readonly ConcurrentQueue<LockHold> _holds = new();
    private readonly ConcurrentQueue<GuardedWrite> _writes = new();
    private readonly ConcurrentQueue<string> _wrong = new();

    public override string Counts => $"{base.Counts}, {_holds.Count} holds, {_writes.Count} guarded writes";

    public override async Task CreateAsync(Api api)
    {
        (await api.ExecuteAsync("CREATE TABLE IF NOT EXISTS guarded (key INTEGER PRIMARY KEY, n INTEGER)")).Result();
        (await api.ExecuteAsync(
            $"INSERT OR IGNORE INTO guarded VALUES {string.Join(", ", Enumerable.Range(0, Keys).Select(k => $"({Key(k)}, 0)"))}")).Result();
    }

    public override async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        var verdict = LockHolds.Check(_holds, _writes);
        if (!verdict.Passed || !_wrong.IsEmpty)
        {
            return verdict.Passed ? Verdict.Violation(string.Join('\n', _wrong)) : verdict;
        }

        // All sessions have ended: nothing of theirs may be left.
        await FreeLocks.CheckAsync(nodes, Enumerable.Range(0, Keys).Select(Key));
        return Verdict.Valid;
    }

    public override IEnumerable<string> History() => _holds.Select(h => h.ToString()).Concat(_writes.Select(w => w.ToString()));

    protected override async Task ClientAsync(int client, Random random)
    {
        var node = Options.Nodes[random.Next(Options.Nodes.Count)];
        using var session = await PgText.ConnectAsync(node.PgPort, "-c lock_timeout=4s", TimeSpan.FromSeconds(25));
        for (var i = 0; i < 30 && !Stopped.IsCancellationRequested; i++)
        {
            var turn = new LockTurn(session, random, Key(random.Next(Keys)), $"client {client} on {node.Id}");
            try
            {
                await turn.RunAsync();
            }
            finally
            {
                Note(turn);
            }

            await PauseAsync(random, 30);
        }
    }

    private long Key(int number) => (Options.Run * Keys) + number + 1;

    private void Note(LockTurn turn)
    {
        if (turn.Hold is { } hold)
        {
            _holds.Enqueue(hold);
        }

        if (turn.Write is { } write)
        {
            _writes.Enqueue(write);
        }

        if (turn.Wrong is { } wrong)
        {
            _wrong.Enqueue(wrong);
        }

        Count(turn.Outcome, turn.Surprise);
    }
}
