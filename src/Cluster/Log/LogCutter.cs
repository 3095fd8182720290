using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster;

/// <summary>Makes the database durable at intervals and drops the log that it covers, less a part for slow followers.</summary>
internal sealed class LogCutter(ClusterOptions options, IReplicaStorage storage, DurableLog log, RaftTransport transport, ILogger logger)
{
    private readonly Lock _running = new();
    private long _durable;

    /// <summary>The last index known to be on disk in the database.</summary>
    public long Durable => Volatile.Read(ref _durable);

    public void Run()
    {
        lock (_running)
        {
            Checkpoint();
            TryCut(Math.Max(_durable - options.TrailingEntries, Math.Min(log.IndexBefore(options.TrailingBytes), _durable)), options.SnapshotStep);
        }
    }

    /// <summary>As <see cref="Run"/> does, at an operator's wish: however little there is to cut.</summary>
    /// <param name="trailing">The entries that stay for slow followers; null for as many as the options say.</param>
    /// <returns>False if nothing was new.</returns>
    public bool RunNow(long? trailing)
    {
        lock (_running)
        {
            var checkpointed = Checkpoint();
            return TryCut(_durable - (trailing ?? options.TrailingEntries), 1) || checkpointed;
        }
    }

    private bool Checkpoint()
    {
        if (storage.AppliedIndex <= _durable)
        {
            return false;
        }

        Volatile.Write(ref _durable, storage.Checkpoint());
        return true;
    }

    private bool TryCut(long target, long step)
    {
        if (target - log.Base.Index < step || !transport.TryUnlessHeld(() => log.TryMoveBase(target)))
        {
            return false;
        }

        ClusterMetrics.LogCuts.Add(1);
        logger.LogCut(target, _durable);
        return true;
    }
}
