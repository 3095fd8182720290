namespace Rqlite.Pg.Histories;

/// <summary>A payload that a transaction sent, and wrote into the table beside it.</summary>
/// <param name="Invoked">Before what could commit it was sent.</param>
public sealed record SentPayload(string Payload, long Invoked, Outcome Outcome)
{
    public override string ToString() => $"[{Invoked}] send {Payload} {Outcome}";
}

/// <summary>What one session heard from its LISTEN to its end, on one node.</summary>
/// <param name="Listened">When LISTEN was answered.</param>
/// <param name="Whole">It was connected until all that had been committed was heard.</param>
public sealed record HeardStretch(string Listener, long Listened, IReadOnlyList<string> Heard, bool Whole)
{
    public override string ToString() => $"{Listener} listens at {Listened}{(Whole ? ", to the end" : "")}: {string.Join(' ', Heard)}";
}

/// <summary>
/// Checks that every session hears a piece without gaps of one order, that of the commits, and in it everything whose commit began after its
/// LISTEN was answered; nothing twice, and nothing that was not committed.
/// </summary>
public static class NotificationOrder
{
    /// <param name="committed">The payloads in the table, in the order of their commits.</param>
    public static Verdict Check(IReadOnlyCollection<SentPayload> sent, IReadOnlyList<string> committed, IEnumerable<HeardStretch> stretches)
    {
        var places = new Dictionary<string, int>();
        for (var i = 0; i < committed.Count; i++)
        {
            if (!places.TryAdd(committed[i], i))
            {
                return Verdict.Violation($"{committed[i]} is in the table twice");
            }
        }

        if (sent.FirstOrDefault(s => s.Outcome == Outcome.Ok && !places.ContainsKey(s.Payload)) is { } lost)
        {
            return Verdict.Violation($"acknowledged but not in the table: {lost}");
        }

        if (sent.FirstOrDefault(s => s.Outcome == Outcome.Failed && places.ContainsKey(s.Payload)) is { } refused)
        {
            return Verdict.Violation($"refused or rolled back but in the table: {refused}");
        }

        var invoked = sent.ToDictionary(s => s.Payload, s => s.Invoked);
        return stretches.Select(s => Check(s, committed, places, invoked)).FirstOrDefault(static v => !v.Passed) ?? Verdict.Valid;
    }

    private static Verdict Check(
        HeardStretch stretch, IReadOnlyList<string> committed, Dictionary<string, int> places, Dictionary<string, long> invoked)
    {
        var next = -1;
        foreach (var payload in stretch.Heard)
        {
            if (!places.TryGetValue(payload, out var place))
            {
                return Found($"heard {payload}, which was not committed", stretch);
            }

            if (next >= 0 && place != next)
            {
                var what = place < next ? "again or out of order" : $"but missed {committed[next]} and {place - next - 1} more";
                return Found($"heard {payload} {what}", stretch);
            }

            next = place + 1;
        }

        if (stretch.Whole && next != committed.Count && (next >= 0 || Missed(committed.Count) is not null))
        {
            return Found($"did not hear the end, {committed[^1]}", stretch);
        }

        return next >= 0 && Missed(next - stretch.Heard.Count) is { } missed
            ? Found($"did not hear {missed}, sent after its LISTEN was answered", stretch)
            : Verdict.Valid;

        string? Missed(int before) =>
            committed.Take(before).FirstOrDefault(p => invoked.TryGetValue(p, out var began) && began > stretch.Listened);
    }

    private static Verdict Found(string what, HeardStretch stretch)
    {
        var around = stretch.Heard.Count > 2000 ? $"{stretch.Heard.Count} payloads" : string.Join(' ', stretch.Heard);
        return Verdict.Violation($"{stretch.Listener}, listening since {stretch.Listened}, {what}\n  heard: {around}");
    }
}
