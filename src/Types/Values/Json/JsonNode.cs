namespace Rqlite.Pg.Types.Values;

/// <summary>A value of jsonb: keys are unique and ordered by length, then bytes; numbers are numerics.</summary>
public sealed class JsonNode
{
    private JsonNode(JsonKind kind) => Kind = kind;

    public JsonKind Kind { get; }

    /// <summary>The UTF-8 of a string.</summary>
    public ReadOnlyMemory<byte> Text { get; private init; }

    public Numeric Number { get; private init; }

    public IReadOnlyList<JsonNode> Items { get; private init; } = [];

    public IReadOnlyList<(ReadOnlyMemory<byte> Key, JsonNode Value)> Members { get; private init; } = [];

    public bool IsScalar => Kind is not (JsonKind.Array or JsonKind.Object);

    public static JsonNode Null { get; } = new(JsonKind.Null);

    public static JsonNode True { get; } = new(JsonKind.True);

    public static JsonNode False { get; } = new(JsonKind.False);

    public static JsonNode FromText(ReadOnlyMemory<byte> utf8) => new(JsonKind.String) { Text = utf8 };

    public static JsonNode FromNumber(Numeric value) => new(JsonKind.Number) { Number = value };

    public static JsonNode FromItems(IReadOnlyList<JsonNode> items) => new(JsonKind.Array) { Items = items };

    /// <summary>Makes an object; of members with the same key the last one stays.</summary>
    public static JsonNode FromMembers(IReadOnlyList<(ReadOnlyMemory<byte> Key, JsonNode Value)> members)
    {
        // A stable sort keeps the order of equal keys.
        var sorted = members.OrderBy(member => member.Key, KeyOrder.Instance).ToList();
        var unique = new List<(ReadOnlyMemory<byte> Key, JsonNode Value)>(sorted.Count);
        foreach (var member in sorted)
        {
            if (unique.Count > 0 && unique[^1].Key.Span.SequenceEqual(member.Key.Span))
            {
                unique[^1] = member;
            }
            else
            {
                unique.Add(member);
            }
        }

        return new JsonNode(JsonKind.Object) { Members = unique };
    }

    /// <summary>An object of members whose keys are unique and in order.</summary>
    internal static JsonNode FromSorted(IReadOnlyList<(ReadOnlyMemory<byte> Key, JsonNode Value)> members) =>
        new(JsonKind.Object) { Members = members };

    /// <summary>The number of a key's member; for a key that is missing the complement of the place where it belongs.</summary>
    public int IndexOf(ReadOnlySpan<byte> key)
    {
        var (low, high) = (0, Members.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = Members[middle].Key.Span;
            var order = found.Length != key.Length ? found.Length.CompareTo(key.Length) : found.SequenceCompareTo(key);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    /// <summary>The value of a member; null if there is none, or if this is no object.</summary>
    public JsonNode? Member(ReadOnlySpan<byte> key) => IndexOf(key) is >= 0 and var index ? Members[index].Value : null;

    private sealed class KeyOrder : IComparer<ReadOnlyMemory<byte>>
    {
        public static KeyOrder Instance { get; } = new();

        public int Compare(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) =>
            x.Length != y.Length ? x.Length.CompareTo(y.Length) : x.Span.SequenceCompareTo(y.Span);
    }
}
