using Xunit.Abstractions;

namespace Rqlite.Pg.Histories.Tests;

public sealed class ListAppendTests(ITestOutputHelper output)
{
    private long _clock;

    [Fact]
    public void Transactions_one_after_the_other_are_valid() => Valid(
        Then(Append("x", 1), Append("y", 2)),
        Then(Reads("x", 1), Append("x", 3), Reads("x", 1, 3), Reads("y", 2)),
        Then(Reads("x", 1, 3), Reads("z")));

    [Fact]
    public void Transactions_at_the_same_time_may_take_either_order()
    {
        Valid(At(0, 10, Append("x", 1)), At(0, 10, Reads("x")), At(0, 10, Reads("x", 1)));
        Valid(At(0, 10, Append("x", 1), Reads("y")), At(0, 10, Append("y", 2), Reads("x", 1)), Then(Reads("x", 1), Reads("y", 2)));
    }

    [Fact]
    public void Appends_in_the_opposite_order_on_two_lists_are_a_G0() => Violation(
        "G0:", At(0, 10, Append("x", 1), Append("y", 2)), At(0, 10, Append("x", 3), Append("y", 4)), At(20, 30, Reads("x", 1, 3), Reads("y", 4, 2)));

    [Fact]
    public void A_refused_append_that_is_read_is_a_G1a()
    {
        Violation("G1a:", Then(Outcome.Failed, Append("x", 1)), Then(Reads("x", 1)));
        Violation("G1a:", Then(Append("x", 1)), Then(Outcome.Failed, Append("x", 2)), Then(Append("x", 3)), Then(Reads("x", 1, 2, 3)));
    }

    [Fact]
    public void A_half_of_a_transaction_that_is_read_is_a_G1b() =>
        Violation("G1b:", At(0, 10, Append("x", 1), Append("x", 2)), At(0, 10, Reads("x", 1)), At(20, 30, Reads("x", 1, 2)));

    [Fact]
    public void Two_transactions_that_read_each_other_are_a_G1c() => Violation(
        "G1c:", At(0, 10, Append("x", 1), Reads("y", 2)), At(0, 10, Append("y", 2), Reads("x", 1)));

    [Fact]
    public void A_fractured_read_is_a_G_single() => Violation(
        "G-single:", At(0, 10, Append("x", 1), Append("y", 2)), At(0, 10, Reads("x", 1), Reads("y")), At(20, 30, Reads("x", 1), Reads("y", 2)));

    [Fact]
    public void A_lost_update_is_a_G_single() => Violation(
        "G-single:", At(0, 10, Reads("x"), Append("x", 1)), At(0, 10, Reads("x"), Append("x", 2)), At(20, 30, Reads("x", 1, 2)));

    [Fact]
    public void A_write_skew_is_a_G2() => Violation(
        "G2:", At(0, 10, Reads("x"), Append("y", 1)), At(0, 10, Reads("y"), Append("x", 2)), At(20, 30, Reads("x", 2), Reads("y", 1)));

    [Fact]
    public void A_long_fork_is_a_G2() => Violation(
        "G2:",
        At(0, 10, Append("x", 1)), At(0, 10, Append("y", 2)), At(0, 10, Reads("x", 1), Reads("y")), At(0, 10, Reads("x"), Reads("y", 2)),
        At(20, 30, Reads("x", 1), Reads("y", 2)));

    [Fact]
    public void A_stale_read_is_found_only_if_time_counts()
    {
        ListTransaction[] history = [Then(Append("x", 1)), Then(Reads("x"), Append("y", 2)), Then(Reads("x", 1), Reads("y", 2))];
        Violation("G-single-realtime:", history);
        Assert.True(ListAppend.Check(history, realTime: false).Passed);
    }

    [Fact]
    public void An_acknowledged_append_that_is_lost_is_found() =>
        Violation("G-single-realtime:", Then(Append("x", 1)), Then(Append("x", 2)), Then(Reads("x", 1)));

    [Fact]
    public void Appends_against_the_order_of_time_are_found() =>
        Violation("G0-realtime:", Then(Append("x", 1)), Then(Append("x", 2)), Then(Reads("x", 2, 1)));

    [Fact]
    public void A_read_of_what_is_appended_later_is_found() => Violation("G1c-realtime:", Then(Reads("x", 1)), Then(Append("x", 1)));

    [Fact]
    public void A_value_twice_or_from_nowhere_is_found()
    {
        Violation("duplicate:", Then(Append("x", 1)), Then(Reads("x", 1, 1)));
        Violation("garbage:", Then(Append("x", 1)), Then(Reads("x", 1, 7)));
        Violation("future:", Then(Reads("x", 1), Append("x", 1)));
    }

    [Fact]
    public void Reads_that_are_no_prefixes_of_one_another_are_found() => Violation(
        "incompatible order:", At(0, 10, Append("x", 1)), At(0, 10, Append("x", 2)), At(20, 30, Reads("x", 1, 2)), At(20, 30, Reads("x", 2)));

    [Fact]
    public void A_transaction_that_contradicts_itself_is_found()
    {
        Violation("internal:", Then(Append("x", 1), Reads("x")));
        Violation("internal:", Then(Append("x", 1)), Then(Reads("x", 1), Reads("x")));
        Violation("internal:", Then(Append("x", 1)), Then(Reads("x", 1), Append("x", 2), Reads("x", 1)));
        Violation("internal:", At(0, 10, Append("x", 1)), At(0, 10, Reads("x"), Append("x", 2), Reads("x", 1, 2)));
    }

    [Fact]
    public void An_unknown_transaction_may_have_happened_late_or_not_at_all()
    {
        var unknown = Then(Outcome.Unknown, Append("x", 1), Append("y", 2));
        Valid(unknown, Then(Reads("x"), Reads("y")), Then(Reads("x", 1), Reads("y", 2)));
        Valid(unknown, Then(Reads("x"), Reads("y")));
    }

    [Fact]
    public void An_unknown_transaction_that_was_seen_must_have_happened_entirely() => Violation(
        "G-single", Then(Outcome.Unknown, Append("x", 1), Append("y", 2)), Then(Reads("x", 1), Reads("y")));

    [Fact]
    public void What_an_unknown_transaction_read_counts_once_it_was_seen() => Violation(
        "G2:", At(0, 10, Reads("x"), Append("y", 1)), At(0, 10, Reads("y"), Append("x", 2)) with { Outcome = Outcome.Unknown },
        At(20, 30, Reads("x", 2), Reads("y", 1)));

    [Fact]
    public void A_cycle_is_printed_with_its_operations()
    {
        var verdict = ListAppend.Check([Then(Append("x", 1)), Then(Reads("x"))]);
        Assert.Contains("read x []", verdict.Explanation, StringComparison.Ordinal);
        Assert.Contains("append x 1", verdict.Explanation, StringComparison.Ordinal);
        Assert.Contains("(rt)", verdict.Explanation, StringComparison.Ordinal);
        Assert.Contains("(rw)", verdict.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_serializable_histories_are_valid_and_each_planted_anomaly_is_found()
    {
        var seed = Environment.TickCount & 0xFFFFFF;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var planted = 0;
        for (var round = 0; round < 150; round++)
        {
            var history = ModelLists.Generate(seed + round, random.Next(1, 12), random.Next(20, 400), 0.05, 0.05);
            var verdict = ListAppend.Check(history);
            Assert.True(verdict.Passed, $"seed {seed + round}: {verdict.Explanation}");
            if (Plant(history, random) is { } broken)
            {
                planted++;
                Assert.False(ListAppend.Check(broken).Passed, $"seed {seed + round}: the planted anomaly was not found");
            }
        }

        Assert.True(planted > 50, $"only {planted} anomalies were planted");
    }

    [Fact]
    public void A_long_history_is_checked_with_edges_of_time_in_linear_number()
    {
        var history = ModelLists.Generate(7, 20, 8_000, 0.02, 0.02);
        Assert.True(ListAppend.Check(history).Passed);
        var graph = new DependencyGraph(history.Count);
        graph.AddRealTime(history);
        var edges = Enumerable.Range(0, graph.Nodes).Sum(n => graph.From(n).Count);
        Assert.True(edges <= 3 * history.Count, $"{edges} edges of {history.Count} transactions");
    }

    /// <summary>Takes the newest value out of a read whose append had been acknowledged before the read began.</summary>
    private static List<ListTransaction>? Plant(List<ListTransaction> history, Random random)
    {
        foreach (var reader in history.Where(t => t.Outcome == Outcome.Ok).OrderBy(_ => random.Next()))
        {
            var step = reader.Steps.FirstOrDefault(s => s.Read is { Count: > 0 });
            if (step is null || reader.Steps.Count(s => s.Key == step.Key) > 1)
            {
                continue;
            }

            var last = step.Read![^1];
            var writer = history.First(t => t.Steps.Any(s => s.Read is null && s.Key == step.Key && s.Value == last));
            if (writer.Outcome == Outcome.Ok && writer.Returned < reader.Invoked)
            {
                var steps = reader.Steps.Select(s => s == step ? ListStep.Reads(s.Key, [.. s.Read!.SkipLast(1)]) : s);
                return [.. history.Select(t => t == reader ? reader with { Steps = [.. steps] } : t)];
            }
        }

        return null;
    }

    private static ListStep Append(string key, long value) => ListStep.Append(key, value);

    private static ListStep Reads(string key, params long[] list) => ListStep.Reads(key, list);

    private static ListTransaction At(long invoked, long returned, params ListStep[] steps) => new(1, steps, invoked, returned);

    private static void Valid(params ListTransaction[] history)
    {
        var verdict = ListAppend.Check(history);
        Assert.True(verdict.Passed, verdict.Explanation);
    }

    private static void Violation(string name, params ListTransaction[] history)
    {
        var verdict = ListAppend.Check(history);
        Assert.Equal(VerdictKind.Violation, verdict.Kind);
        Assert.StartsWith(name, verdict.Explanation, StringComparison.Ordinal);
    }

    /// <summary>A transaction that begins after all made before have ended.</summary>
    private ListTransaction Then(params ListStep[] steps) => Then(Outcome.Ok, steps);

    private ListTransaction Then(Outcome outcome, params ListStep[] steps)
    {
        _clock += 100;
        return new ListTransaction(1, steps, _clock, _clock + 10, outcome);
    }
}
