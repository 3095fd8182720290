using System.Text;

namespace Rqlite.Pg.Types.Values;

/// <summary>The change that is made at the end of a path.</summary>
[Flags]
public enum JsonPathChange
{
    Delete = 1,

    /// <summary>Sets what is there.</summary>
    Replace = 2,

    /// <summary>Sets what is there, or adds it.</summary>
    Create = 4,
    InsertBefore = 8,
    InsertAfter = 16,

    /// <summary>For an assignment to a subscript: elements up to a new one become null.</summary>
    FillGaps = 32,

    Add = Create | InsertBefore | InsertAfter,
}

/// <summary>Changes a value within another by a path of keys and numbers (jsonb_set, jsonb_insert, #-).</summary>
/// <param name="path">Keys as UTF-8; null for NULL.</param>
/// <param name="value">The new value; null for a removal.</param>
public sealed class JsonPathSetter(IReadOnlyList<byte[]?> path, JsonNode? value, JsonPathChange change)
{
    /// <summary>Makes the change; the path has at least one step.</summary>
    public JsonNode Apply(JsonNode root) => Set(root, 0);

    /// <summary>Reads a number as C's strtol does, to the end of the text.</summary>
    public static bool TryIndex(ReadOnlySpan<byte> text, out int index)
    {
        text = text.TrimStart(AsciiText.Space);
        return NumberText.TryInteger(text, out index, out var length) && length > 0 && length == text.Length;
    }

    private bool Has(JsonPathChange flags) => (change & flags) != 0;

    private JsonNode Set(JsonNode node, int level)
    {
        if (path[level] is not { } step)
        {
            throw new TypeException(SqlState.NullValueNotAllowed, $"path element at position {level + 1} is null");
        }

        switch (node.Kind)
        {
            case JsonKind.Object:
                return SetMember(node, step, level);
            case JsonKind.Array:
                return SetElement(node, step, level);
            default:
                return Has(JsonPathChange.FillGaps)
                    ? throw new TypeException(
                        SqlState.InvalidParameterValue, "cannot replace existing key",
                        "The path assumes key is a composite object, but it is a scalar value.")
                    : node;
        }
    }

    private JsonNode SetMember(JsonNode node, byte[] key, int level)
    {
        var last = level == path.Count - 1;
        var at = node.IndexOf(key);
        if (at < 0)
        {
            return last && Has(JsonPathChange.Add) ? WithMember(node, ~at, key, value!)
                : !last && Has(JsonPathChange.FillGaps) ? WithMember(node, ~at, key, NewPath(level + 1))
                : node;
        }

        if (last && Has(JsonPathChange.InsertBefore | JsonPathChange.InsertAfter))
        {
            throw new TypeException(
                SqlState.InvalidParameterValue, "cannot replace existing key",
                hint: "Try using the function jsonb_set to replace key value.");
        }

        var members = node.Members.ToList();
        if (last && Has(JsonPathChange.Delete))
        {
            members.RemoveAt(at);
        }
        else
        {
            members[at] = (members[at].Key, last ? value! : Set(members[at].Value, level + 1));
        }

        return JsonNode.FromSorted(members);
    }

    private static JsonNode WithMember(JsonNode node, int at, byte[] key, JsonNode value)
    {
        var members = node.Members.ToList();
        members.Insert(at, (key, value));
        return JsonNode.FromSorted(members);
    }

    private JsonNode SetElement(JsonNode node, byte[] step, int level)
    {
        if (!TryIndex(step, out var index))
        {
            throw new TypeException(
                SqlState.InvalidTextRepresentation,
                $"path element at position {level + 1} is not an integer: \"{Encoding.UTF8.GetString(step)}\"");
        }

        var last = level == path.Count - 1;
        var count = node.Items.Count;
        var before = false;
        if (index < 0)
        {
            before = -(long)index > count;
            if (before && Has(JsonPathChange.FillGaps))
            {
                throw new TypeException(
                    SqlState.InvalidParameterValue, $"path element at position {level + 1} is out of range: {index}");
            }

            index = before ? -1 : count + index;
        }

        var items = node.Items.ToList();
        if (before || index >= count)
        {
            Append(items, before, index, level, last);
        }
        else if (!last)
        {
            items[index] = Set(items[index], level + 1);
        }
        else if (Has(JsonPathChange.Delete))
        {
            items.RemoveAt(index);
        }
        else if (Has(JsonPathChange.InsertBefore | JsonPathChange.InsertAfter))
        {
            items.Insert(Has(JsonPathChange.InsertBefore) ? index : index + 1, value!);
        }
        else
        {
            items[index] = value!;
        }

        return JsonNode.FromItems(items);
    }

    /// <summary>Adds an element that lies outside of the array: before it, or at its end.</summary>
    private void Append(List<JsonNode> items, bool before, int index, int level, bool last)
    {
        if (last ? !Has(JsonPathChange.Add) : !Has(JsonPathChange.FillGaps))
        {
            return;
        }

        if (Has(JsonPathChange.FillGaps))
        {
            // A value may not become larger than a statement's.
            if (index > MaxGap)
            {
                throw new TypeException(SqlState.ProgramLimitExceeded, "requested length too large");
            }

            items.AddRange(Enumerable.Repeat(JsonNode.Null, index - items.Count));
        }

        items.Insert(before ? 0 : items.Count, last ? value! : NewPath(level + 1));
    }

    private const int MaxGap = 10_000_000;

    /// <summary>Containers for the rest of a path of which nothing is there.</summary>
    private JsonNode NewPath(int level)
    {
        var node = value!;
        for (var i = path.Count - 1; i >= level; i--)
        {
            var step = path[i] ?? throw new TypeException(SqlState.NullValueNotAllowed, $"path element at position {i + 1} is null");
            if (!TryIndex(step, out var index))
            {
                node = JsonNode.FromMembers([(step, node)]);
                continue;
            }

            if (index is < 0 or > MaxGap)
            {
                throw new TypeException(SqlState.InvalidParameterValue, $"path element at position {i + 1} is out of range: {index}");
            }

            node = JsonNode.FromItems([.. Enumerable.Repeat(JsonNode.Null, index), node]);
        }

        return node;
    }
}
