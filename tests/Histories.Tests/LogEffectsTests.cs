using Xunit.Abstractions;

namespace Rqlite.Pg.Histories.Tests;

/// <summary>The checkers of what goes through the log besides rows: notifications, sequences, advisory locks.</summary>
public sealed class LogEffectsTests(ITestOutputHelper output)
{
    private static readonly SentPayload[] s_sent =
    [
        new("a", 10, Outcome.Ok), new("b", 20, Outcome.Unknown), new("c", 30, Outcome.Ok), new("x", 25, Outcome.Failed), new("y", 26, Outcome.Unknown),
    ];

    private static readonly string[] s_committed = ["a", "b", "c"];

    [Theory]
    [InlineData(0, true, "a b c")]
    [InlineData(15, true, "b c")]
    [InlineData(15, true, "a b c")]
    [InlineData(5, false, "a b")]
    [InlineData(5, false, "")]
    [InlineData(31, true, "")]
    [InlineData(31, true, "c")]
    public void A_piece_of_the_order_of_commits_is_valid(long listened, bool whole, string heard) => Assert.True(Heard(listened, whole, heard).Passed);

    [Theory]
    [InlineData("missed b", 5, false, "a c")]
    [InlineData("again", 5, true, "a a b c")]
    [InlineData("again", 5, true, "a b c b")]
    [InlineData("out of order", 5, true, "b a c")]
    [InlineData("x, which was not committed", 5, false, "a b x")]
    [InlineData("y, which was not committed", 5, false, "a b y")]
    [InlineData("did not hear the end", 5, true, "a b")]
    [InlineData("did not hear the end", 5, true, "")]
    [InlineData("did not hear a, sent after its LISTEN", 5, true, "b c")]
    [InlineData("did not hear b, sent after its LISTEN", 15, false, "c")]
    public void A_gap_a_repetition_a_ghost_or_a_missing_end_is_found(string found, long listened, bool whole, string heard) =>
        Found(found, Heard(listened, whole, heard));

    [Fact]
    public void Payloads_and_table_must_agree()
    {
        Found("acknowledged but not in the table", NotificationOrder.Check(s_sent, ["a", "b"], []));
        Found("refused or rolled back but in the table", NotificationOrder.Check(s_sent, ["a", "b", "c", "x"], []));
        Found("twice", NotificationOrder.Check(s_sent, ["a", "b", "c", "a"], []));
    }

    [Fact]
    public void Values_drawn_once_and_rising_are_valid() => Assert.True(SequenceDraws.Check(
        [Draw(1, 0, 10), Draw(3, 5, 30), Draw(2, 6, 20), Draw(4, 31, 40, kept: false), Draw(5, 41, 50)], cached: false).Passed);

    [Fact]
    public void A_value_given_out_twice_is_found()
    {
        Found("twice", SequenceDraws.Check([Draw(1, 0, 10), Draw(2, 11, 12), Draw(2, 20, 30, termBefore: 2, termAfter: 3)], cached: true));
        Found("twice", SequenceDraws.Check([Draw(1, 0, 10, kept: false), Draw(1, 20, 30)], cached: true));
        Found("twice", SequenceDraws.Check([Draw(1, 0, 10, kept: false), Draw(1, 20, 30, kept: false)], cached: true));
    }

    [Fact]
    public void What_was_given_up_may_come_again_under_another_leader()
    {
        Assert.True(SequenceDraws.Check([Draw(1, 0, 10, kept: false), Draw(1, 20, 30, termBefore: 2, termAfter: 2)], cached: false).Passed);
        Assert.True(SequenceDraws.Check([Draw(1, 0, 10, kept: false, termAfter: 2), Draw(1, 20, 30, termBefore: 1, termAfter: 2)], cached: false).Passed);
    }

    [Fact]
    public void A_later_draw_that_is_smaller_is_found_without_a_cache()
    {
        SequenceDraw[] draws = [Draw(2, 0, 10), Draw(1, 11, 20)];
        Found("not larger", SequenceDraws.Check(draws, cached: false));
        Assert.True(SequenceDraws.Check(draws, cached: true).Passed);
        Found("not larger", SequenceDraws.Check([Draw(2, 0, 10, termAfter: 2), Draw(1, 11, 20, termBefore: 2, termAfter: 3)], cached: false));
        Found("not larger", SequenceDraws.Check([Draw(2, 0, 10, kept: false), Draw(1, 11, 20)], cached: false));
    }

    [Fact]
    public void Holds_that_do_not_meet_and_shared_holds_that_do_are_valid() => Assert.True(LockHolds.Check(
    [
        new(1, false, 0, 10, "a"), new(1, false, 10, 20, "b"), new(1, true, 20, 50, "c"), new(1, true, 30, 40, "d"), new(1, false, 50, 60, "e"),
        new(2, false, 0, 100, "f"),
    ], []).Passed);

    [Theory]
    [InlineData(false, 10, false, 9)]
    [InlineData(true, 10, false, 9)]
    [InlineData(false, 10, true, 9)]
    public void Two_holders_at_once_are_found(bool firstShared, long to, bool secondShared, long from)
    {
        LockHold first = new(1, firstShared, 0, to, "a"), second = new(1, secondShared, from, 30, "b");
        Found("two sessions held", LockHolds.Check([second, first], []));
        Found("two sessions held", LockHolds.Check([second, new(1, firstShared, 1, 2, "c"), first, new(1, true, 40, 41, "d")], []));
    }

    [Fact]
    public void Writes_upon_the_same_number_are_found_unless_one_was_late()
    {
        GuardedWrite done = new(1, 5, 0, Outcome.Ok, false, "a"), missed = new(1, 5, 10, Outcome.Ok, true, "b");
        Found("same number", LockHolds.Check([], [done, done with { Who = "b" }]));
        Found("nobody's write was late", LockHolds.Check([], [done, missed]));
        Found("nobody's write was late", LockHolds.Check([], [missed, done with { Outcome = Outcome.Failed }]));
        Assert.True(LockHolds.Check([], [missed, done with { Outcome = Outcome.Unknown }]).Passed);
        Assert.True(LockHolds.Check([], [done, done with { Expected = 6 }, done with { Key = 2 }]).Passed);
    }

    [Fact]
    public void Random_pieces_are_accepted_and_one_that_lost_a_payload_is_found()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var committed = Enumerable.Range(0, 2000).Select(i => $"p{i}").ToArray();
        SentPayload[] sent = [.. committed.Select((p, i) => new SentPayload(p, i, Outcome.Ok))];
        List<HeardStretch> pieces = [.. Enumerable.Range(0, 200).Select(_ =>
        {
            var (from, count) = (random.Next(1, 1000), random.Next(3, 1000));
            return new HeardStretch("somebody", from, committed[from..(from + count)], Whole: false);
        })];
        Assert.True(NotificationOrder.Check(sent, committed, pieces).Passed);
        var whole = pieces[7].Heard;
        var at = random.Next(0, whole.Count - 1);
        pieces[7] = pieces[7] with { Listened = pieces[7].Listened - 1, Heard = [.. whole.Take(at), .. whole.Skip(at + 1)] };
        Assert.False(NotificationOrder.Check(sent, committed, pieces).Passed);
    }

    private static Verdict Heard(long listened, bool whole, string heard) => NotificationOrder.Check(
        s_sent, s_committed, [new("somebody", listened, heard.Split(' ', StringSplitOptions.RemoveEmptyEntries), whole)]);

    private static SequenceDraw Draw(long value, long invoked, long returned, bool kept = true, long termBefore = 1, long termAfter = 1) =>
        new(value, invoked, returned, kept, termBefore, termAfter, "somebody");

    private static void Found(string text, Verdict verdict)
    {
        Assert.Equal(VerdictKind.Violation, verdict.Kind);
        Assert.Contains(text, verdict.Explanation, StringComparison.Ordinal);
    }
}
