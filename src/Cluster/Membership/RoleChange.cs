using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>
/// Makes a folder of a read replica one of a voter, and the reverse. <c>node.json</c> tells which of the two it is, and is written last when a log
/// is made and first when it is deleted, so that a start after a crash does the rest. Term and vote stay through both: a node that was
/// demoted and promoted again must not vote twice in a term.
/// </summary>
internal sealed class RoleChange(string directory, NodeIdentity self, IReplicaStorage storage, ILogger logger)
{
    private readonly string _raft = Path.Combine(directory, "raft");

    /// <summary>For tests: called after each step, which it may end as a crash does.</summary>
    internal static Action<string>? StepDone { get; set; }

    /// <summary>
    /// Before a voter's log opens, gives a folder without one a log that begins where the database ends: a read replica has applied nothing but
    /// committed entries. The node has no vote until the leader has added it.
    /// </summary>
    public void PrepareVoter()
    {
        if (self.Voter)
        {
            return;
        }

        DeleteLog();
        StepDone?.Invoke("deleted");
        var durable = storage.Checkpoint();
        var (index, term) = (storage.AppliedIndex, storage.AppliedTerm);
        if (durable < index)
        {
            throw new InvalidDataException($"The database is at index {index}, of which only {durable} is on the disk: the read replica cannot become a voter yet.");
        }

        using (var file = TermFile.Open(_raft))
        {
            // A vote counts for its term only; a cut that was interrupted was one of the former log.
            var state = file.State;
            file.Write(state.Term < term ? new TermState(term, null, 0) : state with { CutFrom = 0 });
        }

        StepDone?.Invoke("term");
        BaseFile.Write(BaseFile.PathIn(_raft), index, term);
        StepDone?.Invoke("base");
        var files = LogFiles.Open(_raft, 0);
        files.Begin(index + 1, term);
        files.Close();
        DurableFile.FlushDirectory(_raft);
        StepDone?.Invoke("log");
        self.BecomeVoter(true);
        logger.Promoting(index, term);
        StepDone?.Invoke("voter");
    }

    /// <summary>Before a read replica starts, deletes what a crash has left of its former log.</summary>
    public void PrepareReplica()
    {
        if (!self.Voter)
        {
            DeleteLog();
        }
    }

    /// <summary>Deletes the log of a voter which the leader has agreed to be a read replica.</summary>
    public void Demote()
    {
        self.BecomeVoter(false);
        StepDone?.Invoke("replica");
        DeleteLog();
        logger.Demoted(storage.AppliedIndex);
        StepDone?.Invoke("deleted");
    }

    private void DeleteLog()
    {
        foreach (var file in Directory.EnumerateFiles(_raft).Where(static path => Path.GetExtension(path) is ".log" or ".tmp").ToList())
        {
            File.Delete(file);
        }

        File.Delete(BaseFile.PathIn(_raft));
        DurableFile.FlushDirectory(_raft);
    }
}
