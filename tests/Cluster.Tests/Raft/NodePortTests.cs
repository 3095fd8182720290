using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>What the node port lets in, and what it tells to whom.</summary>
public sealed class NodePortTests
{
    private static readonly Guid s_stranger = Guid.NewGuid();

    [Theory]
    [InlineData(LaneKind.Control)]
    [InlineData(LaneKind.Append)]
    [InlineData(LaneKind.Snapshot)]
    [InlineData(LaneKind.Transaction)]
    public async Task Raft_and_transactions_are_for_members(object lane)
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var node = cluster["n1"];
        using var stranger = await DialAsync(node, (LaneKind)lane, s_stranger);
        Assert.NotNull(stranger.Answer.Refusal);
        await stranger.EndsAsync();
        using var foreign = await RawPeer.DialAsync(node.Options.RaftAddress, (LaneKind)lane, Guid.NewGuid(), s_stranger);
        Assert.Equal(("this node does not belong to that cluster", Guid.Empty, Guid.Empty, ""), Parts(foreign.Answer));
        using var nobody = await RawPeer.DialAsync(node.Options.RaftAddress, (LaneKind)lane, Guid.Empty, s_stranger);
        Assert.Equal(("this node does not belong to that cluster", Guid.Empty, Guid.Empty, ""), Parts(nobody.Answer));
    }

    [Fact]
    public async Task A_stranger_learns_nothing_of_the_cluster_and_may_ask_for_nothing_but_to_join()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        using var peer = await RawPeer.DialAsync(cluster["n1"].Options.RaftAddress, LaneKind.Request, Guid.Empty, s_stranger);
        Assert.Equal((null, Guid.Empty, Guid.Empty, ""), Parts(peer.Answer));
        var meta = await peer.MetaAsync();
        Assert.Equal((true, Guid.Empty, Guid.Empty, ""), (meta.Formed, meta.ClusterId, meta.Node.DiskId, meta.Node.Node.Id));
        Assert.Equal((null, 0L, 0L, -1L), (meta.Leader, meta.Term, meta.CommitIndex, meta.MembersVersion));
        foreach (var kind in Enum.GetValues<NodeRequestKind>().Except([NodeRequestKind.Meta, NodeRequestKind.Join, NodeRequestKind.Notify]))
        {
            var error = await Assert.ThrowsAsync<ClusterException>(() => peer.AskAsync(kind, default));
            Assert.Equal((ClusterError.NotReady, null, "this node does not know the caller as a member of its cluster"), (error.Error, error.Leader, error.Message));
        }

        var other = new NodeInfo(Guid.NewGuid(), new NodeDescription("x", "127.0.0.1:1", "", "", true));
        var forged = await Assert.ThrowsAsync<ClusterException>(() => peer.AskAsync(NodeRequestKind.Join, MembershipRequest.Encode(other, 0)));
        Assert.Equal((ClusterError.Invalid, "a node cannot speak for another one"), (forged.Error, forged.Message));
        Assert.Equal(2, cluster["n1"].Replica!.Members.Nodes.Count);
    }

    [Fact]
    public async Task Each_member_and_all_strangers_together_have_a_share_of_the_connections()
    {
        await using var cluster = await TestCluster.StartAsync(2, o => o with { NodePeerConnectionsMax = 40 });
        var node = cluster["n1"];
        Assert.InRange(await DialUntilRefusedAsync(() => RawPeer.DialAsync(node.Options.RaftAddress, LaneKind.Request, Guid.Empty, Guid.NewGuid())), 50, 64);
        Assert.InRange(await DialUntilRefusedAsync(() => DialAsync(node, LaneKind.Request, cluster["n2"].Replica!.Info.DiskId)), 20, 40);
        await cluster.WriteAsync("still");
    }

    [Fact]
    public async Task At_the_limit_of_connections_a_caller_is_told_so()
    {
        await using var cluster = await TestCluster.StartAsync(1, o => o with { NodeConnectionsMax = 3 });
        var node = cluster["n1"];
        Assert.Equal(3, await DialUntilRefusedAsync(() => DialAsync(node, LaneKind.Request, Guid.NewGuid())));
    }

    [Fact]
    public async Task A_term_that_no_election_can_have_brought_is_refused()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var node = cluster["n1"];
        var member = cluster["n2"].Replica!.Info.DiskId;
        var own = node.Replica!.Log.Term;
        foreach (var term in new[] { long.MaxValue, long.MaxValue - 1, own + TermLimit.StepMax + 100, -1, long.MinValue })
        {
            foreach (var message in new[] { RaftMessage.Vote, RaftMessage.PreVote })
            {
                using var voter = await DialAsync(node, LaneKind.Control, member);
                Assert.Null(voter.Answer.Refusal);
                await Assert.ThrowsAnyAsync<IOException>(() => voter.VoteAsync(message, term, 1000, 1));
            }

            using var leader = await DialAsync(node, LaneKind.Append, member);
            leader.WriteAppend(term, 0, 0, 0, 0);
            await leader.FlushAsync();
            await leader.EndsAsync();
        }

        Assert.InRange(node.Replica.Log.Term, own, own + 50);
        await cluster.WriteAsync("still");
    }

    [Fact]
    public async Task A_term_within_the_limit_is_taken()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var node = cluster["n1"];
        var term = node.Replica!.Log.Term + TermLimit.StepMax;
        using var voter = await DialAsync(node, LaneKind.Control, cluster["n2"].Replica!.Info.DiskId);
        var answer = await voter.VoteAsync(RaftMessage.PreVote, term - 1, long.MaxValue, 1);
        Assert.True(answer.Term >= 1);
        await cluster.WriteAsync("still");
    }

    [Theory]
    [InlineData(9, 0, "x")]
    [InlineData(-1, 0, "x")]
    [InlineData(0, 4, "x")]
    [InlineData(0, 1, "not a member list")]
    [InlineData(0, 1, "")]
    [InlineData(0, 0, "garbage")]
    public async Task An_entry_that_is_not_whole_is_never_stored(long termsAhead, byte flags, string content)
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var leader = await cluster.LeaderAsync();
        var follower = cluster.Running.Single(n => n != leader);
        follower.Storage.Refuse = static text => text == "garbage";
        var log = follower.Replica!.Raft!.Log;
        await TestCluster.Until(() => log.LastEntryIndex == leader.Replica!.Raft!.Log.LastEntryIndex, "all there");
        var (term, last) = (log.Term, log.LastEntryIndex);
        using var peer = await DialAsync(follower, LaneKind.Append, leader.Replica!.Info.DiskId);
        peer.WriteAppend(term, last, log.TermAt(last), 0, 1);
        peer.WriteEntry(term + termsAhead, flags, Encoding.UTF8.GetBytes(content));
        await peer.FlushAsync();
        await peer.EndsAsync();
        Assert.Equal(last, log.LastEntryIndex);
        follower.Storage.Refuse = null;
        await cluster.WriteAsync("after");
        await cluster.SameEverywhereAsync();
    }

    [Fact]
    public async Task A_follower_that_cannot_read_an_entry_stays_up_says_so_and_goes_on_when_it_can()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var leader = await cluster.LeaderAsync();
        var follower = cluster.Running.First(n => n != leader);
        follower.Storage.Refuse = static text => text == "of a newer version";
        await cluster.WriteAsync("before");
        await cluster.WriteAsync("of a newer version");
        await cluster.WriteAsync("after");
        await TestCluster.Until(() => TestLog.Text.Contains("is refused, and nothing behind it can be taken: unreadable", StringComparison.Ordinal), "it is told");
        Assert.False(follower.Replica!.Stopped.IsCompleted);
        Assert.DoesNotContain("of a newer version", follower.Storage.Texts);
        follower.Storage.Refuse = null;
        await cluster.SameEverywhereAsync();
        Assert.Contains("after", follower.Storage.Texts);
    }

    [Fact]
    public async Task A_copy_that_is_none_leaves_the_database_alone()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        await cluster.WriteAsync("a");
        await cluster.SameEverywhereAsync();
        var leader = await cluster.LeaderAsync();
        var follower = cluster.Running.Single(n => n != leader);
        var log = follower.Replica!.Raft!.Log;
        using var peer = await DialAsync(follower, LaneKind.Snapshot, leader.Replica!.Info.DiskId);
        peer.Output.WriteByte((byte)RaftMessage.Install);
        peer.Output.WriteInt64(log.Term);
        peer.Output.WriteInt64(log.LastEntryIndex + 1000);
        peer.Output.WriteInt64(log.Term);
        peer.Output.WriteBytes("this is no database"u8);
        peer.Output.WriteInt32(0);
        await peer.FlushAsync();
        await peer.EndsAsync();
        Assert.Equal(0, follower.Storage.Copies);
        await cluster.WriteAsync("b");
        await cluster.SameEverywhereAsync();
    }

    [Fact]
    public async Task A_frame_is_bounded_for_members_and_more_so_for_others()
    {
        await using var cluster = await TestCluster.StartAsync(1, o => o with { NodeFrameMax = 1 << 20 });
        var node = cluster["n1"];
        using var stranger = await RawPeer.DialAsync(node.Options.RaftAddress, LaneKind.Request, Guid.Empty, s_stranger);
        stranger.Output.WriteInt32(FrameReader.StrangerBytesMax + 1);
        stranger.Output.WriteByte((byte)NodeRequestKind.Join);
        await stranger.FlushAsync();
        await stranger.EndsAsync();
        using var whole = await RawPeer.DialAsync(node.Options.RaftAddress, LaneKind.Request, Guid.Empty, s_stranger);
        await Assert.ThrowsAsync<ClusterException>(() => whole.AskAsync(NodeRequestKind.Join, new byte[FrameReader.StrangerBytesMax]));
        Assert.True((await whole.MetaAsync()).Formed);
    }

    [Fact]
    public async Task A_connection_that_is_not_used_ends_and_the_next_request_finds_another()
    {
        await using var cluster = await TestCluster.StartAsync(2, o => o with { NodeIdleMax = TimeSpan.FromMilliseconds(50) });
        using var peer = await RawPeer.DialAsync(cluster["n1"].Options.RaftAddress, LaneKind.Request, Guid.Empty, s_stranger);
        await peer.MetaAsync();
        await peer.EndsAsync();
        using var mute = await RawPeer.DialAsync(cluster["n1"].Options.RaftAddress, LaneKind.Request, Guid.Empty, s_stranger);
        await mute.EndsAsync();
        await cluster.WriteAsync("still");
        await cluster.SameEverywhereAsync();
    }

    [Fact]
    public async Task A_request_before_the_answer_to_the_one_before_ends_both()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var node = await cluster.LeaderAsync();
        using var peer = await DialAsync(node, LaneKind.Request, cluster.Running.Single(n => n != node).Replica!.Info.DiskId);
        peer.Output.WriteInt32(16);
        peer.Output.WriteByte((byte)NodeRequestKind.Tail);
        peer.Output.WriteInt64(1);
        peer.Output.WriteInt64(0);
        peer.Output.WriteByte(0);
        await peer.FlushAsync();
        await peer.EndsAsync();
    }

    [Fact]
    public async Task However_many_strangers_come_members_get_in()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var address = cluster["n1"].Options.RaftAddress;
        var strangers = new List<RawPeer>();
        var silent = new List<System.Net.Sockets.TcpClient>();
        try
        {
            for (var i = 0; i < 100; i++)
            {
                strangers.Add(await RawPeer.DialAsync(address, LaneKind.Request, Guid.Empty, s_stranger));
            }

            Assert.Equal(64, strangers.Count(s => s.Answer.Refusal is null));
            for (var i = 0; i < 300; i++)
            {
                var client = new System.Net.Sockets.TcpClient();
                silent.Add(client);
                await client.ConnectAsync(NodeAddress.Parse(address, "").Host, NodeAddress.Parse(address, "").Port);
            }

            using var member = await DialAsync(cluster["n1"], LaneKind.Request, cluster["n1"].Replica!.Info.DiskId);
            Assert.Equal("this address is the calling node's own", member.Answer.Refusal);
        }
        finally
        {
            strangers.ForEach(static s => s.Dispose());
            silent.ForEach(static s => s.Dispose());
        }
    }

    [Fact]
    public async Task Nodes_of_other_versions_are_refused_on_every_lane_and_told_why()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        foreach (var node in cluster.Running)
        {
            var (address, self) = (node.Options.RaftAddress, RawPeer.IdentityIn(node.Options.DataDirectory));
            var member = cluster.Running.First(other => other != node).Replica!.Info.DiskId;
            foreach (var lane in Enum.GetValues<LaneKind>())
            {
                var hello = new NodeHello(lane, self.Cluster, member, self.Disk, "other");
                using var newer = await RawPeer.DialAsync(address, (hello with { FeatureLevel = FeatureLevel.Current + 1 }).Write);
                Assert.Equal(
                    $"the calling node has feature level {FeatureLevel.Current + 1} and this one {FeatureLevel.Current}: all nodes of a cluster run the same version of rqlited",
                    newer.Answer.Refusal);
                await newer.EndsAsync();
                using var former = await RawPeer.DialAsync(address, output =>
                {
                    var bytes = new ArrayBufferWriter<byte>();
                    hello.Write(bytes);
                    var ofFormer = bytes.WrittenSpan.ToArray();
                    BinaryPrimitives.WriteInt32LittleEndian(ofFormer.AsSpan(8), 1);
                    output.Write(ofFormer);
                });
                Assert.StartsWith("the calling node speaks protocol version 1 and this one ", former.Answer.Refusal, StringComparison.Ordinal);
                await former.EndsAsync();
            }
        }

        await cluster.WriteAsync("still");
        await cluster.SameEverywhereAsync();
    }

    [Fact]
    public async Task Bytes_of_requests_are_bounded_for_each_caller_and_in_total()
    {
        var budget = new ByteBudget(totalMax: 100, callerMax: 60);
        var (a, b) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.True(await budget.TakeAsync(a, 60, TimeSpan.Zero, default));
        Assert.False(await budget.TakeAsync(a, 1, TimeSpan.Zero, default));
        Assert.False(await budget.TakeAsync(b, 41, TimeSpan.Zero, default));
        Assert.True(await budget.TakeAsync(b, 40, TimeSpan.Zero, default));
        var waiting = budget.TakeAsync(b, 20, TestCluster.Patience, default).AsTask();
        Assert.False(waiting.IsCompleted);
        budget.Release(a, 60);
        Assert.True(await waiting);
        budget.Release(b, 40);
        budget.Release(b, 20);
        Assert.Equal(0, budget.Total);
    }

    [Fact]
    public void Refusals_are_told_at_a_bounded_rate_in_characters_that_a_terminal_does_not_obey()
    {
        var (time, lines) = (new SteppedTime(), new LineLogger());
        var log = new RefusalLog(lines, time);
        for (var i = 0; i < 1000; i++)
        {
            log.Tell("1.2.3.4:5", "\u001b[31mred\r\n2026-01-01 forged line\u202e");
        }

        Assert.Equal(5, lines.Lines.Count);
        Assert.Equal(@"Connection from 1.2.3.4:5 refused: \u001b[31mred\u000d\u000a2026-01-01 forged line\u202e", lines.Lines[0]);
        time.Ticks += TimeSpan.FromSeconds(11).Ticks;
        log.Tell("1.2.3.4:5", new string('x', 10_000));
        Assert.Equal("995 more connections were refused since", lines.Lines[5]);
        Assert.True(lines.Lines[6].Length < 400);
    }

    [Theory]
    [InlineData("", "127.0.0.1:1")]
    [InlineData("a\nb", "127.0.0.1:1")]
    [InlineData("a", "nowhere")]
    [InlineData("a", "")]
    public void A_member_that_nobody_could_dial_or_name_is_no_member(string id, string address)
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteByte(1);
        output.WriteInt32(1);
        new NodeInfo(Guid.NewGuid(), new NodeDescription(id, address, "", "", true)).WriteTo(output);
        Assert.Throws<InvalidDataException>(() => Members.Decode(output.WrittenSpan));
    }

    private static (string? Refusal, Guid Cluster, Guid Disk, string Node) Parts(NodeHelloAnswer answer) =>
        (answer.Refusal, answer.ClusterId, answer.DiskId, answer.NodeId);

    /// <summary>How many connections are taken before one is refused, all of which are kept until then.</summary>
    private static async Task<int> DialUntilRefusedAsync(Func<Task<RawPeer>> dial)
    {
        var taken = new Stack<RawPeer>();
        try
        {
            do
            {
                taken.Push(await dial());
            }
            while (taken.Peek().Answer.Refusal is null && taken.Count < 1000);

            Assert.Equal("too many connections", taken.Peek().Answer.Refusal);
            return taken.Count - 1;
        }
        finally
        {
            foreach (var peer in taken)
            {
                peer.Dispose();
            }
        }
    }

    /// <summary>As a node that knows the cluster.</summary>
    private static Task<RawPeer> DialAsync(TestNode node, LaneKind lane, Guid disk) =>
        RawPeer.DialAsync(node.Options.RaftAddress, lane, node.Replica!.Identity.ClusterId, disk, node.Replica.Info.DiskId);

    private sealed class LineLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Lines.Add(formatter(state, exception));
    }

    private sealed class SteppedTime : TimeProvider
    {
        public long Ticks { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Ticks;
    }
}
