using System.Collections.Concurrent;
using System.Text.Json;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>
/// Clients that read, write and compare-and-set registers through random nodes at the levels linearizable and strong, and log
/// what they saw. Keys change often, since the checker's work grows fast with the operations on one key.
/// </summary>
public sealed class Registers : IAsyncDisposable
{
    private const int OperationsPerKey = 120;
    private const int UnknownsPerKey = 4;
    private readonly string[] _levels;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _surprises = new();
    private readonly string _prefix;
    private readonly Task[] _clients;
    private long _lastValue;
    private long _reads;
    private int _key;
    private int _operationsOnKey;
    private int _unknownsOnKey;

    private Registers(IReadOnlyList<NodeOptions> nodes, int clients, int seed, string[] levels)
    {
        _levels = levels;
        _prefix = $"k{seed}-";
        _clients = [.. Enumerable.Range(0, clients).Select(c => Task.Run(() => RunClientAsync(nodes, c, new Random((seed * 1000) + c))))];
    }

    public HistoryLog History { get; } = new();

    /// <summary>Reads that were answered; a run without any proves nothing.</summary>
    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>How often each kind of failed answer was seen.</summary>
    public IReadOnlyDictionary<string, int> Surprises => _surprises;

    public static async Task CreateTableAsync(Api api) =>
        (await api.ExecuteAsync("CREATE TABLE IF NOT EXISTS registers (k TEXT PRIMARY KEY, v INTEGER)")).Result();

    /// <param name="levels">Read levels to use; those that promise less serve to see that the checker notices.</param>
    public static Registers Start(IReadOnlyList<NodeOptions> nodes, int clients, int seed, params string[] levels) =>
        new(nodes, clients, seed, levels.Length == 0 ? ["linearizable", "strong"] : levels);

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
        long? lastSeen = null;
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var api = apis[random.Next(apis.Length)];
                var key = NextKey();
                var choice = random.Next(100);
                var ok = choice < 50
                    ? await ReadAsync(api, client, key, _levels[random.Next(_levels.Length)], seen => lastSeen = seen)
                    : await WriteAsync(api, client, key, choice < 80 ? null : lastSeen);
                if (!ok)
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

    private string NextKey()
    {
        if (Interlocked.Increment(ref _operationsOnKey) > OperationsPerKey || Volatile.Read(ref _unknownsOnKey) > UnknownsPerKey)
        {
            Volatile.Write(ref _operationsOnKey, 0);
            Volatile.Write(ref _unknownsOnKey, 0);
            Interlocked.Increment(ref _key);
        }

        return _prefix + Volatile.Read(ref _key);
    }

    private async Task<bool> ReadAsync(Api api, int client, string key, string level, Action<long?> seen)
    {
        var invoked = HistoryLog.Now;
        var reply = await api.QueryAsync(level, "SELECT v FROM registers WHERE k = ?", key);
        var returned = HistoryLog.Now;
        if (!reply.Ok || reply.Json.GetProperty("results")[0].TryGetProperty("error", out _))
        {
            Note(level, reply);
            return false;
        }

        var rows = reply.Rows();
        long? value = rows.Length == 0 ? null : rows[0][0].GetInt64();
        History.Add(Operation.Read(client, key, value, invoked, returned));
        Interlocked.Increment(ref _reads);
        seen(value);
        return true;
    }

    private async Task<bool> WriteAsync(Api api, int client, string key, long? expected)
    {
        var value = Interlocked.Increment(ref _lastValue);
        var invoked = HistoryLog.Now;
        var reply = expected is null
            ? await api.ExecuteAsync("INSERT INTO registers(k, v) VALUES(?, ?) ON CONFLICT(k) DO UPDATE SET v = excluded.v", key, value)
            : await api.ExecuteAsync("UPDATE registers SET v = ? WHERE k = ? AND v = ?", value, key, expected);
        var returned = HistoryLog.Now;
        var outcome = reply.Outcome;
        var swapped = false;
        if (outcome == Outcome.Ok)
        {
            var result = reply.Json.GetProperty("results")[0];
            outcome = result.TryGetProperty("error", out _) ? Outcome.Failed : Outcome.Ok;
            swapped = result.TryGetProperty("rows_affected", out JsonElement rows) && rows.GetInt64() == 1;
        }

        if (outcome != Outcome.Ok)
        {
            Note("write", reply);
        }

        if (outcome == Outcome.Unknown)
        {
            Interlocked.Increment(ref _unknownsOnKey);
        }

        History.Add(expected is null
            ? Operation.Write(client, key, value, invoked, returned, outcome)
            : Operation.CompareAndSet(client, key, expected, value, swapped, invoked, returned, outcome));
        return outcome == Outcome.Ok;
    }

    private void Note(string what, Reply reply)
    {
        var text = $"{what}: {reply}";
        _surprises.AddOrUpdate(text.Length > 200 ? text[..200] : text, 1, (_, n) => n + 1);
    }
}
