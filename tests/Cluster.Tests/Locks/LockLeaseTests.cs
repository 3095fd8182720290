using Rqlite.Pg.Cluster.Tests.Data;

namespace Rqlite.Pg.Cluster.Tests.Locks;

public sealed class LockLeaseTests
{
    [Fact]
    public async Task A_renewal_after_a_gap_tells_that_the_locks_of_before_may_be_lost()
    {
        await using var cluster = new FakeCluster(1);
        var log = cluster.Nodes[0].Log;
        var lapses = 0;
        LockLease? made = null;
        var lease = made = new LockLease(log, null!, new LockKeeper(log, TimeSpan.FromMilliseconds(100)), Guid.NewGuid(), TimeSpan.FromMilliseconds(100), () =>
        {
            // Nobody may see the lease hold before the loss is told.
            Assert.False(made!.Holds);
            lapses++;
        });
        await lease.RenewAsync(CancellationToken.None);
        Assert.Equal(0, lapses);
        while (lease.Holds)
        {
            await Task.Delay(1);
        }

        await lease.RenewAsync(CancellationToken.None);
        Assert.Equal(1, lapses);
    }
}
