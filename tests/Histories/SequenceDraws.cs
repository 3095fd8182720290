namespace Rqlite.Pg.Histories;

/// <summary>A value of a sequence that a client was shown.</summary>
/// <param name="Kept">What drew it was committed, so that the value is never given out again.</param>
/// <param name="TermBefore">A term that every node had reached before the draw was asked for; at most that of the leader that served it.</param>
/// <param name="TermAfter">A term at least as high as that of any leader up to the moment when it was known whether it is kept.</param>
public sealed record SequenceDraw(long Value, long Invoked, long Returned, bool Kept, long TermBefore, long TermAfter, string Who)
{
    public override string ToString() =>
        $"[{Invoked}..{Returned}] {Value} {(Kept ? "kept" : "given up")}, terms {TermBefore} to {TermAfter}, {Who}";
}

/// <summary>
/// Checks the values of one sequence: none is given out twice, except that what a transaction drew that was given up may come again under
/// another leader. In a sequence without a cache, a draw that begins after another has ended gets a larger value, with the same exception.
/// </summary>
public static class SequenceDraws
{
    public static Verdict Check(IEnumerable<SequenceDraw> draws, bool cached)
    {
        var all = draws.ToArray();
        foreach (var same in all.GroupBy(d => d.Value).Where(g => g.Count() > 1))
        {
            var twice = same.SelectMany(a => same.Where(b => a != b && a.Invoked <= b.Invoked).Select(b => (First: a, Second: b)))
                .FirstOrDefault(p => Binding(p.First, p.Second));
            if (twice.First is not null)
            {
                return Verdict.Violation($"{same.Key} was given out twice\n  {twice.First}\n  {twice.Second}");
            }
        }

        return cached ? Verdict.Valid : Order(all);
    }

    private static bool Binding(SequenceDraw a, SequenceDraw b) =>
        (a.Kept && b.Kept) || Math.Min(a.TermBefore, b.TermBefore) == Math.Max(a.TermAfter, b.TermAfter);

    private static Verdict Order(SequenceDraw[] draws)
    {
        // What is kept is in order with all that is kept; besides, all draws within one term are in order.
        var verdict = Rising(draws.Where(d => d.Kept));
        return draws.Where(d => d.TermBefore == d.TermAfter).GroupBy(d => d.TermBefore).Select(Rising).Prepend(verdict)
            .FirstOrDefault(static v => !v.Passed) ?? Verdict.Valid;
    }

    private static Verdict Rising(IEnumerable<SequenceDraw> draws)
    {
        var ended = draws.OrderBy(d => d.Returned).ToArray();
        SequenceDraw? largest = null;
        var next = 0;
        foreach (var draw in ended.OrderBy(d => d.Invoked))
        {
            for (; next < ended.Length && ended[next].Returned < draw.Invoked; next++)
            {
                largest = largest is null || ended[next].Value > largest.Value ? ended[next] : largest;
            }

            if (largest is not null && draw.Value <= largest.Value)
            {
                return Verdict.Violation($"a later draw was not larger\n  {largest}\n  {draw}");
            }
        }

        return Verdict.Valid;
    }
}
