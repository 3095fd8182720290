using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>Advisory locks of three whole nodes.</summary>
public sealed class RaftAdvisoryLockTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("locks-test-").FullName;
    private readonly Dictionary<string, ClusterNode> _nodes = [];
    private readonly Dictionary<string, string> _addresses = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes.Values.Reverse())
        {
            await node.DisposeAsync();
        }

        Directory.Delete(_directory, true);
    }

    [Fact]
    public async Task A_lock_is_held_once_whichever_nodes_its_sessions_are_connected_to_while_leaders_change()
    {
        await StartAllAsync();
        var holders = 0;
        var taken = 0;
        using var stop = new CancellationTokenSource();
        var workers = _nodes.Values.Select(node => Task.Run(async () =>
        {
            using var session = Session.On(node);
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await session.RunAsync("pg_advisory_lock(1)");
                    Assert.Equal(1, Interlocked.Increment(ref holders));
                    await Task.Yield();
                    taken++;
                    Interlocked.Decrement(ref holders);
                    await session.RunAsync("pg_advisory_unlock(1)");
                }
                catch (ClusterException) when (!session.Lost)
                {
                    // Without a known outcome it may have the lock or not: it gives back what it has.
                    await session.RunAsync("pg_advisory_unlock_all()", patiently: true);
                }
            }
        })).ToArray();
        for (var change = 0; change < 3; change++)
        {
            var before = Volatile.Read(ref taken);
            await TestCluster.Until(() => Volatile.Read(ref taken) > before + 20, "locks are taken");
            var leader = await LeaderAsync();
            await leader.StepDownAsync(null, wait: true, TestCluster.Patience, CancellationToken.None);
        }

        await stop.CancelAsync();
        await Task.WhenAll(workers).WaitAsync(TestCluster.Patience);
    }

    [Fact]
    public async Task A_dead_node_loses_its_locks_after_the_lease_and_a_restarted_one_at_once()
    {
        await StartAllAsync();
        var leader = await LeaderAsync();
        var (dies, restarts) = _nodes.Where(pair => pair.Value != leader).ToArray() is [var a, var b] ? (a, b) : throw new InvalidOperationException();
        var session = Session.On(dies.Value);
        var second = Session.On(restarts.Value);
        await session.RunAsync("pg_advisory_lock(1)");
        await second.RunAsync("pg_advisory_lock(2)");
        using var waiting = Session.On(leader);
        Assert.Equal(0, await waiting.AskAsync("pg_try_advisory_lock(1)"));

        // A node that stops does not get to release anything here: its sessions are never disposed.
        await dies.Value.DisposeAsync();
        await restarts.Value.DisposeAsync();
        _nodes.Remove(dies.Key);
        _nodes.Remove(restarts.Key);
        await StartAsync(restarts.Key, null);
        await waiting.RunAsync("pg_advisory_lock(2)", patiently: true);
        await waiting.RunAsync("pg_advisory_lock(1)", patiently: true);
    }

    [Fact]
    public async Task A_session_without_contact_to_a_leader_is_told_that_its_locks_are_lost()
    {
        await StartAllAsync();
        var leader = await LeaderAsync();
        using var session = Session.On(leader);
        await session.RunAsync("pg_advisory_lock(1)");
        Assert.False(session.Lost);
        foreach (var (id, node) in _nodes.Where(pair => pair.Value != leader).ToArray())
        {
            await node.DisposeAsync();
            _nodes.Remove(id);
        }

        await TestCluster.Until(() => session.Told, "it is told");
        Assert.True(session.Lost);
        var error = await Assert.ThrowsAsync<ClusterException>(() => session.RunAsync("pg_advisory_unlock(1)"));
        Assert.Equal(ClusterError.LocksLost, error.Error);
    }

    /// <summary>The lease of 10 s is renewed while somebody holds a lock, and a node believes in it for half of it.</summary>
    [Fact]
    public async Task A_lock_that_is_taken_when_the_lease_is_nearly_over_is_not_lost()
    {
        var node = await StartAsync("n1", null);
        await TestCluster.Until(() => node.IsLeader, "a leader");
        using var session = Session.On(node);
        await session.RunAsync("pg_advisory_lock(1)");
        await session.RunAsync("pg_advisory_unlock(1)");
        await Task.Delay(4800);
        await session.RunAsync("pg_advisory_lock(1)");
        for (var i = 0; i < 40; i++)
        {
            await Task.Delay(50);
            Assert.False(session.Lost);
        }

        await session.RunAsync("pg_advisory_unlock(1)");
        Assert.False(session.Told);
    }

    [Fact]
    public async Task Without_a_quorum_the_limit_for_locks_and_a_cancellation_end_the_wait_for_a_lock()
    {
        await StartAllAsync();
        var left = await LeaderAsync();
        using var limited = Session.On(left);
        using var cancelled = Session.On(left);
        using var inTime = Session.On(left);
        await inTime.RunAsync("pg_advisory_lock(7)");
        await inTime.RunAsync("pg_advisory_unlock(7)");
        foreach (var (id, node) in _nodes.Where(pair => pair.Value != left).ToArray())
        {
            await node.DisposeAsync();
            _nodes.Remove(id);
        }

        await TestCluster.Until(() => left.Leader is null, "no leader is known");
        var error = await Assert.ThrowsAsync<ClusterException>(() => limited.AskAsync("pg_advisory_lock(1)", TimeSpan.FromMilliseconds(100)));
        Assert.Equal(ClusterError.LockTimeout, error.Error);
        using var cancel = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.AskAsync("pg_advisory_lock(1)", null, cancel.Token));
    }

    private async Task StartAllAsync()
    {
        var first = await StartAsync("n1", null);
        await TestCluster.Until(() => first.IsLeader, "a leader");
        await StartAsync("n2", first);
        await StartAsync("n3", first);
        await TestCluster.Until(() => _nodes.Values.All(static n => n.Ready), "all ready");
    }

    private Task<ClusterNode> LeaderAsync() => TestCluster.Until(() => _nodes.Values.FirstOrDefault(static n => n.IsLeader), "a leader");

    private async Task<ClusterNode> StartAsync(string id, ClusterNode? join)
    {
        var directory = Path.Combine(_directory, id);
        var options = new ClusterOptions
        {
            NodeId = id,
            DataDirectory = directory,
            RaftAddress = _addresses.TryGetValue(id, out var address) ? address : _addresses[id] = $"127.0.0.1:{TestCluster.FreePort()}",
            Join = join is null ? [] : [join.Self.RaftAddress],
            HeartbeatTimeout = TimeSpan.FromMilliseconds(400),
            ElectionTimeout = TimeSpan.FromMilliseconds(400),
        };
        var node = await ClusterNode.StartAsync(
            options, new StorageOptions { Directory = Path.Combine(directory, "db") }, NullLoggerFactory.Instance, CancellationToken.None);
        _nodes.Add(id, node);
        return node;
    }

    private sealed class Session : IDisposable
    {
        private ISessionLocks _locks = null!;
        private ClusterNode _node = null!;
        private volatile bool _told;

        public bool Lost => _locks.Lost;

        public bool Told => _told;

        public static Session On(ClusterNode node)
        {
            var session = new Session { _node = node };
            session.Open();
            return session;
        }

        private void Open() => _locks = _node.Database.Locks!.Open(() => _told = true);

        public async Task RunAsync(string call, bool patiently = false)
        {
            using var limit = new CancellationTokenSource(TestCluster.Patience);
            while (true)
            {
                try
                {
                    await AskAsync(call);
                    return;
                }
                catch (ClusterException e) when (patiently && !limit.IsCancellationRequested)
                {
                    if (e.Error == ClusterError.LocksLost)
                    {
                        // The quorum was away for longer than the lease; a client connects again.
                        _locks.Dispose();
                        Open();
                    }

                    await Task.Delay(20);
                }
            }
        }

        public async Task<long> AskAsync(string call, TimeSpan? limit = null, CancellationToken? token = null)
        {
            var batch = new StatementBatch([new(Encoding.UTF8.GetBytes("SELECT " + call), default)], BatchOptions.ForeignKeys)
            {
                Caller = new CallerSession(_node.Database.NodeId, _locks.Session, 0, [], 0),
            };
            var result = await _locks.RunAsync(batch, WriteOptions.Default, limit, token ?? TestCluster.Limit);
            await using var rows = await result.Result.NextAsync(default);
            Assert.True(await rows!.WaitToReadAsync(default) && rows.TryRead());
            return rows[0].Integer;
        }

        public void Dispose() => _locks.Dispose();
    }
}
