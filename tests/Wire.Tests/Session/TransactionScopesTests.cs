using System.IO.Pipelines;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Planning.PassThrough;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Tests.Session;

/// <summary>One list of savepoints for all that follows the transaction.</summary>
public sealed class TransactionScopesTests
{
    private readonly Settings _settings = new();
    private readonly TransactionBlock _block = new();
    private readonly Channels _channels = new();
    private readonly Listening _listening;
    private readonly Portals _portals;
    private readonly TransactionScopes _scopes;

    public TransactionScopesTests()
    {
        var output = new SessionOutput(new Pipe().Writer, new StatementCancellation());
        _listening = new Listening(_channels, 10, 1000, static () => { });
        _portals = new Portals(new SessionMemory(new MemoryBudget(1 << 20), 1 << 20));
        _scopes = new TransactionScopes(_block, _portals, _settings, _listening, new HeldLocks(null, _block, output));
    }

    [Fact]
    public async Task A_return_to_a_savepoint_restores_all_parts_and_keeps_it()
    {
        Begin();
        await DoAsync("a");
        await SavepointAsync("s");
        await DoAsync("b");
        await SavepointAsync("t");
        await DoAsync("c");
        await _scopes.ReturnAsync("s", default);
        AssertState("a", portals: "a");
        await DoAsync("d");
        await _scopes.ReturnAsync("s", default);
        AssertState("a", portals: "a");
        Assert.Equal("3B001", (await Assert.ThrowsAsync<PgException>(() => _scopes.ReturnAsync("t", default).AsTask())).Error.SqlState);
        await _scopes.CommitAsync();
        AssertState("a", portals: "");
        Assert.Equal(["a"], _channels.Open);
    }

    [Fact]
    public async Task The_latest_of_savepoints_with_one_name_is_meant()
    {
        Begin();
        await SavepointAsync("s");
        await DoAsync("a");
        await SavepointAsync("s");
        await DoAsync("b");
        await _scopes.ReturnAsync("s", default);
        AssertState("a", portals: "a");
        await _scopes.ReleaseAsync("s", default);
        AssertState("a", portals: "a");
        await _scopes.ReturnAsync("s", default);
        AssertState("", portals: "");
        await _scopes.CommitAsync();
        Assert.Empty(_channels.Open);
    }

    [Fact]
    public async Task What_was_done_in_a_released_savepoint_belongs_to_the_one_before_it()
    {
        Begin();
        await DoAsync("a");
        await SavepointAsync("s");
        await SavepointAsync("t");
        await DoAsync("b");
        await _scopes.ReleaseAsync("t", default);
        AssertState("b", portals: "a b");
        await _scopes.FailAsync(lost: false);
        Assert.Equal(TransactionStatus.Failed, _block.Status);
        AssertState("b", portals: "a");
        await _scopes.ReturnAsync("s", default);
        Assert.Equal(TransactionStatus.InBlock, _block.Status);
        AssertState("a", portals: "a");
    }

    [Fact]
    public async Task An_error_outside_of_a_block_undoes_all_and_one_in_a_block_waits_for_its_end()
    {
        _settings.BeginTransaction();
        await DoAsync("a");
        await _scopes.FailAsync(lost: false);
        AssertState("", portals: "");
        Begin();
        await DoAsync("b");
        await _scopes.FailAsync(lost: false);
        Assert.True(_block.Dead);
        AssertState("b", portals: "");
        await _scopes.RollbackAsync();
        AssertState("", portals: "");
        Assert.Equal(TransactionStatus.Idle, _block.Status);
        Assert.Empty(_channels.Open);
        Assert.Equal("3B001", (await Assert.ThrowsAsync<PgException>(() => _scopes.ReleaseAsync("s", default).AsTask())).Error.SqlState);
    }

    private void Begin()
    {
        _settings.BeginTransaction();
        _block.Begin(new TransactionModes(IsolationLevel.ReadCommitted, false, false));
    }

    private ValueTask SavepointAsync(string name) => _scopes.DefineAsync(name, default);

    private async Task DoAsync(string name)
    {
        _settings.Set("application_name", [name], local: false);
        _listening.Listen(name);
        var planner = new PassThroughPlanner();
        var plan = await planner.PlanAsync(PassThroughPlanner.Parse("show all")[0], default, null!);
        await _portals.AddAsync(new Portal(name, new BoundStatement(new PreparedStatement("", plan), new Statement(default, default)), []));
    }

    private void AssertState(string setting, string portals)
    {
        Assert.Equal(setting, _settings.Show("application_name"));
        var open = new List<string>();
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            try
            {
                _ = _portals[name];
                open.Add(name);
            }
            catch (PgException exception) when (exception.Error.SqlState == "34000")
            {
                // It is closed.
            }
        }

        Assert.Equal(portals, string.Join(' ', open));
    }

    private sealed class Channels : INotifications
    {
        public List<string> Open { get; } = [];

        public IDisposable Subscribe(string channel, INotificationReceiver receiver)
        {
            Open.Add(channel);
            return new Subscription(() => Open.Remove(channel));
        }

        private sealed class Subscription(Action end) : IDisposable
        {
            public void Dispose() => end();
        }
    }
}
