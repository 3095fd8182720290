namespace Rqlite.Pg.Histories;

/// <summary>All keys at one moment on one node: the versions, each counting the writes of its key, and the log index they belong to.</summary>
public sealed record Snapshot(string Node, long Index, IReadOnlyDictionary<string, long> Versions)
{
    public override string ToString() => $"{Node} at {Index}: {string.Join(", ", Versions.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={v.Value}"))}";
}

/// <summary>An acknowledged write: the version it made of a key, and the log index it was applied at.</summary>
public sealed record IndexedWrite(string Key, long Version, long Index)
{
    public override string ToString() => $"write of {Key}={Version} at {Index}";
}

/// <summary>
/// Checks that the snapshots of all nodes are prefixes of one history, however old each may be: of two snapshots one holds all that the
/// other holds (no long fork), the one of the higher index; equal indexes have equal content; keys always written together never differ
/// (nothing fractured); and a snapshot holds exactly the acknowledged writes up to its index.
/// </summary>
public static class Snapshots
{
    /// <param name="together">Groups of keys that every write increments together.</param>
    public static Verdict Check(
        IReadOnlyCollection<Snapshot> snapshots, IReadOnlyCollection<IndexedWrite> writes, IReadOnlyCollection<IReadOnlyList<string>>? together = null)
    {
        foreach (var snapshot in snapshots)
        {
            if (together?.FirstOrDefault(g => g.Select(k => At(snapshot, k)).Distinct().Count() > 1) is { } group)
            {
                return Verdict.Violation($"fractured: {string.Join(", ", group)} are only ever written together\n  {snapshot}");
            }
        }

        var verdict = Ordered(snapshots);
        return verdict.Passed ? Prefixes(snapshots, writes) : verdict;
    }

    private static Verdict Ordered(IReadOnlyCollection<Snapshot> snapshots)
    {
        // If every neighbour in the order of sums holds its predecessor, all do; of equal sums only equal ones do.
        if (Neighbours(snapshots.OrderBy(s => s.Versions.Values.Sum())) is { } fork)
        {
            return Verdict.Violation($"long fork: neither of these holds all of the other\n  {fork.Older}\n  {fork.Newer}");
        }

        var byIndex = snapshots.OrderBy(s => s.Index).ThenBy(s => s.Versions.Values.Sum());
        Snapshot? before = null;
        foreach (var snapshot in byIndex)
        {
            if (before?.Index == snapshot.Index && !(Holds(before, snapshot) && Holds(snapshot, before)))
            {
                return Verdict.Violation($"one index, two contents\n  {before}\n  {snapshot}");
            }

            before = snapshot;
        }

        return Neighbours(byIndex) is { } turned
            ? Verdict.Violation($"a later index shows less\n  {turned.Older}\n  {turned.Newer}")
            : Verdict.Valid;
    }

    private static Verdict Prefixes(IReadOnlyCollection<Snapshot> snapshots, IReadOnlyCollection<IndexedWrite> writes)
    {
        foreach (var key in writes.GroupBy(w => w.Key))
        {
            if (key.GroupBy(w => w.Version).FirstOrDefault(v => v.Count() > 1) is { } twice)
            {
                return Verdict.Violation($"made twice: {string.Join(", ", twice)}");
            }

            var sorted = key.OrderBy(w => w.Version).ToArray();
            for (var i = 1; i < sorted.Length; i++)
            {
                if (sorted[i].Index < sorted[i - 1].Index)
                {
                    return Verdict.Violation($"versions and indexes disagree: {sorted[i - 1]}, {sorted[i]}");
                }
            }

            foreach (var snapshot in snapshots)
            {
                var version = At(snapshot, key.Key);
                var included = CountUpTo(sorted, snapshot.Index);
                if (included > 0 && sorted[included - 1].Version > version)
                {
                    return Verdict.Violation($"not a prefix: this is missing\n  {sorted[included - 1]}\n  {snapshot}");
                }

                if (included < sorted.Length && sorted[included].Version <= version)
                {
                    return Verdict.Violation($"not a prefix: this came too early\n  {sorted[included]}\n  {snapshot}");
                }
            }
        }

        return Verdict.Valid;
    }

    private static int CountUpTo(IndexedWrite[] sorted, long index)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle].Index <= index ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static (Snapshot Older, Snapshot Newer)? Neighbours(IEnumerable<Snapshot> sorted)
    {
        Snapshot? before = null;
        foreach (var snapshot in sorted)
        {
            if (before is not null && !Holds(snapshot, before))
            {
                return (before, snapshot);
            }

            before = snapshot;
        }

        return null;
    }

    private static bool Holds(Snapshot newer, Snapshot older) => older.Versions.All(v => At(newer, v.Key) >= v.Value);

    private static long At(Snapshot snapshot, string key) => snapshot.Versions.GetValueOrDefault(key);
}
