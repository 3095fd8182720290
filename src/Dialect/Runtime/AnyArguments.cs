using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>The arguments of a function with <c>VARIADIC "any"</c>, also where they come as one array.</summary>
internal readonly ref struct AnyArguments
{
    private readonly FunctionCall _call;
    private readonly int _first;
    private readonly ArgumentTypes? _types;
    private readonly List<StoredValue>? _elements;
    private readonly PgType _element;

    /// <param name="first">The number of the first variadic argument.</param>
    public AnyArguments(in FunctionCall call, int first = 0)
    {
        _call = call;
        _first = first;

        // The form without arguments does not carry types.
        _types = call.Count == 0 ? null : call.Types();
        Count = call.Count == 0 ? 0 : call.Count - 1 - first;
        if (_types is not { IsVariadicArray: true })
        {
            return;
        }

        IsNull = call.IsNull(first);
        var type = _types[first];
        _element = new PgType(PgTypes.ElementOf(type.Oid), type.Modifier);
        _elements = IsNull ? [] : JsonElements.Read(call.Value(first), _element.Oid, PgTypes.SqlNameOf(type.Oid)).Elements;
        Count = _elements.Count;
    }

    public int Count { get; }

    /// <summary>The array of all arguments is NULL.</summary>
    public bool IsNull { get; }

    public SqliteValue this[int index] => _elements is null ? _call.Value(_first + index) : _elements[index].Value;

    public PgType TypeOf(int index) => _elements is null ? _types![_first + index] : _element;
}
