namespace Rqlite.Pg.Types.Values;

/// <summary>Finds the rounds of a repetition.</summary>
internal sealed partial class RegularMatcher
{
    /// <summary>Splits a repetition's extent into rounds. Rounds of no length count only where the least number asks for them.</summary>
    private abstract class Rounds
    {
        protected readonly RegularMatcher Matcher;
        protected readonly RegularPlan Plan;
        protected readonly RegularPlan Atom;
        protected readonly RegularDfa Machine;
        protected readonly int Begin;
        protected readonly int End;
        protected readonly int Min;
        protected readonly int Max;
        protected readonly List<int> Ends;
        private int _verified;

        protected Rounds(RegularMatcher matcher, RegularPlan plan, int begin, int end)
        {
            (Matcher, Plan, Begin, End) = (matcher, plan, begin, end);
            Atom = plan.Parts[0];
            Machine = matcher.MachineOf(Atom);
            Min = Math.Max(plan.Min, 1);
            Max = Math.Max(Min, plan.Max < 0 ? end - begin : Math.Min(plan.Max, end - begin));
            Ends = [begin];
        }

        public bool Find()
        {
            if (PrefersNoRound && Plan.Min == 0 && Begin == End)
            {
                return true;
            }

            var round = 1;
            var limit = FirstLimit;
            while (round > 0)
            {
                Ends.RemoveRange(round, Ends.Count - round);
                var found = FindEnd(round, limit);
                Ends.Add(found);
                _verified = Math.Min(_verified, round - 1);
                if (found < 0)
                {
                    round--;
                }
                else if (found != End)
                {
                    if (round < Max && !IsIdle(round))
                    {
                        round++;
                        limit = NextLimit(round);
                        continue;
                    }

                    round -= round >= Max ? 1 : 0;
                }
                else if (round >= Min)
                {
                    var failed = Verify(round);
                    if (failed == 0)
                    {
                        return true;
                    }

                    round = failed;
                }

                while (round > 0 && !TryOther(round, out limit))
                {
                    round--;
                }
            }

            // No round at all fits where nothing is to be matched.
            return Plan.Min == 0 && Begin == End;
        }

        /// <summary>Where nothing is to be matched, no round at all comes before one of no length.</summary>
        protected abstract bool PrefersNoRound { get; }

        protected abstract int FirstLimit { get; }

        protected abstract int NextLimit(int round);

        protected abstract int FindEnd(int round, int limit);

        /// <summary>True for a round of no length that need not be.</summary>
        protected abstract bool IsIdle(int round);

        /// <summary>Where to look for another end of a round; false if there is none.</summary>
        protected abstract bool TryOther(int round, out int limit);

        /// <returns>The round whose parts are not found, 0 if all are.</returns>
        private int Verify(int rounds)
        {
            for (var round = _verified + 1; round <= rounds; round++)
            {
                if (!Matcher.DissectRound(Atom, Ends[round - 1], Ends[round]))
                {
                    return round;
                }

                _verified = round;
            }

            return 0;
        }
    }

    private sealed class LongRounds(RegularMatcher matcher, RegularPlan plan, int begin, int end) : Rounds(matcher, plan, begin, end)
    {
        protected override bool PrefersNoRound => false;

        protected override int FirstLimit => End;

        protected override int NextLimit(int round) => End;

        protected override int FindEnd(int round, int limit) => Machine.Longest(Ends[round - 1], limit);

        protected override bool IsIdle(int round) =>
            Ends[round] == Ends[round - 1] && (round >= Min || Min - round < End - Ends[round]);

        protected override bool TryOther(int round, out int limit)
        {
            var before = Ends[round - 1];
            limit = Ends[round] - 1;
            return Ends[round] > before && (limit > before || (round < Min && Min - round >= End - before));
        }
    }

    private sealed class ShortRounds(RegularMatcher matcher, RegularPlan plan, int begin, int end) : Rounds(matcher, plan, begin, end)
    {
        protected override bool PrefersNoRound => true;

        protected override int FirstLimit => Begin;

        protected override int NextLimit(int round) => Ends[round - 1];

        protected override int FindEnd(int round, int limit)
        {
            if (limit == Ends[round - 1] && limit != End && (round >= Min || Min - round < End - limit))
            {
                limit++;
            }

            return Machine.Shortest(Ends[round - 1], round >= Max ? End : limit, End);
        }

        protected override bool IsIdle(int round) => false;

        protected override bool TryOther(int round, out int limit)
        {
            limit = Ends[round] + 1;
            return Ends[round] < End;
        }
    }
}
