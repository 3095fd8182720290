namespace Rqlite.Pg.Cluster;

/// <summary>The condition on the log's base B, the database's index A and the log's end L for a node to take part: B &lt;= A &lt;= L.</summary>
internal static class StartGuard
{
    private const string Remedy =
        " This node must not take part with less than it once had: remove it from the cluster, then start it with an empty data directory and -join.";

    public static BasePoint FindBase(string directory, IReplicaStorage storage)
    {
        var stored = BaseFile.Read(BaseFile.PathIn(directory));
        var point = stored.Index >= storage.CopyBase.Index
            ? new BasePoint(stored.Index, stored.Term)
            : new BasePoint(storage.CopyBase.Index, storage.CopyBase.Term, OfCopy: true);
        if (point.Index > storage.AppliedIndex)
        {
            throw new InvalidDataException(
                $"The log starts after index {point.Index}, but the database ends at {storage.AppliedIndex}: the database is older than the log."
                + Remedy);
        }

        if (storage.AppliedIndex > storage.CopyBase.Index && !File.Exists(TermFile.PathIn(directory)))
        {
            throw new InvalidDataException(
                $"The database is at index {storage.AppliedIndex}, but '{directory}' holds no log." + Remedy);
        }

        return point;
    }

    /// <summary>Opens the log, or throws with its damage and the remedy.</summary>
    public static DurableLog Open(Func<DurableLog> open)
    {
        try
        {
            return open();
        }
        catch (LogDamageException error)
        {
            throw new InvalidDataException($"The log is damaged. {error.Message}" + Remedy, error);
        }
    }

    public static void Check(DurableLog log, IReplicaStorage storage)
    {
        if (log.LastEntryIndex < storage.AppliedIndex)
        {
            throw new InvalidDataException(
                $"The log ends at index {log.LastEntryIndex}, but the database is at {storage.AppliedIndex}: the log has lost its end." + Remedy);
        }
    }
}
