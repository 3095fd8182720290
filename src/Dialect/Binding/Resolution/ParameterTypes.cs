using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// The types of <c>$n</c>: declared by the client, or decided by the first place that asks for a type. A declared 0 or unknown is to be
/// decided.
/// </summary>
internal sealed class ParameterTypes
{
    // PostgreSQL's bound of an array of type OIDs.
    private const int NumberMax = 0x3FFFFFFF / sizeof(uint);

    private readonly Dictionary<int, PgType?> _types = [];

    public ParameterTypes(ReadOnlySpan<uint> declared)
    {
        for (var i = 0; i < declared.Length; i++)
        {
            _types[i + 1] = declared[i] is 0 or PgTypes.Unknown ? null : new PgType(declared[i]);
        }

        Count = declared.Length;
    }

    /// <summary>The largest number that was declared or seen.</summary>
    public int Count { get; private set; }

    internal BindContext? Context { get; set; }

    /// <summary>Null for a parameter whose type is not decided yet.</summary>
    public PgType? this[int number] => _types.GetValueOrDefault(number);

    /// <summary>Makes a parameter known that stands in the text.</summary>
    /// <exception cref="DialectException">42P02: there is no such parameter.</exception>
    public void See(int number, Location location)
    {
        if (number is <= 0 or > NumberMax)
        {
            throw Error("42P02", $"there is no parameter ${number}", location);
        }

        _types.TryAdd(number, null);
        Count = Math.Max(Count, number);
    }

    /// <summary>Decides the type of a parameter; PostgreSQL gives a parameter no modifier.</summary>
    /// <exception cref="DialectException">42P08: another type has been decided before.</exception>
    public void Decide(int number, PgType type, Location location)
    {
        See(number, location);
        if (_types[number] is not { } decided)
        {
            _types[number] = new PgType(type.Oid);
        }
        else if (decided.Oid != type.Oid)
        {
            throw Error(
                "42P08", $"inconsistent types deduced for parameter ${number}", location,
                $"{Format(decided.Oid)} versus {Format(type.Oid)}");
        }
    }

    private string Format(uint oid) => Context is { } context ? new TypeLookup(context).Format(oid) : TypeFormat.Name(oid);

    private DialectException Error(string state, string message, Location location, string? detail = null) =>
        Context is { } context ? context.Error(state, message, location, detail: detail) : new(state, message, detail: detail);
}
