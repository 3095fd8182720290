using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Tests.Resolution;

/// <summary>The objects that the oracle's expressions name (Objects.cs of tests/ResolutionOracle).</summary>
internal sealed class TestSchema : ISchema
{
    public const uint Public = 2200;
    public const uint Other = 16383;
    public const uint Columns = 16600;

    private readonly List<TypeInfo> _types = [];
    private readonly List<Relation> _relations = [];

    public TestSchema()
    {
        Enum(16384, "public", "mood", "sad", "ok", "happy");
        Enum(16386, "other", "mood", "blue");
        Enum(16388, "other", "Odd name", "x");
        var positive = new ConstraintInfo(16420, "posint_check", ConstraintType.Check, []) { Expression = "(VALUE > 0)" };
        Domain(16400, "posint", new PgType(PgTypes.Int4), positive);
        Domain(16402, "posint2", new PgType(16400));
        Domain(16404, "short", new PgType(PgTypes.VarChar, 9));
        Domain(16406, "num52", new PgType(PgTypes.Numeric, (5 << 16 | 2) + 4));
        Domain(16408, "ctext", new PgType(PgTypes.Text));
        Domain(16410, "intarr", new PgType(PgTypes.Int4Array));
        Domain(16412, "moody", new PgType(16384));
        Table(16500, "pair", new Attribute(1, "a", new PgType(PgTypes.Int4), 0), new Attribute(2, "b", new PgType(PgTypes.Text), 100));
        Table(
            Columns, "cols", new Attribute(1, "t", new PgType(PgTypes.Text), 100), new Attribute(2, "c", new PgType(PgTypes.Text), 950),
            new Attribute(3, "p", new PgType(PgTypes.Text), 951), new Attribute(4, "u", new PgType(PgTypes.Text), 12340),
            new Attribute(5, "v", new PgType(PgTypes.VarChar, 9), 100), new Attribute(6, "i", new PgType(PgTypes.Int4), 0),
            new Attribute(7, "d", new PgType(16408), 950));
    }

    public long Version => 1;

    public SchemaInfo? FindSchema(string name) => name switch
    {
        "pg_catalog" => new SchemaInfo(11, name),
        "public" => new SchemaInfo(Public, name),
        "other" => new SchemaInfo(Other, name),
        "information_schema" => new SchemaInfo(13_000, name),
        _ => null,
    };

    public Relation? FindRelation(string schema, string name) =>
        _relations.Find(relation => relation.Schema == schema && relation.Name == name);

    public Relation? FindRelation(uint oid) => _relations.Find(relation => relation.Oid == oid);

    public TypeInfo? FindType(string schema, string name) => _types.Find(type => type.Schema == schema && type.Name == name);

    public TypeInfo? FindType(uint oid) => _types.Find(type => type.Oid == oid);

    private void Enum(uint oid, string schema, string name, params string[] labels) => Add(
        new TypeInfo(oid, schema == "other" ? Other : Public, schema, name, 'e')
        {
            Labels = [.. labels.Select((label, i) => new EnumLabel(oid + 10_000 + (uint)i, label, i + 1))],
        });

    private void Domain(uint oid, string name, PgType under, params ConstraintInfo[] constraints) =>
        Add(new TypeInfo(oid, Public, "public", name, 'd')
        {
            Base = under, Constraints = constraints, Collation = name == "ctext" ? 950u : 0,
        });

    private void Table(uint oid, string name, params Attribute[] columns)
    {
        _relations.Add(new Relation(oid, Public, "public", name, RelationKind.Table, name) { Attributes = columns, RowType = oid + 2 });
        Add(new TypeInfo(oid + 2, Public, "public", name, 'c') { RelationOid = oid });
    }

    /// <summary>Adds a type and its array, whose OID is the next.</summary>
    private void Add(TypeInfo type)
    {
        _types.Add(type with { ArrayOid = type.Oid + 1 });
        _types.Add(new TypeInfo(type.Oid + 1, type.SchemaOid, type.Schema, "_" + type.Name, 'b') { ElementOid = type.Oid });
    }
}
