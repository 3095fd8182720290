namespace Rqlite.Pg.Storage.Tests;

public class MemoryBudgetTests
{
    [Fact]
    public void What_does_not_fit_is_refused_and_reserves_nothing()
    {
        var budget = new MemoryBudget(100);
        Assert.True(budget.TryReserve(60));
        Assert.False(budget.TryReserve(41));
        Assert.Equal(60, budget.Used);
        Assert.True(budget.TryReserve(40));
        budget.Release(100);
        Assert.Equal(0, budget.Used);
        Assert.False(budget.TryReserve(long.MaxValue));
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void Small_requests_find_room_when_large_ones_have_taken_theirs()
    {
        var whole = new MemoryBudget(100) { SmallBytesMin = 20 };
        var part = new MemoryBudget(100, whole);
        Assert.True(part.TryReserve(80));
        Assert.False(part.TryReserve(1));
        Assert.True(part.TryReserve(20, small: true));
        Assert.False(part.TryReserve(1, small: true));
        Assert.Equal((100, 100), (part.Used, whole.Used));
    }

    [Fact]
    public void A_part_is_bounded_by_itself_and_by_the_whole()
    {
        var whole = new MemoryBudget(100);
        var one = new MemoryBudget(80, whole);
        var other = new MemoryBudget(80, whole);
        Assert.True(one.TryReserve(70));
        Assert.False(one.TryReserve(11));
        Assert.False(other.TryReserve(31));
        Assert.Equal(0, other.Used);
        Assert.True(other.TryReserve(30));
        Assert.Equal(100, whole.Used);
        one.Release(70);
        Assert.True(other.TryReserve(50));
        Assert.Equal(80, whole.Used);
    }

    [Fact]
    public async Task Many_threads_never_hold_more_than_the_bound()
    {
        var whole = new MemoryBudget(10);
        var held = 0;
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                if (whole.TryReserve(3))
                {
                    var now = Interlocked.Add(ref held, 3);
                    InterlockedMax(ref most, now);
                    Interlocked.Add(ref held, -3);
                    whole.Release(3);
                }
            }
        })));
        Assert.InRange(most, 3, 10);
        Assert.Equal(0, whole.Used);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen;)
        {
            seen = Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}
