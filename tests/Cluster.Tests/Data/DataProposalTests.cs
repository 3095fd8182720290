using System.Buffers;
using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

public sealed class DataProposalTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_write_answers_with_its_index_and_what_it_changed()
    {
        await using var cluster = new FakeCluster(1);
        var database = cluster.Nodes[0].Database;
        await using var result = await database.ExecuteAsync(
            Sql.Batch("CREATE TABLE t(a)", "INSERT INTO t VALUES(1),(2)", "INSERT INTO t VALUES(3) RETURNING a"), WriteOptions.Default, default);
        Assert.Equal(1, result.RaftIndex);
        Assert.Null(result.ServedBy);
        Assert.Equal(["changed 0", "changed 2", "3"], await result.TextAsync());
        Assert.Equal("3", await database.ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Writers_at_once_share_entries_and_all_are_there_once()
    {
        const int Writers = 64;
        const int Each = 50;
        await using var cluster = new FakeCluster(1);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(id INTEGER PRIMARY KEY)");
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                var insert = new StatementBatch([Sql.Statement("INSERT INTO t VALUES(?)", (writer * Each) + i)], BatchOptions.None);
                Assert.Equal(["changed 1"], await database.ExecuteAsync(insert, WriteOptions.Default, default).TextAsync());
            }
        })));
        Assert.Equal($"{Writers * Each},{Writers * Each},0,{(Writers * Each) - 1}", await database.ReadAsync(
            "SELECT count(*), count(DISTINCT id), min(id), max(id) FROM t"));
        Assert.True(cluster.LastIndex <= 1 + (Writers * Each));
    }

    [Fact]
    public async Task What_waits_behind_an_entry_goes_into_the_next_one()
    {
        await using var cluster = new FakeCluster(1, new() { EntryCommandsMax = 10 });
        var node = cluster.Nodes[0];
        await node.Database.ExecuteAsync("CREATE TABLE t(a)");
        var first = await HeldAsync(node, "INSERT INTO t VALUES(0)");
        Task[] writes = [first, .. Enumerable.Range(1, 20).Select(i => node.Database.ExecuteAsync($"INSERT INTO t VALUES({i})"))];
        node.Log.Release();
        await Task.WhenAll(writes);

        // One for the table, one that was held with the first write, and two of ten.
        Assert.Equal(4, cluster.LastIndex);
        Assert.Equal("21", await node.Database.ReadAsync("SELECT count(*) FROM t"));
        Assert.Equal(
            string.Join(";", Enumerable.Range(0, 21)), await node.Database.ReadAsync("SELECT a FROM t ORDER BY rowid"));
    }

    [Fact]
    public async Task An_entry_is_closed_by_its_bytes_too()
    {
        await using var cluster = new FakeCluster(1, new() { EntryBytesMax = 2000 });
        var node = cluster.Nodes[0];
        await node.Database.ExecuteAsync("CREATE TABLE t(a)");
        var text = $"INSERT INTO t VALUES('{new string('x', 900)}')";
        var first = await HeldAsync(node, text);
        Task[] writes = [first, .. Enumerable.Range(0, 4).Select(_ => node.Database.ExecuteAsync(text))];
        node.Log.Release();
        await Task.WhenAll(writes);
        Assert.Equal(1 + 3, cluster.LastIndex);
    }

    [Fact]
    public async Task A_full_queue_says_busy_and_nothing_happens()
    {
        await using var cluster = new FakeCluster(1, new() { QueueCommandsMax = 3 });
        var node = cluster.Nodes[0];
        await node.Database.ExecuteAsync("CREATE TABLE t(a)");
        var first = await HeldAsync(node, "INSERT INTO t VALUES(1)");
        Task[] taken = [first, .. Enumerable.Range(0, 3).Select(_ => node.Database.ExecuteAsync("INSERT INTO t VALUES(1)"))];
        var refused = await Assert.ThrowsAsync<ClusterException>(() => node.Database.ExecuteAsync("INSERT INTO t VALUES(2)"));
        Assert.Equal(ClusterError.Busy, refused.Error);
        node.Log.Release();
        await Task.WhenAll(taken);
        Assert.Equal("4,1", await node.Database.ReadAsync("SELECT count(*), max(a) FROM t"));
    }

    [Fact]
    public async Task A_queue_is_bounded_by_bytes_too()
    {
        await using var cluster = new FakeCluster(1, new() { CommandBytesMax = 1000, QueueBytesMax = 1500 });
        var node = cluster.Nodes[0];
        var text = $"SELECT '{new string('x', 800)}'";
        Task[] taken = [await HeldAsync(node, text), node.Database.ExecuteAsync(text)];
        var refused = await Assert.ThrowsAsync<ClusterException>(() => node.Database.ExecuteAsync(text));
        Assert.Equal(ClusterError.Busy, refused.Error);
        node.Log.Release();
        await Task.WhenAll(taken);
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_refused_by_name()
    {
        await using var cluster = new FakeCluster(2);
        var sql = new byte[100 << 20];
        sql.AsSpan().Fill((byte)' ');
        var batch = new StatementBatch([new(sql, default)], BatchOptions.None);
        foreach (var node in cluster.Nodes)
        {
            var refused = await Assert.ThrowsAsync<ClusterException>(
                () => node.Database.ExecuteAsync(batch, WriteOptions.Default, default).AsTask());
            Assert.Equal(ClusterError.TooLarge, refused.Error);
            Assert.Contains($"{64 << 20} bytes", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, cluster.LastIndex);
    }

    [Fact]
    public async Task A_write_that_times_out_in_the_queue_is_never_run()
    {
        await using var cluster = new FakeCluster(1);
        var node = cluster.Nodes[0];
        await node.Database.ExecuteAsync("CREATE TABLE t(a)");
        var first = await HeldAsync(node, "INSERT INTO t VALUES(1)");
        var late = await Assert.ThrowsAsync<ClusterException>(() => node.Database.ExecuteAsync(
            Sql.Batch("INSERT INTO t VALUES(2)"), new() { Timeout = TimeSpan.FromMilliseconds(20) }, default).AsTask());
        Assert.Equal(ClusterError.Timeout, late.Error);
        node.Log.Release();
        await first;
        await node.Database.ExecuteAsync("INSERT INTO t VALUES(3)");
        Assert.Equal("1;3", await node.Database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task A_write_that_times_out_on_its_way_is_unknown_and_may_happen()
    {
        await using var cluster = new FakeCluster(1);
        var node = cluster.Nodes[0];
        await node.Database.ExecuteAsync("CREATE TABLE t(a)");
        node.Log.Hold();
        var write = node.Database.ExecuteAsync(
            Sql.Batch("INSERT INTO t VALUES(1)"), new() { Timeout = TimeSpan.FromSeconds(1), Forward = false }, default).AsTask();
        await UntilAsync(() => node.Log.Held == 1);
        var late = await Assert.ThrowsAsync<ClusterException>(() => write);
        Assert.Equal(ClusterError.OutcomeUnknown, late.Error);
        node.Log.Release();
        await node.Database.ExecuteAsync("INSERT INTO t VALUES(2)");
        Assert.Equal("1;2", await node.Database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_and_tells_whether_the_write_was_under_way()
    {
        await using var cluster = new FakeCluster(1);
        var node = cluster.Nodes[0];
        node.Log.Hold();
        using var cancel = new CancellationTokenSource();
        var write = new WriteOptions { Forward = false };
        var proposed = node.Database.ExecuteAsync(Sql.Batch("SELECT 1"), write, cancel.Token).AsTask();
        var queued = node.Database.ExecuteAsync(Sql.Batch("SELECT 2"), write, cancel.Token).AsTask();
        await cancel.CancelAsync();
        Assert.Equal(ClusterError.OutcomeUnknown, (await Assert.ThrowsAsync<ClusterException>(() => proposed)).Error);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
    }

    [Fact]
    public async Task Leadership_lost_before_the_append_means_nothing_happened()
    {
        await using var cluster = new FakeCluster(1);
        cluster.Nodes[0].Log.Fate = Fate.NotAppended;
        var error = await Assert.ThrowsAsync<ClusterException>(() => cluster.Nodes[0].Database.ExecuteAsync(
            Sql.Batch("CREATE TABLE t(a)"), new() { Forward = false }, default).AsTask());
        Assert.Equal(ClusterError.NotLeader, error.Error);
        Assert.Equal(0, cluster.LastIndex);
    }

    [Theory]
    [InlineData(Fate.LostAfterAppend)]
    [InlineData(Fate.Broken)]
    internal async Task A_failure_after_the_append_is_an_unknown_outcome(Fate fate)
    {
        await using var cluster = new FakeCluster(1);
        cluster.Nodes[0].Log.Fate = fate;
        var error = await Assert.ThrowsAsync<ClusterException>(() => cluster.Nodes[0].Database.ExecuteAsync(
            Sql.Batch("CREATE TABLE t(a)"), new() { Forward = false }, default).AsTask());
        Assert.Equal(ClusterError.OutcomeUnknown, error.Error);
    }

    [Fact]
    public async Task Another_entry_at_the_same_index_is_never_taken_for_success()
    {
        await using var cluster = new FakeCluster(1);
        var node = cluster.Nodes[0];
        var other = new ArrayBufferWriter<byte>();
        LogCommandEncoding.WriteHead(other, 1, 1, 1, 1);
        LogCommandEncoding.WriteCommand(other, new(default, Sql.Batch("CREATE TABLE theirs(a)")));
        node.Log.Other = other.WrittenSpan.ToArray();
        node.Log.Fate = Fate.Overwritten;
        var error = await Assert.ThrowsAsync<ClusterException>(() => node.Database.ExecuteAsync(
            Sql.Batch("CREATE TABLE ours(a)"), new() { Forward = false }, default).AsTask());
        Assert.Equal(ClusterError.OutcomeUnknown, error.Error);
        Assert.Equal("theirs", await node.Database.ReadAsync("SELECT name FROM sqlite_schema WHERE name IN ('ours','theirs')"));
    }

    [Fact]
    public async Task Stopping_refuses_what_waits_and_what_comes()
    {
        await using var cluster = new FakeCluster(1);
        var node = cluster.Nodes[0];
        node.Log.Hold();
        var proposed = node.Database.ExecuteAsync(Sql.Batch("SELECT 1"), new() { Forward = false }, default).AsTask();
        var queued = node.Database.ExecuteAsync(Sql.Batch("SELECT 2"), new() { Forward = false }, default).AsTask();
        await node.Database.DisposeAsync().AsTask().WaitAsync(Bound);
        Assert.Equal(ClusterError.OutcomeUnknown, (await Assert.ThrowsAsync<ClusterException>(() => proposed)).Error);
        Assert.Equal(ClusterError.NotReady, (await Assert.ThrowsAsync<ClusterException>(() => queued)).Error);
        Assert.Equal(ClusterError.NotReady, (await Assert.ThrowsAsync<ClusterException>(() => node.Database.ExecuteAsync(
            Sql.Batch("SELECT 3"), new() { Forward = false }, default).AsTask())).Error);
    }

    [Fact]
    public async Task Time_in_the_log_never_runs_backward()
    {
        var clock = new ManualTime();
        await using var cluster = new FakeCluster(1, time: clock);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(a)");
        var times = new List<long>();
        foreach (var second in new[] { 100, 50, 101, 0 })
        {
            clock.Now = DateTimeOffset.FromUnixTimeSeconds(second);
            await database.ExecuteAsync("INSERT INTO t VALUES(unixepoch())");
            times.Add(second);
        }

        Assert.Equal("100;100;101;101", await database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task A_new_leader_goes_on_from_the_time_it_has_applied()
    {
        var clock = new ManualTime { Now = DateTimeOffset.FromUnixTimeSeconds(100) };
        await using var cluster = new FakeCluster(2, time: clock);
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a)");
        cluster.Nodes[1].Log.CatchUp(1);
        cluster.Lead(cluster.Nodes[1]);
        clock.Now = DateTimeOffset.FromUnixTimeSeconds(7);
        await cluster.Nodes[1].Database.ExecuteAsync("INSERT INTO t VALUES(unixepoch())");
        Assert.Equal("100", await cluster.Nodes[1].Database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public void An_entry_of_a_newer_version_is_fatal_and_says_so()
    {
        using var folder = new TemporaryFolder();
        var entry = new ArrayBufferWriter<byte>();
        LogCommandEncoding.WriteHead(entry, 1, 1, 1, 0);
        var bytes = entry.WrittenSpan.ToArray();
        bytes[0] = LogLoadEncoding.Version + 1;
        var storage = folder.Open();
        var error = Assert.Throws<InvalidDataException>(() => new EntryApplier(storage).Apply(1, 1, bytes, null));
        Assert.Contains("Entry 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BEGIN")]
    [InlineData("COMMIT")]
    [InlineData("SAVEPOINT a")]
    [InlineData("ATTACH ':memory:' AS m")]
    public async Task A_statement_that_would_leave_its_batch_is_refused_alone(string sql)
    {
        await using var cluster = new FakeCluster(1);
        var database = cluster.Nodes[0].Database;
        var texts = await database.ExecuteAsync("CREATE TABLE t(a)", sql, "INSERT INTO t VALUES(1)");
        Assert.Equal("changed 0", texts[0]);
        Assert.StartsWith("error: ", texts[1], StringComparison.Ordinal);
        Assert.Equal("changed 1", texts[2]);
    }

    /// <summary>Starts a write that the log holds back: what comes behind it waits in the queue.</summary>
    private static async Task<Task> HeldAsync(FakeNode node, string sql)
    {
        node.Log.Hold();
        var write = node.Database.ExecuteAsync(sql);
        await UntilAsync(() => node.Log.Held == 1);
        return write;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var bound = new CancellationTokenSource(Bound);
        while (!condition())
        {
            await Task.Delay(1, bound.Token);
        }
    }

    private sealed class ManualTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
