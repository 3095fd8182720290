using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster;

/// <summary>Makes the database durable at intervals and drops the log that it covers, less a part for slow followers.</summary>
internal sealed class LogCutter(ClusterOptions options, IReplicaStorage storage, DurableLog log, RaftTransport transport, ILogger logger)
{
    private long _durable;

    /// <summary>The last index known to be on disk in the database.</summary>
    public long Durable => Volatile.Read(ref _durable);

    public void Run()
    {
        if (storage.AppliedIndex > _durable)
        {
            Volatile.Write(ref _durable, storage.Checkpoint());
        }

        var target = Math.Max(_durable - options.TrailingEntries, Math.Min(log.IndexBefore(options.TrailingBytes), _durable));
        if (target - log.Base.Index >= options.SnapshotStep && transport.TryUnlessHeld(() => log.TryMoveBase(target)))
        {
            logger.LogCut(target, _durable);
        }
    }
}
