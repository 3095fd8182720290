using Xunit.Abstractions;

namespace Rqlite.Pg.Histories.Tests;

/// <summary>The checkers of whole views: accounts, snapshots, comments, sessions.</summary>
public sealed class ViewCheckersTests(ITestOutputHelper output)
{
    [Fact]
    public void Accounts_that_come_and_go_and_keep_their_sum_are_valid() =>
        Assert.True(Bank.Check([Accounts((1, 60), (2, 40)), Accounts((1, 100)), Accounts((3, 30), (1, 70), (4, 0))], 100).Passed);

    [Fact]
    public void Money_that_appears_vanishes_or_is_owed_is_found()
    {
        Found("the sum was 90", Bank.Check([Accounts((1, 60), (2, 40)), Accounts((1, 50), (2, 40))], 100));
        Found("the sum was 160", Bank.Check([Accounts((1, 60), (2, 40), (3, 60))], 100));
        Found("the sum was 60", Bank.Check([Accounts((1, 60))], 100));
        Found("the sum was 0", Bank.Check([Accounts()], 100));
        Found("in debt", Bank.Check([Accounts((1, 110), (2, -10))], 100));
        Found("seen twice", Bank.Check([Accounts((1, 50), (1, 50))], 100));
    }

    [Fact]
    public void Snapshots_of_one_history_are_valid_however_old() => Assert.True(Snapshots.Check(
        [See("a", 10, 1, 0), See("b", 30, 2, 2), See("c", 5, 0, 0), See("a", 20, 1, 2), See("b", 21, 1, 2), See("c", 30, 2, 2)],
        [new("x", 1, 10), new("y", 2, 15), new("x", 2, 30)]).Passed);

    [Fact]
    public void A_long_fork_between_nodes_is_found()
    {
        Found("long fork", Snapshots.Check([See("a", 10, 1, 0), See("b", 10, 0, 1)], []));
        Found("long fork", Snapshots.Check([See("a", 10, 3, 1), See("b", 20, 1, 4), See("a", 30, 4, 4)], []));
    }

    [Fact]
    public void Two_contents_at_one_index_are_found() => Found("one index", Snapshots.Check([See("a", 10, 1, 0), See("b", 10, 1, 1)], []));

    [Fact]
    public void A_later_index_that_shows_less_is_found() => Found("later index", Snapshots.Check([See("a", 10, 1, 1), See("b", 20, 1, 0)], []));

    [Fact]
    public void A_snapshot_that_misses_or_foresees_a_write_is_found()
    {
        Found("missing", Snapshots.Check([See("a", 20, 1, 0)], [new("x", 1, 10), new("x", 2, 20)]));
        Found("too early", Snapshots.Check([See("a", 20, 2, 0)], [new("x", 1, 10), new("x", 2, 21)]));
    }

    [Fact]
    public void A_version_made_twice_or_out_of_order_is_found()
    {
        Found("made twice", Snapshots.Check([], [new("x", 1, 10), new("x", 1, 11)]));
        Found("disagree", Snapshots.Check([], [new("x", 1, 10), new("x", 2, 9)]));
    }

    [Fact]
    public void A_fractured_snapshot_is_found()
    {
        string[][] together = [["x", "y"]];
        Assert.True(Snapshots.Check([See("a", 10, 1, 1)], [], together).Passed);
        Found("fractured", Snapshots.Check([See("a", 10, 2, 1)], [], together));
    }

    [Fact]
    public void Random_snapshots_of_one_history_are_valid_and_one_changed_version_is_found()
    {
        var seed = Environment.TickCount & 0xFFFFFF;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var versions = new long[5];
            var snapshots = new List<Snapshot>();
            var writes = new List<IndexedWrite>();
            for (var index = 1; index < 2000; index++)
            {
                var key = random.Next(versions.Length);
                versions[key]++;
                if (random.Next(4) > 0)
                {
                    writes.Add(new($"k{key}", versions[key], index));
                }

                if (random.Next(3) == 0)
                {
                    snapshots.Add(new($"n{random.Next(3)}", index, versions.Select((v, k) => (v, k)).ToDictionary(p => $"k{p.k}", p => p.v)));
                }
            }

            var shuffled = snapshots.OrderBy(_ => random.Next()).ToList();
            var verdict = Snapshots.Check(shuffled, writes);
            Assert.True(verdict.Passed, $"seed {seed}: {verdict.Explanation}");
            // What the last one shows besides may be of a write that nobody acknowledged; what the first one lacks, nobody has seen.
            var victim = shuffled.IndexOf(snapshots[random.Next(1, snapshots.Count - 1)]);
            var key2 = $"k{random.Next(versions.Length)}";
            var changed = shuffled[victim].Versions.ToDictionary();
            changed[key2] += random.Next(2) == 0 ? 60 : -60;
            shuffled[victim] = shuffled[victim] with { Versions = changed };
            Assert.False(Snapshots.Check(shuffled, writes).Passed, $"seed {seed}");
        }
    }

    [Fact]
    public void Comments_seen_in_the_order_of_their_acknowledgements_are_valid() => Assert.True(Comments.Check(
        [Added(1, 0, 10), Added(2, 5, 20), Added(3, 30, 40), Added(4, 0, 1, Outcome.Unknown)], [[], [2], [1, 2], [2, 1, 3], [4, 2, 1, 3]]).Passed);

    [Fact]
    public void A_later_comment_without_an_earlier_one_is_found()
    {
        Found("without the earlier", Comments.Check([Added(1, 0, 10), Added(2, 11, 20)], [[2]]));
        Found("without the earlier", Comments.Check([Added(1, 0, 10), Added(2, 5, 8), Added(3, 20, 0, Outcome.Unknown)], [[1], [1, 3]]));
        Found("nobody added", Comments.Check([Added(1, 0, 10)], [[1, 9]]));
        Found("refused", Comments.Check([Added(1, 0, 10, Outcome.Failed)], [[1]]));
    }

    [Fact]
    public void A_session_that_carries_its_index_and_goes_forward_is_valid() => Assert.True(SessionGuarantees.Check(
        [Step(1, "x", true, 1, 0, 10), Step(1, "x", false, 1, 10, 10), Step(2, "x", false, 0, 0, 9), Step(1, "x", false, 4, 10, 15), Step(1, "y", false, 1, 15, 20),
            Step(1, "x", false, 2, 10, 0), Step(1, "x", false, 4, 15, 0)]).Passed);

    [Fact]
    public void A_session_that_goes_back_or_misses_its_own_write_is_found()
    {
        Found("its own write", SessionGuarantees.Check([Step(1, "x", true, 2, 0, 10), Step(1, "x", false, 1, 10, 11)]));
        Found("back in time", SessionGuarantees.Check([Step(1, "x", false, 2, 0, 10), Step(2, "x", false, 3, 0, 9), Step(1, "x", false, 1, 10, 11)]));
        Found("back in time", SessionGuarantees.Check([Step(1, "x", false, 2, 0, 10), Step(1, "x", true, 2, 10, 11)]));
        Found("older than asked for", SessionGuarantees.Check([Step(1, "x", false, 2, 10, 9)]));
    }

    private static BankRead Accounts(params (long, long)[] accounts) => new(accounts, "n1");

    private static Snapshot See(string node, long index, long x, long y) => new(node, index, new Dictionary<string, long> { ["x"] = x, ["y"] = y });

    private static AddedId Added(long id, long invoked, long returned, Outcome outcome = Outcome.Ok) => new(id, invoked, returned, outcome);

    private static IndexedStep Step(int client, string key, bool write, long version, long asked, long index) => new(client, key, write, version, asked, index, "n1");

    private static void Found(string text, Verdict verdict)
    {
        Assert.Equal(VerdictKind.Violation, verdict.Kind);
        Assert.Contains(text, verdict.Explanation, StringComparison.Ordinal);
    }
}
