using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The type that several values are converted to (select_common_type).</summary>
internal sealed class CommonTypes(TypeLookup types, CoercionRules rules)
{
    /// <summary>Chooses the common type.</summary>
    /// <param name="which">The index of the value whose type it is.</param>
    /// <param name="failed">The index of the value whose type is of another category, when the answer is 0; else -1.</param>
    /// <param name="before">The type chosen up to the value that failed.</param>
    public uint Select(ReadOnlySpan<uint> oids, out int which, out int failed, out uint before)
    {
        (which, failed) = (0, -1);
        before = oids[0];
        var at = 1;
        if (before != PgTypes.Unknown)
        {
            while (at < oids.Length && oids[at] == before)
            {
                at++;
            }

            // Only here a domain stays one.
            if (at == oids.Length)
            {
                return before;
            }
        }

        var chosen = types.BaseOf(before);
        for (; at < oids.Length; at++)
        {
            var next = types.BaseOf(oids[at]);
            if (next == PgTypes.Unknown || next == chosen)
            {
                continue;
            }

            if (chosen != PgTypes.Unknown && types.CategoryOf(next) != types.CategoryOf(chosen))
            {
                (failed, before) = (at, chosen);
                return 0;
            }

            if (chosen == PgTypes.Unknown || Widens(chosen, next))
            {
                (chosen, which) = (next, at);
            }
        }

        return chosen == PgTypes.Unknown ? PgTypes.Text : chosen;
    }

    /// <summary>verify_common_type: all of the types are converted to the common one implicitly.</summary>
    public bool Verify(uint common, ReadOnlySpan<uint> oids)
    {
        foreach (var oid in oids)
        {
            if (!rules.CanCoerce(oid, common, CoercionContext.Implicit))
            {
                return false;
            }
        }

        return true;
    }

    private bool Widens(uint chosen, uint next) => !types.IsPreferred(chosen)
        && rules.CanCoerce(chosen, next, CoercionContext.Implicit) && !rules.CanCoerce(next, chosen, CoercionContext.Implicit);
}
