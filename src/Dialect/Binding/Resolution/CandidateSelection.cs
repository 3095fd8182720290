using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>An operator or a function that may be meant.</summary>
/// <param name="Arguments">The types of its arguments in the order of the call.</param>
internal abstract record Candidate(uint[] Arguments);

internal sealed record OperatorCandidate(PgOperator Operator, uint[] Arguments) : Candidate(Arguments);

/// <summary>Chooses among operators or functions of one name (PostgreSQL's func_match_argtypes and func_select_candidate).</summary>
internal sealed class CandidateSelection(TypeLookup types, CoercionRules rules)
{
    /// <summary>The candidates to which all arguments are converted implicitly.</summary>
    public List<T> Match<T>(IReadOnlyList<T> candidates, uint[] inputs)
        where T : Candidate
    {
        var matches = new List<T>();
        foreach (var candidate in candidates)
        {
            if (rules.CanCoerce(inputs, candidate.Arguments, inputs.Length, CoercionContext.Implicit))
            {
                matches.Add(candidate);
            }
        }

        return matches;
    }

    /// <summary>The best one of several that match; null if there is no best one.</summary>
    public T? Select<T>(List<T> candidates, uint[] inputs)
        where T : Candidate
    {
        // Domains count as the types under them.
        var bases = new uint[inputs.Length];
        for (var i = 0; i < bases.Length; i++)
        {
            bases[i] = types.BaseOf(inputs[i]);
        }

        candidates = KeepBest(candidates, candidate => Count(bases, candidate, static (_, input, type, _) => input == type));
        if (candidates.Count == 1)
        {
            return candidates[0];
        }

        candidates = KeepBest(candidates, candidate => Count(
            bases, candidate, static (types, input, type, category) => input == type || types.IsPreferred(category, type)));
        if (candidates.Count == 1)
        {
            return candidates[0];
        }

        if (!bases.Contains(PgTypes.Unknown))
        {
            return null;
        }

        candidates = KeepCategories(candidates, bases);
        return candidates.Count == 1 ? candidates[0] : TakeUnknownAsKnown(candidates, bases);
    }

    private static List<T> KeepBest<T>(List<T> candidates, Func<T, int> count)
    {
        var best = new List<T>();
        var most = 0;
        foreach (var candidate in candidates)
        {
            var matches = count(candidate);
            if (matches > most)
            {
                most = matches;
                best.Clear();
            }

            if (matches == most)
            {
                best.Add(candidate);
            }
        }

        return best;
    }

    private int Count(uint[] bases, Candidate candidate, Func<TypeLookup, uint, uint, char, bool> counts)
    {
        var matches = 0;
        for (var i = 0; i < bases.Length; i++)
        {
            if (bases[i] != PgTypes.Unknown && counts(types, bases[i], candidate.Arguments[i], types.CategoryOf(bases[i])))
            {
                matches++;
            }
        }

        return matches;
    }

    /// <summary>
    /// Gives each unknown argument a category: that of strings if a candidate takes one, else the one that all of them agree on. Keeps the
    /// candidates that take it, and those with preferred types if there are any.
    /// </summary>
    private List<T> KeepCategories<T>(List<T> candidates, uint[] bases)
        where T : Candidate
    {
        var categories = new char[bases.Length];
        var preferred = new bool[bases.Length];
        for (var i = 0; i < bases.Length; i++)
        {
            if (bases[i] == PgTypes.Unknown && !FindCategory(candidates, i, out categories[i], out preferred[i]))
            {
                return candidates;
            }
        }

        var kept = candidates.FindAll(candidate =>
        {
            for (var i = 0; i < bases.Length; i++)
            {
                var type = candidate.Arguments[i];
                if (bases[i] == PgTypes.Unknown && (types.CategoryOf(type) != categories[i] || (preferred[i] && !types.IsPreferred(type))))
                {
                    return false;
                }
            }

            return true;
        });
        return kept.Count > 0 ? kept : candidates;
    }

    private bool FindCategory<T>(List<T> candidates, int argument, out char category, out bool preferred)
        where T : Candidate
    {
        category = '\0';
        preferred = false;
        var conflict = false;
        foreach (var candidate in candidates)
        {
            var type = candidate.Arguments[argument];
            var current = types.CategoryOf(type);
            if (category == '\0' || (current != category && current == 'S'))
            {
                (category, preferred) = (current, types.IsPreferred(type));
            }
            else if (current == category)
            {
                preferred |= types.IsPreferred(type);
            }
            else
            {
                conflict = true;
            }
        }

        return !conflict || category == 'S';
    }

    /// <summary>
    /// If all known arguments have one type, the unknown ones are taken for it; a single candidate that takes them so is meant.
    /// </summary>
    private T? TakeUnknownAsKnown<T>(List<T> candidates, uint[] bases)
        where T : Candidate
    {
        var known = PgTypes.Unknown;
        foreach (var type in bases)
        {
            if (type == PgTypes.Unknown || type == known)
            {
                continue;
            }

            if (known != PgTypes.Unknown)
            {
                return null;
            }

            known = type;
        }

        if (known == PgTypes.Unknown)
        {
            return null;
        }

        var inputs = new uint[bases.Length];
        Array.Fill(inputs, known);
        var matches = Match(candidates, inputs);
        return matches.Count == 1 ? matches[0] : null;
    }
}
