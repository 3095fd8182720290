using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>An array as an argument or an answer.</summary>
/// <param name="Dimensions">The size of each; empty for an array without elements.</param>
/// <param name="Type">The type of the elements.</param>
/// <param name="Lower">The number of the first element: 1, and 0 in int2vector and oidvector.</param>
internal sealed record ArrayValue(int[] Dimensions, IReadOnlyList<StoredValue> Elements, PgType Type, int Lower = 1)
{
    public int Count => Elements.Count;

    public static ArrayValue Read(in SqliteValue value, PgType type)
    {
        if (type.Oid is PgTypes.Int2Vector or PgTypes.OidVector)
        {
            return ReadVector(value, type.Oid);
        }

        var element = ElementOf(type);
        var (dimensions, elements) = JsonElements.Read(value, element.Oid, PgTypes.SqlNameOf(type.Oid));
        return new ArrayValue(dimensions, elements, element);
    }

    public static PgType ElementOf(PgType array) => array.Oid switch
    {
        PgTypes.Int2Vector => new(PgTypes.Int2),
        PgTypes.OidVector => new(PgTypes.Oid),
        _ => new(PgTypes.ElementOf(array.Oid), array.Modifier),
    };

    /// <summary>An array of one dimension.</summary>
    public static ArrayValue Of(IReadOnlyList<StoredValue> elements, PgType type) => new(elements.Count == 0 ? [] : [elements.Count], elements, type);

    public static StoredValue Copy(in SqliteValue value)
    {
        var copy = new StoredValue();
        switch (value.Class)
        {
            case StorageClass.Integer:
                copy.SetInteger(value.Integer);
                break;
            case StorageClass.Real:
                copy.SetReal(value.Real);
                break;
            case StorageClass.Text:
                copy.SetText(value.Bytes);
                break;
            case StorageClass.Blob:
                copy.SetBlob(value.Bytes);
                break;
        }

        return copy;
    }

    /// <summary>Equality of elements, in which a null equals a null alone.</summary>
    /// <exception cref="TypeException">42883: the type has no equality.</exception>
    public static bool ElementEquals(in SqliteValue left, in SqliteValue right, PgType type)
    {
        if (left.Class == StorageClass.Null || right.Class == StorageClass.Null)
        {
            return left.Class == right.Class;
        }

        return Codec.For(type.Oid).Compare(left, right, type) == 0;
    }

    /// <exception cref="TypeException">42883: the type has no equality.</exception>
    public static void RequireEquality(PgType type)
    {
        if (type.Oid is PgTypes.Json or PgTypes.JsonPath or PgTypes.Xml)
        {
            throw new TypeException(
                SqlState.UndefinedFunction, $"could not identify an equality operator for type {PgTypes.SqlNameOf(type.Oid)}");
        }
    }

    private static ArrayValue ReadVector(in SqliteValue value, uint type)
    {
        var elements = new List<StoredValue>();
        foreach (var range in value.Bytes.Split((byte)' '))
        {
            if (System.Buffers.Text.Utf8Parser.TryParse(value.Bytes[range], out long number, out _))
            {
                var element = new StoredValue();
                element.SetInteger(number);
                elements.Add(element);
            }
        }

        // An empty vector has one dimension all the same, of no elements.
        return new ArrayValue([elements.Count], elements, ElementOf(new PgType(type)), Lower: 0);
    }
}

internal static class ArrayArguments
{
    /// <summary>An argument whose type the call carries.</summary>
    public static ArrayValue Array(this in FunctionCall call, int argument) => ArrayValue.Read(call.Value(argument), call.Types()[argument]);

    public static void Return(this in FunctionCall call, ArrayValue array) => call.ReturnArray(array.Dimensions, array.Elements);

    public static void ReturnArray(this in FunctionCall call, ReadOnlySpan<int> dimensions, IReadOnlyList<StoredValue> elements)
    {
        var output = Arguments.TakeBuffer();
        JsonElements.WriteArray(dimensions, elements, output);
        call.ReturnWritten(output);
    }

    /// <summary>Answers with an element; a float may lie in an array as text.</summary>
    public static void ReturnElement(this in FunctionCall call, in SqliteValue value, PgType type)
    {
        if (type.Oid is PgTypes.Float4 or PgTypes.Float8 && value.Class != StorageClass.Null)
        {
            call.ReturnFloat8(Stored.Real(value, "double precision"));
        }
        else
        {
            call.Return(value);
        }
    }
}
