namespace Rqlite.Pg.Types.Values;

/// <summary>jsonb's containment and existence.</summary>
public static class JsonContainment
{
    /// <summary>True if everything of <paramref name="part"/> is in <paramref name="whole"/>, at the same places of objects and any places of arrays.</summary>
    public static bool Contains(JsonNode whole, JsonNode part)
    {
        // An array contains a scalar as if that were an array of one; within arrays that does not hold.
        if (part.IsScalar)
        {
            return whole.IsScalar ? ScalarEquals(whole, part) : whole.Kind == JsonKind.Array && HasScalar(whole, part);
        }

        return whole.Kind == part.Kind && ContainsDeep(whole, part);
    }

    /// <summary>True if an object has the key, an array the string, or a string is it.</summary>
    public static bool Exists(JsonNode node, ReadOnlySpan<byte> key)
    {
        switch (node.Kind)
        {
            case JsonKind.Object:
                return node.IndexOf(key) >= 0;
            case JsonKind.Array:
                foreach (var item in node.Items)
                {
                    if (item.Kind == JsonKind.String && item.Text.Span.SequenceEqual(key))
                    {
                        return true;
                    }
                }

                return false;
            default:
                return node.Kind == JsonKind.String && node.Text.Span.SequenceEqual(key);
        }
    }

    /// <summary>Equality of scalars; false if one of them is a container.</summary>
    internal static bool ScalarEquals(JsonNode left, JsonNode right) => left.Kind == right.Kind && left.Kind switch
    {
        JsonKind.String => left.Text.Span.SequenceEqual(right.Text.Span),
        JsonKind.Number => left.Number.Equals(right.Number),
        JsonKind.Array or JsonKind.Object => false,
        _ => true,
    };

    private static bool ContainsDeep(JsonNode whole, JsonNode part)
    {
        if (part.Kind == JsonKind.Array)
        {
            foreach (var item in part.Items)
            {
                if (item.IsScalar ? !HasScalar(whole, item) : !HasContainer(whole, item))
                {
                    return false;
                }
            }

            return true;
        }

        if (whole.Members.Count < part.Members.Count)
        {
            return false;
        }

        foreach (var (key, value) in part.Members)
        {
            if (whole.Member(key.Span) is not { } found || found.Kind != value.Kind
                || (value.IsScalar ? !ScalarEquals(found, value) : !ContainsDeep(found, value)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasScalar(JsonNode array, JsonNode scalar)
    {
        foreach (var item in array.Items)
        {
            if (ScalarEquals(item, scalar))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasContainer(JsonNode array, JsonNode container)
    {
        foreach (var item in array.Items)
        {
            if (item.Kind == container.Kind && ContainsDeep(item, container))
            {
                return true;
            }
        }

        return false;
    }
}
