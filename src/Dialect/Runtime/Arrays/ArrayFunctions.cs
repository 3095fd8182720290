using System.Globalization;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Sizes of arrays, containment, and searching in them.</summary>
internal static class ArrayFunctions
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("array_length(anyarray,integer)", (in call) => Dimension(call, (array, i) => array.Dimensions[i]));
        registry.Call("array_lower(anyarray,integer)", (in call) => Dimension(call, (array, i) => array.Lower));
        registry.Call("array_upper(anyarray,integer)", (in call) => Dimension(call, (array, i) => array.Dimensions[i] + array.Lower - 1));
        registry.Call("cardinality(anyarray)", (in call) => call.Return((long)call.Array(0).Count));
        registry.Call("array_ndims(anyarray)", (in call) =>
        {
            if (call.Array(0).Dimensions.Length is > 0 and var dimensions)
            {
                call.Return((long)dimensions);
            }
        });
        registry.Call("array_dims(anyarray)", (in call) =>
        {
            var array = call.Array(0);
            if (array.Dimensions.Length > 0)
            {
                call.ReturnText(string.Concat(array.Dimensions.Select(size => string.Create(
                    CultureInfo.InvariantCulture, $"[{array.Lower}:{size + array.Lower - 1}]"))));
            }
        });

        registry.Call("arraycontains(anyarray,anyarray)", (in call) => call.Return(Contains(call.Array(0), call.Array(1), all: true)));
        registry.Call("arraycontained(anyarray,anyarray)", (in call) => call.Return(Contains(call.Array(1), call.Array(0), all: true)));
        registry.Call("arrayoverlap(anyarray,anyarray)", (in call) => call.Return(Contains(call.Array(1), call.Array(0), all: false)));

        registry.Call("array_position(anycompatiblearray,anycompatible)", (in call) => Position(call, 1));
        registry.Call("array_position(anycompatiblearray,anycompatible,integer)", (in call) => Position(call, call.IsNull(2) ? null : call.Int32(2)));
        registry.Call("array_positions(anycompatiblearray,anycompatible)", Positions);
    }

    private static void Dimension(in FunctionCall call, Func<ArrayValue, int, int> answer)
    {
        var number = call.Int32(1);
        var array = call.Array(0);
        if (number >= 1 && number <= array.Dimensions.Length)
        {
            call.Return((long)answer(array, number - 1));
        }
    }

    /// <summary>Whether all, or any, elements of the second array are in the first. A null is in no array.</summary>
    private static bool Contains(ArrayValue whole, ArrayValue part, bool all)
    {
        ArrayValue.RequireEquality(whole.Type);
        foreach (var element in part.Elements)
        {
            var found = element.Value.Class != StorageClass.Null
                && whole.Elements.Any(other => ArrayValue.ElementEquals(other.Value, element.Value, whole.Type));
            if (found != all)
            {
                return !all;
            }
        }

        return all;
    }

    private static ArrayValue? Searched(in FunctionCall call)
    {
        if (call.IsNull(0))
        {
            return null;
        }

        var array = call.Array(0);
        return array.Dimensions.Length <= 1
            ? array
            : throw TypeErrors.NotSupported("searching for elements in multidimensional arrays is not supported");
    }

    private static void Position(in FunctionCall call, int? start)
    {
        if (Searched(call) is not { Count: > 0 } array || (IsNullWithout(array) && call.IsNull(1)))
        {
            return;
        }

        if (start is null)
        {
            throw new TypeException(SqlState.NullValueNotAllowed, "initial position must not be null");
        }

        ArrayValue.RequireEquality(array.Type);
        for (var i = Math.Max(0, (long)start.Value - array.Lower); i < array.Count; i++)
        {
            if (ArrayValue.ElementEquals(array.Elements[(int)i].Value, call.Value(1), array.Type))
            {
                call.Return(i + array.Lower);
                return;
            }
        }
    }

    private static bool IsNullWithout(ArrayValue array) => array.Elements.All(element => element.Value.Class != StorageClass.Null);

    private static void Positions(in FunctionCall call)
    {
        if (Searched(call) is not { } array)
        {
            return;
        }

        ArrayValue.RequireEquality(array.Type);
        var places = new List<StoredValue>();
        for (var i = 0; i < array.Count; i++)
        {
            if (ArrayValue.ElementEquals(array.Elements[i].Value, call.Value(1), array.Type))
            {
                var place = new StoredValue();
                place.SetInteger(i + array.Lower);
                places.Add(place);
            }
        }

        call.Return(ArrayValue.Of(places, new PgType(PgTypes.Int4)));
    }
}
