using Rqlite.Pg.Cluster;
using Rqlite.Pg.Support;

namespace Rqlite.Pg.Wire.Tests.Isolation;

/// <summary>The scripts once more, on three nodes: where the sessions are must make no difference.</summary>
public sealed class ThreeNodeIsolationTests : IAsyncLifetime
{
    private InProcessCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await InProcessCluster.StartAsync(3);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public Task Sessions_on_one_follower_are_isolated_as_on_one_node() => PlayAllAsync((_, followers) => followers[0]);

    [Fact]
    public Task Sessions_on_the_leader_and_on_followers_are_isolated_as_on_one_node() =>
        PlayAllAsync((number, followers) => number == 0 ? _cluster.Leader : followers[number % followers.Count]);

    private async Task PlayAllAsync(Func<int, IReadOnlyList<ClusterNode>, ClusterNode> place)
    {
        foreach (var name in IsolationScript.Names)
        {
            var script = IsolationScript.Load(name);
            foreach (var outcome in script.Outcomes.Where(static outcome => !outcome.OnOneNode))
            {
                var followers = _cluster.Nodes.Where(static node => !node.IsLeader).ToList();
                await using var server = new ThreeNodeIsolation(_cluster, number => place(number, followers));
                var played = await IsolationRun.PlayAsync(script, outcome, server);
                var expected = outcome.Own.Count > 0 ? outcome.Own : outcome.Answers;
                Assert.Equal($"{name}: {outcome}\n{string.Join('\n', expected)}", $"{name}: {outcome}\n{string.Join('\n', played)}");
            }
        }
    }
}
