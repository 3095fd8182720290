using System.Globalization;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Catalog.InformationSchema;

/// <summary>A type as the SQL standard describes it, in the columns that several relations share.</summary>
internal sealed class InfoType
{
    private const int Utf8BytesMax = 4;
    private const int TextBytesMax = 1 << 30;
    private const int MicrosecondDigits = 6;
    private const uint DefaultCollation = 100;

    private readonly PgType _type;
    private readonly TypeFacts _facts;

    /// <param name="type">The type; a domain stands for what is under it.</param>
    public InfoType(SchemaSnapshot snapshot, PgType type)
    {
        Domain = TypeFacts.Find(snapshot, type.Oid) is { Kind: 'd' } domain ? domain : null;
        _type = Domain?.Base ?? type;
        _facts = TypeFacts.Find(snapshot, _type.Oid) ?? new TypeFacts(_type.Oid, SystemCatalog.PgCatalog, "???", 'b');
        UdtSchema = SchemaName(snapshot, _facts.Schema);
        DomainSchema = Domain is null ? null : SchemaName(snapshot, Domain.Schema);
    }

    /// <summary>Null for a type that is no domain.</summary>
    public TypeFacts? Domain { get; }

    public string? DomainSchema { get; }

    /// <summary>The type, or that under the domain.</summary>
    public TypeFacts Facts => _facts;

    public string DataType => IsArray ? "ARRAY"
        : _facts.Schema == SystemCatalog.PgCatalog ? TypeFormat.Name(_type.Oid)
        : "USER-DEFINED";

    public bool IsArray => _facts.Element != 0 && _facts.Length == -1;

    public string UdtSchema { get; }

    public string UdtName => _facts.Name;

    public Cell CharacterMaximumLength => _type.Modifier < 0 ? Cell.Null : _type.Oid switch
    {
        PgTypes.BpChar or PgTypes.VarChar => _type.Modifier - Modifiers.HeaderBytes,
        PgTypes.Bit or PgTypes.VarBit => _type.Modifier,
        _ => Cell.Null,
    };

    public Cell CharacterOctetLength => _type.Oid switch
    {
        PgTypes.Text => TextBytesMax,
        PgTypes.BpChar or PgTypes.VarChar => _type.Modifier < 0 ? TextBytesMax : (_type.Modifier - Modifiers.HeaderBytes) * Utf8BytesMax,
        _ => Cell.Null,
    };

    public Cell NumericPrecision => _type.Oid switch
    {
        PgTypes.Int2 => 16,
        PgTypes.Int4 => 32,
        PgTypes.Int8 => 64,
        PgTypes.Float4 => 24,
        PgTypes.Float8 => 53,
        PgTypes.Numeric => _type.Modifier < 0 ? Cell.Null : ((_type.Modifier - Modifiers.HeaderBytes) >> 16) & 0xFFFF,
        _ => Cell.Null,
    };

    public Cell NumericPrecisionRadix => _type.Oid switch
    {
        PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 or PgTypes.Float4 or PgTypes.Float8 => 2,
        PgTypes.Numeric => 10,
        _ => Cell.Null,
    };

    public Cell NumericScale => _type.Oid switch
    {
        PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 => 0,
        PgTypes.Numeric => _type.Modifier < 0 ? Cell.Null : (_type.Modifier - Modifiers.HeaderBytes) & 0xFFFF,
        _ => Cell.Null,
    };

    public Cell DatetimePrecision => _type.Oid switch
    {
        PgTypes.Date => 0,
        PgTypes.Time or PgTypes.TimeTz or PgTypes.Timestamp or PgTypes.TimestampTz => _type.Modifier < 0 ? MicrosecondDigits : _type.Modifier,
        PgTypes.Interval => _type.Modifier < 0 || (_type.Modifier & 0xFFFF) == 0xFFFF ? MicrosecondDigits : _type.Modifier & 0xFFFF,
        _ => Cell.Null,
    };

    /// <summary>The fields of an interval, for example DAY TO SECOND(2).</summary>
    public Cell IntervalType => _type.Oid == PgTypes.Interval && TypeFormat.Name(_type.Oid, _type.Modifier).Split(' ', 2) is [_, var fields]
        ? fields.ToUpperInvariant()
        : Cell.Null;

    public static string SchemaName(SchemaSnapshot snapshot, uint oid) => snapshot.Schemas.FirstOrDefault(schema => schema.Oid == oid)?.Name
        ?? (oid == SystemCatalog.InformationSchema ? "information_schema" : "pg_catalog");

    /// <summary>The name of a collation other than the default one; null for that.</summary>
    public static string? CollationName(uint oid) => oid is 0 or DefaultCollation ? null : SchemaNames.CollationName(oid);

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
