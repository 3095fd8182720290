namespace Rqlite.Pg.Types;

/// <summary>A type's row in pg_type.</summary>
/// <param name="Name">The catalog's name, for example <c>int4</c>.</param>
/// <param name="SqlName">The name without a modifier that messages use, for example <c>integer</c>.</param>
/// <param name="Length">The size of its binary form in a tuple (<c>typlen</c>): -1 if it varies, -2 for a C string.</param>
/// <param name="Kind">The character of <c>typtype</c>: b(ase), c(omposite), d(omain), e(num), m(ultirange), p(seudo), r(ange).</param>
/// <param name="Category">The character of <c>typcategory</c>, by which ambiguous operators are resolved.</param>
/// <param name="ElementOid">The type of an element, 0 for a type without elements (<c>typelem</c>; not 0 for name and vectors either).</param>
/// <param name="ArrayOid">The array of this type, 0 if there is none (<c>typarray</c>).</param>
/// <param name="BaseOid">The type under a domain, else 0.</param>
/// <param name="RangeSubtype">The type of a range's bounds, else 0.</param>
/// <param name="MultirangeOid">The multirange of a range type, else 0.</param>
public sealed record PgTypeInfo(
    uint Oid,
    string Name,
    string SqlName,
    short Length,
    bool ByValue,
    char Kind,
    char Category,
    bool Preferred,
    char Delimiter,
    uint ElementOid,
    uint ArrayOid,
    char Align,
    char Storage,
    uint BaseOid,
    uint CollationOid,
    uint RangeSubtype,
    uint MultirangeOid,
    string InputFunction,
    string OutputFunction,
    string ReceiveFunction,
    string SendFunction,
    string ModifierInput,
    string ModifierOutput)
{
    /// <summary>True for a type that <c>array_in</c> reads.</summary>
    public bool IsArray => InputFunction == "array_in";
}
