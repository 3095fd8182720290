using Rqlite.Pg.Dialect.Data;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>A function that takes as many arguments as a call has.</summary>
/// <param name="Function">The function that is called; null if several are equally good.</param>
/// <param name="Order">
/// For named arguments the declared place of each argument of the call, those of defaults at the end; null else.
/// </param>
/// <param name="Expanded">How many arguments are gathered as variadic ones.</param>
/// <param name="Defaulted">How many of the last types in <see cref="Candidate.Arguments"/> are those of defaults.</param>
internal sealed record FunctionCandidate(PgFunction? Function, uint[] Arguments, int[]? Order, int Expanded, int Defaulted)
    : Candidate(Arguments);

/// <summary>Finds the functions of a name that a call's number of arguments and their names fit (FuncnameGetCandidates).</summary>
internal static class FunctionCandidates
{
    /// <param name="count">The number of arguments.</param>
    /// <param name="names">The names of the last arguments, as many as are named.</param>
    /// <param name="variadic">The last argument is marked VARIADIC, so that it is no list of arguments.</param>
    public static List<FunctionCandidate> Find(IReadOnlyList<PgFunction> functions, int count, IReadOnlyList<string> names, bool variadic)
    {
        var found = new List<FunctionCandidate>();
        foreach (var function in functions)
        {
            if (Fit(function, count, names, variadic) is { } candidate)
            {
                Add(found, candidate);
            }
        }

        return found;
    }

    private static FunctionCandidate? Fit(PgFunction function, int count, IReadOnlyList<string> names, bool variadic)
    {
        var declared = function.Arguments;
        var expands = function.VariadicType != 0 && !variadic && declared.Count <= count;
        if (names.Count > 0 && function.VariadicType != 0 && !variadic)
        {
            return null;
        }

        var missing = Math.Max(0, declared.Count - count);
        if (missing > function.Defaults || (declared.Count < count && !expands))
        {
            return null;
        }

        int[]? order = null;
        if (names.Count > 0 && !TryOrder(function, count, names, out order))
        {
            return null;
        }

        var arguments = new uint[Math.Max(declared.Count, count)];
        for (var i = 0; i < declared.Count; i++)
        {
            arguments[i] = declared[order is null ? i : order[i]];
        }

        if (expands)
        {
            Array.Fill(arguments, function.VariadicType, declared.Count - 1, arguments.Length - declared.Count + 1);
        }

        return new FunctionCandidate(function, arguments, order, expands ? arguments.Length - declared.Count + 1 : 0, missing);
    }

    /// <summary>MatchNamedCall.</summary>
    private static bool TryOrder(PgFunction function, int count, IReadOnlyList<string> names, out int[]? order)
    {
        order = null;
        if (function.Names.Count == 0)
        {
            return false;
        }

        var places = new int[function.Arguments.Count];
        var given = new bool[places.Length];
        var positional = count - names.Count;
        var at = 0;
        for (; at < positional; at++)
        {
            places[at] = at;
            given[at] = true;
        }

        foreach (var name in names)
        {
            var place = PlaceOf(function, name);
            if (place < 0 || given[place])
            {
                return false;
            }

            given[place] = true;
            places[at++] = place;
        }

        for (var place = positional; place < places.Length; place++)
        {
            if (given[place])
            {
                continue;
            }

            if (place < places.Length - function.Defaults)
            {
                return false;
            }

            places[at++] = place;
        }

        order = places;
        return true;
    }

    /// <summary>The place of an input argument by its name; -1 if there is none.</summary>
    private static int PlaceOf(PgFunction function, string name)
    {
        var place = 0;
        for (var i = 0; i < function.Names.Count; i++)
        {
            if (function.Modes.Length > 0 && function.Modes[i] is not ('i' or 'b' or 'v'))
            {
                continue;
            }

            if (function.Names[i] == name)
            {
                return place;
            }

            place++;
        }

        return -1;
    }

    /// <summary>Of two candidates with the same types the one that is not variadic is taken; else the call is ambiguous.</summary>
    private static void Add(List<FunctionCandidate> found, FunctionCandidate candidate)
    {
        var length = candidate.Arguments.Length - candidate.Defaulted;
        var index = found.FindIndex(other => other.Arguments.Length - other.Defaulted == length
            && other.Arguments.AsSpan(0, length).SequenceEqual(candidate.Arguments.AsSpan(0, length)));
        if (index < 0)
        {
            found.Add(candidate);
        }
        else if (candidate.Expanded == 0 && found[index].Expanded > 0)
        {
            found[index] = candidate;
        }
        else if (candidate.Expanded > 0 == found[index].Expanded > 0)
        {
            found[index] = found[index] with { Function = null };
        }
    }
}
