namespace Rqlite.Pg.Harness;

/// <summary>Looks at a node again and again and remembers the most that it saw of its memory and of SQLite's -wal.</summary>
public sealed class MemoryWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    private MemoryWatch(NodeProcess node) => _watching = WatchAsync(node);

    /// <summary>With the mapped pages of files.</summary>
    public long Resident { get; private set; }

    /// <summary>Without them: what the process itself has taken.</summary>
    public long Anonymous { get; private set; }

    public long Wal { get; private set; }

    public static MemoryWatch Start(NodeProcess node) => new(node);

    public override string ToString() => $"RSS {Resident >> 20} MB (anonymous {Anonymous >> 20} MB), -wal {Wal >> 20} MB";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync(NodeProcess node)
    {
        while (!_stop.IsCancellationRequested && !node.HasExited)
        {
            Look(node);
            await Task.Delay(50, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Look(NodeProcess node)
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{node.Id}/status"))
            {
                if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                {
                    Resident = Math.Max(Resident, Kilobytes(line));
                }
                else if (line.StartsWith("RssAnon:", StringComparison.Ordinal))
                {
                    Anonymous = Math.Max(Anonymous, Kilobytes(line));
                }
            }

            var files = new DirectoryInfo(Path.Combine(node.Options.Data, "db")).EnumerateFiles("*-wal", SearchOption.AllDirectories);
            Wal = Math.Max(Wal, files.Sum(static f => f.Length));
        }
        catch (IOException)
        {
            // The process ends, or a generation of files just went away.
        }
    }

    private static long Kilobytes(string line) => 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]);
}
