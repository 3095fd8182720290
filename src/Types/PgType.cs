namespace Rqlite.Pg.Types;

/// <summary>A type with its modifier, as RowDescription names it.</summary>
/// <param name="Modifier">
/// The type modifier (<c>atttypmod</c>), -1 for none: length + 4 for varchar and bpchar, ((precision &lt;&lt; 16) | scale) + 4 for numeric, the
/// precision for times, (fields &lt;&lt; 16) | precision for interval, the length for bit and varbit.
/// </param>
public readonly record struct PgType(uint Oid, int Modifier = -1);
