using Xunit.Abstractions;

namespace Rqlite.Pg.Histories.Tests;

public sealed class OtherCheckersTests(ITestOutputHelper output)
{
    [Fact]
    public void Acknowledged_ids_that_are_all_there_once_are_valid()
    {
        var added = new Dictionary<long, Outcome> { [1] = Outcome.Ok, [2] = Outcome.Unknown, [3] = Outcome.Unknown, [4] = Outcome.Failed };
        Assert.True(UniqueIds.Check(added, [1, 3]).Passed);
        Assert.True(UniqueIds.Check(added, [1]).Passed);
    }

    [Theory]
    [InlineData("1 acknowledged but lost", 2L)]
    [InlineData("1 present twice", 1L, 1L, 2L)]
    [InlineData("1 present twice", 1L, 2L, 3L, 3L)]
    [InlineData("1 refused but present", 1L, 2L, 4L)]
    [InlineData("1 never added", 1L, 2L, 77L)]
    public void A_lost_doubled_refused_or_foreign_id_is_found(string found, params long[] present)
    {
        var added = new Dictionary<long, Outcome>
        {
            [1] = Outcome.Ok, [2] = Outcome.Ok, [3] = Outcome.Unknown, [4] = Outcome.Failed,
        };
        var verdict = UniqueIds.Check(added, present);
        Assert.Equal(VerdictKind.Violation, verdict.Kind);
        Assert.Contains(found, verdict.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Versions_that_grow_in_real_time_are_valid() => Assert.True(VersionedRegister.Check(
    [
        new(1, true, 1, 0, 10), new(2, false, 1, 5, 6), new(3, false, 0, 5, 20), new(2, true, 3, 21, 22), new(3, false, 3, 23, 24),
    ]).Passed);

    [Fact]
    public void A_version_made_twice_is_found() =>
        Found("made twice", [new(1, true, 1, 0, 10), new(2, true, 1, 5, 20)]);

    [Fact]
    public void A_stale_read_of_a_version_is_found() =>
        Found("back in time", [new(1, true, 1, 0, 1), new(1, true, 2, 2, 3), new(2, false, 1, 4, 5)]);

    [Fact]
    public void Two_reads_in_the_wrong_order_are_found() =>
        Found("back in time", [new(1, true, 1, 0, 100), new(2, false, 1, 4, 5), new(3, false, 0, 6, 7)]);

    [Fact]
    public void A_reordered_write_is_found() =>
        Found("back in time", [new(1, true, 2, 0, 1), new(2, true, 1, 2, 3)]);

    [Fact]
    public void A_read_from_the_future_is_found() =>
        Found("before it was written", [new(2, false, 1, 0, 1), new(1, true, 1, 2, 3)]);

    [Fact]
    public void Random_version_histories_are_accepted_and_one_moved_answer_is_found()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var operations = new List<VersionedOperation>();
        var version = 0L;
        for (long instant = 0; instant < 200_000; instant += 10)
        {
            var write = random.Next(2) == 0;
            version += write ? 1 : 0;
            operations.Add(new(random.Next(16), write, version, instant - random.Next(50), instant + random.Next(50)));
        }

        var verdict = VersionedRegister.Check(operations);
        Assert.True(verdict.Passed, verdict.Explanation);
        var moved = operations.FindIndex(10_000, o => !o.Write);
        operations[moved] = operations[moved] with { Version = operations[moved].Version - 20 };
        Assert.False(VersionedRegister.Check(operations).Passed);
    }

    [Fact]
    public void A_session_that_only_goes_forward_is_valid() => Assert.True(MonotonicReads.Check(
        [new(1, false, 3), new(2, false, 1), new(1, true, 4), new(1, false, 4), new(2, false, 2)]).Passed);

    [Fact]
    public void A_session_that_goes_back_or_misses_its_own_write_is_found()
    {
        Assert.False(MonotonicReads.Check([new(1, false, 3), new(1, false, 2)]).Passed);
        Assert.False(MonotonicReads.Check([new(1, true, 3), new(2, false, 9), new(1, false, 2)]).Passed);
    }

    private static void Found(string text, VersionedOperation[] operations)
    {
        var verdict = VersionedRegister.Check(operations);
        Assert.Equal(VerdictKind.Violation, verdict.Kind);
        Assert.Contains(text, verdict.Explanation, StringComparison.Ordinal);
    }
}
