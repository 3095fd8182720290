namespace Rqlite.Pg.Dialect;

/// <summary>A type as RowDescription names it.</summary>
/// <param name="Modifier">The type modifier, -1 for none: length + 4 for varchar and bpchar, ((precision &lt;&lt; 16) | scale) + 4 for numeric.</param>
public readonly record struct PgType(uint Oid, int Modifier = -1);

/// <summary>A type's row in pg_type.</summary>
/// <param name="Length">The size of its binary form in a tuple (<c>typlen</c>), -1 if it varies.</param>
/// <param name="Name">The catalog's name, for example <c>int4</c>.</param>
/// <param name="SqlName">The name that messages use, for example <c>integer</c>.</param>
public sealed record PgTypeInfo(uint Oid, uint ArrayOid, short Length, string Name, string SqlName);
