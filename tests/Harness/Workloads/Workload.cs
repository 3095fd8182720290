using System.Collections.Concurrent;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>What a workload runs against, and how hard.</summary>
/// <param name="Run">Tells the rows of one run from those of others: a late effect of an earlier run must not be taken for one of this.</param>
public sealed record WorkloadOptions(IReadOnlyList<NodeOptions> Nodes, int Clients, int Seed, long Run);

/// <summary>Clients that work until stopped and remember what they saw, to be checked once the cluster has come to rest.</summary>
public abstract class Workload(string name, WorkloadOptions options) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _surprises = new();
    private Task[] _clients = [];
    private long _ok;
    private long _failed;
    private long _unknown;

    public string Name => name;

    public WorkloadOptions Options => options;

    public virtual long Acknowledged => Interlocked.Read(ref _ok);

    /// <summary>How often each kind of answer other than success was seen.</summary>
    public virtual IReadOnlyDictionary<string, int> Surprises => _surprises;

    protected CancellationToken Stopped => _stop.Token;

    public virtual string Counts => $"{_ok} ok, {_failed} failed, {_unknown} unknown";

    public abstract Task CreateAsync(Api api);

    public virtual void Start() => _clients =
        [.. Enumerable.Range(0, options.Clients).Select(c => Task.Run(() => RepeatAsync(c, new Random((options.Seed * 1000) + c))))];

    public virtual async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
    }

    /// <summary>Looks at what the nodes hold in the end, and judges everything that was seen.</summary>
    public abstract Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes);

    /// <summary>Everything that was seen, a line each.</summary>
    public abstract IEnumerable<string> History();

    public virtual async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Works until stopped or until a connection breaks; then it is called again.</summary>
    protected abstract Task ClientAsync(int client, Random random);

    protected void Count(Outcome outcome, string? surprise = null)
    {
        Interlocked.Increment(ref outcome == Outcome.Ok ? ref _ok : ref outcome == Outcome.Failed ? ref _failed : ref _unknown);
        if (surprise is not null && _surprises.Count < 1000)
        {
            _surprises.AddOrUpdate(surprise.Length > 160 ? surprise[..160] : surprise, 1, static (_, n) => n + 1);
        }
    }

    protected Task PauseAsync(Random random, int milliseconds) =>
        Task.Delay(random.Next(milliseconds / 4, milliseconds), Stopped).ContinueWith(static _ => { }, TaskScheduler.Default);

    private async Task RepeatAsync(int client, Random random)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await ClientAsync(client, random);
            }
            catch (IOException)
            {
                await PauseAsync(random, 100);
            }
        }
    }
}
