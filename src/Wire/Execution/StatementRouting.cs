using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>Decides where a statement runs, by its properties and the session's state alone.</summary>
internal static class StatementRouting
{
    public static RouteDecision Decide(StatementTraits statement, SessionTraits session)
    {
        var inBlock = Has(session, SessionTraits.InBlock);
        var readOnly = Has(session, SessionTraits.ReadOnly);
        var writes = Has(statement, StatementTraits.Writes);
        if (writes)
        {
            if (inBlock && Has(session, SessionTraits.AnnouncesColumns) && !Has(statement, StatementTraits.Known))
            {
                return StatementRefusal.NotKnown;
            }

            if (readOnly)
            {
                return StatementRefusal.ReadOnly;
            }

            if (!inBlock)
            {
                return Has(statement, StatementTraits.Draws) && Has(session, SessionTraits.HasCachedValue) && !Has(session, SessionTraits.Gathers)
                    ? StatementRoute.LocalDraw
                    : StatementRoute.GatheredBatch;
            }
        }

        var servesLocks = ServesLocks(statement, session);
        if (!inBlock && Has(session, SessionTraits.Gathers))
        {
            return !servesLocks ? StatementRoute.GatheredBatch
                : Has(statement, StatementTraits.TakesLocks) ? StatementRefusal.LocksBehindWrites
                : StatementRoute.LockEntry;
        }

        // On the writer there is nothing newer than what is read anyway.
        if (Has(statement, StatementTraits.Hinted) && !Has(session, SessionTraits.HasWriter) && !writes
            && (session & (SessionTraits.QueryPinned | SessionTraits.BlockPinned)) != 0)
        {
            return StatementRefusal.HintTooLate;
        }

        if (servesLocks)
        {
            return inBlock && Has(statement, StatementTraits.HasOtherEffects) ? StatementRefusal.LocksWithOtherEffects : StatementRoute.LockEntry;
        }

        if (Has(statement, StatementTraits.LocksRows) && !writes)
        {
            return readOnly ? StatementRefusal.ReadOnly : inBlock ? StatementRoute.BlockWriter : StatementRoute.RowLocks;
        }

        if (inBlock)
        {
            return writes || Has(session, SessionTraits.HasWriter) ? StatementRoute.BlockWriter
                : Has(session, SessionTraits.SharesSnapshot) ? StatementRoute.BlockSnapshot
                : StatementRoute.OwnSnapshot;
        }

        return Has(session, SessionTraits.QueryPinned) ? StatementRoute.QuerySnapshot : StatementRoute.OwnSnapshot;
    }

    /// <summary>
    /// True for a statement that other sessions must see the effect of at once, whatever the transaction around it: one that uses advisory locks.
    /// </summary>
    public static bool ServesLocks(StatementTraits statement, SessionTraits session) => Has(session, SessionTraits.HasLockService)
        && (Has(statement, StatementTraits.UsesLocks)
            || (Has(statement, StatementTraits.ReleasesAllLocks) && Has(session, SessionTraits.HoldsLocks)));

    private static bool Has(StatementTraits traits, StatementTraits trait) => (traits & trait) != 0;

    private static bool Has(SessionTraits traits, SessionTraits trait) => (traits & trait) != 0;
}
