using Rqlite.Pg.Types;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Types whose text is the value as it is stored, in both formats.</summary>
internal static class ShownText
{
    /// <summary>
    /// True for texts, for types without a value, and for names of objects, which only a catalog could turn into numbers. A type that is not
    /// announced has whatever its client sent.
    /// </summary>
    public static bool Is(uint oid) => oid is PgTypes.Text or PgTypes.VarChar or PgTypes.BpChar or PgTypes.Name or PgTypes.Json or PgTypes.Unknown
        or PgTypes.Void or PgTypes.RegClass or PgTypes.RegType or PgTypes.RegProc || !Dialect.AnnouncedTypes.Contains(oid);
}
