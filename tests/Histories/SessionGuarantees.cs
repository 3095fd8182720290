namespace Rqlite.Pg.Histories;

/// <summary>A step of a session that carries the index of what it has seen from node to node.</summary>
/// <param name="Key">What was read or written; its versions count its writes.</param>
/// <param name="Asked">The index asked for as the least; 0 if none.</param>
/// <param name="Index">An index at which what was seen is certainly included; 0 if none was learnt.</param>
public sealed record IndexedStep(int Client, string Key, bool Write, long Version, long Asked, long Index, string Node)
{
    public override string ToString() =>
        $"client {Client} on {Node}: {(Write ? "wrote" : "read")} {Key}={Version}, {(Asked == 0 ? "" : $"asked for index {Asked}, ")}answered index {Index}";
}

/// <summary>
/// Checks sessions that ask nodes for at least an index they have learnt: a read that asks for the index of an earlier step of its session
/// sees no less of that key than the step did, own writes included; a write makes a newer version than any seen before; and no answer is
/// older than what was asked for. The steps of a client are given in its own order.
/// </summary>
public static class SessionGuarantees
{
    public static Verdict Check(IEnumerable<IndexedStep> steps)
    {
        var newest = new Dictionary<(int Client, string Key), IndexedStep>();
        foreach (var step in steps)
        {
            if (step.Index > 0 && step.Index < step.Asked)
            {
                return Verdict.Violation($"older than asked for: {step}");
            }

            if (newest.TryGetValue((step.Client, step.Key), out var before) && IsLess(step, before))
            {
                return Verdict.Violation($"{(before.Write ? "did not see its own write" : "went back in time")}:\n  {before}\n  {step}");
            }

            if (step.Index > 0 && (before is null || step.Version >= before.Version))
            {
                newest[(step.Client, step.Key)] = step;
            }
        }

        return Verdict.Valid;
    }

    private static bool IsLess(IndexedStep step, IndexedStep before) =>
        step.Write ? step.Version <= before.Version : step.Asked >= before.Index && step.Version < before.Version;
}
