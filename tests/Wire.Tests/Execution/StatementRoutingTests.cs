using Rqlite.Pg.Wire.Execution;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Tests.Execution;

/// <summary>Where statements run, for every state of a session that there can be.</summary>
public sealed class StatementRoutingTests
{
    private const StatementTraits Read = StatementTraits.Known;
    private const StatementTraits Write = StatementTraits.Known | StatementTraits.Writes;
    private const StatementTraits Draw = Write | StatementTraits.Draws | StatementTraits.HasOtherEffects;
    private const StatementTraits ForUpdate = Read | StatementTraits.LocksRows;
    private const StatementTraits TakeLock = Read | StatementTraits.UsesLocks | StatementTraits.TakesLocks;
    private const StatementTraits ReleaseLock = Read | StatementTraits.UsesLocks;
    private const StatementTraits ReleaseAll = Read | StatementTraits.ReleasesAllLocks;
    private const StatementTraits HintedRead = Read | StatementTraits.Hinted;
    private const SessionTraits Block = SessionTraits.InBlock | SessionTraits.HasLockService;
    private const SessionTraits Shared = Block | SessionTraits.SharesSnapshot;
    private const SessionTraits Writer = Block | SessionTraits.HasWriter;
    private const SessionTraits Idle = SessionTraits.HasLockService;
    private const SessionTraits Behind = Idle | SessionTraits.Gathers;
    private const SessionTraits Holding = Idle | SessionTraits.HoldsLocks;
    private const SessionTraits Pinned = Idle | SessionTraits.QueryPinned;

    private static readonly StatementTraits[] s_statementTraits = Enum.GetValues<StatementTraits>();
    private static readonly SessionTraits[] s_sessionTraits = Enum.GetValues<SessionTraits>();

    [Theory]
    [InlineData(Read, Idle, StatementRoute.OwnSnapshot)]
    [InlineData(Read, Pinned, StatementRoute.QuerySnapshot)]
    [InlineData(Read, Behind, StatementRoute.GatheredBatch)]
    [InlineData(Read, Block, StatementRoute.OwnSnapshot)]
    [InlineData(Read, Shared, StatementRoute.BlockSnapshot)]
    [InlineData(Read, Writer, StatementRoute.BlockWriter)]
    [InlineData(Write, Idle, StatementRoute.GatheredBatch)]
    [InlineData(Write, Block, StatementRoute.BlockWriter)]
    [InlineData(Write, Shared, StatementRoute.BlockWriter)]
    [InlineData(StatementTraits.Writes, Idle, StatementRoute.GatheredBatch)]
    [InlineData(StatementTraits.Writes, Block, StatementRoute.BlockWriter)]
    [InlineData(Draw, Idle, StatementRoute.GatheredBatch)]
    [InlineData(Draw, Idle | SessionTraits.HasCachedValue, StatementRoute.LocalDraw)]
    [InlineData(Draw, Behind | SessionTraits.HasCachedValue, StatementRoute.GatheredBatch)]
    [InlineData(ForUpdate, Idle, StatementRoute.RowLocks)]
    [InlineData(ForUpdate, Behind, StatementRoute.GatheredBatch)]
    [InlineData(ForUpdate, Block, StatementRoute.BlockWriter)]
    [InlineData(TakeLock, Idle, StatementRoute.LockEntry)]
    [InlineData(TakeLock, Writer, StatementRoute.LockEntry)]
    [InlineData(ReleaseLock, Behind, StatementRoute.LockEntry)]
    [InlineData(TakeLock, SessionTraits.None, StatementRoute.OwnSnapshot)]
    [InlineData(ReleaseAll, Idle, StatementRoute.OwnSnapshot)]
    [InlineData(ReleaseAll, Holding, StatementRoute.LockEntry)]
    [InlineData(HintedRead, Idle, StatementRoute.OwnSnapshot)]
    [InlineData(HintedRead, Shared, StatementRoute.BlockSnapshot)]
    [InlineData(HintedRead, Writer | SessionTraits.SharesSnapshot | SessionTraits.BlockPinned, StatementRoute.BlockWriter)]
    internal void A_statement_runs_where_it_must(StatementTraits statement, SessionTraits session, StatementRoute route) =>
        Assert.Equal(new RouteDecision(route), StatementRouting.Decide(statement, session));

    [Theory]
    [InlineData(Write, Idle | SessionTraits.ReadOnly, StatementRefusal.ReadOnly)]
    [InlineData(Write, Block | SessionTraits.ReadOnly, StatementRefusal.ReadOnly)]
    [InlineData(Draw, Idle | SessionTraits.ReadOnly | SessionTraits.HasCachedValue, StatementRefusal.ReadOnly)]
    [InlineData(ForUpdate, Idle | SessionTraits.ReadOnly, StatementRefusal.ReadOnly)]
    [InlineData(ForUpdate, Block | SessionTraits.ReadOnly, StatementRefusal.ReadOnly)]
    [InlineData(StatementTraits.Writes, Block | SessionTraits.AnnouncesColumns, StatementRefusal.NotKnown)]
    [InlineData(TakeLock, Behind, StatementRefusal.LocksBehindWrites)]
    [InlineData(TakeLock | StatementTraits.HasOtherEffects, Block, StatementRefusal.LocksWithOtherEffects)]
    [InlineData(HintedRead, Pinned, StatementRefusal.HintTooLate)]
    [InlineData(HintedRead, Shared | SessionTraits.BlockPinned, StatementRefusal.HintTooLate)]
    internal void A_statement_that_may_not_run_is_refused_for_its_reason(StatementTraits statement, SessionTraits session, StatementRefusal refusal) =>
        Assert.Equal(new RouteDecision(default, refusal), StatementRouting.Decide(statement, session));

    [Fact]
    public void All_combinations_agree_with_the_rules_told_another_way()
    {
        var combinations = 0;
        var routes = new HashSet<RouteDecision>();
        foreach (var statement in Combinations(s_statementTraits.Select(t => (int)t)).Select(t => (StatementTraits)t).Where(CanBe))
        {
            foreach (var session in Combinations(s_sessionTraits.Select(t => (int)t)).Select(t => (SessionTraits)t).Where(CanBe))
            {
                var decision = StatementRouting.Decide(statement, session);
                Assert.True(Expected(statement, session) == decision, $"{statement} in {session}: {decision}");
                routes.Add(decision);
                combinations++;
            }
        }

        Assert.True(combinations > 10_000, $"only {combinations} combinations");
        Assert.Equal(Enum.GetValues<StatementRoute>().Length + Enum.GetValues<StatementRefusal>().Length - 1, routes.Count);
    }

    // Two steps: what happens to the transaction first, then the run.
    private static RouteDecision Expected(StatementTraits statement, SessionTraits session)
    {
        var writes = statement.HasFlag(StatementTraits.Writes);
        var readOnly = session.HasFlag(SessionTraits.ReadOnly);
        if (session.HasFlag(SessionTraits.InBlock))
        {
            if (!writes)
            {
                return Run(statement, session);
            }

            return session.HasFlag(SessionTraits.AnnouncesColumns) && !statement.HasFlag(StatementTraits.Known) ? StatementRefusal.NotKnown
                : readOnly ? StatementRefusal.ReadOnly
                : Run(statement, session | SessionTraits.HasWriter);
        }

        if (writes)
        {
            return readOnly ? StatementRefusal.ReadOnly
                : statement.HasFlag(StatementTraits.Draws) && session.HasFlag(SessionTraits.HasCachedValue) && !session.HasFlag(SessionTraits.Gathers)
                    ? StatementRoute.LocalDraw
                    : StatementRoute.GatheredBatch;
        }

        if (!session.HasFlag(SessionTraits.Gathers))
        {
            return Run(statement, session);
        }

        return !UsesLocks(statement, session) ? StatementRoute.GatheredBatch
            : statement.HasFlag(StatementTraits.TakesLocks) ? StatementRefusal.LocksBehindWrites
            : Run(statement, session);
    }

    private static RouteDecision Run(StatementTraits statement, SessionTraits session)
    {
        var inBlock = session.HasFlag(SessionTraits.InBlock);
        var pinned = session.HasFlag(SessionTraits.QueryPinned) || session.HasFlag(SessionTraits.BlockPinned);
        if (statement.HasFlag(StatementTraits.Hinted) && pinned && !session.HasFlag(SessionTraits.HasWriter))
        {
            return StatementRefusal.HintTooLate;
        }

        if (UsesLocks(statement, session))
        {
            return inBlock && statement.HasFlag(StatementTraits.HasOtherEffects) ? StatementRefusal.LocksWithOtherEffects : StatementRoute.LockEntry;
        }

        if (statement.HasFlag(StatementTraits.LocksRows))
        {
            return session.HasFlag(SessionTraits.ReadOnly) ? StatementRefusal.ReadOnly
                : inBlock ? StatementRoute.BlockWriter : StatementRoute.RowLocks;
        }

        return session.HasFlag(SessionTraits.HasWriter) ? StatementRoute.BlockWriter
            : session.HasFlag(SessionTraits.QueryPinned) ? StatementRoute.QuerySnapshot
            : session.HasFlag(SessionTraits.SharesSnapshot) ? StatementRoute.BlockSnapshot
            : StatementRoute.OwnSnapshot;
    }

    private static bool UsesLocks(StatementTraits statement, SessionTraits session) => session.HasFlag(SessionTraits.HasLockService)
        && (statement.HasFlag(StatementTraits.UsesLocks)
            || (statement.HasFlag(StatementTraits.ReleasesAllLocks) && session.HasFlag(SessionTraits.HoldsLocks)));

    private static bool CanBe(StatementTraits traits)
    {
        var known = traits.HasFlag(StatementTraits.Known);
        var writes = traits.HasFlag(StatementTraits.Writes);
        var unknown = StatementTraits.Writes | StatementTraits.LocksRows | StatementTraits.Hinted;
        return (known || (writes && (traits & ~unknown) == 0))
            && !(traits.HasFlag(StatementTraits.UsesLocks) && writes)
            && (!traits.HasFlag(StatementTraits.TakesLocks) || traits.HasFlag(StatementTraits.UsesLocks))
            && (!traits.HasFlag(StatementTraits.Draws) || (writes && traits.HasFlag(StatementTraits.HasOtherEffects)));
    }

    private static bool CanBe(SessionTraits traits)
    {
        var inBlock = traits.HasFlag(SessionTraits.InBlock);
        var blockOnly = SessionTraits.HasWriter | SessionTraits.SharesSnapshot | SessionTraits.BlockPinned;
        var outside = SessionTraits.QueryPinned | SessionTraits.Gathers | SessionTraits.HasCachedValue;
        return (traits & (inBlock ? outside : blockOnly)) == 0
            && (!traits.HasFlag(SessionTraits.BlockPinned) || traits.HasFlag(SessionTraits.SharesSnapshot))
            && (traits & (SessionTraits.QueryPinned | SessionTraits.Gathers)) != (SessionTraits.QueryPinned | SessionTraits.Gathers)
            && (!traits.HasFlag(SessionTraits.HoldsLocks) || traits.HasFlag(SessionTraits.HasLockService));
    }

    private static IEnumerable<int> Combinations(IEnumerable<int> flags)
    {
        IEnumerable<int> all = [0];
        foreach (var flag in flags.Where(flag => flag != 0))
        {
            all = all.SelectMany(one => new[] { one, one | flag });
        }

        return all;
    }
}
