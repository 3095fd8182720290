using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Functions that make arrays of arrays and elements.</summary>
internal static class ArrayChanges
{
    private const int ElementsMax = 134_217_727;

    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("array_append(anycompatiblearray,anycompatible)", (in call) => Add(call, array: 0, element: 1));
        registry.Call("array_prepend(anycompatible,anycompatiblearray)", (in call) => Add(call, array: 1, element: 0));
        registry.Call("array_cat(anycompatiblearray,anycompatiblearray)", Concatenate);
        registry.Call("array_remove(anycompatiblearray,anycompatible)", Remove);
        registry.Call("array_replace(anycompatiblearray,anycompatible,anycompatible)", Replace);
        registry.Call("array_fill(anyelement,integer[])", Fill);
        registry.Call("array_fill(anyelement,integer[],integer[])", Fill);
        registry.Call("trim_array(anyarray,integer)", Trim);
    }

    private static void Add(in FunctionCall call, int array, int element)
    {
        var old = call.IsNull(array) ? ArrayValue.Of([], default) : call.Array(array);
        if (old.Dimensions.Length > 1)
        {
            throw new TypeException(SqlState.DataException, "argument must be empty or one-dimensional array");
        }

        var added = ArrayValue.Copy(call.Value(element));
        call.Return(ArrayValue.Of(element > array ? [.. old.Elements, added] : [added, .. old.Elements], old.Type));
    }

    private static void Concatenate(in FunctionCall call)
    {
        if (call.IsNull(0) || call.IsNull(1))
        {
            call.ReturnArgument(call.IsNull(0) ? 1 : 0);
            return;
        }

        var (left, right) = (call.Array(0), call.Array(1));
        if (left.Count == 0 || right.Count == 0)
        {
            call.Return(left.Count == 0 ? right : left);
            return;
        }

        call.ReturnArray(ConcatenatedDimensions(left.Dimensions, right.Dimensions), [.. left.Elements, .. right.Elements]);
    }

    private static int[] ConcatenatedDimensions(int[] left, int[] right)
    {
        const string Message = "cannot concatenate incompatible arrays";
        switch (left.Length - right.Length)
        {
            case 0:
                return left.AsSpan(1).SequenceEqual(right.AsSpan(1))
                    ? [left[0] + right[0], .. left[1..]]
                    : throw new TypeException(
                        SqlState.ArrayElementError, Message, "Arrays with differing element dimensions are not compatible for concatenation.");
            case -1:
                return left.AsSpan().SequenceEqual(right.AsSpan(1)) ? [right[0] + 1, .. left] : throw Incompatible();
            case 1:
                return right.AsSpan().SequenceEqual(left.AsSpan(1)) ? [left[0] + 1, .. right] : throw Incompatible();
            default:
                throw new TypeException(
                    SqlState.ArrayElementError, Message,
                    $"Arrays of {left.Length} and {right.Length} dimensions are not compatible for concatenation.");
        }

        static TypeException Incompatible() =>
            new(SqlState.ArrayElementError, Message, "Arrays with differing dimensions are not compatible for concatenation.");
    }

    private static void Remove(in FunctionCall call)
    {
        if (call.IsNull(0))
        {
            return;
        }

        var array = call.Array(0);
        if (array.Dimensions.Length > 1)
        {
            throw TypeErrors.NotSupported("removing elements from multidimensional arrays is not supported");
        }

        ArrayValue.RequireEquality(array.Type);
        var kept = new List<StoredValue>();
        foreach (var element in array.Elements)
        {
            if (!ArrayValue.ElementEquals(element.Value, call.Value(1), array.Type))
            {
                kept.Add(element);
            }
        }

        call.Return(ArrayValue.Of(kept, array.Type));
    }

    private static void Replace(in FunctionCall call)
    {
        if (call.IsNull(0))
        {
            return;
        }

        var array = call.Array(0);
        ArrayValue.RequireEquality(array.Type);
        var replacement = ArrayValue.Copy(call.Value(2));
        var elements = new List<StoredValue>(array.Count);
        foreach (var element in array.Elements)
        {
            elements.Add(ArrayValue.ElementEquals(element.Value, call.Value(1), array.Type) ? replacement : element);
        }

        call.ReturnArray(array.Dimensions, elements);
    }

    private static void Fill(in FunctionCall call)
    {
        var hasBounds = call.Count == 4;
        if (call.IsNull(1) || (hasBounds && call.IsNull(2)))
        {
            throw new TypeException(SqlState.NullValueNotAllowed, "dimension array or low bound array cannot be null");
        }

        var sizes = Numbers(call, 1);
        if (sizes.Length > ArrayText.DimensionsMax)
        {
            throw new TypeException(
                SqlState.ProgramLimitExceeded, $"number of array dimensions ({sizes.Length}) exceeds the maximum allowed ({ArrayText.DimensionsMax})");
        }

        var bounds = hasBounds ? Numbers(call, 2) : null;
        if (bounds is not null && bounds.Length != sizes.Length)
        {
            throw new TypeException(
                SqlState.ArrayElementError, "wrong number of array subscripts", "Low bound array has different size than dimensions array.");
        }

        if (sizes.Length == 0)
        {
            call.ReturnText("[]"u8);
            return;
        }

        var count = 1L;
        foreach (var size in sizes)
        {
            count = size < 0 || (count *= size) > ElementsMax
                ? throw new TypeException(SqlState.ProgramLimitExceeded, $"array size exceeds the maximum allowed ({ElementsMax})")
                : count;
        }

        if (count > 0 && bounds is not null && Array.Exists(bounds, bound => bound != 1))
        {
            throw TypeErrors.NotSupported("arrays with lower bounds other than 1 are not supported");
        }

        var element = ArrayValue.Copy(call.Value(0));
        var length = element.Value.Class is StorageClass.Text or StorageClass.Blob ? element.Value.Bytes.Length + 2 : 4;
        ResultSize.Require(count * (length + 1));
        call.ReturnArray(count == 0 ? [] : sizes, [.. Enumerable.Repeat(element, (int)count)]);
    }

    private static int[] Numbers(in FunctionCall call, int argument)
    {
        var (dimensions, elements) = JsonElements.Read(call.Value(argument), PgTypes.Int4, "integer[]");
        if (dimensions.Length > 1)
        {
            throw new TypeException(SqlState.ArrayElementError, "wrong number of array subscripts", "Dimension array must be one dimensional.");
        }

        return elements.Exists(element => element.Value.Class == StorageClass.Null)
            ? throw new TypeException(SqlState.NullValueNotAllowed, "dimension values cannot be null")
            : [.. elements.Select(element => (int)element.Value.Integer)];
    }

    private static void Trim(in FunctionCall call)
    {
        var array = call.Array(0);
        var length = array.Dimensions.Length > 0 ? array.Dimensions[0] : 0;
        var count = call.Int32(1);
        if (count < 0 || count > length)
        {
            throw new TypeException(SqlState.ArrayElementError, $"number of elements to trim must be between 0 and {length}");
        }

        var kept = length - count;
        call.ReturnArray(kept == 0 ? [] : [kept, .. array.Dimensions[1..]], [.. array.Elements.Take(length == 0 ? 0 : array.Count / length * kept)]);
    }
}
