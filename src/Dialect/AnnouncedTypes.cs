using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect;

/// <summary>
/// The types that parameters and columns announce. SQL is passed on as it is written, so a column of another type holds whatever its writers
/// put there; its values speak for themselves.
/// </summary>
public static class AnnouncedTypes
{
    public static bool Contains(uint oid) => oid is PgTypes.Bool or PgTypes.Bytea or PgTypes.Char or PgTypes.Name
        or PgTypes.Int8 or PgTypes.Int2 or PgTypes.Int4 or PgTypes.RegProc or PgTypes.Text or PgTypes.Oid or PgTypes.Xid
        or PgTypes.Json or PgTypes.Float4 or PgTypes.Float8 or PgTypes.Unknown or PgTypes.BpChar or PgTypes.VarChar
        or PgTypes.Date or PgTypes.Time or PgTypes.Timestamp or PgTypes.TimestampTz or PgTypes.Interval or PgTypes.TimeTz
        or PgTypes.Numeric or PgTypes.RegClass or PgTypes.RegType or PgTypes.Void or PgTypes.Uuid or PgTypes.PgLsn or PgTypes.Jsonb;

    /// <summary>The type that a declared column announces; null if only its values can tell.</summary>
    public static PgType? OfColumn(string? declared) => Affinity.TypeOf(declared) is { } type && Contains(type.Oid) ? type : null;
}
