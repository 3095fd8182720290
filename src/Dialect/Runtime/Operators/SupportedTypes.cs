using System.Collections.Frozen;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime.Operators;

/// <summary>The types whose values can be stored, besides arrays of them.</summary>
internal static class SupportedTypes
{
    private static readonly FrozenSet<uint> s_types = new[]
    {
        PgTypes.Bool, PgTypes.Char, PgTypes.Name, PgTypes.Int2, PgTypes.Int4, PgTypes.Int8, PgTypes.Float4, PgTypes.Float8, PgTypes.Numeric, PgTypes.Text,
        PgTypes.VarChar, PgTypes.BpChar, PgTypes.Bytea, PgTypes.Uuid, PgTypes.Oid, PgTypes.Xid, PgTypes.Cid, PgTypes.Xid8, PgTypes.Tid, PgTypes.Date,
        PgTypes.Time, PgTypes.TimeTz, PgTypes.Timestamp, PgTypes.TimestampTz, PgTypes.Interval, PgTypes.Bit, PgTypes.VarBit, PgTypes.Inet, PgTypes.Cidr,
        PgTypes.MacAddr, PgTypes.MacAddr8, PgTypes.PgLsn, PgTypes.Json, PgTypes.Jsonb, PgTypes.OidVector, PgTypes.Int2Vector, PgTypes.Int4Range,
        PgTypes.Int8Range, PgTypes.NumRange, PgTypes.DateRange, PgTypes.TsRange, PgTypes.TstzRange, PgTypes.Int4Multirange, PgTypes.Int8Multirange,
        PgTypes.NumMultirange, PgTypes.DateMultirange, PgTypes.TsMultirange, PgTypes.TstzMultirange, PgTypes.RegClass, PgTypes.RegType, PgTypes.RegProc,
        PgTypes.RegProcedure, PgTypes.RegOper, PgTypes.RegOperator, PgTypes.RegNamespace, PgTypes.RegRole, PgTypes.RegCollation,
    }.ToFrozenSet();

    public static bool Contains(uint type) => s_types.Contains(type);

    public static IEnumerable<uint> All => s_types;
}
