using System.Buffers;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>What a member that sends nonsense can do to a real cluster: nothing.</summary>
public sealed class NodePortDatabaseTests : IAsyncLifetime
{
    private static readonly Statement s_create = new("CREATE TABLE IF NOT EXISTS t(a)"u8.ToArray(), default);
    private static readonly Statement s_insert = new("INSERT INTO t VALUES(?)"u8.ToArray(), new byte[] { (byte)StorageClass.Integer, 1, 0, 0, 0, 0, 0, 0, 0 });

    // Stands for the follower until its disk is known.
    private static readonly Guid s_follower = new("0f0e0d0c-0b0a-4908-8706-050403020100");

    private readonly TestNodes _nodes = new();
    private ClusterNode _leader = null!;
    private (Guid Cluster, Guid Disk) _leaderIs;
    private (Guid Cluster, Guid Disk) _followerIs;

    public async Task InitializeAsync()
    {
        _leader = await _nodes.StartAsync("n1");
        await _nodes.ReadyAsync();
        await _nodes.StartAsync("n2", _leader);
        await _nodes.StartAsync("n3", _leader);
        await _nodes.ReadyAsync();
        _leader = _nodes.Single(static n => n.IsLeader);
        _leaderIs = RawPeer.IdentityIn(Path.Combine(_nodes.Folder, _leader.Self.Id));
        _followerIs = RawPeer.IdentityIn(Path.Combine(_nodes.Folder, _nodes.First(n => n != _leader).Self.Id));
        await RunAsync(s_create);
    }

    public async Task DisposeAsync() => await _nodes.DisposeAsync();

    public static TheoryData<string, byte[]> Malformed => new()
    {
        { "a parameter of an unknown kind", Batch(new(s_insert.Sql, new byte[] { 0x7f })) },
        { "a parameter that ends early", Batch(new(s_insert.Sql, new byte[] { (byte)StorageClass.Integer })) },
        { "a text longer than what follows", Batch(new(s_insert.Sql, new byte[] { (byte)StorageClass.Text, 0xff, 0xff, 0xff, 0x7f })) },
        { "a name without an end", Batch(new(s_insert.Sql, new byte[] { 0x80 | (byte)StorageClass.Integer, 9, 0, 0, 0, 65 })) },
        { "unknown options", Changed(Batch(s_insert), 52, 0x80) },
        { "no id", Batch(s_insert, id: default(RequestId)) },
        { "a command about locks without its numbers", Batch(LockCommand.EndTransaction(1, 2) with { Parameters = Numbers(1, 8) }, BatchOptions.AdvisoryLocks, new CallerSession(s_follower, 0, 0, [], 0)) },
        { "an unknown command about locks", Batch(LockCommand.EndTransaction(1, 2) with { Parameters = Numbers(99, 16) }, BatchOptions.AdvisoryLocks, new CallerSession(s_follower, 0, 0, [], 0)) },
        { "values of a sequence that cannot be", Batch(s_insert, BatchOptions.None, new CallerSession(s_follower, 5, 0, [new SequenceValue(1, "s", 1, 10, 0)], 0)) },
        { "a session of another node", Batch(s_insert, BatchOptions.None, new CallerSession(Guid.NewGuid(), 5, 0, [], 0)) },
        { "bytes behind the end", [.. Batch(s_insert), 0] },
        { "nothing", [] },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_batch_is_refused_before_it_is_proposed(string what, byte[] body)
    {
        using var peer = await DialAsync(LaneKind.Request);

        var index = _leader.Storage.AppliedIndex;
        var error = await Assert.ThrowsAsync<ClusterException>(() => peer.AskAsync(NodeRequestKind.Batch, WithFollower(body)));
        Assert.True(error.Error == ClusterError.Invalid, $"{what}: {error.Error} {error.Message}");
        Assert.Equal(index, _leader.Storage.AppliedIndex);
        await RunAsync(s_insert);
        await TestCluster.Until(() => _nodes.All(n => n.Storage.AppliedIndex > index), "all go on");
    }

    [Fact]
    public async Task A_follower_learns_which_entry_shows_another_schema()
    {
        var follower = _nodes.First(n => n != _leader).Database;
        var index = _leader.Storage.AppliedIndex;
        Func<Task>[] all =
        [
            () => follower.ExecuteAsync(new([s_insert], BatchOptions.None) { SchemaVersion = 1_000_000 }, WriteOptions.Default, TestCluster.Limit).AsTask(),
            () => follower.ReadAsync(s_insert, BatchOptions.None, ReadOptions.Default with { SchemaVersion = 1_000_000 }, TestCluster.Limit).AsTask(),
            () => follower.BeginAsync(new() { SchemaVersion = 1_000_000 }, null, TestCluster.Limit).AsTask(),
        ];
        foreach (var one in all)
        {
            var error = await Assert.ThrowsAsync<ClusterException>(one);
            Assert.Equal(ClusterError.SchemaMoved, error.Error);
            Assert.True(error.Index >= index);
            await follower.WaitForIndexAsync(error.Index, TestCluster.Limit);
        }

        await RunAsync(s_insert);
    }

    [Fact]
    public async Task A_whole_batch_of_a_member_is_run()
    {
        using var peer = await DialAsync(LaneKind.Request);
        Assert.NotNull(await peer.AskAsync(NodeRequestKind.Batch, Batch(s_insert)));
        Assert.NotNull(await peer.AskAsync(
            NodeRequestKind.Batch, Batch(s_insert, BatchOptions.None, new CallerSession(_followerIs.Disk, 5, 0, [new SequenceValue(1, "s", 1, 10, 3)], 0))));
    }

    [Fact]
    public async Task Other_malformed_requests_are_refused_and_the_connection_goes_on()
    {
        using var peer = await DialAsync(LaneKind.Request);
        foreach (var kind in Enum.GetValues<NodeRequestKind>().Except([NodeRequestKind.Meta, NodeRequestKind.ReadIndex, NodeRequestKind.Members]))
        {
            var error = await Assert.ThrowsAsync<ClusterException>(() => peer.AskAsync(kind, new byte[] { 7 }));
            Assert.Contains(error.Error, new[] { ClusterError.Invalid, ClusterError.NotReady });
        }

        var unknown = await Assert.ThrowsAsync<ClusterException>(() => peer.AskAsync(200, default));
        Assert.Equal(ClusterError.Invalid, unknown.Error);
        var lease = await Assert.ThrowsAsync<ClusterException>(() => peer.AskAsync(NodeRequestKind.LockLease, Guid.NewGuid().ToByteArray()));
        Assert.Equal("a node cannot speak for another one", lease.Message);
        await peer.AskAsync(NodeRequestKind.ReadIndex, default);
        await RunAsync(s_insert);
    }

    [Fact]
    public async Task Malformed_messages_of_a_transaction_are_refused_and_leave_it_open()
    {
        using var peer = await DialAsync(LaneKind.Transaction);
        foreach (var request in Enum.GetValues<TransactionRequest>().Except([TransactionRequest.Interrupt, TransactionRequest.RollBack]))
        {
            var early = await Assert.ThrowsAsync<ClusterException>(() => peer.AskAsync((byte)request, new byte[] { 9 }));
            Assert.Equal(ClusterError.Invalid, early.Error);
        }

        var foreign = TransactionMessages.Begin(new TransactionOptions { Caller = new CallerSession(Guid.NewGuid(), 5, 0, [], 0) });
        Assert.Equal(ClusterError.Invalid, (await Assert.ThrowsAsync<ClusterException>(() => peer.AskAsync((byte)TransactionRequest.Begin, foreign))).Error);
        await peer.AskAsync((byte)TransactionRequest.Begin, TransactionMessages.Begin(new TransactionOptions()));
        var broken = new Statement(s_insert.Sql, new byte[] { 0x7f });
        await Assert.ThrowsAsync<ClusterException>(() => peer.AskAsync((byte)TransactionRequest.Run, TransactionMessages.Run(broken, null)));
        foreach (var savepoint in new[] { -1, 0, int.MaxValue })
        {
            foreach (var request in new[] { TransactionRequest.Release, TransactionRequest.RollBackTo })
            {
                var error = await Assert.ThrowsAsync<ClusterException>(() => peer.AskAsync((byte)request, TransactionMessages.Number(savepoint)));
                Assert.Equal(ClusterError.Invalid, error.Error);
            }
        }

        await peer.AskAsync((byte)TransactionRequest.Run, TransactionMessages.Run(s_insert, null));
        await peer.AskAsync((byte)TransactionRequest.Commit, default);
        await RunAsync(s_insert);
    }

    [Fact]
    public async Task An_entry_with_malformed_parameters_is_refused_by_the_follower()
    {
        var follower = _nodes.First(n => n != _leader);
        var entry = new ArrayBufferWriter<byte>();
        LogCommandEncoding.WriteHead(entry, 1, 1, 1, 1);
        LogCommandEncoding.WriteCommand(entry, new ApplyCommand(RequestId.Random(), new([new(s_insert.Sql, new byte[] { 0x7f })], BatchOptions.None)));
        Assert.Throws<InvalidDataException>(() => LogEntryCheck.Entry(entry.WrittenMemory));
        long last;
        RawPeer peer;
        do
        {
            // If the leader itself has used the index meanwhile, the follower passes the entry over without a look, and answers.
            var status = (IReadOnlyDictionary<string, object?>)follower.Status()["raft"]!;
            (var term, last) = ((long)status["term"]!, (long)status["last_log_index"]!);
            peer = await RawPeer.DialAsync(follower.Self.RaftAddress, LaneKind.Append, _leaderIs.Cluster, _leaderIs.Disk, _followerIs.Disk);
            peer.WriteAppend(term, last, term, last + 1, 1);
            peer.WriteEntry(term, 2, entry.WrittenSpan);
            await peer.FlushAsync();
        }
        while (!await EndedAsync(peer));
        await RunAsync(s_insert);
        await TestCluster.Until(() => _nodes.All(n => n.Storage.AppliedIndex > last), "all go on");
        Assert.All(_nodes, static n => Assert.False(n.Stopped.IsCompleted));
    }

    private static async Task<bool> EndedAsync(RawPeer peer)
    {
        using (peer)
        {
            return await peer.EndsInsteadOfAnsweringAsync();
        }
    }

    private static byte[] Batch(Statement statement, BatchOptions options = BatchOptions.None, CallerSession? caller = null, RequestId? id = null)
    {
        var output = new ArrayBufferWriter<byte>();
        new ForwardedRequest(
            ForwardedMode.Execute, id ?? RequestId.Random(), TimeSpan.FromSeconds(30), ReadOptions.Default with { Consistency = ReadConsistency.Weak },
            new([statement], options) { Caller = caller }).Write(output);
        return output.WrittenSpan.ToArray();
    }

    private static ReadOnlyMemory<byte> Numbers(long kind, int bytes)
    {
        var output = new ArrayBufferWriter<byte>();
        ParameterEncoding.WriteInteger(output, kind);
        ParameterEncoding.WriteBlob(output, new byte[bytes]);
        return output.WrittenMemory;
    }

    private static byte[] Changed(byte[] bytes, int at, byte value)
    {
        bytes[at] = value;
        return bytes;
    }

    private byte[] WithFollower(byte[] bytes)
    {
        var at = bytes.AsSpan().IndexOf(s_follower.ToByteArray());
        if (at >= 0)
        {
            _followerIs.Disk.TryWriteBytes(bytes.AsSpan(at));
        }

        return bytes;
    }

    private Task<RawPeer> DialAsync(LaneKind lane) =>
        RawPeer.DialAsync(_leader.Self.RaftAddress, lane, _followerIs.Cluster, _followerIs.Disk, _leaderIs.Disk);

    private async Task RunAsync(Statement statement)
    {
        await using var result = await _nodes.First(n => n != _leader).Database.ExecuteAsync(
            new([statement], BatchOptions.None), new WriteOptions { Timeout = TestCluster.Patience }, TestCluster.Limit);
        Assert.True(result.RaftIndex > 0);
    }
}
