using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Notifications and sequences, which go through the log beside rows.</summary>
public sealed class DataEffectTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TransactionOptions Patient = new();

    private static readonly CallerSession s_caller = new(
        Guid.NewGuid(), long.MaxValue, -7, [new SequenceValue(3, "ä", 1, 2, -1), new SequenceValue(4, "", 5, 5, 1)], 4);

    [Fact]
    public void A_caller_and_the_sequences_of_a_statement_are_read_as_they_were_written()
    {
        var batch = new StatementBatch([Sql.Statement("SELECT 1")], BatchOptions.Atomic) { Caller = s_caller };
        var output = new ArrayBufferWriter<byte>();
        LogCommandEncoding.WriteBatch(output, batch);
        Assert.Equal(LogCommandEncoding.Measure(batch) - 16, output.WrittenCount);
        var reader = new FieldReader(output.WrittenMemory);
        Assert.Equivalent(s_caller, LogCommandEncoding.ReadBatch(ref reader).Caller, strict: true);
        var statement = new TransactionStatement(2, Sql.Statement("SELECT 2"))
        {
            Sequences = new([new(1, 2, true), new(3, -4, false)], s_caller.Sequences, 9),
        };
        var entry = new TransactionEntry(1, 1, 2, BatchOptions.ForeignKeys, [statement, statement with { Sequences = null }]) { Caller = s_caller };
        output = new();
        LogTransactionEncoding.Write(output, new(1, 2, 3, entry));
        Assert.Equal(LogTransactionEncoding.Measure(entry), output.WrittenCount);
        var read = LogTransactionEncoding.Read(output.WrittenMemory).Entry;
        Assert.Equivalent(s_caller, read.Caller, strict: true);
        Assert.Equivalent(statement.Sequences, read.Statements[0].Sequences, strict: true);
        Assert.Null(read.Statements[1].Sequences);
        for (var length = 0; length < output.WrittenCount; length++)
        {
            Assert.Throws<InvalidDataException>(() => LogTransactionEncoding.Read(output.WrittenMemory[..length]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_node_tells_what_was_committed_once_and_in_commit_order_while_leaders_change(int seed)
    {
        var random = new Random(seed);
        await using var cluster = new FakeCluster(3);
        var ears = cluster.Nodes.Select(_ => new Ear()).ToArray();
        for (var i = 0; i < ears.Length; i++)
        {
            cluster.Nodes[i].Database.Notifications.Subscribe("c", ears[i]);
        }

        await cluster.Nodes[0].Database.ExecuteAsync("CREATE TABLE t(n INTEGER PRIMARY KEY, v)");
        for (var i = 0; i < 120; i++)
        {
            if (random.Next(6) == 0)
            {
                cluster.Lead(cluster.Nodes[random.Next(3)]);
            }

            if (random.Next(3) == 0)
            {
                await using var transaction = await cluster.Leader!.Database.BeginAsync(Patient, null, default);
                await RunAsync(transaction, $"INSERT INTO t(v) VALUES({i})");
                await RunAsync(transaction, $"SELECT pg_notify('c', 'p{i}') FROM t LIMIT 2");
                await transaction.SetSavepointAsync(default);
                await RunAsync(transaction, "SELECT pg_notify('c', 'undone')");
                await transaction.RollBackToAsync(0, default);
                if (random.Next(2) == 0)
                {
                    Assert.True((await transaction.CommitAsync(default)).Index > 0);
                }
            }
            else
            {
                await cluster.Nodes[random.Next(3)].Database.ExecuteAsync($"INSERT INTO t(v) SELECT {i} WHERE pg_notify('c', 'p{i}') = ''");
            }
        }

        var committed = (await cluster.Leader!.Database.ReadAsync("SELECT group_concat('p' || v, ' ') FROM (SELECT v FROM t ORDER BY n)")).Split(' ');
        Assert.True(committed.Length > 80, $"seed {seed}");
        for (var i = 0; i < ears.Length; i++)
        {
            cluster.Nodes[i].Log.CatchUp(cluster.LastIndex);
            Assert.True(committed.SequenceEqual(ears[i].Heard), $"seed {seed}, node {i}: {string.Join(' ', ears[i].Heard)}");
        }
    }

    [Fact]
    public async Task Who_does_not_listen_any_more_or_on_another_channel_hears_nothing_and_a_copy_is_told()
    {
        await using var cluster = new FakeCluster(2);
        var (first, second) = (new Ear(), new Ear());
        var database = cluster.Nodes[0].Database;
        var subscription = database.Notifications.Subscribe("a", first);
        database.Notifications.Subscribe("b", second);
        await database.ExecuteAsync("SELECT pg_notify('a', '1')", "SELECT pg_notify('b', '2')", "SELECT pg_notify('A', '3')");
        subscription.Dispose();
        await database.ExecuteAsync("SELECT pg_notify('a', '4'), pg_notify('b', '5')");
        Assert.Equal(["1"], first.Heard);
        Assert.Equal(["2", "5"], second.Heard);
        using var copy = new MemoryStream();
        await cluster.Nodes[0].Storage.WriteCopyAsync(copy, default);
        copy.Position = 0;
        var third = new Ear();
        cluster.Nodes[1].Database.Notifications.Subscribe("a", third);
        cluster.Nodes[1].Database.Notifications.Subscribe("b", third);
        cluster.Nodes[1].Storage.Install(await cluster.Nodes[1].Storage.ReceiveCopyAsync(copy, default));
        Assert.Equal(1, third.Misses);
        Assert.Equal(0, second.Misses);
    }

    /// <summary>A leader that hands over refuses entries for a while, and may go on leading.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_value_that_was_given_up_does_not_come_again_while_the_log_refuses_entries(bool aWriteBeside)
    {
        await using var node = new ScriptedNode(new() { LeaderWait = TimeSpan.FromMilliseconds(5) });
        await node.Database.ExecuteAsync("@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('s', '0')", "CREATE TABLE t(v)");
        for (var i = 1; i <= 6; i++)
        {
            await using (var transaction = await node.Database.BeginAsync(new(), null, default))
            {
                var cursor = await transaction.RunAsync(Sql.Statement("SELECT nextval('s')"), null, default);
                Assert.Equal($"{i}", await Sql.TextAsync(cursor));
                await cursor.DisposeAsync();
                node.Log.Refuses = i < 4;
            }

            if (aWriteBeside && i < 4)
            {
                await Assert.ThrowsAsync<ClusterException>(() => node.Database.ExecuteAsync("INSERT INTO t VALUES(1)"));
            }
        }

        await node.Database.ExecuteAsync("INSERT INTO t VALUES(nextval('s'))");
        Assert.Equal("7", await node.Database.ReadAsync("SELECT v FROM t"));
        await node.CheckAgainstReplayAsync("");
    }

    [Fact]
    public async Task A_transaction_begins_when_the_leader_that_hands_over_has_a_successor_or_goes_on()
    {
        await using var node = new ScriptedNode(new() { LeaderWait = TimeSpan.FromMilliseconds(5) });
        await node.Database.ExecuteAsync("CREATE TABLE t(v)");
        node.Log.TakesEntries = false;
        await Assert.ThrowsAsync<ClusterException>(
            () => node.Database.BeginAsync(new() { LockTimeout = TimeSpan.FromMilliseconds(20) }, null, default).AsTask());
        var waiting = node.Database.BeginAsync(new(), null, default).AsTask();
        await Task.Delay(20);
        Assert.False(waiting.IsCompleted);
        node.Log.TakesEntries = true;
        await using var transaction = await waiting;
        Assert.Equal(0, (await transaction.CommitAsync(default)).Index);
    }

    [Fact]
    public async Task No_value_of_a_sequence_is_given_to_two_clients_whatever_is_rolled_back()
    {
        const int Clients = 8;
        await using var cluster = new FakeCluster(2);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('s', '0')", "CREATE TABLE t(v)");
        var given = new ConcurrentDictionary<string, int>();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var random = new Random(client);
            for (var i = 0; i < 25; i++)
            {
                if (random.Next(2) == 0)
                {
                    var value = (await cluster.Nodes[client % 2].Database.ExecuteAsync("INSERT INTO t VALUES(nextval('s')) RETURNING v"))[0];
                    Assert.True(given.TryAdd(value, client), value);
                    continue;
                }

                await using var transaction = await database.BeginAsync(Patient, null, default);
                for (var n = random.Next(1, 4); n > 0; n--)
                {
                    await transaction.SetSavepointAsync(default);
                    var value = await RunAsync(transaction, "INSERT INTO t VALUES(nextval('s')) RETURNING v");
                    Assert.True(given.TryAdd(value, client), value);
                    if (random.Next(2) == 0)
                    {
                        await transaction.RollBackToAsync(0, default);
                        await transaction.ReleaseAsync(0, default);
                    }
                    else
                    {
                        await transaction.ReleaseAsync(0, default);
                    }
                }

                if (random.Next(2) == 0)
                {
                    await transaction.CommitAsync(default);
                }
            }
        }))).WaitAsync(Bound);
        cluster.Nodes[1].Log.CatchUp(cluster.LastIndex);
        Assert.Equal(
            given.Keys.Max(v => long.Parse(v, CultureInfo.InvariantCulture)) + 1,
            long.Parse((await database.ExecuteAsync("SELECT nextval('s')"))[0], CultureInfo.InvariantCulture));
        cluster.Nodes[1].Log.CatchUp(cluster.LastIndex);
        Assert.Equal(
            await cluster.Nodes[0].Storage.ContentHashAsync(default), await cluster.Nodes[1].Storage.ContentHashAsync(default));
    }

    [Fact]
    public async Task What_a_session_keeps_of_a_transaction_that_was_given_up_is_not_given_out_by_the_next_leader()
    {
        await using var cluster = new FakeCluster(2);
        await cluster.Nodes[0].Database.ExecuteAsync("@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('s', '0', 'cache', '20')");
        var kept = new List<long>();
        await using (var transaction = await cluster.Nodes[0].Database.BeginAsync(Patient with { Caller = s_caller }, null, default))
        {
            await using var rows = await transaction.RunAsync(Sql.Statement("SELECT nextval('s')"), null, default);
            Assert.Equal("1", await Sql.TextAsync(rows));
            var drawn = Assert.Single(rows.Outcome.Effects!.Sequences);
            for (var rest = drawn.Last + drawn.Increment; rest <= drawn.Cached; rest += drawn.Increment)
            {
                kept.Add(rest);
            }

            cluster.Nodes[1].Log.CatchUp(cluster.LastIndex);
            cluster.Lead(cluster.Nodes[1]);
        }

        var others = (await cluster.Nodes[1].Database.ExecuteAsync("SELECT nextval('s'), nextval('s'), nextval('s')"))[0].Split(',');
        Assert.Empty(kept.Intersect(others.Select(v => long.Parse(v, CultureInfo.InvariantCulture))));
    }

    [Fact]
    public async Task What_is_committed_is_drawn_once_while_leaders_change()
    {
        await using var cluster = new FakeCluster(3);
        await cluster.Nodes[0].Database.ExecuteAsync("@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('s', '0')", "CREATE TABLE t(v)");
        var clients = Enumerable.Range(0, 6).Select(client => Task.Run(async () =>
        {
            var random = new Random(client);
            for (var i = 0; i < 40; i++)
            {
                try
                {
                    if (random.Next(2) == 0)
                    {
                        await cluster.Nodes[random.Next(3)].Database.ExecuteAsync("INSERT INTO t VALUES(nextval('s'))");
                        continue;
                    }

                    await using var transaction = await cluster.Leader!.Database.BeginAsync(Patient, null, default);
                    await RunAsync(transaction, "INSERT INTO t VALUES(nextval('s'))");
                    if (random.Next(2) == 0)
                    {
                        await transaction.CommitAsync(default);
                    }
                }
                catch (ClusterException)
                {
                    // A leader that is not one any more; what was committed is what counts.
                }
            }
        })).ToArray();
        var all = Task.WhenAll(clients);
        for (var i = 1; !all.IsCompleted; i++)
        {
            await Task.WhenAny(all, Task.Delay(5));
            cluster.Lead(cluster.Nodes[i % 3]);
        }

        await all.WaitAsync(Bound);
        foreach (var node in cluster.Nodes)
        {
            node.Log.CatchUp(cluster.LastIndex);
            var counted = (await node.Database.ReadAsync("SELECT count(*), count(DISTINCT v) FROM t", new ReadOptions { Consistency = ReadConsistency.None }))
                .Split(',');
            Assert.Equal(counted[0], counted[1]);
            Assert.True(int.Parse(counted[0], CultureInfo.InvariantCulture) > 20, counted[0]);
            Assert.Equal(await cluster.Nodes[0].Storage.ContentHashAsync(default), await node.Storage.ContentHashAsync(default));
        }
    }

    private static async Task<string> RunAsync(ITransaction transaction, string sql)
    {
        await using var rows = await transaction.RunAsync(Sql.Statement(sql), null, default);
        return await Sql.TextAsync(rows);
    }

    private sealed class Ear : INotificationReceiver
    {
        public List<string> Heard { get; } = [];

        public int Misses { get; private set; }

        public void Receive(in Notification notification) => Heard.Add(notification.Payload);

        public void Missed() => Misses++;
    }
}
