
namespace Rqlite.Pg.Cluster;

/// <summary>What must hold between the log's base B, the database's index A and the log's end L before a node may take part: B &lt;= A &lt;= L.</summary>
internal static class StartGuard
{
    private const string Remedy =
        " This node must not take part with less than it once had: remove it from the cluster, then start it with an empty data directory and -join.";

    public static BasePoint FindBase(string directory, IReplicaStorage storage)
    {
        var stored = BaseFile.Read(Path.Combine(directory, "BASE"));
        var (index, term) = stored.Index >= storage.CopyBase.Index ? stored : storage.CopyBase;
        if (index > storage.AppliedIndex)
        {
            throw new InvalidDataException(
                $"The log starts after index {index}, but the database ends at {storage.AppliedIndex}: the database is older than the log."
                + Remedy);
        }

        if (storage.AppliedIndex > storage.CopyBase.Index && !File.Exists(Path.Combine(directory, "checkpoint")))
        {
            throw new InvalidDataException(
                $"The database is at index {storage.AppliedIndex}, but '{directory}' holds no log." + Remedy);
        }

        return new BasePoint(index, term);
    }

    public static async ValueTask CheckAsync(DurableLog log, LogStateMachine machine, IReplicaStorage storage, CancellationToken token)
    {
        if (log.LastEntryIndex < storage.AppliedIndex)
        {
            throw new InvalidDataException(
                $"The log ends at index {log.LastEntryIndex}, but the database is at {storage.AppliedIndex}: the log has lost its end." + Remedy);
        }

        // An overwrite of a conflicting tail that was cut short leaves old entries behind new ones.
        var before = machine.Base.Term;
        const int step = 1000;
        for (var from = machine.Base.Index + 1; from <= log.LastEntryIndex; from += step)
        {
            using var entries = await log.ReadAsync(from, Math.Min(from + step - 1, log.LastEntryIndex), token).ConfigureAwait(false);
            for (var i = 0; i < entries.Count; i++)
            {
                if (entries[i].Term < before)
                {
                    throw new InvalidDataException(
                        $"The terms of the log go down at index {from + i} ({before}, then {entries[i].Term}): its end is a mixture." + Remedy);
                }

                before = entries[i].Term;
            }
        }
    }

    public static async ValueTask ExplainAsync(Func<Task> start)
    {
        try
        {
            await start().ConfigureAwait(false);
        }
        catch (DotNext.IO.Log.IntegrityException error)
        {
            throw new InvalidDataException($"The log is damaged ({error.Message})." + Remedy, error);
        }
    }
}
