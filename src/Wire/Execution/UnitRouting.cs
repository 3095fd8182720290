using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>The statements of a unit that become one entry; those before and after it run by themselves.</summary>
internal readonly record struct UnitRange(int First, int End)
{
    /// <summary>The unit cannot run: the statements that cannot be part of the entry stand between its writes.</summary>
    public bool Refused => End == 0;
}

/// <summary>
/// Decides which statements of a query string that writes become one entry. Statements that use advisory locks cannot be part of it: those that
/// take locks may precede the first write, those that give them back may also follow the last one.
/// </summary>
internal static class UnitRouting
{
    /// <param name="unit">The traits of the statements, at least one of which writes.</param>
    public static UnitRange Decide(IReadOnlyList<StatementTraits> unit, SessionTraits session)
    {
        var (first, last) = (-1, -1);
        var locks = false;
        for (var i = 0; i < unit.Count; i++)
        {
            locks |= StatementRouting.ServesLocks(unit[i], session);
            if ((unit[i] & StatementTraits.Writes) != 0)
            {
                first = first < 0 ? i : first;
                last = i;
            }
        }

        if (!locks)
        {
            return new UnitRange(0, unit.Count);
        }

        for (var i = first; i < unit.Count; i++)
        {
            var refused = i < last ? StatementRouting.ServesLocks(unit[i], session) : (unit[i] & StatementTraits.TakesLocks) != 0;
            if (refused)
            {
                return default;
            }
        }

        return new UnitRange(first, last + 1);
    }
}
