using Xunit.Abstractions;

namespace Rqlite.Pg.Histories.Tests;

public sealed class LinearizableRegistersTests(ITestOutputHelper output)
{
    private readonly LinearizableRegisters _checker = new();

    [Fact]
    public void Operations_that_follow_each_other_are_valid() => Valid(
        Operation.Write(1, "k", 1, 0, 1),
        Operation.Read(2, "k", 1, 2, 3),
        Operation.CompareAndSet(1, "k", 1, 2, true, 4, 5),
        Operation.CompareAndSet(1, "k", 1, 3, false, 6, 7),
        Operation.Read(2, "k", 2, 8, 9));

    [Fact]
    public void A_read_of_an_absent_key_is_valid_only_before_the_first_write()
    {
        Valid(Operation.Read(1, "k", null, 0, 1), Operation.Write(2, "k", 1, 2, 3));
        Violation(Operation.Write(2, "k", 1, 0, 1), Operation.Read(1, "k", null, 2, 3));
    }

    [Fact]
    public void A_read_during_a_write_may_see_either_value() => Valid(
        Operation.Write(1, "k", 1, 0, 1),
        Operation.Write(1, "k", 2, 2, 10),
        Operation.Read(2, "k", 2, 3, 4),
        Operation.Read(3, "k", 2, 5, 6));

    [Fact]
    public void A_stale_read_is_found() => Violation(
        Operation.Write(1, "k", 1, 0, 1),
        Operation.Write(1, "k", 2, 2, 3),
        Operation.Read(2, "k", 1, 4, 5));

    [Fact]
    public void A_value_seen_during_a_write_and_gone_again_is_found() => Violation(
        Operation.Write(1, "k", 1, 0, 1),
        Operation.Write(1, "k", 2, 2, 10),
        Operation.Read(2, "k", 2, 3, 4),
        Operation.Read(3, "k", 1, 5, 6));

    [Fact]
    public void A_lost_update_is_found() => Violation(
        Operation.Write(1, "k", 1, 0, 1),
        Operation.CompareAndSet(2, "k", 1, 2, true, 2, 6),
        Operation.CompareAndSet(3, "k", 1, 3, true, 2, 6));

    [Fact]
    public void A_lost_acknowledged_write_is_found() => Violation(
        Operation.Write(1, "k", 1, 0, 1),
        Operation.Write(1, "k", 2, 2, 3),
        Operation.Read(2, "k", 2, 4, 5),
        Operation.Read(2, "k", 1, 20, 21));

    [Fact]
    public void A_refused_operation_that_took_effect_is_found() => Violation(
        Operation.Write(1, "k", 1, 0, 1),
        Operation.Write(1, "k", 2, 2, 3, Outcome.Failed),
        Operation.Read(2, "k", 2, 4, 5));

    [Fact]
    public void Reads_that_disagree_on_the_order_of_two_writes_are_found() => Violation(
        Operation.Write(1, "k", 1, 0, 100),
        Operation.Write(2, "k", 2, 0, 100),
        Operation.Read(3, "k", 1, 10, 11),
        Operation.Read(3, "k", 2, 12, 13),
        Operation.Read(4, "k", 1, 14, 15));

    [Fact]
    public void A_write_of_unknown_outcome_may_show_late_or_never()
    {
        var unknown = Operation.Write(1, "k", 2, 2, 3, Outcome.Unknown);
        Valid(Operation.Write(1, "k", 1, 0, 1), unknown, Operation.Read(2, "k", 1, 4, 5), Operation.Read(2, "k", 2, 50, 51));
        Valid(Operation.Write(1, "k", 1, 0, 1), unknown, Operation.Read(2, "k", 1, 4, 5), Operation.Read(2, "k", 1, 50, 51));
    }

    [Fact]
    public void A_write_of_unknown_outcome_takes_effect_at_most_once() => Violation(
        Operation.Write(1, "k", 2, 0, 1, Outcome.Unknown),
        Operation.Read(2, "k", 2, 2, 3),
        Operation.Write(3, "k", 3, 4, 5),
        Operation.Read(2, "k", 3, 6, 7),
        Operation.Read(2, "k", 2, 8, 9));

    [Fact]
    public void A_refused_compare_and_set_needs_a_reason() => Violation(
        Operation.Write(1, "k", 1, 0, 1),
        Operation.CompareAndSet(2, "k", 1, 2, false, 2, 3));

    [Fact]
    public void An_unseen_unknown_write_can_be_the_reason_for_a_refusal() => Valid(
        Operation.Write(1, "k", 1, 0, 1),
        Operation.Write(3, "k", 9, 1, 1, Outcome.Unknown),
        Operation.CompareAndSet(2, "k", 1, 2, false, 2, 3));

    [Fact]
    public void A_violation_on_one_key_among_many_is_found_and_named()
    {
        var history = Enumerable.Range(0, 20).SelectMany(i => ModelHistory.Generate(i, 4, 50, 0.02, $"k{i}")).ToList();
        Assert.True(_checker.Check(history).Passed);
        history.Add(Operation.Read(99, "k7", -5, 0, 1_000_000));
        var verdict = _checker.Check(history);
        Assert.Equal(VerdictKind.Violation, verdict.Kind);
        Assert.Contains("key k7", verdict.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_budget_that_ends_is_undecided_and_does_not_pass()
    {
        var verdict = new LinearizableRegisters(stepsMax: 3).Check(ModelHistory.Generate(1, 8, 200, 0));
        Assert.Equal(VerdictKind.Undecided, verdict.Kind);
        Assert.False(verdict.Passed);
    }

    [Fact]
    public void Random_valid_histories_are_accepted()
    {
        var first = Environment.TickCount;
        output.WriteLine($"seeds {first}..{first + 199}");
        for (var seed = first; seed < first + 200; seed++)
        {
            var verdict = _checker.Check(ModelHistory.Generate(seed, 2 + (seed & 7), 150, 0.01));
            Assert.True(verdict.Passed, $"seed {seed}: {verdict.Explanation}");
        }
    }

    [Fact]
    public void A_read_made_stale_in_a_random_history_is_found()
    {
        var first = Environment.TickCount;
        output.WriteLine($"seeds {first}..{first + 99}");
        for (var seed = first; seed < first + 100; seed++)
        {
            var history = ModelHistory.Generate(seed, 4, 120, 0);
            var end = history.Max(o => o.Returned);
            history.Add(Operation.Write(50, "k", 1_000_001, end + 1, end + 2));
            history.Add(Operation.Write(50, "k", 1_000_002, end + 3, end + 4));
            history.Add(Operation.Read(51, "k", 1_000_001, end + 5, end + 6));
            Assert.True(VerdictKind.Violation == _checker.Check(history).Kind, $"seed {seed} was accepted");
        }
    }

    /// <summary>The search against all orders by brute force, on histories small enough for it, valid or not.</summary>
    [Fact]
    public void The_search_agrees_with_trying_every_order()
    {
        var first = Environment.TickCount;
        output.WriteLine($"seeds {first}..{first + 1999}");
        var violations = 0;
        for (var seed = first; seed < first + 2000; seed++)
        {
            var random = new Random(seed);
            var history = ModelHistory.Generate(seed, 3, 6, 0.2);
            for (var i = 0; i < history.Count; i++)
            {
                if (history[i].Kind == OperationKind.Read && random.Next(3) == 0)
                {
                    history[i] = history[i] with { Value = random.Next(1, 4) };
                }
            }

            var expected = BruteForce(history.Where(o => o.Outcome != Outcome.Failed).ToList(), null);
            violations += expected ? 0 : 1;
            Assert.True(expected == _checker.Check(history).Passed, $"seed {seed}: every order says {expected}\n{string.Join('\n', history)}");
        }

        Assert.InRange(violations, 50, 1950);
    }

    private static bool BruteForce(List<Operation> rest, long? state)
    {
        if (!rest.Exists(o => o.Outcome == Outcome.Ok))
        {
            return true;
        }

        var firstReturn = rest.Where(o => o.Outcome == Outcome.Ok).Min(o => o.Returned);
        foreach (var operation in rest.Where(o => o.Invoked <= firstReturn).ToArray())
        {
            long? after;
            switch (operation.Kind)
            {
                case OperationKind.Read when operation.Outcome == Outcome.Ok && operation.Value != state:
                    continue;
                case OperationKind.Read:
                    after = state;
                    break;
                case OperationKind.Write:
                    after = operation.Value;
                    break;
                default:
                    if (operation.Outcome == Outcome.Ok && operation.Swapped != (operation.Expected == state))
                    {
                        continue;
                    }

                    after = operation.Expected == state ? operation.Value : state;
                    break;
            }

            if (BruteForce([.. rest.Where(o => !ReferenceEquals(o, operation))], after))
            {
                return true;
            }
        }

        return false;
    }

    private void Valid(params Operation[] history)
    {
        var verdict = _checker.Check(history);
        Assert.True(verdict.Passed, verdict.Explanation);
    }

    private void Violation(params Operation[] history) => Assert.Equal(VerdictKind.Violation, _checker.Check(history).Kind);
}
