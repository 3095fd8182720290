namespace Rqlite.Pg.Cluster;

/// <summary>Consensus as the data plane sees it: an ordered log of opaque entries.</summary>
internal interface IReplicatedLog : ILeadership
{
    /// <summary>The current term.</summary>
    long Term { get; }

    long CommitIndex { get; }

    /// <summary>The index up to which entries are applied here and can be read, no-ops and configurations included.</summary>
    long AppliedIndex { get; }

    /// <summary>Time since this node last heard from a leader; zero on the leader.</summary>
    TimeSpan SinceLeaderContact { get; }

    /// <summary>
    /// On a leader, true if a majority has followed it within the bound of weak reads, so that no other node has led since. Reads memory only.
    /// </summary>
    bool HeardQuorum => true;

    /// <summary>False on a leader that refuses entries while it transfers leadership: it still leads meanwhile.</summary>
    bool TakesEntries => true;

    /// <summary>False on a read replica.</summary>
    bool Voter { get; }

    /// <summary>True if this node was removed from the cluster: it will never again learn of a leader.</summary>
    bool Removed => false;

    /// <summary>True while a new node does not have its copy of the database yet.</summary>
    bool AwaitsDatabase => false;

    /// <summary>
    /// Appends an entry and returns its index as soon as its place in the log is fixed: it is neither durable nor committed then, though it may
    /// already be applied. Entries appended one after the other stand in that order, with no other entry between them in one term. The bytes
    /// may be read until the entry is applied. <paramref name="context"/> is handed to <see cref="IEntryApplier"/>, which alone tells success.
    /// </summary>
    /// <exception cref="ClusterException">The entry was not appended. Any other exception leaves that open.</exception>
    ValueTask<long> AppendAsync(ReadOnlyMemory<byte> entry, object context, CancellationToken token);

    /// <summary>
    /// Waits until an entry is applied here at the index that <see cref="AppendAsync"/> returned: this node's or, after a loss of leadership,
    /// another's; compare nonces.
    /// </summary>
    /// <exception cref="ClusterException"><see cref="ClusterError.OutcomeUnknown"/>: leadership was lost, or the wait was ended.</exception>
    ValueTask WaitForCommitAsync(long index, CancellationToken token);

    /// <summary>
    /// Appends an entry and returns when it is applied here, or throws. Success is told by <see cref="IEntryApplier"/> alone, which is handed
    /// <paramref name="context"/>; the caller compares nonces and treats any exception after the append as an unknown outcome.
    /// </summary>
    /// <exception cref="ClusterException"><see cref="ClusterError.NotLeader"/>: not appended.
    /// <see cref="ClusterError.OutcomeUnknown"/>: appended, then leadership was lost.</exception>
    async ValueTask ReplicateAsync(ReadOnlyMemory<byte> entry, object context, CancellationToken token)
    {
        var index = await AppendAsync(entry, context, token).ConfigureAwait(false);
        await WaitForCommitAsync(index, token).ConfigureAwait(false);
    }

    /// <summary>
    /// A commit index that a quorum-confirmed leader had after this call began (Raft thesis 6.4). Works on every node; concurrent callers share a round.
    /// </summary>
    ValueTask<long> ReadIndexAsync(CancellationToken token);

    /// <summary>Waits until <see cref="AppliedIndex"/> is at least <paramref name="index"/>.</summary>
    ValueTask WaitForApplyAsync(long index, CancellationToken token);

    /// <exception cref="ClusterException">This node was removed.</exception>
    void RefuseIfRemoved()
    {
        if (Removed)
        {
            throw new ClusterException(ClusterError.NotReady, "this node was removed from the cluster");
        }
    }
}

/// <summary>Applies committed entries, one at a time and in order.</summary>
internal interface IEntryApplier
{
    /// <summary>Whether <see cref="Apply"/> can read an entry; asked before an entry of another node is stored.</summary>
    /// <exception cref="InvalidDataException">The entry cannot be read; the message says why.</exception>
    void Check(ReadOnlyMemory<byte> entry);

    /// <param name="context">
    /// The context that the proposer passed to <see cref="IReplicatedLog.AppendAsync"/>, on the node that proposed; it may belong to another
    /// entry that once had this index, so compare nonces. Null elsewhere.
    /// </param>
    void Apply(long index, long term, ReadOnlyMemory<byte> entry, object? context);
}
