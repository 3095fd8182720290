namespace Rqlite.Pg.Storage;

/// <summary>Numbers for the committed schemas of a database, the same on all its connections. From any thread.</summary>
internal sealed class SchemaStamps
{
    private const int KeptMax = 16;

    private static long s_last;

    private readonly Lock _lock = new();
    private readonly Queue<(string Path, long Version, long Number)> _kept = new();

    /// <summary>A number that no schema of the process has yet.</summary>
    public static long Next() => Interlocked.Increment(ref s_last);

    /// <summary>The number of a committed schema.</summary>
    /// <param name="path">The database file: a copy that replaces it has a history of its own.</param>
    /// <param name="version">SQLite's schema cookie.</param>
    public long Of(string path, long version)
    {
        lock (_lock)
        {
            foreach (var kept in _kept)
            {
                if (kept.Version == version && kept.Path == path)
                {
                    return kept.Number;
                }
            }

            if (_kept.Count == KeptMax)
            {
                _kept.Dequeue();
            }

            var number = Next();
            _kept.Enqueue((path, version, number));
            return number;
        }
    }
}
