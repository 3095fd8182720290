using System.Collections.Concurrent;
using System.Diagnostics;
using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Abuse;

/// <summary>
/// The clients who do nothing wrong: on each node one inserts numbers over HTTP, one by the PostgreSQL protocol, and one reads. They
/// remember what became of each number and how long each answer took.
/// </summary>
internal sealed class Others : IAsyncDisposable
{
    private readonly IReadOnlyList<NodeOptions> _nodes;
    private readonly ConcurrentDictionary<long, Outcome> _outcomes = new();
    private readonly ConcurrentQueue<string> _surprises = new();
    private readonly int[] _writes;
    private readonly int[] _reads;
    private readonly int _seed;
    private readonly TimeSpan _timeout;
    private ConcurrentQueue<(bool Write, double Milliseconds)> _times = new();
    private CancellationTokenSource _stop = new();
    private Task[] _clients = [];
    private long _next;

    public Others(IReadOnlyList<NodeOptions> nodes, int seed, TimeSpan timeout)
    {
        _timeout = timeout;
        _nodes = nodes;
        _seed = seed;
        _writes = new int[nodes.Count];
        _reads = new int[nodes.Count];
    }

    public IReadOnlyDictionary<long, Outcome> Outcomes => _outcomes;

    public int Acknowledged => _outcomes.Values.Count(o => o == Outcome.Ok);

    public IEnumerable<string> Surprises => _surprises.TakeLast(3);

    public void Start()
    {
        _stop = new CancellationTokenSource();
        _clients =
        [
            .. Enumerable.Range(0, _nodes.Count).SelectMany(n => (Func<Task>[])[() => HttpAsync(n), () => WireAsync(n), () => ReadAsync(n)])
                .Select(Task.Run),
        ];
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
        _stop.Dispose();
        _clients = [];
    }

    /// <summary>Begins to measure anew.</summary>
    public void Forget() => _times = new();

    /// <summary>What the answers since then took.</summary>
    public (Times Writes, Times Reads) Measured() => (Times.Of(_times.Where(t => t.Write)), Times.Of(_times.Where(t => !t.Write)));

    /// <summary>Waits until all have got further, on each node.</summary>
    /// <returns>Who has not, or null.</returns>
    public async Task<string?> ProgressAsync(TimeSpan patience)
    {
        int[] writes = [.. _writes.Select(static w => w + 4)];
        int[] reads = [.. _reads.Select(static r => r + 2)];
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var late = Enumerable.Range(0, _nodes.Count).Where(n => _writes[n] < writes[n] || _reads[n] < reads[n]).ToArray();
            if (late.Length == 0)
            {
                return null;
            }

            if (clock.Elapsed > patience)
            {
                return string.Join(", ", late.Select(n =>
                    $"{_nodes[n].Id}: {Math.Min(4, _writes[n] - writes[n] + 4)} of 4 writes and {Math.Min(2, _reads[n] - reads[n] + 2)} of 2 reads in {patience.TotalSeconds:0} s"))
                    + $"; last answers: {string.Join(" | ", Surprises)}";
            }

            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_clients.Length > 0)
        {
            await StopAsync();
        }
    }

    private async Task HttpAsync(int node)
    {
        using var api = new Api(_nodes[node].HttpPort, _timeout);
        await RepeatAsync(node, async id =>
        {
            var reply = await api.ExecuteAsync([$"INSERT INTO {IdInserts.Table}(id, client) VALUES ({id}, {node})"]);
            return (reply.Clean ? Outcome.Ok : reply.Ok ? Outcome.Failed : reply.Outcome, reply.Clean ? "" : reply.ToString());
        });
    }

    private async Task WireAsync(int node)
    {
        PgText? session = null;
        await RepeatAsync(node, async id =>
        {
            var sent = false;
            try
            {
                session ??= await PgText.ConnectAsync(_nodes[node].PgPort, timeout: _timeout);
                sent = true;
                var answer = await session.RunAsync($"INSERT INTO {IdInserts.Table}(id, client) VALUES ({id}, {10 + node})", extended: id % 2 == 0);
                return (PgOutcome.Of(answer), answer.Ok ? "" : answer.ToString());
            }
            catch (IOException e)
            {
                session?.Dispose();
                session = null;
                return (sent ? Outcome.Unknown : Outcome.Failed, e.Message);
            }
        });
        session?.Dispose();
    }

    private async Task RepeatAsync(int node, Func<long, Task<(Outcome, string)>> insert)
    {
        var random = new Random(_seed + node);
        while (!_stop.IsCancellationRequested)
        {
            var id = Interlocked.Increment(ref _next);
            _outcomes[id] = Outcome.Unknown;
            var clock = Stopwatch.GetTimestamp();
            var (outcome, surprise) = await insert(id);
            _times.Enqueue((true, Stopwatch.GetElapsedTime(clock).TotalMilliseconds));
            _outcomes[id] = outcome;
            if (outcome == Outcome.Ok)
            {
                Interlocked.Increment(ref _writes[node]);
                await PauseAsync(random.Next(5, 25));
            }
            else
            {
                await SurpriseAsync($"write on {_nodes[node].Id}: {surprise}");
            }
        }
    }

    private async Task ReadAsync(int node)
    {
        using var api = new Api(_nodes[node].HttpPort, _timeout);
        var random = new Random(_seed - node - 1);
        while (!_stop.IsCancellationRequested)
        {
            var level = random.Next(3) switch { 0 => "none", 1 => "weak", _ => "linearizable" };
            var clock = Stopwatch.GetTimestamp();
            var reply = await api.QueryAsync(level, $"SELECT max(id) FROM {IdInserts.Table}");
            _times.Enqueue((false, Stopwatch.GetElapsedTime(clock).TotalMilliseconds));
            if (reply.Clean)
            {
                Interlocked.Increment(ref _reads[node]);
                await PauseAsync(random.Next(5, 25));
            }
            else
            {
                await SurpriseAsync($"{level} read on {_nodes[node].Id}: {reply}");
            }
        }
    }

    private async Task SurpriseAsync(string surprise)
    {
        _surprises.Enqueue(surprise.Length > 160 ? surprise[..160] : surprise);
        while (_surprises.Count > 100 && _surprises.TryDequeue(out _))
        {
        }

        await PauseAsync(100);
    }

    private async Task PauseAsync(int milliseconds) => await Task.Delay(milliseconds, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
