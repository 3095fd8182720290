using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Runtime.Operators;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>How the stored values of a type are ordered by SQLite.</summary>
/// <param name="Collation">The collation that comparisons need; null where the values sort as they are.</param>
/// <param name="EnumOid">The enum whose labels are ordered by a function; 0 for other types.</param>
internal readonly record struct StoredOrder(string? Collation, uint EnumOid)
{
    public static readonly StoredOrder Native = new(null, 0);
}

/// <summary>What the stored form of a type means for SQLite.</summary>
internal static class StoredTypes
{
    public const uint AnyCompatibleRange = 5080;
    public const uint AnyCompatibleMultirange = 4538;

    /// <summary>The type as which a value is stored: a domain's base type, else the type itself.</summary>
    public static PgType Base(PgType type, ISchema schema)
    {
        while (PgTypes.Find(type.Oid) is null && schema.FindType(type.Oid) is { Kind: 'd' } domain)
        {
            type = domain.Base;
        }

        return type;
    }

    /// <summary>
    /// The built-in type that has the same stored form: a domain's base type, text for an enum, text[] for an array of enums, the text of a row
    /// for rows.
    /// </summary>
    public static PgType Carried(PgType type, ISchema schema)
    {
        type = Base(type, schema);
        if (PgTypes.Find(type.Oid) is not null || schema.FindType(type.Oid) is not { } info)
        {
            return type;
        }

        if (info.ElementOid != 0)
        {
            var element = Carried(new PgType(info.ElementOid), schema).Oid;
            return new PgType(PgTypes.ArrayOf(element) is var array and not 0 ? array : PgTypes.TextArray);
        }

        return new PgType(info.Kind switch { 'e' => PgTypes.Text, 'c' => PgTypes.Record, _ => type.Oid });
    }

    /// <summary>The element of an array type, 0 for other types.</summary>
    public static uint ElementOf(PgType type, ISchema schema)
    {
        type = Base(type, schema);
        return PgTypes.Find(type.Oid) is not null ? PgTypes.ElementOf(type.Oid) : schema.FindType(type.Oid)?.ElementOid ?? 0;
    }

    public static bool IsEnum(uint type, ISchema schema) => PgTypes.Find(type) is null && schema.FindType(type) is { Kind: 'e' };

    /// <summary>How the values of a type are ordered; null for a type without an order here.</summary>
    public static StoredOrder? OrderOf(PgType type, ISchema schema)
    {
        type = Base(type, schema);
        if (IsEnum(type.Oid, schema))
        {
            return new StoredOrder(null, type.Oid);
        }

        type = Carried(type, schema);
        var info = PgTypes.Find(type.Oid);
        return type.Oid switch
        {
            PgTypes.Bool or PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 or PgTypes.Oid or PgTypes.Xid or PgTypes.Cid or PgTypes.Float4
                or PgTypes.Float8 or PgTypes.Text or PgTypes.VarChar or PgTypes.BpChar or PgTypes.Name or PgTypes.Char or PgTypes.Bytea
                or PgTypes.Date or PgTypes.Time or PgTypes.Timestamp or PgTypes.TimestampTz or PgTypes.Uuid or PgTypes.Bit or PgTypes.VarBit
                or PgTypes.MacAddr or PgTypes.MacAddr8 or PgTypes.Xid8 or PgTypes.Unknown => StoredOrder.Native,
            PgTypes.AclItemArray or PgTypes.PgNodeTree => StoredOrder.Native,
            _ when TypeCollations.NameOf(type.Oid) is { } collation => new StoredOrder(collation, 0),
            _ when info?.InputFunction.StartsWith("reg", StringComparison.Ordinal) == true => StoredOrder.Native,
            _ => null,
        };
    }
}
