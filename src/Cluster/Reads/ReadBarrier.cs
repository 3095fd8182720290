namespace Rqlite.Pg.Cluster;

/// <summary>Decides when a read of the asked consistency may run on this node's own database.</summary>
internal sealed class ReadBarrier(IReplicatedLog log, EntryApplier applier, RequestLimits limits, TimeProvider time)
{
    private long _openTerm = -1;

    /// <summary>The level of a read on this node: <see cref="ReadConsistency.Auto"/> is resolved here.</summary>
    public ReadConsistency Resolve(ReadConsistency consistency) => consistency switch
    {
        ReadConsistency.Auto => log.Voter ? ReadConsistency.Weak : ReadConsistency.None,
        _ => consistency,
    };

    /// <summary>True if the read may run here at once; reads memory only.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterError.StaleRead"/></exception>
    public bool IsOpen(ReadOptions read)
    {
        if (read.MinIndex > 0 && read.MinIndex > log.AppliedIndex)
        {
            return false;
        }

        switch (Resolve(read.Consistency))
        {
            case ReadConsistency.None:
                RequireDatabase();
                CheckFreshness(read);
                return true;
            case ReadConsistency.Weak:
                return log.IsLeader && Volatile.Read(ref _openTerm) == log.Term && log.HeardQuorum;
            default:
                return false;
        }
    }

    /// <summary>Called once the read has run: false if the node was suspended for so long in between that the read must be done again.</summary>
    public bool StillOpen(ReadOptions read) => Resolve(read.Consistency) != ReadConsistency.Weak || log.HeardQuorum;

    /// <summary>Waits until a majority has confirmed this leader, unless one has lately.</summary>
    /// <exception cref="ClusterException">This node does not lead any more.</exception>
    public async ValueTask WaitForQuorumAsync(CancellationToken token)
    {
        if (!log.HeardQuorum)
        {
            await log.WaitForApplyAsync(await log.ReadIndexAsync(token).ConfigureAwait(false), token).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the index is applied here, and speeds it up: a leader's answer brings its commit index along.</summary>
    public async ValueTask WaitForIndexAsync(long index, CancellationToken token)
    {
        if (index <= log.AppliedIndex)
        {
            return;
        }

        try
        {
            await log.ReadIndexAsync(token).ConfigureAwait(false);
        }
        catch (ClusterException)
        {
            // Without a leader the index may still be on its way here; the wait below has the caller's deadline.
        }

        await log.WaitForApplyAsync(index, token).ConfigureAwait(false);
    }

    /// <summary>
    /// Opens this leader's term for weak reads: the commits of earlier leaders, which may have been acknowledged, must be applied here first.
    /// </summary>
    public async ValueTask WaitForTermAsync(CancellationToken token)
    {
        var term = log.Term;
        if (Volatile.Read(ref _openTerm) == term || !log.IsLeader)
        {
            return;
        }

        // A leader has committed an entry of its own term, so its commit index covers all of them.
        await log.WaitForApplyAsync(log.CommitIndex, token).ConfigureAwait(false);
        Volatile.Write(ref _openTerm, term);
    }

    /// <summary>Waits until this node has applied the leader's commit index of a moment after this call began.</summary>
    public async ValueTask WaitForLeaderAsync(CancellationToken token)
    {
        var patience = new Patience(limits.LeaderWait, time);
        while (true)
        {
            log.RefuseIfRemoved();
            try
            {
                var index = await log.ReadIndexAsync(token).ConfigureAwait(false);
                await log.WaitForApplyAsync(index, token).ConfigureAwait(false);
                return;
            }
            catch (ClusterException e) when (e.Error == ClusterError.OutcomeUnknown || Patience.IsLeaderless(e.Error))
            {
                if (!patience.Left)
                {
                    throw e.Error == ClusterError.OutcomeUnknown
                        ? new ClusterException(ClusterError.Unreachable, e.Message, e.Leader, e)
                        : e;
                }

                await patience.PauseAsync(token).ConfigureAwait(false);
            }
        }
    }

    /// <exception cref="ClusterException"><see cref="ClusterError.StaleRead"/></exception>
    public void CheckFreshness(ReadOptions read)
    {
        if (read.Freshness is not { } freshness || freshness <= TimeSpan.Zero || log.IsLeader)
        {
            return;
        }

        if (log.SinceLeaderContact > freshness || (read.FreshnessStrict && Behind() > freshness))
        {
            throw new ClusterException(ClusterError.StaleRead, "stale read", log.Leader);
        }
    }

    /// <exception cref="ClusterException"><see cref="ClusterError.AwaitsDatabase"/></exception>
    public void RequireDatabase()
    {
        if (log.AwaitsDatabase)
        {
            throw new ClusterException(
                ClusterError.AwaitsDatabase, $"node '{log.Self.Id}' is new in its cluster and has not got its copy of the database yet", log.Leader);
        }
    }

    /// <summary>The time by which the applied state lies behind the leader's clock, if a committed entry is not yet applied.</summary>
    private TimeSpan Behind() => log.AppliedIndex >= log.CommitIndex || applier.UnixMicroseconds == 0
        ? TimeSpan.Zero
        : time.GetUtcNow() - DateTimeOffset.UnixEpoch.AddTicks(applier.UnixMicroseconds * TimeSpan.TicksPerMicrosecond);
}
