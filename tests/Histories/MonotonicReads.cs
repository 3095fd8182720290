namespace Rqlite.Pg.Histories;

/// <summary>What a session saw or made, in its own order: a version that only grows.</summary>
public readonly record struct SessionStep(int Client, bool Write, long Version);

/// <summary>Checks that no session sees an older version after a newer one, its own writes included (read your writes).</summary>
public static class MonotonicReads
{
    public static Verdict Check(IEnumerable<SessionStep> steps)
    {
        var newest = new Dictionary<int, SessionStep>();
        foreach (var step in steps)
        {
            if (newest.TryGetValue(step.Client, out var before) && step.Version < before.Version)
            {
                var what = before.Write ? "its own write" : "a read";
                return Verdict.Violation($"client {step.Client} saw version {step.Version} after {what} of version {before.Version}");
            }

            newest[step.Client] = step;
        }

        return Verdict.Valid;
    }
}
