using Microsoft.Win32.SafeHandles;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>
/// A directory of which we know what would survive a power cut: content as of each file's last sync, names as of each directory's last
/// sync. A cut keeps all of that and, sector by sector as the seed decides, some of what was never synced.
/// </summary>
internal sealed class SimulatedDisk : IDisposable
{
    private const int Sector = 512;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, byte[]> _synced = [];
    private readonly List<(string From, string To)> _renames = [];
    private readonly Dictionary<string, SafeFileHandle> _handles = [];
    private readonly IDisposable _registration;

    public SimulatedDisk(string root)
    {
        Root = root;
        Files = new SimulatedFiles(this);
        _registration = ObservedVfs.Observe(this);
    }

    public string Root { get; }

    public SimulatedFiles Files { get; }

    /// <summary>Called before each sync and rename with its number; false lets it fail.</summary>
    public Func<int, string, bool>? OnOperation { get; set; }

    public int Operations { get; private set; }

    /// <summary>Our own syncs of a WAL are skipped: the negative control.</summary>
    public bool IgnoreWalSyncs { get; set; }

    public bool Contains(string path) => path.StartsWith(Root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    public bool MaySync(string path)
    {
        int number;
        lock (_lock)
        {
            number = ++Operations;
        }

        return OnOperation?.Invoke(number, path) ?? true;
    }

    public void Synced(string path, byte[] content)
    {
        lock (_lock)
        {
            _synced[path] = content;
        }
    }

    public void Renamed(string from, string to)
    {
        lock (_lock)
        {
            _renames.Add((from, to));
        }
    }

    public void DirectorySynced(string path)
    {
        lock (_lock)
        {
            foreach (var (from, to) in _renames.Where(r => Path.GetDirectoryName(r.To) == path).ToList())
            {
                foreach (var old in _synced.Keys.Where(p => Below(p, from)).ToList())
                {
                    _synced[to + old[from.Length..]] = _synced[old];
                    _synced.Remove(old);
                }

                _renames.Remove((from, to));
            }

            // Whatever is created under the name of a deleted file is another file.
            foreach (var deleted in _synced.Keys.Where(p => Path.GetDirectoryName(p) == path && !File.Exists(p)).ToList())
            {
                _synced.Remove(deleted);
            }
        }
    }

    /// <summary>What a power cut at this moment may leave, written below <paramref name="target"/>.</summary>
    public void CutTo(string target, Random random)
    {
        lock (_lock)
        {
            foreach (var path in Directory.GetFiles(Root, "*", SearchOption.AllDirectories))
            {
                if (path.EndsWith("-shm", StringComparison.Ordinal))
                {
                    continue;
                }

                var rename = _renames.Find(r => Below(path, r.To));
                var former = rename == default ? path : rename.From + path[rename.To.Length..];
                var undone = rename != default && random.Next(2) == 0;
                Write(target, undone ? former : path, Blend(_synced.GetValueOrDefault(former) ?? [], ReadNow(path), random));
                if (undone && _synced.TryGetValue(path, out var before))
                {
                    Write(target, path, before);
                }
            }
        }
    }

    public void Dispose()
    {
        _registration.Dispose();
        foreach (var handle in _handles.Values)
        {
            handle.Dispose();
        }
    }

    private static bool Below(string path, string top) =>
        path == top || path.StartsWith(top + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static byte[] Blend(byte[] synced, byte[] now, Random random)
    {
        // Each file is all old, all new, or a mixture of sectors.
        var chance = random.Next(3) switch { 0 => 0.0, 1 => 1.0, _ => random.NextDouble() };
        var result = new byte[random.NextDouble() < chance ? now.Length : synced.Length];
        for (var offset = 0; offset < result.Length; offset += Sector)
        {
            var source = random.NextDouble() < chance ? now : synced;
            var count = Math.Min(Math.Min(Sector, result.Length - offset), source.Length - offset);
            if (count > 0)
            {
                source.AsSpan(offset, count).CopyTo(result.AsSpan(offset));
            }
        }

        return result;
    }

    private void Write(string target, string path, byte[] content)
    {
        var to = target + path[Root.Length..];
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.WriteAllBytes(to, content);
    }

    // A descriptor of a main file stays open as long as the test: closing it would drop the process's locks.
    private byte[] ReadNow(string path)
    {
        using var transient = path.EndsWith(GenerationDirectory.MainName, StringComparison.Ordinal) ? null : Open(path);
        var handle = transient;
        if (handle is null && !_handles.TryGetValue(path, out handle))
        {
            _handles[path] = handle = Open(path);
        }

        var bytes = new byte[RandomAccess.GetLength(handle)];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(handle, bytes.AsSpan(read), read) is > 0 and var count)
        {
            read += count;
        }

        return bytes;
    }

    private static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Our own file operations on such a disk.</summary>
    internal sealed class SimulatedFiles(SimulatedDisk disk) : StorageFiles
    {
        public Action<StorageStep>? OnStep { get; set; }

        public override void Passing(StorageStep step) => OnStep?.Invoke(step);

        public override void Sync(SafeFileHandle handle, string path)
        {
            if (disk.IgnoreWalSyncs && path.EndsWith("-wal", StringComparison.Ordinal))
            {
                return;
            }

            Check(path);
            base.Sync(handle, path);
            disk.Synced(path, Read(handle));
        }

        public override void SyncDirectory(string path)
        {
            Check(path);
            base.SyncDirectory(path);
            disk.DirectorySynced(path);
        }

        public override void Rename(string from, string to)
        {
            Check(from);
            base.Rename(from, to);
            disk.Renamed(from, to);
        }

        private void Check(string path)
        {
            if (!disk.MaySync(path))
            {
                throw Failure("sync", path, new IOException("injected"));
            }
        }

        private static byte[] Read(SafeFileHandle handle)
        {
            var bytes = new byte[RandomAccess.GetLength(handle)];
            var read = 0;
            while (read < bytes.Length && RandomAccess.Read(handle, bytes.AsSpan(read), read) is > 0 and var count)
            {
                read += count;
            }

            return bytes;
        }
    }
}
