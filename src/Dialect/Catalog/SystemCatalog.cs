using System.Collections.Frozen;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The schemas, relations and types that every database has besides the built-in types.</summary>
internal static class SystemCatalog
{
    public const uint PgCatalog = 11;
    public const uint PgToast = 99;
    public const uint Public = 2200;
    public const uint InformationSchema = 13207;

    private static readonly Lazy<Tables> s_tables = new(Load);

    /// <summary>The schemas without public, which can be dropped.</summary>
    public static IReadOnlyList<SchemaInfo> Schemas { get; } =
        [new(PgCatalog, "pg_catalog"), new(PgToast, "pg_toast"), new(InformationSchema, "information_schema")];

    public static IReadOnlyList<Relation> Relations => s_tables.Value.Relations;

    /// <summary>The domains of information_schema, the row types of the relations, and the arrays of all of them.</summary>
    public static IReadOnlyList<TypeInfo> Types => s_tables.Value.Types;

    public static Relation? FindRelation(string schema, string name) =>
        SystemRelations.Find(schema, name) is { } relation ? FindRelation(relation.Oid) : null;

    public static Relation? FindRelation(uint oid) => s_tables.Value.RelationsByOid.GetValueOrDefault(oid);

    public static TypeInfo? FindType(string schema, string name) => s_tables.Value.TypesByName.GetValueOrDefault((schema, name));

    public static TypeInfo? FindType(uint oid) => s_tables.Value.TypesByOid.GetValueOrDefault(oid);

    public static uint SchemaOid(string name) => name == "information_schema" ? InformationSchema : PgCatalog;

    private static Tables Load()
    {
        Relation[] relations = [.. SystemRelations.All.Select(CreateRelation)];
        TypeInfo[] types = [.. SystemDomains.All.SelectMany(CreateDomain), .. SystemRelations.All.SelectMany(CreateRowType)];
        return new Tables(
            relations, types, relations.ToFrozenDictionary(r => r.Oid), types.ToFrozenDictionary(t => (t.Schema, t.Name)),
            types.ToFrozenDictionary(t => t.Oid));
    }

    private static Relation CreateRelation(SystemRelation relation) => new(
        relation.Oid, SchemaOid(relation.Schema), relation.Schema, relation.Name, RelationKind.Catalog, relation.SqliteName)
    {
        RowType = relation.RowType,
        Attributes =
        [
            .. relation.Columns.Select((column, index) => new Attribute((short)(index + 1), column.Name, new PgType(column.Type), column.Collation)
            {
                NotNull = column.NotNull,
                Dimensions = column.Dimensions,
            }),
        ],
    };

    private static IEnumerable<TypeInfo> CreateDomain(SystemDomain domain)
    {
        yield return new TypeInfo(domain.Oid, InformationSchema, "information_schema", domain.Name, 'd')
        {
            ArrayOid = domain.ArrayOid,
            Base = domain.Base,
            Collation = domain.Collation,
            Default = domain.Default,
            Constraints = domain.Check is { } check
                ? [new ConstraintInfo(check.Oid, check.Name, ConstraintType.Check, []) { Expression = check.Expression }]
                : [],
        };
        yield return new TypeInfo(domain.ArrayOid, InformationSchema, "information_schema", "_" + domain.Name, 'b') { ElementOid = domain.Oid };
    }

    private static IEnumerable<TypeInfo> CreateRowType(SystemRelation relation)
    {
        var schema = SchemaOid(relation.Schema);
        yield return new TypeInfo(relation.RowType, schema, relation.Schema, relation.Name, 'c')
        {
            ArrayOid = relation.ArrayType,
            RelationOid = relation.Oid,
        };
        if (relation.ArrayType != 0)
        {
            yield return new TypeInfo(relation.ArrayType, schema, relation.Schema, "_" + relation.Name, 'b') { ElementOid = relation.RowType };
        }
    }

    private sealed record Tables(
        Relation[] Relations, TypeInfo[] Types, FrozenDictionary<uint, Relation> RelationsByOid,
        FrozenDictionary<(string Schema, string Name), TypeInfo> TypesByName, FrozenDictionary<uint, TypeInfo> TypesByOid);
}
