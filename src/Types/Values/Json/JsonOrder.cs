namespace Rqlite.Pg.Types.Values;

/// <summary>
/// jsonb's order: by kind (object, array, boolean, number, string, null, from large to small), containers by size before their content. As in
/// PostgreSQL, an empty array at the top sorts before scalars.
/// </summary>
public static class JsonOrder
{
    public static int Compare(JsonNode left, JsonNode right)
    {
        // At the top PostgreSQL keeps a scalar as an array of one, so an empty array is smaller than it.
        if (left.IsScalar != right.IsScalar && EmptyArray(left) != EmptyArray(right))
        {
            return EmptyArray(left) ? -1 : 1;
        }

        var pairs = new Stack<(JsonNode Left, JsonNode Right)>();
        pairs.Push((left, right));
        while (pairs.TryPop(out var pair))
        {
            var result = CompareShallow(pair.Left, pair.Right, pairs);
            if (result != 0)
            {
                return result;
            }
        }

        return 0;
    }

    private static int CompareShallow(JsonNode left, JsonNode right, Stack<(JsonNode Left, JsonNode Right)> pairs)
    {
        if (Rank(left.Kind) != Rank(right.Kind))
        {
            return Rank(left.Kind).CompareTo(Rank(right.Kind));
        }

        switch (left.Kind)
        {
            case JsonKind.String:
                return Math.Sign(left.Text.Span.SequenceCompareTo(right.Text.Span));
            case JsonKind.Number:
                return left.Number.CompareTo(right.Number);
            case JsonKind.True or JsonKind.False:
                return left.Kind.CompareTo(right.Kind);
            case JsonKind.Array:
                if (left.Items.Count != right.Items.Count)
                {
                    return left.Items.Count.CompareTo(right.Items.Count);
                }

                for (var i = left.Items.Count - 1; i >= 0; i--)
                {
                    pairs.Push((left.Items[i], right.Items[i]));
                }

                return 0;
            case JsonKind.Object:
                if (left.Members.Count != right.Members.Count)
                {
                    return left.Members.Count.CompareTo(right.Members.Count);
                }

                for (var i = left.Members.Count - 1; i >= 0; i--)
                {
                    pairs.Push((left.Members[i].Value, right.Members[i].Value));
                    pairs.Push((JsonNode.FromText(left.Members[i].Key), JsonNode.FromText(right.Members[i].Key)));
                }

                return 0;
            default:
                return 0;
        }
    }

    private static bool EmptyArray(JsonNode node) => node is { Kind: JsonKind.Array, Items.Count: 0 };

    private static int Rank(JsonKind kind) => kind switch
    {
        JsonKind.Null => 0,
        JsonKind.String => 1,
        JsonKind.Number => 2,
        JsonKind.False or JsonKind.True => 3,
        JsonKind.Array => 4,
        _ => 5,
    };
}
