using Rqlite.Pg.Wire.Execution;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Tests.Execution;

/// <summary>Which statements of a query string become its one entry: r reads, w writes, t takes a lock, g gives one back, a gives all back.</summary>
public sealed class UnitRoutingTests
{
    [Theory]
    [InlineData("w", 0, 1)]
    [InlineData("rwr", 0, 3)]
    [InlineData("twg", 1, 2)]
    [InlineData("trwrwrg", 2, 5)]
    [InlineData("trwra", 2, 3)]
    [InlineData("awa", 1, 2)]
    [InlineData("twwr", 1, 3)]
    public void The_entry_reaches_from_the_first_write_to_the_last_if_locks_are_used(string unit, int first, int end) =>
        Assert.Equal(new UnitRange(first, end), Decide(unit, SessionTraits.HasLockService | SessionTraits.HoldsLocks));

    [Theory]
    [InlineData("wtw")]
    [InlineData("wgw")]
    [InlineData("waw")]
    [InlineData("wt")]
    [InlineData("twrt")]
    public void Locks_between_writes_and_locks_taken_after_them_are_refused(string unit) =>
        Assert.True(Decide(unit, SessionTraits.HasLockService | SessionTraits.HoldsLocks).Refused);

    [Theory]
    [InlineData("wtw", SessionTraits.None)]
    [InlineData("waw", SessionTraits.HasLockService)]
    [InlineData("raw", SessionTraits.HasLockService)]
    internal void Without_locks_the_whole_unit_is_the_entry(string unit, SessionTraits session) =>
        Assert.Equal(new UnitRange(0, 3), Decide(unit, session));

    private static UnitRange Decide(string unit, SessionTraits session) => UnitRouting.Decide(unit.Select(Traits).ToList(), session);

    private static StatementTraits Traits(char kind) => StatementTraits.Known | kind switch
    {
        'w' => StatementTraits.Writes,
        't' => StatementTraits.UsesLocks | StatementTraits.TakesLocks,
        'g' => StatementTraits.UsesLocks,
        'a' => StatementTraits.ReleasesAllLocks,
        _ => StatementTraits.None,
    };
}
