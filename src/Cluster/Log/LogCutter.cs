using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster;

/// <summary>Makes the database durable now and then and lets go of the log that it covers, less a part for slow followers.</summary>
internal sealed class LogCutter(
    ClusterOptions options, string directory, IReplicaStorage storage, DurableLog log, LogStateMachine machine, RaftTransport transport,
    ILogger logger)
{
    // An open append holds the lock that the removal of pages needs, and everybody else queues behind the removal.
    private static readonly TimeSpan AppendAgeMax = TimeSpan.FromMilliseconds(50);

    private long _durable;

    /// <summary>The last index known to be on disk in the database.</summary>
    public long Durable => Volatile.Read(ref _durable);

    public async ValueTask RunAsync(CancellationToken token)
    {
        if (storage.AppliedIndex > _durable)
        {
            Volatile.Write(ref _durable, storage.Checkpoint());
        }

        var point = machine.Base;
        var target = Math.Max(_durable - options.TrailingEntries, Math.Min(machine.Sizes.IndexBefore(options.TrailingBytes), _durable));
        if (target - point.Index < options.SnapshotStep || transport.Held || transport.OldestAppend > AppendAgeMax)
        {
            return;
        }

        var term = await log.TermAtAsync(target, token).ConfigureAwait(false);
        BaseFile.Write(Path.Combine(directory, "BASE"), target, term);
        if (transport.TryUnlessHeld(() => machine.TryMoveBase(point, new BasePoint(target, term))))
        {
            logger.LogCut(target, _durable);
        }
    }
}
