using System.Buffers;
using System.Net.Sockets;
using System.Text;
using DotNext.Net.Cluster.Consensus.Raft;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>Each test stands for a way in which the library alone would lose, double or freeze; DESIGN.md lists them.</summary>
public sealed class RaftDefectTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("raft-defect-").FullName;
    private readonly MemoryStorage _storage = new();
    private DurableLog _log = null!;

    public async Task InitializeAsync()
    {
        Open();
        await _log.UpdateTermAsync(5, true, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _log.DisposeAsync();
        Directory.Delete(_directory, true);
    }

    [Fact]
    public async Task A_followers_append_is_on_disk_when_it_returns()
    {
        await AppendAsync(1, (5, "a"), (5, "b"));
        var copy = Directory.CreateDirectory(Path.Combine(_directory, "copy")).FullName;
        foreach (var file in Directory.GetFiles(_directory))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        await using var killed = FollowerChild.Open(copy, new MemoryStorage());
        Assert.Equal(2, killed.LastEntryIndex);
    }

    [Fact]
    public async Task Entries_at_or_below_the_commit_index_are_passed_over_and_the_flush_does_not_hang()
    {
        await AppendAsync(1, (5, "a"), (5, "b"), (5, "c"));
        await _log.CommitAsync(3);
        await _log.WaitForApplyAsync(3);
        await AppendAsync(1, (5, "a"), (5, "b"));
        await AppendAsync(2, (5, "b"), (5, "c"), (5, "d"));
        await _log.FlushAsync(4).AsTask().WaitAsync(TestCluster.Patience);
        Assert.Equal(4, _log.LastEntryIndex);
        Assert.Equal(["a", "b", "c"], _storage.Texts);
    }

    [Fact]
    public async Task A_late_repetition_of_an_append_does_not_cut_off_what_came_after_it()
    {
        await AppendAsync(1, (5, "a"), (5, "b"));
        await AppendAsync(3, (5, "c"), (5, "d"));
        await AppendAsync(1, (5, "a"), (5, "b"));
        Assert.Equal(4, _log.LastEntryIndex);
        await _log.CommitAsync(4);
        await _log.WaitForApplyAsync(4);
        Assert.Equal(["a", "b", "c", "d"], _storage.Texts);
    }

    [Fact]
    public async Task A_conflicting_tail_is_replaced_and_the_log_is_whole_after_a_restart()
    {
        await AppendAsync(1, (4, "a"), (4, "b"), (4, "c"), (4, "d"));
        await AppendAsync(2, (5, "x"), (5, "y"));
        Assert.Equal(3, _log.LastEntryIndex);
        await _log.DisposeAsync();
        Open();
        await _log.CommitAsync(3);
        await _log.WaitForApplyAsync(3);
        Assert.Equal(["a", "x", "y"], _storage.Texts);
    }

    [Fact]
    public async Task An_overwrite_that_breaks_off_in_the_middle_leaves_a_log_that_opens()
    {
        await AppendAsync(1, (4, "a"), (4, "b"), (4, "c"), (4, "d"));
        await Assert.ThrowsAsync<EndOfStreamException>(() => AppendBrokenAsync(2, 3, (5, "x")));
        await _log.DisposeAsync();
        Open();
        Assert.Equal(5, _log.TermAt(2));
        Assert.Equal(2, _log.LastEntryIndex);
    }

    [Fact]
    public async Task A_deposed_leader_leaves_no_entry_of_its_old_term_behind()
    {
        await _log.AppendAsync(Entry(5, "mine"));
        await _log.UpdateTermAsync(6, true, CancellationToken.None);
        await Assert.ThrowsAsync<NotLeaderException>(async () => await _log.AppendAsync(Entry(5, "late")));
        Assert.Equal(1, _log.LastEntryIndex);
    }

    /// <summary>A step-down writes the higher term to the disk before the node ceases to be leader; this is the moment in between.</summary>
    [Fact]
    public async Task A_leader_that_has_met_a_higher_term_appends_nothing_under_it()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var node = cluster["n1"];
        await node.WriteAsync("a");
        var log = node.Replica!.Raft!.Log;
        var last = log.LastEntryIndex;
        await log.UpdateTermAsync(log.Term + 1, true, CancellationToken.None);
        Assert.True(node.Replica.Log.IsLeader);
        var error = await Assert.ThrowsAsync<ClusterException>(() => node.WriteAsync("late"));
        Assert.Equal(ClusterError.NotLeader, error.Error);
        Assert.Equal(last, log.LastEntryIndex);
    }

    /// <summary>An overwritten entry takes its proposer's context with it; who applies compares nonces all the same.</summary>
    [Fact]
    public async Task The_context_of_an_overwritten_entry_does_not_come_with_another_entry()
    {
        (long Index, string Text, object? Context) applied = default;
        _storage.Applied = (index, entry, given) => applied = (index, Encoding.UTF8.GetString(entry), given);
        await _log.AppendAsync(new BinaryLogEntry { Content = "mine"u8.ToArray(), Term = 5, Context = new object() });
        await _log.UpdateTermAsync(6, true, CancellationToken.None);
        await AppendAsync(1, (6, "theirs"));
        await _log.CommitAsync(1);
        await _log.WaitForApplyAsync(1);
        Assert.Equal((1L, "theirs", null), applied);
    }

    [Fact]
    public async Task An_entry_that_cannot_be_applied_stops_the_node_and_says_so()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var node = cluster["n1"];
        node.Storage.FailNext = new IOException("the disk is gone");
        await Assert.ThrowsAsync<ClusterException>(() => node.WriteAsync("a")).WaitAsync(TestCluster.Patience);
        var error = await Assert.ThrowsAsync<ClusterException>(() => node.Replica!.Stopped.WaitAsync(TestCluster.Patience));
        Assert.Contains("the disk is gone", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replica_that_differs_from_the_leader_stops()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var follower = cluster.Nodes.First(static n => !n.Replica!.Log.IsLeader);
        follower.Storage.Corrupt = true;
        await cluster.WriteAsync("a");
        await cluster.WriteAsync("b");
        var error = await Assert.ThrowsAsync<ClusterException>(() => follower.Replica!.Stopped.WaitAsync(TestCluster.Patience));
        Assert.Contains("differs from the leader", error.Message, StringComparison.Ordinal);
        await follower.StopAsync();
        await cluster.WriteAsync("c");
    }

    [Fact]
    public async Task Strangers_and_nodes_of_other_clusters_are_turned_away_and_do_no_harm()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        await using var other = await TestCluster.StartAsync(1);
        var address = cluster["n1"].Options.RaftAddress;
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 50; i++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(NodeAddress.Parse(address, "test").ToEndPoint());
            var noise = new byte[random.Next(1, 2000)];
            random.NextBytes(noise);
            await socket.SendAsync(noise);
        }

        var dialer = new NodeDialer(other["n1"].Replica!.Identity, null);
        foreach (var lane in Enum.GetValues<LaneKind>())
        {
            await Assert.ThrowsAsync<PeerRefusedException>(
                async () => await dialer.DialAsync(address, lane, Guid.Empty, CancellationToken.None));
        }

        await cluster["n1"].WriteAsync($"still here, seed {seed}");
    }

    /// <summary>The answer to a copy was lost and the leader begins anew: it must hear that all is well, not a refusal for ever.</summary>
    [Fact]
    public async Task A_repeated_install_is_answered_as_done_without_another_copy()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        await cluster.WriteAsync("a");
        await cluster.SameEverywhereAsync();
        var leader = await cluster.LeaderAsync();
        var follower = cluster.Nodes.First(n => n != leader);
        var dialer = new NodeDialer(leader.Replica!.Identity, null);
        var (connection, _) = await dialer.DialAsync(follower.Options.RaftAddress, LaneKind.Snapshot, Guid.Empty, CancellationToken.None);
        using (connection)
        {
            connection.Output.WriteByte((byte)RaftMessage.Install);
            connection.Output.WriteInt64(leader.Replica.Log.Term);
            connection.Output.WriteInt64(1);
            connection.Output.WriteInt64(1);
            await connection.FlushAsync(CancellationToken.None);
            await connection.EnsureAsync(18, CancellationToken.None);
            Assert.Equal(RaftAnswer.Done, (RaftAnswer)connection.TakeByte());
            Assert.Equal(leader.Replica.Log.Term, connection.TakeInt64());
            Assert.Equal(HeartbeatResult.Replicated, (HeartbeatResult)connection.TakeByte());
        }

        Assert.Equal(0, follower.Storage.Copies);
    }

    /// <summary>
    /// A leader's message carries its commit index of now with entries up to its last index of a while ago. A follower with a tail of its own,
    /// from a lead that it lost, must not take that tail for committed; the library bounds the index, and this holds it to that.
    /// </summary>
    [Fact]
    public async Task A_commit_index_beyond_the_entries_of_a_message_commits_no_tail_of_another_term()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        await cluster.WriteAsync("a");
        await cluster.SameEverywhereAsync();
        var leader = await cluster.LeaderAsync();
        var follower = cluster.Nodes.First(n => n != leader);
        var log = leader.Replica!.Raft!.Log;
        var (last, term) = (log.LastEntryIndex, log.TermAt(log.LastEntryIndex));
        var dialer = new NodeDialer(leader.Replica.Identity, null);
        await leader.StopAsync();
        var (connection, _) = await dialer.DialAsync(follower.Options.RaftAddress, LaneKind.Append, Guid.Empty, CancellationToken.None);
        using (connection)
        {
            var followers = follower.Replica!.Raft!.Log;
            Assert.Equal(HeartbeatResult.ReplicatedWithLeaderTerm, await AppendOverAsync(connection, term, (last, term), last, "stale"));
            Assert.Equal(last + 1, followers.LastEntryIndex);
            await AppendOverAsync(connection, term + 1, (last, term), last + 1);
            await AppendOverAsync(connection, term + 1, (last - 1, term), last + 1);
            Assert.Equal(last, followers.LastCommittedEntryIndex);
            Assert.DoesNotContain("stale", follower.Storage.Texts);

            // And Raft goes on as ever: the new leader's own entry takes the place, and is committed by a message that shows it to match.
            await AppendOverAsync(connection, term + 1, (last, term), last + 1, "fresh");
            await followers.WaitForApplyAsync(last + 1, TestCluster.Limit);
            Assert.Equal(["a", "fresh"], follower.Storage.Texts);
        }
    }

    private static async Task<HeartbeatResult> AppendOverAsync(
        NodeConnection connection, long term, (long Index, long Term) previous, long commitIndex, params string[] texts)
    {
        connection.Output.WriteByte((byte)RaftMessage.Append);
        foreach (var number in (long[])[term, previous.Index, previous.Term, commitIndex])
        {
            connection.Output.WriteInt64(number);
        }

        connection.Output.WriteInt32(texts.Length);
        foreach (var text in texts.Select(Encoding.UTF8.GetBytes))
        {
            connection.Output.WriteInt64(term);
            connection.Output.WriteByte(RaftPeer.CommandFlag);
            connection.Output.WriteInt32(1);
            connection.Output.WriteInt32(text.Length);
            connection.Output.Write(text);
        }

        await connection.FlushAsync(TestCluster.Limit);
        RaftAnswer answer;
        do
        {
            await connection.EnsureAsync(1, TestCluster.Limit);
            answer = (RaftAnswer)connection.TakeByte();
        }
        while (answer == RaftAnswer.Working);

        await connection.EnsureAsync(17, TestCluster.Limit);
        connection.TakeInt64();
        var result = (HeartbeatResult)connection.TakeByte();
        connection.TakeInt64();
        return result;
    }

    private static BinaryLogEntry Entry(long term, string text) => new() { Content = Encoding.UTF8.GetBytes(text), Term = term };

    private void Open() => _log = FollowerChild.Open(_directory, _storage);

    private async Task AppendAsync(long start, params (long Term, string Text)[] entries)
        => await _log.AppendAsync(new EntryProducer(entries, entries.Length), start, true);

    private async Task AppendBrokenAsync(long start, int announced, params (long Term, string Text)[] entries)
        => await _log.AppendAsync(new EntryProducer(entries, announced), start, true);
}
