using System.Collections.Concurrent;
using System.Globalization;
using Rqlite.Pg.Storage;
using Xunit.Abstractions;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Clients that do as they please, against a log that agrees late, loses its lead, and a node that is killed.</summary>
public sealed class TransactionInterleavingTests(ITestOutputHelper output)
{
    private const int Clients = 6;
    private const int Rounds = 60;

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly ConcurrentDictionary<int, bool> _fates = new();
    private int _nextId;
    private int _left = Clients;

    [Theory]
    [InlineData(1, 8, true)]
    [InlineData(2, 8, true)]
    [InlineData(3, 2, true)]
    [InlineData(4, 1, true)]
    [InlineData(5, 8, false)]
    public async Task Whatever_happens_in_between_what_was_acknowledged_is_there_once(int seed, int groupMax, bool troubles)
    {
        output.WriteLine($"seed {seed}");
        await using var node = new ScriptedNode(new() { GroupTransactionsMax = groupMax, LeaderWait = TimeSpan.FromMilliseconds(5) });
        await node.Database.ExecuteAsync(
            "CREATE TABLE acks(id INTEGER PRIMARY KEY, increments)", "CREATE TABLE hot(n)", "INSERT INTO hot VALUES(0)",
            "CREATE TABLE filler(a, r)", "CREATE TABLE named(id)", "CREATE TABLE once(a PRIMARY KEY)", "INSERT INTO once VALUES(1)");
        node.Log.Agrees = false;
        var clients = Enumerable.Range(0, Clients).Select(i => Task.Run(() => ClientAsync(node, new Random((seed * 100) + i)))).ToArray();
        await DriveAsync(node, new Random(seed), troubles).WaitAsync(Bound);
        await Task.WhenAll(clients).WaitAsync(Bound);
        node.Log.Agree();
        await node.Log.WaitForApplyAsync(node.LastIndex, default).AsTask().WaitAsync(Bound);
        await CheckAsync(node, seed);
    }

    private async Task DriveAsync(ScriptedNode node, Random random, bool troubles)
    {
        while (Volatile.Read(ref _left) > 0)
        {
            var what = random.Next(1000);
            if (what < 6 && troubles)
            {
                await node.KillAsync();
                node.Log.Agrees = false;
            }
            else if (what < 30 && troubles)
            {
                var last = node.LastIndex;
                node.Log.Lose(keeps: last - random.Next(4));
                if (random.Next(2) == 0)
                {
                    node.Log.AppendForeign("INSERT INTO filler VALUES('foreign', random())");
                }

                node.Log.Win();
            }
            else
            {
                var agreed = node.Log.CommitIndex;
                var last = node.Log.LastIndex;
                node.Log.Agree(last - random.Next((int)(last - agreed) + 1));
            }

            await Task.Delay(1);
        }
    }

    private async Task ClientAsync(ScriptedNode node, Random random)
    {
        for (var i = 0; i < Rounds; i++)
        {
            var id = Interlocked.Increment(ref _nextId);
            try
            {
                var done = random.Next(4) switch
                {
                    0 => await WriteAsync(node, id),
                    1 => await InsistAsync(node, random, id),
                    _ => await TransactAsync(node, random, id, null),
                };
                _fates[id] = done;
            }
            catch (ClusterException e) when (e.Error is ClusterError.Serialization or ClusterError.LockTimeout or ClusterError.IdleTransaction
                or ClusterError.NotLeader or ClusterError.NoLeader)
            {
                _fates[id] = false;
            }
            catch (Exception e) when (e is ClusterException or ObjectDisposedException)
            {
                // Its fate is open.
                await Task.Delay(1);
            }
        }

        Interlocked.Decrement(ref _left);
    }

    private static async Task<bool> WriteAsync(ScriptedNode node, int id)
    {
        var texts = await node.Database.ExecuteAsync($"INSERT INTO acks VALUES({id}, 0)", "INSERT INTO filler VALUES('single', random())");
        return texts[0] == "changed 1";
    }

    /// <summary>Tries again under one key until it is told what has become of it.</summary>
    private static async Task<bool> InsistAsync(ScriptedNode node, Random random, int id)
    {
        while (true)
        {
            try
            {
                return await TransactAsync(node, random, id, $"key {id}");
            }
            catch (ClusterException e) when (e.Error == ClusterError.AlreadyCommitted)
            {
                return true;
            }
            catch (Exception e) when (e is ClusterException or ObjectDisposedException)
            {
                await Task.Delay(1);
            }
        }
    }

    private static async Task<bool> TransactAsync(ScriptedNode node, Random random, int id, string? key)
    {
        var options = new TransactionOptions
        {
            WriterSlice = TimeSpan.FromMilliseconds(random.Next(4)),
            LockTimeout = random.Next(8) == 0 ? TimeSpan.FromMilliseconds(random.Next(20)) : null,
            IdleTimeout = random.Next(10) == 0 ? TimeSpan.FromMilliseconds(15) : TimeSpan.FromSeconds(10),
            UnixMicroseconds = random.Next(2) == 0 ? id : null,
            IdempotencyKey = key,
        };
        await using var transaction = await node.Database.BeginAsync(options, null, default);
        var increments = 0;
        for (var step = random.Next(5); step >= 0; step--)
        {
            increments += await StepAsync(transaction, random);
        }

        if (key is not null)
        {
            Assert.Equal("changed 1", await RunAsync(transaction, $"INSERT INTO named VALUES({id})"));
        }
        else if (random.Next(4) == 0)
        {
            // Vanished.
            return false;
        }

        var text = await RunAsync(transaction, $"INSERT INTO acks VALUES({id}, {increments})");
        if (text.StartsWith("error", StringComparison.Ordinal))
        {
            return false;
        }

        return (await transaction.CommitAsync(default)).Index > 0;
    }

    private static async Task<int> StepAsync(ITransaction transaction, Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                await RunAsync(transaction, "SELECT count(*) FROM once");
                return 0;
            case 1:
                await Task.Delay(random.Next(1, 25));
                return 0;
            case 2:
                await RunAsync(transaction, "INSERT INTO filler VALUES(now(), random())");
                return 0;
            case 3:
                await transaction.SuspendAsync(default);
                return 0;
            case 4:
            case 5:
                await transaction.SetSavepointAsync(default);
                await RunAsync(transaction, "UPDATE hot SET n = n + 1000");
                await RunAsync(
                    transaction, random.Next(2) == 0 ? "INSERT OR ROLLBACK INTO once VALUES(1)" : "INSERT INTO once VALUES(1)");
                await transaction.RollBackToAsync(0, default);
                await transaction.ReleaseAsync(0, default);
                return 0;
            default:
                var text = await RunAsync(transaction, "SELECT n FROM hot");
                if (random.Next(3) == 0)
                {
                    await Task.Delay(random.Next(1, 8));
                }

                var n = long.Parse(text, CultureInfo.InvariantCulture);
                Assert.Equal("changed 1", await RunAsync(transaction, $"UPDATE hot SET n = {n + 1}"));
                return 1;
        }
    }

    private async Task CheckAsync(ScriptedNode node, int seed)
    {
        var there = (await node.Database.ReadAsync("SELECT id FROM acks", new() { Consistency = ReadConsistency.None }))
            .Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToHashSet();
        foreach (var (id, done) in _fates)
        {
            Assert.True(done == there.Contains(id), $"seed {seed}: {id} was {(done ? "acknowledged and is not there" : "undone and is there")}");
        }

        Assert.True(_fates.Values.Count(done => done) > Rounds, $"seed {seed}: too little was acknowledged to say anything");
        output.WriteLine($"{_fates.Values.Count(d => d)} done, {_fates.Values.Count(d => !d)} undone, {_nextId - _fates.Count} open");
        Assert.Equal(
            "0", await node.Database.ReadAsync("SELECT count(*) - count(DISTINCT id) FROM named", new() { Consistency = ReadConsistency.None }));
        Assert.Equal(
            await node.Database.ReadAsync("SELECT sum(increments) FROM acks", new() { Consistency = ReadConsistency.None }),
            await node.Database.ReadAsync("SELECT n FROM hot", new() { Consistency = ReadConsistency.None }));
        await node.CheckAgainstReplayAsync($"seed {seed}");
    }

    private static async Task<string> RunAsync(ITransaction transaction, string sql)
    {
        await using var cursor = await transaction.RunAsync(Sql.Statement(sql), null, default);
        return await Sql.TextAsync(cursor);
    }
}
