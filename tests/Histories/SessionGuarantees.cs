namespace Rqlite.Pg.Histories;

/// <summary>A step of a session that carries the index of what it has seen from node to node.</summary>
/// <param name="Key">What was read or written; its versions count its writes.</param>
/// <param name="Asked">The index asked for as the least; 0 if none.</param>
/// <param name="Index">The index that the answer tells.</param>
public sealed record IndexedStep(int Client, string Key, bool Write, long Version, long Asked, long Index, string Node)
{
    public override string ToString() =>
        $"client {Client} on {Node}: {(Write ? "wrote" : "read")} {Key}={Version}, {(Asked == 0 ? "" : $"asked for index {Asked}, ")}answered index {Index}";
}

/// <summary>
/// Checks sessions that ask every node for at least the index they have seen: each session sees its own writes and never less than before,
/// key by key, and no answer is older than what was asked for. The steps of a client are given in its own order.
/// </summary>
public static class SessionGuarantees
{
    public static Verdict Check(IEnumerable<IndexedStep> steps)
    {
        var newest = new Dictionary<(int Client, string Key), IndexedStep>();
        foreach (var step in steps)
        {
            if (step.Index < step.Asked)
            {
                return Verdict.Violation($"older than asked for: {step}");
            }

            if (newest.TryGetValue((step.Client, step.Key), out var before) && (step.Version < before.Version || (step.Write && step.Version == before.Version)))
            {
                return Verdict.Violation($"{(before.Write ? "did not see its own write" : "went back in time")}:\n  {before}\n  {step}");
            }

            newest[(step.Client, step.Key)] = step;
        }

        return Verdict.Valid;
    }
}
