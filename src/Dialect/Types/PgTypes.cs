using System.Collections.Frozen;

namespace Rqlite.Pg.Dialect;

/// <summary>The built-in types that this server announces, with the OIDs they have in every PostgreSQL.</summary>
public static class PgTypes
{
    public const uint Bool = 16;
    public const uint Bytea = 17;
    public const uint Char = 18;
    public const uint Name = 19;
    public const uint Int8 = 20;
    public const uint Int2 = 21;
    public const uint Int4 = 23;
    public const uint RegProc = 24;
    public const uint Text = 25;
    public const uint Oid = 26;
    public const uint Xid = 28;
    public const uint Json = 114;
    public const uint Float4 = 700;
    public const uint Float8 = 701;
    public const uint Unknown = 705;
    public const uint BpChar = 1042;
    public const uint VarChar = 1043;
    public const uint Date = 1082;
    public const uint Time = 1083;
    public const uint Timestamp = 1114;
    public const uint TimestampTz = 1184;
    public const uint Interval = 1186;
    public const uint TimeTz = 1266;
    public const uint Numeric = 1700;
    public const uint RegClass = 2205;
    public const uint RegType = 2206;
    public const uint Void = 2278;
    public const uint Uuid = 2950;
    public const uint PgLsn = 3220;
    public const uint Jsonb = 3802;

    private static readonly PgTypeInfo[] Known =
    [
        new(Bool, 1000, 1, "bool", "boolean"),
        new(Bytea, 1001, -1, "bytea", "bytea"),
        new(Char, 1002, 1, "char", "\"char\""),
        new(Name, 1003, 64, "name", "name"),
        new(Int8, 1016, 8, "int8", "bigint"),
        new(Int2, 1005, 2, "int2", "smallint"),
        new(Int4, 1007, 4, "int4", "integer"),
        new(RegProc, 1008, 4, "regproc", "regproc"),
        new(Text, 1009, -1, "text", "text"),
        new(Oid, 1028, 4, "oid", "oid"),
        new(Xid, 1011, 4, "xid", "xid"),
        new(Json, 199, -1, "json", "json"),
        new(Float4, 1021, 4, "float4", "real"),
        new(Float8, 1022, 8, "float8", "double precision"),
        new(Unknown, 0, -2, "unknown", "unknown"),
        new(BpChar, 1014, -1, "bpchar", "character"),
        new(VarChar, 1015, -1, "varchar", "character varying"),
        new(Date, 1182, 4, "date", "date"),
        new(Time, 1183, 8, "time", "time without time zone"),
        new(Timestamp, 1115, 8, "timestamp", "timestamp without time zone"),
        new(TimestampTz, 1185, 8, "timestamptz", "timestamp with time zone"),
        new(Interval, 1187, 16, "interval", "interval"),
        new(TimeTz, 1270, 12, "timetz", "time with time zone"),
        new(Numeric, 1231, -1, "numeric", "numeric"),
        new(RegClass, 2210, 4, "regclass", "regclass"),
        new(RegType, 2211, 4, "regtype", "regtype"),
        new(Void, 0, 4, "void", "void"),
        new(Uuid, 2951, 16, "uuid", "uuid"),
        new(PgLsn, 3221, 8, "pg_lsn", "pg_lsn"),
        new(Jsonb, 3807, -1, "jsonb", "jsonb"),
    ];

    private static readonly FrozenDictionary<uint, PgTypeInfo> ByOid = Known.ToFrozenDictionary(type => type.Oid);

    public static IReadOnlyList<PgTypeInfo> All => Known;

    /// <summary>Null for a type that this server does not know, arrays included.</summary>
    public static PgTypeInfo? Find(uint oid) => ByOid.GetValueOrDefault(oid);

    /// <summary><c>typlen</c>; -1 for a type that this server does not know.</summary>
    public static short LengthOf(uint oid) => Find(oid)?.Length ?? -1;

    public static string SqlNameOf(uint oid) => Find(oid)?.SqlName ?? "???";
}
