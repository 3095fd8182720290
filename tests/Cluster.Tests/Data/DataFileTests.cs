using System.Globalization;
using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Backups, and files that take the place of the database, on several nodes.</summary>
public sealed class DataFileTests
{
    private static readonly BackupRequest s_backup = new(BackupFormat.Delete, false, []);

    [Fact]
    public async Task A_follower_sends_the_leaders_backup_or_its_own()
    {
        await using var cluster = new FakeCluster();
        var (leader, follower) = (cluster.Nodes[0], cluster.Nodes[1]);
        await leader.Database.ExecuteAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(zeroblob(700000))");
        var file = await BackUpAsync(follower, anyNode: false);
        Assert.Equal(leader.Log.Self, file.ServedBy);
        Assert.True(follower.Peers.FrameBytesMax <= 1 << 20);
        Assert.StartsWith("SQLite format 3", Encoding.ASCII.GetString(file.Bytes.AsSpan(0, 15)), StringComparison.Ordinal);
        Assert.True(file.Bytes.Length > 700_000);

        follower.Log.CatchUp(0);
        file = await BackUpAsync(follower, anyNode: true);
        Assert.Null(file.ServedBy);
        Assert.True(file.Bytes.Length < 100_000);
        await Assert.ThrowsAsync<ClusterException>(async () => await follower.Database.BackUpAsync(s_backup, false, forward: false, TimeSpan.FromSeconds(5), default));
    }

    [Fact]
    public async Task A_refusal_of_the_leader_travels()
    {
        await using var cluster = new FakeCluster();
        cluster.Nodes[0].Storage.Writer.FreeDiskBytes = _ => 0;
        var error = await Assert.ThrowsAsync<ClusterException>(async () => await BackUpAsync(cluster.Nodes[1], anyNode: false));
        Assert.Equal(ClusterError.DiskFull, error.Error);
        Assert.StartsWith("not enough disk space for a backup", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_file_that_any_node_takes_becomes_the_database_of_all(int node)
    {
        await using var cluster = new FakeCluster();
        var file = await MakeAsync(cluster, 3_000_000);
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE former(a)", "DROP TABLE t");
        await LoadAsync(cluster.Nodes[node], file);
        Assert.Equal(["changed 1"], await cluster.Nodes[0].Database.ExecuteAsync("INSERT INTO t VALUES('more')"));
        await CheckEqualAsync(cluster, "2");
        Assert.Equal("0", await cluster.Nodes[1].Database.ReadAsync("SELECT count(*) FROM sqlite_schema WHERE name='former'"));
    }

    [Fact]
    public async Task A_transaction_that_was_open_is_a_serialization_failure()
    {
        await using var cluster = new FakeCluster(time: null);
        var database = cluster.Nodes[0].Database;
        var file = await MakeAsync(cluster, 10);
        await database.ExecuteAsync("CREATE TABLE former(a)");
        await using var transaction = await database.BeginAsync(new TransactionOptions { IdleTimeout = TimeSpan.FromMinutes(5), WriterSlice = TimeSpan.FromMilliseconds(1) }, null, default);
        await using (var rows = await transaction.RunAsync(Sql.Statement("INSERT INTO former VALUES(1)"), null, default))
        {
            await Sql.TextAsync(rows);
        }

        await LoadAsync(cluster.Nodes[0], file);
        var error = await Assert.ThrowsAsync<ClusterException>(async () => await transaction.CommitAsync(default));
        Assert.Equal(ClusterError.Serialization, error.Error);
        await CheckEqualAsync(cluster, "1");
    }

    [Fact]
    public async Task A_leader_that_is_lost_in_the_middle_leaves_the_rest_to_its_successor()
    {
        await using var cluster = new FakeCluster(3);
        var file = await MakeAsync(cluster, 6_000_000);
        await cluster.Nodes[0].Database.ExecuteAsync("DROP TABLE t");
        var entries = 0;
        cluster.Nodes[0].Log.Settled = () =>
        {
            if (++entries == 4)
            {
                cluster.Lead(cluster.Nodes[1]);
            }
        };
        await LoadAsync(cluster.Nodes[2], file);
        Assert.Same(cluster.Nodes[1], cluster.Leader);
        await CheckEqualAsync(cluster, "1");
    }

    [Fact]
    public async Task A_last_entry_whose_answer_is_lost_takes_effect_once()
    {
        await using var cluster = new FakeCluster();
        var file = await MakeAsync(cluster, 10);
        await cluster.Nodes[0].Database.ExecuteAsync("DROP TABLE t");
        cluster.Nodes[1].Peers.LoseAnswerOf = NodeRequestKind.Load;
        await LoadAsync(cluster.Nodes[1], file);
        Assert.Null(cluster.Nodes[1].Peers.LoseAnswerOf);
        Assert.Equal(["changed 1"], await cluster.Nodes[0].Database.ExecuteAsync("INSERT INTO t VALUES('kept')"));
        await CheckEqualAsync(cluster, "2");
    }

    [Fact]
    public async Task A_file_that_is_refused_or_breaks_off_leaves_no_chunks()
    {
        await using var cluster = new FakeCluster();
        var file = await MakeAsync(cluster, 5_000_000);
        var database = cluster.Nodes[0].Database;
        var error = await Assert.ThrowsAsync<ClusterException>(async () => await LoadAsync(cluster.Nodes[0], file[..^9000]));
        Assert.Equal(ClusterError.Invalid, error.Error);

        // The leader has no room to build it.
        var calls = 0;
        cluster.Nodes[0].Storage.Writer.FreeDiskBytes = _ => Interlocked.Increment(ref calls) > 0 ? 1 << 20 : 0;
        error = await Assert.ThrowsAsync<ClusterException>(async () => await LoadAsync(cluster.Nodes[1], file));
        Assert.Equal(ClusterError.DiskFull, error.Error);
        Assert.Null(await cluster.Nodes[0].Storage.PendingLoadAsync(default));
        Assert.Equal("0", await cluster.Nodes[1].Database.ReadAsync("SELECT count(*) FROM _rqlite_sequences"));
        Assert.Equal(["changed 1"], await database.ExecuteAsync("INSERT INTO t VALUES('as before')"));
        await CheckEqualAsync(cluster, "2");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_load_whose_client_leaves_is_in_nobodys_way(int node)
    {
        await using var cluster = new FakeCluster();
        var file = await MakeAsync(cluster, 5_000_000);
        using var left = new CancellationTokenSource();
        var entries = 0;
        cluster.Nodes[0].Log.Settled = () =>
        {
            if (++entries == 3)
            {
                left.Cancel();
            }
        };
        Assert.NotNull(await Record.ExceptionAsync(async () =>
            await cluster.Nodes[node].Database.LoadAsync(new MemoryStream(file), forward: true, TimeSpan.FromSeconds(30), left.Token)));
        Assert.InRange(entries, 3, 10);
        cluster.Nodes[0].Log.Settled = null;
        await LoadAsync(cluster.Nodes[1 - node], file);
        await CheckEqualAsync(cluster, "1");
    }

    [Fact]
    public async Task A_load_whose_node_is_lost_is_removed_by_the_next_one()
    {
        var time = new MovedTime();
        await using var cluster = new FakeCluster(time: time);
        var file = await MakeAsync(cluster, 2_500_000);
        var database = cluster.Nodes[0].Database;
        var lost = DatabaseLoad.NewId();
        await database.ExecuteAsync(LoadTable.Begin(lost), WriteOptions.Default, default).TextAsync();
        for (var number = 1; number < 150; number++)
        {
            await database.ExecuteAsync(LoadTable.Add(lost, number, new byte[100]), WriteOptions.Default, default).TextAsync();
        }

        var error = await Assert.ThrowsAsync<ClusterException>(async () => await LoadAsync(cluster.Nodes[1], file));
        Assert.Equal((ClusterError.Busy, "another database is being loaded"), (error.Error, error.Message));
        time.Ahead = TimeSpan.FromMinutes(2);
        await database.SweepLoadsAsync(default);
        Assert.NotNull(await cluster.Nodes[0].Storage.PendingLoadAsync(default));
        await LoadAsync(cluster.Nodes[1], file);
        await CheckEqualAsync(cluster, "1");

        await database.ExecuteAsync(LoadTable.Begin(lost), WriteOptions.Default, default).TextAsync();
        time.Ahead = TimeSpan.FromMinutes(20);
        await cluster.Nodes[1].Database.SweepLoadsAsync(default);
        Assert.NotNull(await cluster.Nodes[0].Storage.PendingLoadAsync(default));
        await database.SweepLoadsAsync(default);
        Assert.Null(await cluster.Nodes[0].Storage.PendingLoadAsync(default));
    }

    [Fact]
    public void An_entry_with_a_load_is_read_as_it_was_written_and_in_no_other_way()
    {
        var load = new DatabaseLoad(DatabaseLoad.NewId(), 3, (2 * DatabaseLoad.ChunkBytes) + 1, new byte[32]);
        var entry = LogLoadEncoding.Write(new(7, 8, load));
        var read = LogLoadEncoding.Read(entry);
        Assert.Equal(((UInt128)7, 8L, 3, load.Bytes), (read.Nonce, read.UnixMicroseconds, read.Load.Chunks, read.Load.Bytes));
        Assert.Equal("the load of a database of 2097153 bytes", SkippedEntry.Describe(entry));
        LogEntryCheck.Entry(entry);
        for (var length = 1; length < entry.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => LogEntryCheck.Entry(entry.AsMemory(0, length)));
        }

        Assert.Throws<InvalidDataException>(() => LogEntryCheck.Entry(LogLoadEncoding.Write(new(7, 8, load with { Chunks = 2 }))));
        Assert.Throws<InvalidDataException>(() => LogEntryCheck.Entry(LogLoadEncoding.Write(new(7, -8, load))));
    }

    /// <summary>A backup of a table <c>t</c> with one large value.</summary>
    private static async Task<byte[]> MakeAsync(FakeCluster cluster, int bytes)
    {
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a)", string.Create(CultureInfo.InvariantCulture, $"INSERT INTO t VALUES(randomblob({bytes}))"));
        return (await BackUpAsync(cluster.Nodes[0], anyNode: false)).Bytes;
    }

    private static async Task<(byte[] Bytes, NodeDescription? ServedBy)> BackUpAsync(FakeNode node, bool anyNode)
    {
        await using var backup = await node.Database.BackUpAsync(s_backup, anyNode, forward: true, TimeSpan.FromSeconds(30), default);
        using var target = new MemoryStream();
        await backup.CopyToAsync(target, default);
        Assert.Equal(backup.Length, target.Length);
        return (target.ToArray(), backup.ServedBy);
    }

    private static async Task LoadAsync(FakeNode node, byte[] file) =>
        await node.Database.LoadAsync(new MemoryStream(file), forward: true, TimeSpan.FromSeconds(30), default);

    private static async Task CheckEqualAsync(FakeCluster cluster, string rows)
    {
        foreach (var node in cluster.Nodes)
        {
            node.Log.CatchUp(cluster.LastIndex);
            Assert.Equal(rows, await node.Database.ReadAsync("SELECT count(*) FROM t", ReadOptions.Default with { Consistency = ReadConsistency.None }));
            Assert.True(node.Storage.TryGetDigest(cluster.LastIndex, out var digest));
            Assert.True(cluster.Nodes[0].Storage.TryGetDigest(cluster.LastIndex, out var first));
            Assert.Equal(first, digest);
            Assert.Equal(await cluster.Nodes[0].Storage.ContentHashAsync(default), await node.Storage.ContentHashAsync(default));
        }
    }

    private sealed class MovedTime : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}
