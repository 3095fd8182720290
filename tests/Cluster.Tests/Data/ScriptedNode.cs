using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Storage;
using StorageDatabase = Rqlite.Pg.Storage.Database;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>A node with a real database on a <see cref="ScriptedLog"/>; it can be killed and started again at any moment.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rqlite-pg-").FullName;
    private readonly List<ScriptedEntry> _entries = [];
    private readonly RequestLimits _limits;
    private int _lives;

    public ScriptedNode(RequestLimits? limits = null)
    {
        _limits = limits ?? new() { GroupTimeMax = TimeSpan.FromMinutes(1), GroupSliceMax = TimeSpan.MaxValue };
        Open(term: 1);
    }

    public StorageDatabase Storage { get; private set; } = null!;

    public ScriptedLog Log { get; private set; } = null!;

    public ClusterDatabase Database { get; private set; } = null!;

    public long LastIndex => _entries.Count;

    public ScriptedEntry Entry(long index) => _entries[(int)index - 1];

    public void Append(ScriptedEntry entry) => _entries.Add(entry with { Context = null });

    private string Home => Path.Combine(_folder, $"life{_lives}");

    /// <summary>What a power cut of the process alone leaves is what starts again: files as they are now, and the log's entries.</summary>
    public async Task KillAsync()
    {
        var image = Home;
        _lives++;
        Copy(image, Home);
        var term = Log.Term + 1;
        Log.Stop();
        await CloseAsync();
        for (var i = 0; i < _entries.Count; i++)
        {
            _entries[i] = _entries[i] with { Context = null };
        }

        Open(term);
        Log.Agree();
    }

    /// <summary>Sends the COMMIT, and returns when the entry is in the log or the COMMIT has failed: it may run on another thread.</summary>
    public async Task<Task<CommitResult>> CommittingAsync(ITransaction transaction, CancellationToken token = default)
    {
        var before = Log.LastIndex;
        var committing = transaction.CommitAsync(token).AsTask();
        while (Log.LastIndex == before && !committing.IsCompleted)
        {
            await Task.Delay(1, CancellationToken.None);
        }

        return committing;
    }

    /// <summary>Compares the database with one that applied all entries from the first, by content and by the digest at each index.</summary>
    public async Task CheckAgainstReplayAsync(string context)
    {
        var folder = Path.Combine(_folder, "replay");
        await using (var fresh = StorageDatabase.Open(new StorageOptions { Directory = folder }, NullLoggerFactory.Instance))
        {
            var applier = new EntryApplier(fresh);
            for (var i = 1; i <= _entries.Count; i++)
            {
                applier.Apply(i, _entries[i - 1].Term, _entries[i - 1].Content, null);
                Assert.True(fresh.TryGetDigest(i, out var replayed));
                if (Storage.TryGetDigest(i, out var own))
                {
                    Assert.True(own == replayed, $"{context}: the digest at {i} is not that of a replay");
                }
            }

            Assert.True(Storage.TryGetDigest(_entries.Count, out _), $"{context}: {Storage.AppliedIndex} of {_entries.Count} entries are applied");
            Assert.True(
                await fresh.ContentHashAsync(default) == await Storage.ContentHashAsync(default), $"{context}: the content is not that of a replay");
        }

        Directory.Delete(folder, recursive: true);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("-shm", StringComparison.Ordinal)))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private void Open(long term)
    {
        Storage = StorageDatabase.Open(new StorageOptions { Directory = Home }, NullLoggerFactory.Instance);
        var applier = new EntryApplier(Storage);
        Log = new(applier, Storage, _entries, term);
        Database = new(Log, applier, Storage, new Nobody(), _limits, TimeProvider.System);
    }

    private async Task CloseAsync()
    {
        await Database.DisposeAsync();
        await Storage.DisposeAsync();
    }

    private sealed class Nobody : INodeRequests
    {
        public ValueTask<INodeResponse> SendAsync(
            string raftAddress, NodeRequestKind kind, ReadOnlyMemory<byte> body, CancellationToken token) =>
            throw new ClusterException(ClusterError.Unreachable, $"node {raftAddress} cannot be reached");
    }
}
