using Rqlite.Pg.Dialect.Runtime.Casts;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>The variadic arguments of concat() and its kin as texts, whether they were written one by one or as an array.</summary>
internal readonly ref struct VariadicTexts
{
    private readonly FunctionCall _call;
    private readonly int _first;
    private readonly ArgumentTypes _types;
    private readonly List<StoredValue>? _elements;
    private readonly PgType _element;

    /// <param name="first">The first variadic argument.</param>
    public VariadicTexts(in FunctionCall call, int first)
    {
        _call = call;
        _first = first;
        _types = call.Types();
        Count = _types.Count - first;
        if (!_types.IsVariadicArray)
        {
            return;
        }

        IsNull = call.IsNull(first);
        if (!IsNull)
        {
            var array = _types[first];
            _element = new PgType(PgTypes.ElementOf(array.Oid), array.Modifier);
            _elements = JsonElements.Read(call.Value(first), _element.Oid, PgTypes.SqlNameOf(array.Oid)).Elements;
            Count = _elements.Count;
        }
    }

    /// <summary>The array is null.</summary>
    public bool IsNull { get; }

    public int Count { get; }

    public bool IsNullAt(int index) => _elements is null ? _call.IsNull(_first + index) : _elements[index].Value.Class == StorageClass.Null;

    /// <summary>The text of an argument; false for null.</summary>
    public bool TryGet(int index, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (_elements is null)
        {
            if (_call.IsNull(_first + index))
            {
                return false;
            }

            text = TextCasts.Output(_call, _first + index, _types[_first + index]);
            return true;
        }

        var value = _elements[index].Value;
        if (value.Class == StorageClass.Null)
        {
            return false;
        }

        text = TextCasts.Output(_call, value, _element);
        return true;
    }

    /// <summary>A whole number, as the width that format() takes.</summary>
    public int? Number(int index) => TryGet(index, out var text)
        ? Types.Values.Integers.ParseInt4(text)
        : null;
}
