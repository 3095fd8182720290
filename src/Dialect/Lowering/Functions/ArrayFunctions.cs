using System.Buffers;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>Constructors and subscripts of arrays, which are JSON texts.</summary>
internal static class ArrayFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Helper("pg_array", -1, Array, strict: false);
        registry.Helper("pg_array_of_arrays", -1, ArrayOfArrays, strict: false);
        registry.Helper("pg_array_like", 2, ArrayLike, strict: false);
        registry.Helper("pg_element", -1, Element);
        registry.Helper("pg_slice", -1, Slice);
        registry.Helper("pg_vector_element", 2, VectorElement);
        registry.HelperAggregate("pg_collect", () => new Collection());
        registry.HelperAggregate("pg_collect_arrays", () => new CollectionOfArrays());
    }

    /// <summary>Answers with an element of a float array, whose infinities and NaN are texts in JSON.</summary>
    public static void ReturnFloat(in SqliteValue value, in FunctionCall answer) =>
        answer.ReturnFloat8(Stored.Real(value, "double precision"));

    private static void Array(in FunctionCall call)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write("["u8);
        for (var i = 0; i < call.Count; i++)
        {
            output.Write(i > 0 ? ","u8 : default);
            WriteElement(call.Value(i), output);
        }

        output.Write("]"u8);
        call.ReturnText(output.WrittenSpan);
    }

    private static void WriteElement(in SqliteValue value, IBufferWriter<byte> output) => JsonElements.Write(value, output);

    private static void ArrayOfArrays(in FunctionCall call)
    {
        var collection = new CollectionOfArrays { InConstructor = true };
        for (var i = 0; i < call.Count; i++)
        {
            collection.Add(call.Value(i));
        }

        collection.Answer(call);
    }

    /// <summary>An array and the values of its elements: these in the first one's dimensions.</summary>
    private static void ArrayLike(in FunctionCall call)
    {
        if (call.IsNull(0) || call.IsNull(1))
        {
            // There are no values where the array has no elements.
            call.ReturnArgument(0);
            return;
        }

        var (dimensions, _) = JsonElements.Read(call.Value(0), PgTypes.Text, "array");
        var (_, elements) = JsonElements.Read(call.Value(1), PgTypes.Text, "array");
        Return(call, dimensions, elements);
    }

    /// <summary>Answers with an array of these dimensions.</summary>
    public static void Return(in FunctionCall call, int[] dimensions, List<StoredValue> elements)
    {
        var output = new ArrayBufferWriter<byte>();
        if (elements.Count == 0)
        {
            call.ReturnText("[]"u8);
            return;
        }

        for (var i = 0; i < elements.Count; i++)
        {
            output.Write(i > 0 ? ","u8 : default);
            WriteBrackets(dimensions, i, output, "["u8);
            WriteElement(elements[i].Value, output);
            WriteBrackets(dimensions, i + 1, output, "]"u8);
        }

        call.ReturnText(output.WrittenSpan);
    }

    private static void WriteBrackets(int[] dimensions, int index, IBufferWriter<byte> output, ReadOnlySpan<byte> bracket)
    {
        var size = 1;
        for (var i = dimensions.Length - 1; i >= 0 && index % (size *= dimensions[i]) == 0; i--)
        {
            output.Write(bracket);
        }
    }

    /// <summary>An array, its element's type, and a subscript a dimension.</summary>
    private static void Element(in FunctionCall call)
    {
        var type = (uint)call.Integer(1);
        var (dimensions, elements) = JsonElements.Read(call.Value(0), type, "array");
        if (dimensions.Length != call.Count - 2)
        {
            return;
        }

        long place = 0;
        for (var i = 0; i < dimensions.Length; i++)
        {
            var subscript = call.Integer(i + 2);
            if (subscript < 1 || subscript > dimensions[i])
            {
                return;
            }

            place = (place * dimensions[i]) + subscript - 1;
        }

        ReturnElement(elements[(int)place].Value, type, call);
    }

    private static void ReturnElement(in SqliteValue value, uint type, in FunctionCall call)
    {
        if (type is PgTypes.Float4 or PgTypes.Float8 && value.Class != StorageClass.Null)
        {
            ReturnFloat(value, call);
        }
        else
        {
            call.Return(value);
        }
    }

    /// <summary>An array, its element's type, and a lower and an upper bound a dimension, a text where one was left out.</summary>
    private static void Slice(in FunctionCall call)
    {
        var (dimensions, elements) = JsonElements.Read(call.Value(0), PgTypes.Text, "array");
        var given = (call.Count - 2) / 2;
        if (dimensions.Length == 0 || given > dimensions.Length)
        {
            call.ReturnText("[]"u8);
            return;
        }

        var lower = new int[dimensions.Length];
        var sizes = new int[dimensions.Length];
        for (var i = 0; i < dimensions.Length; i++)
        {
            var from = i < given && call.ClassOf(2 + (2 * i)) == StorageClass.Integer ? Math.Max(1, call.Integer(2 + (2 * i))) : 1;
            var to = i < given && call.ClassOf(3 + (2 * i)) == StorageClass.Integer ? Math.Min(dimensions[i], call.Integer(3 + (2 * i))) : dimensions[i];
            if (from > to)
            {
                call.ReturnText("[]"u8);
                return;
            }

            (lower[i], sizes[i]) = ((int)from - 1, (int)(to - from + 1));
        }

        var taken = new List<StoredValue>();
        for (var index = 0; index < elements.Count; index++)
        {
            var (rest, within) = (index, true);
            for (var i = dimensions.Length - 1; i >= 0; i--)
            {
                var place = rest % dimensions[i];
                rest /= dimensions[i];
                within &= place >= lower[i] && place < lower[i] + sizes[i];
            }

            if (within)
            {
                taken.Add(elements[index]);
            }
        }

        Return(call, sizes, taken);
    }

    /// <summary>An element of an int2vector or oidvector, which count from 0.</summary>
    private static void VectorElement(in FunctionCall call)
    {
        var items = call.String(0).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var subscript = call.Integer(1);
        if (subscript >= 0 && subscript < items.Length)
        {
            call.Return(long.Parse(items[subscript], CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The values of all rows as an array; null without rows.</summary>
    private sealed class Collection : SqlAggregateState
    {
        private readonly ArrayBufferWriter<byte> _elements = new();

        public override void Step(in FunctionCall call)
        {
            _elements.Write(_elements.WrittenCount == 0 ? "["u8 : ","u8);
            WriteElement(call.Value(0), _elements);
        }

        public override void Answer(in FunctionCall call)
        {
            if (_elements.WrittenCount > 0)
            {
                call.ReturnText([.. _elements.WrittenSpan, (byte)']']);
            }
        }
    }

    /// <summary>Arrays of equal dimensions as one array of a dimension more.</summary>
    private sealed class CollectionOfArrays : SqlAggregateState
    {
        private readonly List<string> _arrays = [];
        private int[]? _dimensions;

        public bool InConstructor { get; init; }

        public override void Step(in FunctionCall call) => Add(call.Value(0));

        public void Add(in SqliteValue value)
        {
            if (value.Class == StorageClass.Null)
            {
                throw InConstructor ? Mismatch() : new TypeException(SqlState.NullValueNotAllowed, "cannot accumulate null arrays");
            }

            var (dimensions, _) = JsonElements.Read(value, PgTypes.Text, "array");
            if (!InConstructor && dimensions.Length == 0)
            {
                throw new TypeException(SqlState.ArrayElementError, "cannot accumulate empty arrays");
            }

            if (dimensions.Length == ArrayText.DimensionsMax)
            {
                throw new TypeException(
                    SqlState.ProgramLimitExceeded, $"number of array dimensions ({dimensions.Length + 1}) exceeds the maximum allowed (6)");
            }

            _dimensions ??= dimensions;
            if (!_dimensions.AsSpan().SequenceEqual(dimensions))
            {
                throw Mismatch();
            }

            _arrays.Add(Encoding.UTF8.GetString(value.Bytes));
        }

        public override void Answer(in FunctionCall call)
        {
            if (_dimensions is null)
            {
                if (InConstructor)
                {
                    call.ReturnText("[]"u8);
                }

                return;
            }

            call.ReturnText(_dimensions.Length == 0 ? "[]" : $"[{string.Join(',', _arrays)}]");
        }

        private TypeException Mismatch() => new(
            SqlState.ArrayElementError,
            InConstructor
                ? "multidimensional arrays must have array expressions with matching dimensions"
                : "cannot accumulate arrays of different dimensionality");
    }
}
