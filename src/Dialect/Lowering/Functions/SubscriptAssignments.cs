using System.Text;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>Assignments to elements and slices of arrays and to members of jsonb (PostgreSQL's array_set_element, array_set_slice and jsonb_set_element).</summary>
internal static class SubscriptAssignments
{
    private const int ElementsMax = 134_217_727;

    public static void Register(FunctionRegistry registry)
    {
        registry.Helper("pg_set_element", -1, SetElement, strict: false);
        registry.Helper("pg_set_slice", -1, SetSlice, strict: false);
        registry.Helper("pg_set_json", -1, SetJson, strict: false);
    }

    /// <summary>An array, its element's type, the new element, and a subscript a dimension.</summary>
    private static void SetElement(in FunctionCall call)
    {
        var given = Subscripts(call, 3);
        var (dimensions, elements) = Read(call);
        if (dimensions.Length == 0)
        {
            dimensions = new int[given.Length];
            Array.Fill(dimensions, given.Length == 1 ? 0 : 1);
            elements = given.Length == 1 ? [] : [new StoredValue()];
            RequireFirst(given.Length == 1 ? [] : given);
        }

        if (dimensions.Length != given.Length)
        {
            throw Wrong("wrong number of array subscripts");
        }

        if (given.Length == 1)
        {
            Extend(elements, given[0], given[0]);
            dimensions[0] = elements.Count;
        }

        long place = 0;
        for (var i = 0; i < given.Length; i++)
        {
            place = given[i] >= 1 && given[i] <= dimensions[i] ? (place * dimensions[i]) + given[i]!.Value - 1 : throw Wrong("array subscript out of range");
        }

        elements[(int)place] = StoredCopies.Of(call.Value(2));
        ArrayFunctions.Return(call, dimensions, elements);
    }

    /// <summary>An array, its element's type, an array of new elements, and two bounds a dimension, a text for one that was left out.</summary>
    private static void SetSlice(in FunctionCall call)
    {
        var given = Subscripts(call, 3);
        if (call.IsNull(2))
        {
            // As in PostgreSQL, a null leaves the array as it was.
            ReturnContainer(call);
            return;
        }

        var (dimensions, elements) = Read(call);
        var (_, source) = JsonElements.Read(call.Value(2), (uint)call.Integer(1), "array");
        var empty = dimensions.Length == 0;
        if (empty)
        {
            if (given.Contains(null))
            {
                throw new TypeException(
                    SqlState.ArrayElementError, "array slice subscript must provide both boundaries",
                    "When assigning to a slice of an empty array value, slice boundaries must be fully specified.");
            }

            dimensions = new int[given.Length / 2];
        }

        if (dimensions.Length < given.Length / 2)
        {
            throw Wrong("wrong number of array subscripts");
        }

        var (lower, upper) = (new int[dimensions.Length], new int[dimensions.Length]);
        for (var i = 0; i < dimensions.Length; i++)
        {
            lower[i] = (2 * i < given.Length ? given[2 * i] : null) ?? 1;
            upper[i] = (2 * i < given.Length ? given[(2 * i) + 1] : null) ?? dimensions[i];
            if (upper[i] < lower[i])
            {
                throw Wrong("upper bound cannot be less than lower bound");
            }
        }

        if (dimensions.Length == 1)
        {
            Extend(elements, lower[0], upper[0]);
            dimensions[0] = elements.Count;
        }
        else if (empty)
        {
            RequireFirst(lower.Select(bound => (int?)bound).ToArray());
            var count = upper.Aggregate(1L, (product, bound) => Math.Min(product * bound, ElementsMax + 1L));
            dimensions = (int[])upper.Clone();
            elements = count > ElementsMax ? throw TooLarge() : [.. Enumerable.Range(0, (int)count).Select(_ => new StoredValue())];
        }

        Replace(dimensions, elements, lower, upper, source);
        ArrayFunctions.Return(call, dimensions, elements);
    }

    private static void Replace(int[] dimensions, List<StoredValue> elements, int[] lower, int[] upper, List<StoredValue> source)
    {
        var next = 0;
        for (var i = 0; i < dimensions.Length; i++)
        {
            if (lower[i] < 1 || upper[i] > dimensions[i])
            {
                throw Wrong("array subscript out of range");
            }
        }

        for (var index = 0; index < elements.Count; index++)
        {
            var (rest, within) = (index, true);
            for (var i = dimensions.Length - 1; i >= 0; i--)
            {
                var place = (rest % dimensions[i]) + 1;
                rest /= dimensions[i];
                within &= place >= lower[i] && place <= upper[i];
            }

            if (within)
            {
                elements[index] = next < source.Count ? source[next++] : throw Wrong("source array too small");
            }
        }
    }

    /// <summary>jsonb, the new value, and a key or number a step.</summary>
    private static void SetJson(in FunctionCall call)
    {
        var path = new byte[]?[call.Count - 2];
        for (var i = 0; i < path.Length; i++)
        {
            path[i] = call.IsNull(i + 2)
                ? throw new TypeException(SqlState.NullValueNotAllowed, "jsonb subscript in assignment must not be null")
                : Encoding.UTF8.GetBytes(call.String(i + 2));
        }

        var root = !call.IsNull(0) ? call.Jsonb(0)
            : call.ClassOf(2) == StorageClass.Integer ? JsonNode.FromItems([]) : JsonNode.FromMembers([]);
        var value = call.IsNull(1) ? JsonNode.Null : call.Jsonb(1);
        call.Return(new JsonPathSetter(path, value, JsonPathChange.Create | JsonPathChange.FillGaps).Apply(root));
    }

    private static (int[] Dimensions, List<StoredValue> Elements) Read(in FunctionCall call)
    {
        if (call.IsNull(0))
        {
            return ([], []);
        }

        var (dimensions, elements) = JsonElements.Read(call.Value(0), (uint)call.Integer(1), "array");
        return ((int[])dimensions.Clone(), elements);
    }

    private static int?[] Subscripts(in FunctionCall call, int first)
    {
        var subscripts = new int?[call.Count - first];
        for (var i = 0; i < subscripts.Length; i++)
        {
            subscripts[i] = call.IsNull(first + i)
                ? throw new TypeException(SqlState.NullValueNotAllowed, "array subscript in assignment must not be null")
                : call.ClassOf(first + i) == StorageClass.Integer ? (int)call.Integer(first + i) : null;
        }

        return subscripts;
    }

    /// <summary>Adds nulls to an array of one dimension, up to an upper bound.</summary>
    private static void Extend(List<StoredValue> elements, int? lower, int? upper)
    {
        if (upper > ElementsMax || lower < -ElementsMax)
        {
            throw TooLarge();
        }

        RequireFirst([lower < 1 ? lower : 1]);
        if (elements.Count == 0 && lower != 1)
        {
            throw OtherBounds();
        }

        while (elements.Count < upper)
        {
            elements.Add(new StoredValue());
        }
    }

    private static void RequireFirst(int?[] lower)
    {
        if (Array.Exists(lower, bound => bound != 1))
        {
            throw OtherBounds();
        }
    }

    private static void ReturnContainer(in FunctionCall call)
    {
        if (!call.IsNull(0))
        {
            call.ReturnArgument(0);
        }
    }

    private static TypeException Wrong(string message) => new(SqlState.ArrayElementError, message);

    private static TypeException TooLarge() => new(SqlState.ProgramLimitExceeded, $"array size exceeds the maximum allowed ({ElementsMax})");

    private static TypeException OtherBounds() => TypeErrors.NotSupported("arrays with lower bounds other than 1 are not supported");
}
