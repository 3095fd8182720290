using System.Globalization;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>
/// The types that columns have in SQLite's CREATE TABLE. Their names say what PostgreSQL's type is, and give SQLite the affinity in which the stored form
/// stays as it is: one with TEXT for what is stored as text, and without INT.
/// </summary>
internal static class StoredColumns
{
    public const string RowId = "INTEGER";

    public static string Declare(PgType type, ISchema schema)
    {
        type = StoredTypes.Base(type, schema);
        if (PgTypes.Find(type.Oid) is { } info)
        {
            return info.IsArray ? DeclareArray(info.ElementOid) : Scalar(info, type.Modifier);
        }

        return schema.FindType(type.Oid) is { ElementOid: not 0 } array
            ? PgTypes.Find(StoredTypes.Base(new PgType(array.ElementOid), schema).Oid) is { } element ? DeclareArray(element.Oid) : "ENUM_ARR_TEXT"
            : "ENUM_TEXT";
    }

    /// <summary>The collation by which SQLite compares the stored values; null where their own order is the type's.</summary>
    public static string? CollationOf(PgType type, ISchema schema) => StoredTypes.OrderOf(type, schema)?.Collation;

    /// <summary>A type whose one column as the primary key is SQLite's rowid, and which identity columns have.</summary>
    public static bool IsInteger(PgType type) => type.Oid is PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8;

    private static string Scalar(PgTypeInfo info, int modifier) => info.Oid switch
    {
        PgTypes.Int2 => "SMALLINT",
        PgTypes.Int4 => "INTEGER",
        PgTypes.Int8 => "BIGINT",
        PgTypes.Bool => "BOOLEAN",
        PgTypes.Float4 => "FLOAT4",
        PgTypes.Float8 => "DOUBLE PRECISION",
        PgTypes.Text => "TEXT",
        PgTypes.Bytea => "BYTEA_BLOB",
        PgTypes.VarChar => modifier < 0 ? "VARCHAR" : Number("VARCHAR", modifier - Modifiers.HeaderBytes),
        PgTypes.BpChar => modifier < 0 ? "BPCHAR_TEXT" : Number("BPCHAR_TEXT", modifier - Modifiers.HeaderBytes),
        PgTypes.Numeric => modifier < 0 ? "NUMERIC_TEXT"
            : Modifiers.Numeric(modifier) is var (precision, scale) ? string.Create(CultureInfo.InvariantCulture, $"NUMERIC_TEXT({precision},{scale})") : "",
        PgTypes.Interval => "IVAL_TEXT",
        PgTypes.Oid or PgTypes.Xid or PgTypes.Cid or PgTypes.Xid8 => info.Name.ToUpperInvariant(),
        _ when info.InputFunction.StartsWith("reg", StringComparison.Ordinal) => info.Name.ToUpperInvariant(),
        _ => (info.Name.ToUpperInvariant().Replace("INT", "I", StringComparison.Ordinal) + "_TEXT") is var name && HasNumber(info.Oid) && modifier >= 0
            ? Number(name, modifier)
            : name,
    };

    private static bool HasNumber(uint type) => type is PgTypes.Time or PgTypes.TimeTz or PgTypes.Timestamp or PgTypes.TimestampTz or PgTypes.Bit
        or PgTypes.VarBit;

    private static string DeclareArray(uint element) => element switch
    {
        PgTypes.Int2 => "I2ARR_TEXT",
        PgTypes.Int4 => "I4ARR_TEXT",
        PgTypes.Int8 => "I8ARR_TEXT",
        PgTypes.Interval => "IVAL_ARR_TEXT",
        _ => $"{PgTypes.Find(element)!.Name.ToUpperInvariant().Replace("INT", "I", StringComparison.Ordinal)}_ARR_TEXT",
    };

    private static string Number(string name, int number) => string.Create(CultureInfo.InvariantCulture, $"{name}({number})");
}
