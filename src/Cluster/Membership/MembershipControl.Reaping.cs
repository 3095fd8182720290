using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Membership;

/// <content>Removal of nodes that are lost.</content>
internal sealed partial class MembershipControl
{
    private static readonly TimeSpan ReapPause = TimeSpan.FromSeconds(1);

    // The most that one round can add to a node's silence: a leader that was stopped itself for an hour has not heard of others for a moment only.
    private static readonly TimeSpan SilenceStep = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ReapRetry = TimeSpan.FromSeconds(10);

    /// <summary>While this node leads, removes members that have not answered for longer than the options allow; one at a time.</summary>
    private async Task ReapAsync()
    {
        if (_options.ReapVoterAfter == TimeSpan.Zero && _options.ReapReplicaAfter == TimeSpan.Zero)
        {
            return;
        }

        var silent = new Dictionary<Guid, TimeSpan>();
        using var timer = new PeriodicTimer(ReapPause);
        try
        {
            for (var last = MonotonicClock.Milliseconds; await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false);)
            {
                var now = MonotonicClock.Milliseconds;
                var passed = TimeSpan.FromMilliseconds(Math.Min(now - last, SilenceStep.TotalMilliseconds));
                last = now;
                if (!_log.IsLeader)
                {
                    silent.Clear();
                    continue;
                }

                await ListenAsync(silent, passed).ConfigureAwait(false);
                var lost = Store.Members.Nodes.Where(n => silent.TryGetValue(n.DiskId, out var time) && LimitOf(n) is { } limit && time > limit)
                    .MaxBy(n => silent[n.DiskId]);
                if (lost is not null && !await TryReapAsync(lost, silent[lost.DiskId]).ConfigureAwait(false))
                {
                    silent[lost.DiskId] -= ReapRetry;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
    }

    private TimeSpan? LimitOf(NodeInfo node) => (node.Node.Voter ? _options.ReapVoterAfter : _options.ReapReplicaAfter) is var limit && limit > TimeSpan.Zero ? limit : null;

    private async ValueTask ListenAsync(Dictionary<Guid, TimeSpan> silent, TimeSpan passed)
    {
        var others = Store.Members.Nodes.Where(n => n.DiskId != _self.DiskId).ToList();
        var answered = await Task.WhenAll(others.Select(n => AnswersAsync(n, ProbeTimeout, _stopping.Token))).ConfigureAwait(false);
        foreach (var gone in silent.Keys.Except(others.Select(static n => n.DiskId)).ToList())
        {
            silent.Remove(gone);
        }

        for (var i = 0; i < others.Count; i++)
        {
            if (answered[i])
            {
                silent.Remove(others[i].DiskId);
            }
            else
            {
                silent[others[i].DiskId] = silent.GetValueOrDefault(others[i].DiskId) + passed;
            }
        }
    }

    private async Task<bool> AnswersAsync(NodeInfo node, TimeSpan patience, CancellationToken token)
        => await _requests.TryMetaAsync(node.Node.RaftAddress, patience, token).ConfigureAwait(false) is { } meta && meta.Node.DiskId == node.DiskId;

    private async ValueTask<bool> TryReapAsync(NodeInfo node, TimeSpan silence)
    {
        try
        {
            await ChangeAsync(
                async () =>
                {
                    // Changes before this one may have taken their time.
                    if (Store.Members.Find(node.DiskId) is not { } member || await AnswersAsync(member, ProbeTimeout, _stopping.Token).ConfigureAwait(false))
                    {
                        return;
                    }

                    await RefuseLossOfQuorumAsync(member, _stopping.Token).ConfigureAwait(false);
                    await Voter.ReplicateMembersAsync(Store.Members.Without(member), _stopping.Token).ConfigureAwait(false);
                    _logger.Reaped(member.Node.Id, member.Node.RaftAddress, (long)silence.TotalSeconds);
                },
                _stopping.Token).ConfigureAwait(false);
            return true;
        }
        catch (ClusterException error)
        {
            _logger.NotReaped(node.Node.Id, (long)silence.TotalSeconds, error.Message);
            return false;
        }
    }
}
