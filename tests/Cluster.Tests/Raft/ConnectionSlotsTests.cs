namespace Rqlite.Pg.Cluster.Tests;

public sealed class ConnectionSlotsTests
{
    private readonly List<string> _closed = [];

    [Fact]
    public void The_longest_waiting_gives_way_to_a_new_one()
    {
        var slots = new ConnectionSlots(2);
        using var a = Take(slots, "a");
        using var b = Take(slots, "b");
        Assert.True(a.TryBegin());
        a.End();
        using var c = Take(slots, "c");
        Assert.Equal(["b"], _closed);
        Assert.False(b.TryBegin());
        using var d = Take(slots, "d");
        Assert.Equal(["b", "a"], _closed);
        Assert.Equal(2, slots.Open);
    }

    [Fact]
    public void Those_at_work_never_give_way()
    {
        var slots = new ConnectionSlots(2);
        using var a = Take(slots, "a");
        var b = Take(slots, "b");
        Assert.True(a.TryBegin() && b.TryBegin());
        Assert.Null(slots.Take(() => { }));
        b.Dispose();
        using var c = Take(slots, "c");
        Assert.True(c.TryBegin());
        Assert.Empty(_closed);
    }

    [Fact]
    public void Spare_places_only_wait()
    {
        var slots = new ConnectionSlots(1, spare: 1);
        using var a = Take(slots, "a");
        Assert.True(a.TryBegin());
        using var b = Take(slots, "b");
        Assert.False(b.TryBegin());
        using var c = Take(slots, "c");
        Assert.Equal(["b"], _closed);
        a.Dispose();
        Assert.True(c.TryBegin());
        c.Dispose();
        c.Dispose();
        Assert.Equal(0, slots.Open);
    }

    private ConnectionSlots.Slot Take(ConnectionSlots slots, string name) => slots.Take(() => _closed.Add(name))!;
}
