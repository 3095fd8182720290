namespace Rqlite.Pg.Histories;

/// <summary>Checks that every acknowledged id is there exactly once, none that was refused, and none that nobody added.</summary>
public static class UniqueIds
{
    public static Verdict Check(IReadOnlyDictionary<long, Outcome> added, IEnumerable<long> present)
    {
        var counts = new Dictionary<long, int>();
        foreach (var id in present)
        {
            counts[id] = counts.GetValueOrDefault(id) + 1;
        }

        var lost = added.Where(a => a.Value == Outcome.Ok && !counts.ContainsKey(a.Key)).Select(a => a.Key).ToArray();
        var twice = counts.Where(c => c.Value > 1).Select(c => c.Key).ToArray();
        var refused = counts.Keys.Where(id => added.TryGetValue(id, out var outcome) && outcome == Outcome.Failed).ToArray();
        var foreign = counts.Keys.Where(id => !added.ContainsKey(id)).ToArray();
        if (lost.Length + twice.Length + refused.Length + foreign.Length == 0)
        {
            return Verdict.Valid;
        }

        return Verdict.Violation(
            $"of {added.Count} ids: {Text("acknowledged but lost", lost)}; {Text("present twice", twice)}; " +
            $"{Text("refused but present", refused)}; {Text("never added", foreign)}");
    }

    private static string Text(string what, long[] ids)
    {
        Array.Sort(ids);
        return $"{ids.Length} {what}{(ids.Length == 0 ? "" : $" ({string.Join(", ", ids.Take(10))}{(ids.Length > 10 ? ", …" : "")})")}";
    }
}
