using System.Collections.Frozen;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>A row of pg_type. Functions are OIDs, 0 for none.</summary>
internal sealed record TypeFacts(uint Oid, uint Schema, string Name, char Kind)
{
    // The handlers of subscripts.
    private const uint ArraySubscripts = 6179;
    private const uint RawSubscripts = 6180;
    private const uint JsonbSubscripts = 6098;

    private static readonly Lazy<FrozenDictionary<uint, TypeFacts>> s_common = new(LoadCommon);

    /// <summary>The types that every database has.</summary>
    public static IEnumerable<TypeFacts> Common => s_common.Value.Values.OrderBy(type => type.Oid);

    public static bool IsCommon(uint oid) => s_common.Value.ContainsKey(oid);

    public short Length { get; init; } = -1;

    public bool ByValue { get; init; }

    public char Category { get; init; } = 'U';

    public bool Preferred { get; init; }

    public char Delimiter { get; init; } = ',';

    public uint Relation { get; init; }

    public uint Subscript { get; init; }

    public uint Element { get; init; }

    public uint Array { get; init; }

    public uint Input { get; init; }

    public uint Output { get; init; }

    public uint Receive { get; init; }

    public uint Send { get; init; }

    public uint ModifierInput { get; init; }

    public uint ModifierOutput { get; init; }

    public uint Analyze { get; init; }

    public char Align { get; init; } = 'i';

    public char Storage { get; init; } = 'x';

    public bool NotNull { get; init; }

    public PgType Base { get; init; } = new(0);

    public short Dimensions { get; init; }

    public uint Collation { get; init; }

    public string? Default { get; init; }

    /// <summary>Null for an OID that no type has.</summary>
    public static TypeFacts? Find(SchemaSnapshot snapshot, uint oid) =>
        s_common.Value.GetValueOrDefault(oid) ?? OwnOf(snapshot).GetValueOrDefault(oid);

    /// <summary>The types of the database.</summary>
    public static IEnumerable<TypeFacts> Of(SchemaSnapshot snapshot) => OwnOf(snapshot).Values.OrderBy(type => type.Oid);

    private static Dictionary<uint, TypeFacts> OwnOf(SchemaSnapshot snapshot) => (Dictionary<uint, TypeFacts>)snapshot.Made.GetOrAdd(
        (typeof(TypeFacts), 0), _ => snapshot.Types.ToDictionary(type => type.Oid, type => Create(type, snapshot.FindType)));

    private static FrozenDictionary<uint, TypeFacts> LoadCommon() =>
        PgTypes.All.Where(type => Function(type.InputFunction) != 0).Select(Create).Concat(SystemCatalog.Types.Select(type => Create(type, SystemCatalog.FindType)))
            .ToFrozenDictionary(type => type.Oid);

    private static TypeFacts Create(PgTypeInfo type) => new(type.Oid, SystemCatalog.PgCatalog, type.Name, type.Kind)
    {
        Length = type.Length,
        ByValue = type.ByValue,
        Category = type.Category,
        Preferred = type.Preferred,
        Delimiter = type.Delimiter,
        Element = type.ElementOid,
        Array = type.ArrayOid,
        Align = type.Align,
        Storage = type.Storage,
        Base = new PgType(type.BaseOid),
        Collation = type.CollationOid,
        Input = Function(type.InputFunction),
        Output = Function(type.OutputFunction),
        Receive = Function(type.ReceiveFunction),
        Send = Function(type.SendFunction),
        ModifierInput = Function(type.ModifierInput),
        ModifierOutput = Function(type.ModifierOutput),
        Subscript = type.Oid == PgTypes.Jsonb ? JsonbSubscripts
            : type.ElementOid == 0 ? 0
            : type.IsArray || type.Oid is PgTypes.Int2Vector or PgTypes.OidVector ? ArraySubscripts
            : RawSubscripts,
        Analyze = type.IsArray ? Function("array_typanalyze")
            : type.Kind == 'r' ? Function("range_typanalyze")
            : type.Kind == 'm' ? Function("multirange_typanalyze")
            : type.Name == "tsvector" ? Function("ts_typanalyze")
            : 0,
    };

    private static TypeFacts Create(TypeInfo type, Func<uint, TypeInfo?> find) => type.Kind switch
    {
        'e' => Own(type, "enum") with { Length = 4, ByValue = true, Category = 'E', Storage = 'p' },
        'd' => CreateDomain(type, find),
        'c' => Own(type, "record") with { Category = 'C', Align = 'd', Relation = type.RelationOid },
        _ => CreateArray(type, find),
    };

    private static TypeFacts Own(TypeInfo type, string functions) => new(type.Oid, type.SchemaOid, type.Name, type.Kind)
    {
        Array = type.ArrayOid,
        Input = Function(functions + "_in"),
        Output = Function(functions + "_out"),
        Receive = Function(functions + "_recv"),
        Send = Function(functions + "_send"),
    };

    private static TypeFacts CreateDomain(TypeInfo type, Func<uint, TypeInfo?> find)
    {
        var below = Below(type.Base.Oid, find);
        return Own(type, "domain") with
        {
            Length = below.Length,
            ByValue = below.ByValue,
            Category = below.Category,
            Align = below.Align,
            Storage = below.Storage,
            Output = below.Output,
            Send = below.Send,
            Analyze = below.Analyze,
            NotNull = type.NotNull,
            Base = type.Base,
            Dimensions = type.Dimensions,
            Collation = type.Collation,
            Default = type.Default,
        };
    }

    private static TypeFacts CreateArray(TypeInfo type, Func<uint, TypeInfo?> find)
    {
        var element = Below(type.ElementOid, find);
        return Own(type, "array") with
        {
            Category = 'A',
            Align = element.Align == 'd' ? 'd' : 'i',
            Subscript = ArraySubscripts,
            Element = type.ElementOid,
            Analyze = Function("array_typanalyze"),
            Collation = element.Collation,
        };
    }

    // The type that another one is made of.
    private static TypeFacts Below(uint oid, Func<uint, TypeInfo?> find) =>
        PgTypes.Find(oid) is { } builtin ? Create(builtin) : find(oid) is { } type ? Create(type, find) : new TypeFacts(oid, 0, "???", 'b');

    private static uint Function(string name) => name.Length == 0 ? 0 : Builtins.FunctionsNamed(name) is [var function, ..] ? function.Oid : 0;
}
