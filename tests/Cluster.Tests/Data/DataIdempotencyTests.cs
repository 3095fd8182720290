using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Writes that clients name by a key.</summary>
public sealed class DataIdempotencyTests
{
    private static readonly WriteOptions Key = new() { IdempotencyKey = "order-17" };

    [Fact]
    public async Task A_repetition_gets_the_first_answer_on_every_node_and_under_every_leader()
    {
        await using var cluster = await TableAsync(3);
        var first = await cluster.Nodes[1].Database.ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(7) RETURNING a, rowid", "nonsense"), Key, default);
        Assert.False(first.Replayed);
        var index = first.RaftIndex;
        var answer = await first.TextAsync();
        Assert.Equal("7,1", answer[0]);
        await cluster.Nodes[0].Database.ExecuteAsync("DELETE FROM t");
        foreach (var leader in cluster.Nodes)
        {
            leader.Log.CatchUp(cluster.LastIndex);
            cluster.Lead(leader);
            foreach (var node in cluster.Nodes)
            {
                await using var again = await node.Database.ExecuteAsync(
                    Sql.Batch("INSERT INTO t VALUES(7) RETURNING a, rowid", "nonsense"), Key, default);
                Assert.True(again.Replayed);
                Assert.Equal(index, again.RaftIndex);
                Assert.Equal(answer, await again.TextAsync());
            }
        }

        Assert.Equal("0", await cluster.Nodes[0].Database.ReadAsync("SELECT count(*) FROM t"));
        Assert.Single(Digests(cluster).Distinct());
    }

    [Fact]
    public async Task Tries_that_travel_in_one_entry_and_right_behind_it_run_once()
    {
        await using var cluster = await TableAsync(2);
        var database = cluster.Nodes[0].Database;
        cluster.Nodes[0].Log.Hold();
        var opener = database.ExecuteAsync("INSERT INTO t VALUES(1)");
        var tries = Enumerable.Range(0, 5).Select(_ => database.ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(7) RETURNING a"), Key, default).AsTask()).ToList();
        cluster.Nodes[0].Log.Release();
        await opener;
        tries.Add(database.ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(7) RETURNING a"), Key, default).AsTask());
        var results = await Task.WhenAll(tries);
        Assert.Single(results, static result => !result.Replayed);
        Assert.Single(results.Select(static result => result.RaftIndex).Distinct());
        foreach (var result in results)
        {
            Assert.Equal(["7"], await result.TextAsync());
        }

        Assert.Equal("1;7", await database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task The_same_key_with_another_request_is_refused_and_does_nothing()
    {
        await using var cluster = await TableAsync(2);
        await cluster.Nodes[0].Database.ExecuteAsync(Sql.Batch("INSERT INTO t VALUES(7)"), Key, default).TextAsync();
        StatementBatch[] others =
        [
            Sql.Batch("INSERT INTO t VALUES(8)"),
            Sql.Batch("INSERT INTO t VALUES(7)", "SELECT 1"),
            Sql.Atomic("INSERT INTO t VALUES(7)"),
            new([Sql.Statement("INSERT INTO t VALUES(7)", 1)], BatchOptions.None),
        ];
        foreach (var other in others)
        {
            foreach (var node in cluster.Nodes)
            {
                var error = await Assert.ThrowsAsync<ClusterException>(() => node.Database.ExecuteAsync(other, Key, default).AsTask());
                Assert.Equal(ClusterError.KeyReused, error.Error);
            }
        }

        Assert.Equal("7", await cluster.Nodes[0].Database.ReadAsync("SELECT a FROM t"));
        await cluster.Nodes[0].Database.ExecuteAsync(others[0], new() { IdempotencyKey = "order-18" }, default).TextAsync();
        Assert.Equal("7;8", await cluster.Nodes[0].Database.ReadAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task A_result_too_large_to_keep_is_told_as_a_write_that_took_effect()
    {
        await using var cluster = await TableAsync(2);
        var batch = Sql.Batch("INSERT INTO t VALUES(hex(zeroblob(50000))) RETURNING a");
        Assert.Equal(100_000, (await cluster.Nodes[0].Database.ExecuteAsync(batch, Key, default).TextAsync())[0].Length);
        foreach (var node in cluster.Nodes)
        {
            var error = await Assert.ThrowsAsync<ClusterException>(() => node.Database.ExecuteAsync(batch, Key, default).AsTask());
            Assert.Equal(ClusterError.ResultLost, error.Error);
            Assert.Contains("took effect", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal("1", await cluster.Nodes[0].Database.ReadAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_key_on_a_request_that_only_reads_means_nothing()
    {
        await using var cluster = await TableAsync(2);
        foreach (var sql in (string[])["SELECT 1", "SELECT 2"])
        {
            await using var result = await cluster.Nodes[0].Database.RequestAsync(Sql.Batch(sql), ReadOptions.Default, Key, default);
            Assert.False(result.Replayed);
            Assert.Equal([sql[^1..]], await result.TextAsync());
        }
    }

    [Fact]
    public async Task A_key_is_kept_for_an_hour_by_the_time_of_entries_and_then_free_again()
    {
        using var folder = new TemporaryFolder();
        await using var storage = folder.Open();
        var id = RequestId.FromKey("k");
        Apply(1, 0, "CREATE TABLE t(a)", default);
        Assert.False(Apply(2, 0, "INSERT INTO t VALUES(1)", id).Duplicate);
        Assert.True(Apply(3, 3_600_000, "INSERT INTO t VALUES(1)", id).Duplicate);
        Assert.True(Apply(4, 3_600_000, "INSERT INTO t VALUES(2)", id).KeyReused);
        Assert.False(Apply(5, 3_600_001, "INSERT INTO t VALUES(2)", id).Duplicate);
        Assert.True(Apply(6, 3_600_002, "INSERT INTO t VALUES(2)", id).Duplicate);

        CommandResult Apply(long index, long unixMilliseconds, string sql, RequestId request)
        {
            var results = new CommandResult?[1];
            storage.Writer.Apply(new(index, 1, unixMilliseconds, 1), [new(request, Sql.Batch(sql))], results);
            return results[0]!;
        }
    }

    [Fact]
    public void Names_that_nodes_give_are_never_those_of_keys()
    {
        Assert.True(RequestId.FromKey("a").IsKey);
        Assert.NotEqual(RequestId.FromKey("a"), RequestId.FromKey("b"));
        Assert.All(Enumerable.Range(0, 100), static _ => Assert.False(RequestId.Random().IsKey));
    }

    private static IEnumerable<ulong> Digests(FakeCluster cluster)
    {
        foreach (var node in cluster.Nodes)
        {
            node.Log.CatchUp(cluster.LastIndex);
            Assert.True(node.Storage.TryGetDigest(cluster.LastIndex, out var digest));
            yield return digest;
        }
    }

    private static async Task<FakeCluster> TableAsync(int count)
    {
        var cluster = new FakeCluster(count);
        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(a)");
        return cluster;
    }
}
