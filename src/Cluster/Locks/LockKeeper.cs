namespace Rqlite.Pg.Cluster;

/// <summary>
/// The leader's side of the locks' leases: nodes with locks renew at the leader, which ends the locks of a node that has been silent for a
/// lease. A node whose locks are about to be ended gets no answer any more, so that it cannot rely on them.
/// </summary>
internal sealed class LockKeeper(IReplicatedLog log, TimeSpan lease)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, long> _heard = [];
    private readonly HashSet<Guid> _ending = [];
    private long _term = -1;
    private long _since;

    /// <summary>Renews a node's lease. Only a leader answers, and only once a quorum has confirmed it.</summary>
    /// <returns>The node may rely on its locks once it has applied this index.</returns>
    public async ValueTask<long> HearAsync(Guid node, CancellationToken token)
    {
        var term = log.Term;
        if (!log.IsLeader)
        {
            throw NotLeader();
        }

        var index = await log.ReadIndexAsync(token).ConfigureAwait(false);
        lock (_gate)
        {
            if (!log.IsLeader || log.Term != term)
            {
                throw NotLeader();
            }

            Adopt(term);
            if (_ending.Contains(node))
            {
                throw new ClusterException(ClusterError.LocksLost, "the locks of this node are being ended");
            }

            _heard[node] = MonotonicClock.Milliseconds;
        }

        return index;
    }

    /// <summary>Returns those of the nodes that were silent for too long. Each is refused until <see cref="Ended"/> or a change of term.</summary>
    public IReadOnlyList<Guid> TakeSilent(IEnumerable<Guid> nodes, Guid self, out long term)
    {
        var silent = new List<Guid>();
        lock (_gate)
        {
            term = log.Term;
            if (!log.IsLeader)
            {
                return silent;
            }

            Adopt(term);
            foreach (var node in nodes)
            {
                if (node != self && MonotonicClock.Milliseconds - _heard.GetValueOrDefault(node, _since) > lease.TotalMilliseconds)
                {
                    _ending.Add(node);
                    silent.Add(node);
                }
            }
        }

        return silent;
    }

    /// <summary>Accepts renewals of these nodes again: the entry that ends their locks is applied.</summary>
    public void Ended(IEnumerable<Guid> nodes)
    {
        lock (_gate)
        {
            foreach (var node in nodes)
            {
                _ending.Remove(node);
            }
        }
    }

    /// <summary>Begins a term: a new leader does not know its predecessor's renewals, so every node has a whole lease from now.</summary>
    private void Adopt(long term)
    {
        if (_term != term)
        {
            _term = term;
            _since = MonotonicClock.Milliseconds;
            _heard.Clear();
            _ending.Clear();
        }
    }

    private ClusterException NotLeader() => new(ClusterError.NotLeader, "not leader", log.Leader);
}
