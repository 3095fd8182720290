namespace Rqlite.Pg.Storage;

/// <summary>The options of CREATE and ALTER SEQUENCE, as the arguments of our function: names and values in turn.</summary>
internal static class SequenceOptions
{
    /// <summary>Applies options to a definition and checks the resulting definition, in PostgreSQL's order.</summary>
    /// <param name="first">The first argument that is an option's name.</param>
    public static SequenceDefinition Apply(SequenceDefinition before, FunctionCall call, int first, bool creating)
    {
        var given = new Dictionary<string, long?>(StringComparer.Ordinal);
        var type = (string?)null;
        for (var i = first; i + 1 < call.Count; i += 2)
        {
            var name = call.Text(i);
            if (name == "type")
            {
                type = call.Text(i + 1);
            }
            else
            {
                given[name] = call.IsNull(i + 1) ? null : call.Integer(i + 1);
            }
        }

        var after = WithIncrement(before with { Type = type ?? before.Type, Cycle = given.GetValueOrDefault("cycle", before.Cycle ? 1 : 0) != 0 }, given);
        after = WithBounds(before, after, given, creating, type is not null);
        return WithStart(before, after, given, creating);
    }

    private static SequenceDefinition WithIncrement(SequenceDefinition after, Dictionary<string, long?> given)
    {
        var increment = given.GetValueOrDefault("increment") ?? after.Increment;
        return increment != 0 ? after with { Increment = increment } : throw new SqlFunctionException("22023", "INCREMENT must not be zero");
    }

    private static SequenceDefinition WithBounds(
        SequenceDefinition before, SequenceDefinition after, Dictionary<string, long?> given, bool creating, bool typed)
    {
        var (lowest, highest) = RangeOf(after.Type);
        var (formerLowest, formerHighest) = RangeOf(before.Type);
        var descends = after.Increment < 0;

        // A bound that is the former type's own becomes the new type's.
        var resetMax = given.TryGetValue("maxvalue", out var max) || creating || (typed && before.Max == formerHighest);
        var resetMin = given.TryGetValue("minvalue", out var min) || creating || (typed && before.Min == formerLowest);
        var newMax = resetMax ? max ?? (descends ? -1 : highest) : before.Max;
        var newMin = resetMin ? min ?? (descends ? lowest : 1) : before.Min;
        if (newMax < lowest || newMax > highest)
        {
            throw new SqlFunctionException("22023", $"MAXVALUE ({newMax}) is out of range for sequence data type {after.Type}");
        }

        if (newMin < lowest || newMin > highest)
        {
            throw new SqlFunctionException("22023", $"MINVALUE ({newMin}) is out of range for sequence data type {after.Type}");
        }

        return newMin < newMax
            ? after with { Min = newMin, Max = newMax }
            : throw new SqlFunctionException("22023", $"MINVALUE ({newMin}) must be less than MAXVALUE ({newMax})");
    }

    private static SequenceDefinition WithStart(
        SequenceDefinition before, SequenceDefinition after, Dictionary<string, long?> given, bool creating)
    {
        var start = given.GetValueOrDefault("start") ?? (creating ? (after.Increment > 0 ? after.Min : after.Max) : before.Start);
        after = after with { Start = Within("START", start, after) };
        var restarts = given.TryGetValue("restart", out var restart);
        after = restarts ? after with { Value = restart ?? start, Called = false }
            : creating ? after with { Value = start, Called = false }
            : after;
        Within("RESTART", after.Value, after);
        var cache = given.GetValueOrDefault("cache") ?? before.Cache;
        return cache > 0 ? after with { Cache = cache } : throw new SqlFunctionException("22023", $"CACHE ({cache}) must be greater than zero");
    }

    private static long Within(string what, long value, SequenceDefinition bounds) =>
        value < bounds.Min ? throw new SqlFunctionException("22023", $"{what} value ({value}) cannot be less than MINVALUE ({bounds.Min})")
        : value > bounds.Max ? throw new SqlFunctionException("22023", $"{what} value ({value}) cannot be greater than MAXVALUE ({bounds.Max})")
        : value;

    private static (long Lowest, long Highest) RangeOf(string type) => type switch
    {
        "smallint" => (short.MinValue, short.MaxValue),
        "integer" => (int.MinValue, int.MaxValue),
        _ => (long.MinValue, long.MaxValue),
    };
}
