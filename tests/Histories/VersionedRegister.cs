namespace Rqlite.Pg.Histories;

/// <summary>One answer of a register whose value counts its writes: a write answers the version it made, a read the one it saw.</summary>
public sealed record VersionedOperation(int Client, bool Write, long Version, long Invoked, long Returned)
{
    public override string ToString() => $"[{Invoked}..{Returned}] client {Client} {(Write ? "wrote" : "read")} version {Version}";
}

/// <summary>
/// Checks a register that is only ever incremented (<c>UPDATE … SET v = v + 1 RETURNING v</c>), where the order of the writes is known
/// from their answers. Linear after sorting, so it takes millions of operations. Only operations with known answers are given.
/// </summary>
public static class VersionedRegister
{
    public static Verdict Check(IReadOnlyCollection<VersionedOperation> operations)
    {
        var writers = new Dictionary<long, VersionedOperation>();
        foreach (var write in operations.Where(o => o.Write))
        {
            if (!writers.TryAdd(write.Version, write))
            {
                return Verdict.Violation($"version {write.Version} was made twice:\n  {writers[write.Version]}\n  {write}");
            }
        }

        var byReturn = operations.OrderBy(o => o.Returned).ToArray();
        var returned = 0;
        VersionedOperation? newest = null;
        foreach (var operation in operations.OrderBy(o => o.Invoked))
        {
            for (; returned < byReturn.Length && byReturn[returned].Returned < operation.Invoked; returned++)
            {
                newest = newest is null || byReturn[returned].Version > newest.Version ? byReturn[returned] : newest;
            }

            if (newest is not null && (operation.Write ? operation.Version <= newest.Version : operation.Version < newest.Version))
            {
                return Verdict.Violation($"went back in time:\n  {newest}\n  {operation}");
            }

            if (!operation.Write && writers.TryGetValue(operation.Version, out var writer) && writer.Invoked > operation.Returned)
            {
                return Verdict.Violation($"read before it was written:\n  {operation}\n  {writer}");
            }
        }

        return Verdict.Valid;
    }
}
