namespace Rqlite.Pg.Histories;

/// <summary>A time in which a session certainly held a lock: from the answer that gave it to the last request that its node answered without a word of loss.</summary>
public sealed record LockHold(long Key, bool Shared, long From, long To, string Who)
{
    public override string ToString() => $"[{From}..{To}] {(Shared ? "shared " : "")}lock {Key}, {Who}";
}

/// <summary>A write of number <paramref name="Expected"/> + 1 where the number was <paramref name="Expected"/>, by the holder of the exclusive lock.</summary>
/// <param name="Missed">Acknowledged, but the number was another one.</param>
public sealed record GuardedWrite(long Key, long Expected, long Invoked, Outcome Outcome, bool Missed, string Who)
{
    public override string ToString() => $"[{Invoked}] key {Key} {Expected} -> {Expected + 1} {Outcome}{(Missed ? ", missed" : "")}, {Who}";
}

/// <summary>
/// Checks that nobody holds an exclusive lock together with anybody else, and that no two holders have written upon the same number. A write
/// of a session that has lost its lock may arrive late, so whoever finds another number needs such a write for an excuse.
/// </summary>
public static class LockHolds
{
    public static Verdict Check(IEnumerable<LockHold> holds, IEnumerable<GuardedWrite> writes) =>
        holds.GroupBy(h => h.Key).Select(Apart)
            .Concat(writes.GroupBy(w => (w.Key, w.Expected)).Select(Once))
            .FirstOrDefault(static v => !v.Passed) ?? Verdict.Valid;

    private static Verdict Apart(IEnumerable<LockHold> holds)
    {
        LockHold? exclusive = null, any = null;
        foreach (var hold in holds.OrderBy(h => h.From))
        {
            var other = hold.Shared ? exclusive : any;
            if (other is not null && other.To > hold.From)
            {
                return Verdict.Violation($"two sessions held one lock\n  {other}\n  {hold}");
            }

            any = any is null || hold.To > any.To ? hold : any;
            exclusive = hold.Shared || (exclusive is not null && exclusive.To > hold.To) ? exclusive : hold;
        }

        return Verdict.Valid;
    }

    private static Verdict Once(IEnumerable<GuardedWrite> sameNumber)
    {
        var writes = sameNumber.ToArray();
        var done = writes.Where(w => w is { Outcome: Outcome.Ok, Missed: false }).ToArray();
        if (done.Length > 1)
        {
            return Verdict.Violation($"two holders wrote upon the same number\n  {done[0]}\n  {done[1]}");
        }

        var missed = writes.FirstOrDefault(w => w.Missed);
        return missed is null || writes.Any(w => w.Outcome == Outcome.Unknown)
            ? Verdict.Valid
            : Verdict.Violation($"a holder found another number than it had read, and nobody's write was late\n  {string.Join("\n  ", writes.AsEnumerable())}");
    }
}
