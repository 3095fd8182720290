using System.Collections.Concurrent;
using System.Text;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Storage;
using Xunit.Abstractions;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>Transactions over real connections between whole nodes.</summary>
public sealed class RaftTransactionTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TransactionOptions Patient = new();

    private readonly TestNodes _nodes = new();

    public async Task InitializeAsync()
    {
        var first = await _nodes.StartAsync("n1");
        await TestCluster.Until(() => first.IsLeader, "a leader");
        await _nodes.StartAsync("n2", first);
        await _nodes.StartAsync("n3", first);
        await _nodes.StartAsync("r4", first, voter: false);
        await _nodes.ReadyAsync();
        await ExecuteAsync("CREATE TABLE t(a INTEGER PRIMARY KEY, b)");
    }

    public async Task DisposeAsync() => await _nodes.DisposeAsync();

    [Fact]
    public async Task Every_node_runs_transactions_and_reads_what_it_has_committed()
    {
        var rows = 0;
        foreach (var node in _nodes)
        {
            await using var transaction = await node.Database.BeginAsync(Patient, null, default);
            await RunAsync(transaction, $"INSERT INTO t(b) VALUES('{new string('x', 200_000)}')");
            await transaction.SetSavepointAsync(default);
            await RunAsync(transaction, "INSERT INTO t(b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 5000) SELECT 'row ' || i FROM n");
            rows += 5001;
            Assert.Equal(rows, await CountAsync(transaction, "SELECT * FROM t"));
            Assert.Null((await transaction.DescribeAsync(Sql("SELECT b FROM t"), default)).Error);
            await transaction.RollBackToAsync(0, default);
            rows -= 5000;
            var result = await transaction.CommitAsync(default);
            await using var read = await node.Database.ReadAsync(
                Sql("SELECT * FROM t"), BatchOptions.None, new ReadOptions { Consistency = ReadConsistency.None, MinIndex = result.Index }, default);
            Assert.Equal(rows, await CountAsync(read));
        }
    }

    [Fact]
    public async Task A_connection_that_is_closed_at_any_step_frees_the_writer_and_leaves_nothing()
    {
        const string Endless = "INSERT INTO t(b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n";
        using var client = new NodeClient(
            new() { NodeId = "n2", DataDirectory = _nodes.Folder, RaftAddress = "localhost:0" },
            new NodeDialer(NodeIdentity.Open(Path.Combine(_nodes.Folder, "n2"), "n2", true), null));
        var begin = TransactionMessages.Begin(Patient);
        (TransactionRequest Request, ReadOnlyMemory<byte> Body)[] steps =
        [
            (TransactionRequest.Begin, begin),
            (TransactionRequest.Run, TransactionMessages.Run(Sql("INSERT INTO t(b) VALUES(1)"), null)),
            (TransactionRequest.SetSavepoint, default),
            (TransactionRequest.RollBackTo, TransactionMessages.Number(0)),
            (TransactionRequest.Release, TransactionMessages.Number(0)),
            (TransactionRequest.Run, TransactionMessages.Run(Sql(Endless), null)),
        ];
        for (var last = 0; last < steps.Length; last++)
        {
            foreach (var answered in new[] { true, false })
            {
                var conversation = await client.ConverseAsync(_nodes[0].Self.RaftAddress, default);
                for (var i = 0; i <= last; i++)
                {
                    var response = await conversation.AskAsync(steps[i].Request, steps[i].Body, default);
                    if (i < last || answered && i < steps.Length - 1)
                    {
                        while (await response.ReadFrameAsync(default) is not null)
                        {
                        }
                    }
                }

                var queued = await client.ConverseAsync(_nodes[0].Self.RaftAddress, default);
                await queued.AskAsync(TransactionRequest.Begin, begin, default);
                await queued.DisposeAsync();
                await conversation.DisposeAsync();
                await ExecuteAsync("INSERT INTO t(b) VALUES('alive')").WaitAsync(TestCluster.Patience);
            }
        }

        await using var read = await _nodes[0].Database.ReadAsync(Sql("SELECT * FROM t WHERE b <> 'alive'"), BatchOptions.None, ReadOptions.Default, default);
        Assert.Equal(0, await CountAsync(read));
    }

    [Fact]
    public async Task A_node_has_a_bounded_number_of_transactions_and_single_writes_are_not_in_their_way()
    {
        var follower = _nodes[1];
        var most = new ClusterOptions { NodeId = "x", DataDirectory = "x", RaftAddress = "localhost:0" }.TransactionConnectionsMax;
        using var stop = new CancellationTokenSource();
        var holder = await follower.Database.BeginAsync(Patient with { IdleTimeout = TestCluster.Patience }, null, default);
        var waiting = Enumerable.Range(1, most - 1).Select(_ => follower.Database.BeginAsync(Patient, null, stop.Token).AsTask()).ToArray();
        var busy = await Assert.ThrowsAsync<ClusterException>(() => follower.Database.BeginAsync(Patient, null, default).AsTask());
        Assert.Equal(ClusterError.Busy, busy.Error);
        var write = ExecuteAsync("INSERT INTO t(b) VALUES('single')", follower);
        await holder.DisposeAsync();
        await stop.CancelAsync();
        foreach (var begun in waiting)
        {
            if (await Record.ExceptionAsync(() => begun) is null)
            {
                await (await begun).DisposeAsync();
            }
        }

        await write.WaitAsync(TestCluster.Patience);
    }

    [Fact]
    public async Task Leaders_that_step_down_at_any_moment_lose_no_acknowledged_transaction_and_keep_no_refused_one()
    {
        var seed = Environment.TickCount & 0xFFFF;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var fates = new ConcurrentDictionary<long, string>();
        using var stop = new CancellationTokenSource();
        var clients = _nodes.SelectMany(n => new[] { n, n }).Select((node, c) => Task.Run(() => PairsAsync(node, c * 1_000_000, fates, stop.Token))).ToArray();
        for (var round = 0; round < 8; round++)
        {
            var before = fates.Values.Count(f => f == "ok");
            await TestCluster.Until(() => fates.Values.Count(f => f == "ok") > before + 40, "transactions are committed");
            await Task.Delay(random.Next(50));
            var leader = _nodes.FirstOrDefault(static n => n.IsLeader);
            if (leader is not null && await Record.ExceptionAsync(() => leader.StepDownAsync(null, true, TestCluster.Patience, default).AsTask()) is { } refused)
            {
                output.WriteLine($"not stepped down: {refused.Message}");
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients).WaitAsync(TestCluster.Patience);
        output.WriteLine(string.Join(", ", fates.Values.GroupBy(f => f).Select(g => $"{g.Count()} {g.Key}")));
        Assert.Contains(nameof(ClusterError.Serialization), fates.Values);
        foreach (var node in _nodes)
        {
            var ids = await IdsAsync(node);
            foreach (var (id, fate) in fates)
            {
                var (first, second) = (ids.Contains(id), ids.Contains(id + 1));
                Assert.True(first == second, $"half of {id} is there, {fate}");
                Assert.True(fate == nameof(ClusterError.OutcomeUnknown) || first == (fate == "ok"), $"{id} is {(first ? "there" : "not there")}: {fate}");
            }
        }
    }

    private static async Task PairsAsync(ClusterNode node, long firstId, ConcurrentDictionary<long, string> fates, CancellationToken stop)
    {
        for (var id = firstId; !stop.IsCancellationRequested; id += 2)
        {
            try
            {
                await using var transaction = await node.Database.BeginAsync(Patient, null, default);
                await RunAsync(transaction, $"INSERT INTO t(a) VALUES({id})");
                await RunAsync(transaction, $"INSERT INTO t(a) VALUES({id + 1})");
                await transaction.CommitAsync(default);
                fates[id] = "ok";
            }
            catch (ClusterException e)
            {
                fates[id] = e.Error.ToString();
            }
        }
    }

    private static async Task<HashSet<long>> IdsAsync(ClusterNode node)
    {
        var ids = new HashSet<long>();
        await using var rows = await node.Database.ReadAsync(
            Sql("SELECT a FROM t"), BatchOptions.None, new ReadOptions { Consistency = ReadConsistency.Linearizable }, default);
        while (await rows.WaitToReadAsync(default))
        {
            while (rows.TryRead())
            {
                ids.Add(rows[0].Integer);
            }
        }

        return ids;
    }

    private static Statement Sql(string text) => new(Encoding.UTF8.GetBytes(text), default);

    private static async Task RunAsync(ITransaction transaction, string sql)
    {
        await using var rows = await transaction.RunAsync(Sql(sql), null, default);
        await CountAsync(rows);
    }

    private static async Task<int> CountAsync(ITransaction transaction, string sql)
    {
        await using var rows = await transaction.RunAsync(Sql(sql), null, default);
        return await CountAsync(rows);
    }

    private static async Task<int> CountAsync(RowCursor rows)
    {
        var count = 0;
        while (await rows.WaitToReadAsync(default))
        {
            while (rows.TryRead())
            {
                count++;
            }
        }

        Assert.Null(rows.Outcome.Error);
        return count;
    }

    private async Task ExecuteAsync(string sql, ClusterNode? node = null)
    {
        await using var result = await (node ?? _nodes[0]).Database.ExecuteAsync(
            new StatementBatch([Sql(sql)], BatchOptions.None), WriteOptions.Default, default);
        await using var rows = await result.NextAsync(default);
        await CountAsync(rows!);
    }
}
