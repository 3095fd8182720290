using System.Collections.Concurrent;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>The codecs by type.</summary>
internal static class CodecTable
{
    private static readonly TextCodec s_text = new();
    private static readonly ConcurrentDictionary<uint, Codec> s_codecs = new();

    public static Codec Find(uint oid) => s_codecs.TryGetValue(oid, out var codec) ? codec
        : PgTypes.Find(oid) is { } type ? s_codecs.GetOrAdd(oid, Create(type))
        : s_text;

    private static Codec Create(PgTypeInfo type) => type.Oid switch
    {
        PgTypes.Bool => new BoolCodec(),
        PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 => new IntegerCodec(type.Oid),
        PgTypes.Oid or PgTypes.Xid or PgTypes.Cid => new OidCodec(type),
        PgTypes.Xid8 => new Xid8Codec(),
        PgTypes.Float4 => new Float4Codec(),
        PgTypes.Float8 => new Float8Codec(),
        PgTypes.Numeric => new NumericCodec(),
        PgTypes.Text or PgTypes.VarChar or PgTypes.Unknown or PgTypes.CString or PgTypes.RefCursor or PgTypes.PgNodeTree or PgTypes.AclItem => s_text,
        PgTypes.Name => new NameCodec(),
        PgTypes.BpChar => new BpCharCodec(),
        PgTypes.Char => new CharCodec(),
        PgTypes.Bytea => new ByteaCodec(),
        PgTypes.Uuid => new UuidCodec(),
        PgTypes.Date => new DateCodec(),
        PgTypes.Time => new TimeCodec(),
        PgTypes.TimeTz => new TimeTzCodec(),
        PgTypes.Timestamp => new TimestampCodec(withZone: false),
        PgTypes.TimestampTz => new TimestampCodec(withZone: true),
        PgTypes.Interval => new IntervalCodec(),
        PgTypes.Bit or PgTypes.VarBit => new BitCodec(type.Oid == PgTypes.VarBit),
        PgTypes.Json => new JsonCodec(),
        PgTypes.Jsonb => new JsonbCodec(),
        PgTypes.JsonPath => new JsonPathCodec(),
        PgTypes.Int2Vector or PgTypes.OidVector => new VectorCodec(type),
        PgTypes.Inet or PgTypes.Cidr => new InetCodec(type.Oid == PgTypes.Cidr),
        PgTypes.MacAddr => new MacAddrCodec(6),
        PgTypes.MacAddr8 => new MacAddrCodec(8),
        PgTypes.PgLsn => new LsnCodec(),
        PgTypes.Tid => new TidCodec(),
        PgTypes.Void => new VoidCodec(),
        PgTypes.Record => new RecordCodec(),
        _ when type.InputFunction.StartsWith("reg", StringComparison.Ordinal) => new OidCodec(type),
        _ when type.IsArray => new ArrayCodec(type),
        _ when type.Kind == 'r' => new RangeCodec(type),
        _ when type.Kind == 'm' => new MultirangeCodec(type),
        _ => new RefusedCodec(type),
    };
}
