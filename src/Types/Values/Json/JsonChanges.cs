namespace Rqlite.Pg.Types.Values;

/// <summary>What jsonb's operators and functions make of one value: concatenation, removal, values without nulls.</summary>
public static class JsonChanges
{
    /// <summary><c>||</c>: members of both objects, of which the right one's win; else the elements of both, a value being an array of one.</summary>
    public static JsonNode Concatenate(JsonNode left, JsonNode right) => left.Kind == JsonKind.Object && right.Kind == JsonKind.Object
        ? JsonNode.FromMembers([.. left.Members, .. right.Members])
        : JsonNode.FromItems([.. ItemsOf(left), .. ItemsOf(right)]);

    /// <summary>Removes a key of an object, or all elements of an array that are this string.</summary>
    /// <exception cref="TypeException">22023: the value is a scalar.</exception>
    public static JsonNode Remove(JsonNode node, ReadOnlyMemory<byte> key)
    {
        RequireContainer(node);
        return node.Kind == JsonKind.Object
            ? JsonNode.FromSorted([.. node.Members.Where(member => !member.Key.Span.SequenceEqual(key.Span))])
            : JsonNode.FromItems([.. node.Items.Where(item => item.Kind != JsonKind.String || !item.Text.Span.SequenceEqual(key.Span))]);
    }

    /// <summary>Removes an element; negative numbers count from the end.</summary>
    public static JsonNode RemoveAt(JsonNode node, int index)
    {
        if (node.Kind == JsonKind.Object)
        {
            throw new TypeException(SqlState.InvalidParameterValue, "cannot delete from object using integer index");
        }

        RequireContainer(node);
        var at = index < 0 ? node.Items.Count + (long)index : index;
        return at < 0 || at >= node.Items.Count ? node : JsonNode.FromItems([.. node.Items.Where((_, i) => i != at)]);
    }

    /// <summary>Removes members that are null, at all levels; elements of arrays stay.</summary>
    public static JsonNode StripNulls(JsonNode node) => node.Kind switch
    {
        JsonKind.Object => JsonNode.FromSorted(
            [.. node.Members.Where(member => member.Value.Kind != JsonKind.Null).Select(member => (member.Key, StripNulls(member.Value)))]),
        JsonKind.Array => JsonNode.FromItems([.. node.Items.Select(StripNulls)]),
        _ => node,
    };

    private static void RequireContainer(JsonNode node)
    {
        if (node.IsScalar)
        {
            throw new TypeException(SqlState.InvalidParameterValue, "cannot delete from scalar");
        }
    }

    private static IEnumerable<JsonNode> ItemsOf(JsonNode node) => node.Kind == JsonKind.Array ? node.Items : [node];
}
