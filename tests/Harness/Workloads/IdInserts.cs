using System.Collections.Concurrent;
using System.Diagnostics;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>
/// Clients that insert unique ids through random nodes until stopped, and remember what became of each. The table has no unique key,
/// so that a write applied twice shows.
/// </summary>
public sealed class IdInserts : IAsyncDisposable
{
    public const string Table = "ids";
    private readonly ConcurrentDictionary<long, Outcome> _outcomes = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _clients;
    private readonly ConcurrentQueue<string> _surprises = new();
    private readonly Lock _gapLock = new();
    private TimeSpan _longestGap;
    private long _lastAcknowledged;
    private long _acknowledged;
    private long _nextId;

    private IdInserts(IReadOnlyList<NodeOptions> nodes, int clients, int seed, long firstId)
    {
        _nextId = firstId;
        _clients = [.. Enumerable.Range(0, clients).Select(c => Task.Run(() => RunClientAsync(nodes, c, new Random((seed * 1000) + c))))];
    }

    public IReadOnlyDictionary<long, Outcome> Outcomes => _outcomes;

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>The longest time in which no client at all got an acknowledgement.</summary>
    public TimeSpan LongestGap
    {
        get
        {
            lock (_gapLock)
            {
                return _longestGap;
            }
        }
    }

    /// <summary>Answers that were neither success nor a plain refusal, for a look at a failed run.</summary>
    public IReadOnlyCollection<string> Surprises => _surprises;

    public static async Task CreateTableAsync(Api api)
    {
        var reply = await api.ExecuteAsync(
            [$"CREATE TABLE IF NOT EXISTS {Table} (id INTEGER, client INTEGER)", $"CREATE INDEX IF NOT EXISTS {Table}_id ON {Table}(id)"],
            "?transaction");
        reply.Result(0);
        reply.Result(1);
    }

    public static IdInserts Start(IReadOnlyList<NodeOptions> nodes, int clients, int seed, long firstId = 1) =>
        new(nodes, clients, seed, firstId);

    /// <summary>Begins to measure the gap anew.</summary>
    public void ForgetGap()
    {
        lock (_gapLock)
        {
            _longestGap = TimeSpan.Zero;
            _lastAcknowledged = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Waits until so many more writes are acknowledged.</summary>
    public async Task MoreAsync(long count, Func<string>? whenLate = null)
    {
        var goal = Acknowledged + count;
        await Until.TrueAsync(
            $"{count} more acknowledged writes", () => Task.FromResult(Acknowledged >= goal),
            () => $"{Acknowledged} of {goal}; last answers:\n{string.Join('\n', _surprises.TakeLast(10))}\n{whenLate?.Invoke()}");
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunClientAsync(IReadOnlyList<NodeOptions> nodes, int client, Random random)
    {
        var apis = nodes.Select(n => new Api(n.HttpPort, TimeSpan.FromSeconds(10))).ToArray();
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var id = Interlocked.Increment(ref _nextId) - 1;
                _outcomes[id] = Outcome.Unknown;
                var outcome = await InsertAsync(apis[random.Next(apis.Length)], id, client);
                _outcomes[id] = outcome;
                if (outcome == Outcome.Ok)
                {
                    CountAcknowledged();
                }
                else
                {
                    await Task.Delay(random.Next(20, 80));
                }
            }
        }
        finally
        {
            Array.ForEach(apis, a => a.Dispose());
        }
    }

    private void CountAcknowledged()
    {
        Interlocked.Increment(ref _acknowledged);
        lock (_gapLock)
        {
            var now = Stopwatch.GetTimestamp();
            var gap = _lastAcknowledged == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_lastAcknowledged, now);
            _longestGap = gap > _longestGap ? gap : _longestGap;
            _lastAcknowledged = now;
        }
    }

    private async Task<Outcome> InsertAsync(Api api, long id, int client)
    {
        var reply = await api.ExecuteAsync($"INSERT INTO {Table}(id, client) VALUES(?, ?)", id, client);
        if (reply.Ok)
        {
            var result = reply.Json.GetProperty("results")[0];
            if (result.TryGetProperty("rows_affected", out var rows) && rows.GetInt64() == 1)
            {
                return Outcome.Ok;
            }

            _surprises.Enqueue(reply.ToString());
            return result.TryGetProperty("error", out _) ? Outcome.Failed : Outcome.Unknown;
        }

        _surprises.Enqueue(reply.ToString());
        while (_surprises.Count > 200 && _surprises.TryDequeue(out _))
        {
        }

        return reply.Outcome;
    }
}
