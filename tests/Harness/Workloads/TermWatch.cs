using System.Collections.Concurrent;
using System.Globalization;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>Asks the nodes for their terms all the time, since some promises hold only while the lead does not change.</summary>
internal sealed class TermWatch(IReadOnlyList<NodeOptions> nodes) : IDisposable
{
    private readonly Api[] _apis = [.. nodes.Select(n => new Api(n.HttpPort, TimeSpan.FromSeconds(2)))];
    private readonly long[] _last = new long[nodes.Count];
    private readonly ConcurrentQueue<Sample> _samples = new();
    private Sample[]? _sorted;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await SampleAsync();
            await Task.Delay(200, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task SampleAsync()
    {
        var began = HistoryLog.Now;
        var terms = await Task.WhenAll(_apis.Select(TermAsync));
        for (var i = 0; i < terms.Length; i++)
        {
            _last[i] = Math.Max(_last[i], terms[i] ?? 0);
        }

        _samples.Enqueue(new Sample(began, HistoryLog.Now, _last.Min(), _last.Max(), terms.Count(t => t is not null) > _apis.Length / 2));
    }

    /// <summary>
    /// A term that every node had reached before a moment: who does not know yet that it was deposed is in its old one, and still shows what
    /// it will not be able to commit.
    /// </summary>
    public long Before(long moment) => Samples().LastOrDefault(s => s.Ended < moment)?.Lowest ?? 0;

    /// <summary>At least the term of whoever led up to a moment: a majority was asked later, and so one at least of those that elected it.</summary>
    public long After(long moment) => Samples().FirstOrDefault(s => s.Majority && s.Began > moment)?.Highest ?? long.MaxValue;

    public void Dispose() => Array.ForEach(_apis, static a => a.Dispose());

    private static async Task<long?> TermAsync(Api api)
    {
        var reply = await api.GetAsync("/status?key=store.raft.term");
        return reply.Status == 200 && long.TryParse(reply.Body.Trim(), CultureInfo.InvariantCulture, out var term) ? term : null;
    }

    private Sample[] Samples()
    {
        if (_sorted?.Length != _samples.Count)
        {
            _sorted = [.. _samples.OrderBy(s => s.Ended)];
        }

        return _sorted;
    }

    private sealed record Sample(long Began, long Ended, long Lowest, long Highest, bool Majority);
}
