using System.Collections.Concurrent;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>How this node becomes part of a cluster, and keeps its own entry in the member list true.</summary>
internal sealed partial class MembershipControl
{
    private static readonly TimeSpan FormPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan JoinTimeout = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<Guid, NodeInfo> _notified = new();

    // Since its start the node has had a leader, or was added to the cluster: if it is removed now, it stays removed.
    private volatile bool _belonged;

    private Action _demoted = static () => { };

    public bool Removed => _own.Removed;

    private bool Joins => _options.Join.Count > 0 || _options.Discovery is not null;

    /// <summary>Before the log opens, gives its member list to a node that is to start alone.</summary>
    /// <returns>The recovery that an operator asks for; null for none.</returns>
    public async ValueTask<QuorumRecovery?> PrepareAsync(CancellationToken token)
    {
        OwnerOnly.CreateDirectory(Path.Combine(_options.DataDirectory, "raft"));
        Store.Load();
        var recovery = QuorumRecovery.Prepare(_options.DataDirectory, _info, _self, Store, _logger);
        if (recovery is null)
        {
            await PrepareMembersAsync(token).ConfigureAwait(false);
            RefuseLoneReplica();
        }

        return recovery;
    }

    private async ValueTask PrepareMembersAsync(CancellationToken token)
    {
        if (Store.Version >= 0)
        {
            if (_self.ClusterId == Guid.Empty)
            {
                // The node was stopped between the two steps of founding.
                _self.Found();
            }

            return;
        }

        if (Joins || _options.BootstrapExpect > 1 || _self.ClusterId != Guid.Empty)
        {
            return;
        }

        if (_options.NonVoter)
        {
            throw new ClusterException(ClusterError.Invalid, "a read replica cannot create a cluster: -raft-non-voter needs -join");
        }

        await FoundAsync(token).ConfigureAwait(false);
    }

    /// <summary>A voter becomes a read replica by a majority of the others: where there is none, it would wait for ever.</summary>
    private void RefuseLoneReplica()
    {
        var voters = Store.Members.Voters.ToList();
        if (!_info.Node.Voter && voters.Count is 1 or 2 && _own.Find() is { Node.Voter: true })
        {
            throw new ClusterException(
                ClusterError.Invalid,
                voters.Count == 1
                    ? "-raft-non-voter: this node is the only voter of its cluster and cannot become a read replica"
                    : "-raft-non-voter: one of two voters cannot become a read replica, since the other cannot agree to it alone. Add a third voter first; or start "
                    + "this node as a voter, remove it by DELETE /remove, and start it with an empty folder, -join and -raft-non-voter");
        }
    }

    /// <param name="removed">Called once if this node finds itself removed.</param>
    /// <param name="demoted">Called if the leader has agreed that this former voter is a read replica.</param>
    public void Start(Action<string, Exception> failed, Action removed, Action demoted)
    {
        _demoted = demoted;
        _log.Changed += NoteLeader;
        NoteLeader();
        _loops = [FormAsync(failed), WatchOwnEntryAsync(failed, removed), ReapAsync()];
    }

    /// <summary>Notes that another node waits for the same cluster to form.</summary>
    public void Notified(NodeInfo node)
    {
        if (_notified.Count < 1000)
        {
            _notified[node.DiskId] = node;
        }
    }

    private void NoteLeader() => _belonged |= _log.Leader is not null;

    private async ValueTask FoundAsync(CancellationToken token)
    {
        // The member list is saved first: with it alone the founding is completed at the next start.
        await Store.SaveAsync(Members.Empty.With(_info), 0, token).ConfigureAwait(false);
        _self.Found();
        _logger.ClusterCreated(_self.ClusterId, _info.Node.Id);
    }

    private async Task FormAsync(Action<string, Exception> failed)
    {
        if (!Joins)
        {
            return;
        }

        if (_own.Find() is not null)
        {
            // This is right for a member that starts again; but a first start without -join has founded a cluster that may not have been wanted.
            if (Store.Members.Nodes.Count == 1)
            {
                _logger.JoinNotFollowed(_self.ClusterId, _info.Node.Id);
            }

            return;
        }

        await EnterAsync(failed).ConfigureAwait(false);
    }

    private async ValueTask EnterAsync(Action<string, Exception> failed)
    {
        _own.Joining = true;
        try
        {
            // A node that has a cluster id joins again and ignores -bootstrap-expect.
            if (_options.BootstrapExpect > (_options.Discovery is null ? 1 : 0) && _self.ClusterId == Guid.Empty)
            {
                await FormTogetherAsync(_stopping.Token).ConfigureAwait(false);
            }
            else
            {
                await JoinAsync(_stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node is stopping.
        }
        catch (Exception error)
        {
            failed("the node could not become part of a cluster", error);
        }
        finally
        {
            _own.Joining = false;
        }
    }

    private async ValueTask JoinAsync(CancellationToken token)
    {
        ClusterException? last = null;
        if (_options.Discovery is null && _options.Join.All(given => JoinTarget.IsSelf(given, _info.Node)))
        {
            throw new ClusterException(
                ClusterError.Invalid, $"-join names this node itself ({string.Join(", ", _options.Join)}): give the address of another node");
        }

        // Records of nodes that are being started come late.
        var until = _options.Discovery is null ? 0 : MonotonicClock.Milliseconds + (long)_options.BootstrapExpectTimeout.TotalMilliseconds;
        for (var attempt = 0; attempt < Math.Max(1, _options.JoinAttempts) || MonotonicClock.Milliseconds < until; attempt++)
        {
            if (attempt > 0)
            {
                await Task.Delay(_options.JoinInterval, token).ConfigureAwait(false);
            }

            foreach (var address in await TargetsAsync(token).ConfigureAwait(false))
            {
                last = await TryJoinAsync(address, token).ConfigureAwait(false);
                if (last is null)
                {
                    return;
                }
            }
        }

        throw new ClusterException(
            ClusterError.Unreachable,
            last is null ? "-disco-mode has found no other node" : $"no node of {(_options.Discovery is null ? "-join" : "-disco-mode")} took this node in: {last.Message}", null, last);
    }

    /// <summary>The nodes of -join or -disco-mode but for this one.</summary>
    private async ValueTask<IReadOnlyList<string>> TargetsAsync(CancellationToken token)
    {
        try
        {
            var given = _options.Discovery is { } discovery ? await discovery.FindAsync(token).ConfigureAwait(false) : _options.Join;
            return [.. given.Where(address => !JoinTarget.IsSelf(address, _info.Node))];
        }
        catch (ClusterException error)
        {
            _logger.NotDiscovered(PrintableText.Of(error.Message));
            return [];
        }
    }

    /// <summary>Asks one node to be added; null on success.</summary>
    private async ValueTask<ClusterException?> TryJoinAsync(string given, CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token);
        bounded.CancelAfter(JoinTimeout);
        try
        {
            var address = await JoinTarget.ResolveAsync(given, _requests, _options, bounded.Token).ConfigureAwait(false);
            if (JoinTarget.IsSelf(address, _info.Node))
            {
                return new ClusterException(ClusterError.Invalid, $"{given} is this node itself");
            }

            var meta = await _requests.MetaAsync(address, bounded.Token).ConfigureAwait(false);
            if (!meta.Formed)
            {
                return new ClusterException(ClusterError.NotReady, $"{given} is not part of a cluster yet");
            }

            _logger.Joining(address);
            _self.BeginJoin();
            var answer = await _requests.AskAsync(
                address, NodeRequestKind.Join, MembershipRequest.Encode(_info, 0, _options.JoinAs), bounded.Token).ConfigureAwait(false);
            // A node that has been removed again by now has a newer list already, which stays.
            await TakeAdmissionAsync(answer, bounded.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (!token.IsCancellationRequested)
        {
            if (_own.Find() is null)
            {
                // An attempt may fail in any way: the next address or the next round may succeed.
                var reason = PrintableText.Of(ConnectionTrouble.Reason(error));
                _logger.JoinFailed(given, reason);
                return error as ClusterException ?? new ClusterException(ClusterError.Unreachable, reason, null, error);
            }

            // The list has this node, however the answer was lost.
        }

        _belonged = true;
        _own.TakenIn();
        _logger.Joined(_self.ClusterId);
        return null;
    }

    /// <summary>
    /// Takes a member list from an answer. A list that is in effect elsewhere has been committed, so it may take effect here before the log
    /// brings it.
    /// </summary>
    private async ValueTask<Members> TakeMembersAsync(ReadOnlyMemory<byte> answer, CancellationToken token)
    {
        var (version, members, clusterId) = MembershipRequest.DecodeMembers(answer.Span);
        if (clusterId == Guid.Empty || (_self.ClusterId != Guid.Empty && clusterId != _self.ClusterId))
        {
            throw new InvalidDataException("A member list of another cluster was sent.");
        }

        _self.Adopt(clusterId);
        await Store.SaveAsync(members, version, token).ConfigureAwait(false);
        return members;
    }

    /// <summary>
    /// Takes the leader's answer to a wish to be a member. A former voter keeps its log until such an answer: another node's list may be older
    /// than the one by which it has acknowledged entries as a voter.
    /// </summary>
    private async ValueTask TakeAdmissionAsync(ReadOnlyMemory<byte> answer, CancellationToken token)
    {
        var members = await TakeMembersAsync(answer, token).ConfigureAwait(false);
        if (!_info.Node.Voter && _self.Voter && members.Find(_self.DiskId) is { Node.Voter: false })
        {
            _demoted();
        }
    }

    /// <summary>
    /// Several nodes start together: each tries to join, else tells the others that it waits. When a node knows of as many as expected, the one
    /// with the lowest disk id founds the cluster alone, and the others join it.
    /// </summary>
    private async ValueTask FormTogetherAsync(CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token);
        bounded.CancelAfter(_options.BootstrapExpectTimeout);
        try
        {
            Notified(_info);
            while (true)
            {
                foreach (var address in await TargetsAsync(bounded.Token).ConfigureAwait(false))
                {
                    if (await TryJoinAsync(address, bounded.Token).ConfigureAwait(false) is null)
                    {
                        return;
                    }

                    await TryNotifyAsync(address, bounded.Token).ConfigureAwait(false);
                }

                if (_notified.Count >= _options.BootstrapExpect && _notified.Keys.Min() == _self.DiskId)
                {
                    await FoundAsync(bounded.Token).ConfigureAwait(false);
                    return;
                }

                await Task.Delay(FormPause, bounded.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException error) when (!token.IsCancellationRequested)
        {
            throw new ClusterException(
                ClusterError.Timeout,
                $"{_notified.Count} of {_options.BootstrapExpect} nodes have come within -bootstrap-expect-timeout", null, error);
        }
    }

    private async ValueTask TryNotifyAsync(string given, CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token);
        bounded.CancelAfter(ProbeTimeout);
        try
        {
            var address = await JoinTarget.ResolveAsync(given, _requests, _options, bounded.Token).ConfigureAwait(false);
            await _requests.AskAsync(address, NodeRequestKind.Notify, MembershipRequest.Encode(_info, 0, _options.JoinAs), bounded.Token).ConfigureAwait(false);
            if (await _requests.MetaAsync(address, bounded.Token).ConfigureAwait(false) is { Formed: false } meta)
            {
                Notified(meta.Node);
            }
        }
        catch (Exception) when (!token.IsCancellationRequested)
        {
            // The node is not up yet; it will send its own notice when it is.
        }
    }

    /// <summary>Keeps the node's own entry true: announces new addresses, and learns of changes to the list while this node was away.</summary>
    private async Task WatchOwnEntryAsync(Action<string, Exception> failed, Action removed)
    {
        using var timer = new PeriodicTimer(FormPause);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                var isDemoted = !_info.Node.Voter && _self.Voter;
                if (!_own.Joining && _own.Find() is { } own && (own.Node != _info.Node || isDemoted))
                {
                    await AnnounceAsync(_stopping.Token).ConfigureAwait(false);
                }

                if (_self.ListUnlogged && _log.IsLeader)
                {
                    await LogListAsync(_stopping.Token).ConfigureAwait(false);
                }

                if (!Removed && _log.Leader is null)
                {
                    await LearnMembersAsync(_stopping.Token).ConfigureAwait(false);
                }

                if (Removed && !_belonged && Joins)
                {
                    // The node was removed while it was down, and started with -join all the same: so it is to be added again.
                    _belonged = true;
                    await EnterAsync(failed).ConfigureAwait(false);
                }
                else if (Removed)
                {
                    removed();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
    }

    /// <summary>
    /// After a recovery, brings the member list into the log: it takes the place of lists that other survivors may still apply from entries of
    /// before the recovery.
    /// </summary>
    private async ValueTask LogListAsync(CancellationToken token)
    {
        await _change.WaitAsync(token).ConfigureAwait(false);
        try
        {
            await Voter.ReplicateMembersAsync(Store.Members, token).ConfigureAwait(false);
            _self.ListLogged();
        }
        catch (ClusterException error)
        {
            _logger.ListNotLogged(error.Message);
        }
        finally
        {
            _change.Release();
        }
    }

    private async ValueTask AnnounceAsync(CancellationToken token)
    {
        var addresses = _log.IsLeader
            ? [_info.Node.RaftAddress]
            : Store.Members.Voters.Where(v => v.DiskId != _self.DiskId).Select(static v => v.Node.RaftAddress).Concat(await TargetsAsync(token).ConfigureAwait(false)).ToList();
        foreach (var given in addresses)
        {
            try
            {
                if (_log.IsLeader)
                {
                    await AddAsync((_info, 0), token).ConfigureAwait(false);
                }
                else
                {
                    var address = await JoinTarget.ResolveAsync(given, _requests, _options, token).ConfigureAwait(false);
                    var answer = await _requests.AskAsync(
                        address, NodeRequestKind.Join, MembershipRequest.Encode(_info, 0, _options.JoinAs), token).ConfigureAwait(false);
                    await TakeAdmissionAsync(answer, token).ConfigureAwait(false);
                }

                return;
            }
            catch (Exception error) when (!token.IsCancellationRequested)
            {
                _logger.JoinFailed(given, ConnectionTrouble.Reason(error));
            }
        }
    }

    /// <summary>
    /// Asks other nodes for a newer member list: the voters of its own list and those of -join. Without a leader no node sends a newer list,
    /// but the cluster may need this node's vote to have a leader again; this node votes for, and follows, only nodes of its list. The newest
    /// list with this node is as good as one from the log; one without it means that this node was removed.
    /// </summary>
    private async ValueTask LearnMembersAsync(CancellationToken token)
    {
        var addresses = Store.Members.Voters.Where(v => v.DiskId != _self.DiskId).Select(static v => v.Node.RaftAddress).ToList();
        foreach (var given in addresses.Concat(await TargetsAsync(token).ConfigureAwait(false)))
        {
            try
            {
                var address = await JoinTarget.ResolveAsync(given, _requests, _options, token).ConfigureAwait(false);
                var meta = await _requests.TryMetaAsync(address, ProbeTimeout, token).ConfigureAwait(false);
                if (meta is null || meta.MembersVersion <= Store.Version || (_self.ClusterId != Guid.Empty && meta.ClusterId != _self.ClusterId))
                {
                    continue;
                }

                if (meta.AskerIsMember)
                {
                    using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token);
                    bounded.CancelAfter(ProbeTimeout);
                    var answer = await _requests.AskAsync(address, NodeRequestKind.Members, default, bounded.Token).ConfigureAwait(false);
                    await TakeMembersAsync(answer, token).ConfigureAwait(false);
                }
                else if (!_own.Joining)
                {
                    _own.ToldOfRemoval();
                    return;
                }
            }
            catch (Exception error) when (!token.IsCancellationRequested)
            {
                _logger.MembersNotLearnt(given, ConnectionTrouble.Reason(error));
            }
        }
    }
}
