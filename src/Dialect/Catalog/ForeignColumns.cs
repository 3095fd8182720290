using System.Globalization;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The columns of tables that HTTP made, as PostgreSQL's dialect sees them.</summary>
internal static class ForeignColumns
{
    /// <summary>The type that the declaration tells; text where it tells none.</summary>
    public static PgType TypeOf(string declared)
    {
        if (Affinity.TypeOf(declared) is not { } type || !IsReadable(PgTypes.ElementOf(type.Oid) is var element && element != 0 ? element : type.Oid))
        {
            return new PgType(PgTypes.Text);
        }

        // SQLite's INTEGER holds 64 bits, and nothing has kept larger numbers out.
        return type.Oid == PgTypes.Int4 ? new PgType(PgTypes.Int8) : type;
    }

    public static uint CollationOf(PgType type) => PgTypes.Find(type.Oid)?.CollationOid ?? 0;

    /// <summary>Makes the column, with the default in the dialect that can say it.</summary>
    public static Attribute Create(PhysicalColumn column, short number, bool notNull, Func<uint> defaultOid)
    {
        var type = TypeOf(column.Declared);
        var attribute = new Attribute(number, column.Name, type, CollationOf(type)) { NotNull = notNull, Dimensions = DimensionsOf(type) };
        if (column.Default is not { } text || text.Equals("NULL", StringComparison.OrdinalIgnoreCase))
        {
            return attribute;
        }

        var translated = Translate(text, type);
        return attribute with { DefaultOid = defaultOid(), Default = translated, NativeDefault = translated is null ? text : null };
    }

    private static short DimensionsOf(PgType type) => (short)(PgTypes.ElementOf(type.Oid) == 0 ? 0 : 1);

    /// <summary>A literal that means the same in both dialects; null for anything else.</summary>
    private static string? Translate(string text, PgType type)
    {
        var category = PgTypes.Find(type.Oid)?.Category;
        return category == 'N' && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
            ? text
            : category == 'S' && text.Length >= 2 && text[0] == '\'' && text.IndexOf('\'', 1) == text.Length - 1
                ? $"{text}::{TypeFormat.Name(type.Oid)}"
                : null;
    }

    // Geometry, money, XML, text search, paths of JSON and what is no type of a column have no values here.
    private static bool IsReadable(uint oid) => PgTypes.Find(oid) is { } type && type.Kind != 'p' && type.Category != 'G'
        && type.Name is not ("money" or "xml" or "tsvector" or "tsquery" or "gtsvector" or "jsonpath" or "txid_snapshot" or "pg_snapshot" or "unknown");
}
