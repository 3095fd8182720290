using Rqlite.Pg.Harness;

namespace Rqlite.Pg.Abuse;

/// <summary>
/// Looks at all nodes again and again and remembers the most that one of them took, and how often the lead has changed. A node that takes more
/// memory than the machine can give is killed, and that is remembered too.
/// </summary>
internal sealed class NodeWatch : IAsyncDisposable
{
    private readonly TestCluster _cluster;
    private readonly long _memoryMax;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _watching;
    private long _term;

    public NodeWatch(TestCluster cluster, long memoryMax)
    {
        _cluster = cluster;
        _memoryMax = memoryMax;
        _watching = [Task.Run(ProcessesAsync), Task.Run(TermsAsync)];
    }

    /// <summary>Resident, without the mapped pages of files.</summary>
    public long Memory { get; private set; }

    public int Descriptors { get; private set; }

    /// <summary>In files that have no name any more, as SQLite's temporary ones.</summary>
    public long TempBytes { get; private set; }

    public long TermChanges { get; private set; }

    /// <summary>The nodes that were killed because they took too much.</summary>
    public string? Killed { get; private set; }

    /// <summary>Begins to measure anew.</summary>
    public void Forget() => (Memory, Descriptors, TempBytes, TermChanges) = (0, 0, 0, 0);

    public override string ToString() =>
        $"leader changes {TermChanges}, memory {Memory >> 20} MB, descriptors {Descriptors}, temporary files {TempBytes >> 20} MB";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_watching);
        _stop.Dispose();
    }

    private async Task ProcessesAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            foreach (var node in _cluster.Nodes)
            {
                Look(node);
            }

            await Task.Delay(50, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Look(NodeProcess node)
    {
        if (node.HasExited)
        {
            return;
        }

        try
        {
            var memory = File.ReadLines($"/proc/{node.Id}/status").FirstOrDefault(static l => l.StartsWith("RssAnon:", StringComparison.Ordinal)) is { } line
                ? 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2])
                : 0;
            Memory = Math.Max(Memory, memory);
            if (memory > _memoryMax)
            {
                Killed = $"{node.Options.Id} took {memory >> 20} MB and was killed";
                Signals.Send(node.Id, Signals.Kill);
                return;
            }

            var descriptors = 0;
            long temporary = 0;
            foreach (var descriptor in Directory.EnumerateFiles($"/proc/{node.Id}/fd"))
            {
                descriptors++;
                if (new FileInfo(descriptor).LinkTarget is { } target && target.StartsWith('/') && target.EndsWith(" (deleted)", StringComparison.Ordinal)
                    && !target.StartsWith("/memfd", StringComparison.Ordinal))
                {
                    using var file = File.OpenHandle(descriptor);
                    temporary += RandomAccess.GetLength(file);
                }
            }

            Descriptors = Math.Max(Descriptors, descriptors);
            TempBytes = Math.Max(TempBytes, temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // The process has just ended, or closed the file.
        }
    }

    private async Task TermsAsync()
    {
        var apis = _cluster.Options.Select(static o => new Api(o.HttpPort, TimeSpan.FromSeconds(5))).ToArray();
        while (!_stop.IsCancellationRequested)
        {
            foreach (var api in apis)
            {
                var reply = await api.GetAsync("/status?key=store.raft.term", _stop.Token);
                if (reply.Status == 200 && long.TryParse(reply.Body.Trim(), out var term) && term > _term)
                {
                    TermChanges += _term == 0 ? 0 : 1;
                    _term = term;
                }
            }

            await Task.Delay(200, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Array.ForEach(apis, static a => a.Dispose());
    }
}
