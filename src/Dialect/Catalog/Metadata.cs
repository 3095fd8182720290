using System.Text.Json;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The rows of the tables of <see cref="MetadataSchema"/>.</summary>
internal sealed class Metadata
{
    public List<SchemaInfo> Namespaces { get; } = [];

    public List<ClassRow> Classes { get; } = [];

    /// <summary>By relation, in the order of their numbers.</summary>
    public Dictionary<uint, List<AttributeRow>> Attributes { get; } = [];

    /// <summary>The constraints of tables, by relation.</summary>
    public Dictionary<uint, List<ConstraintInfo>> Constraints { get; } = [];

    /// <summary>The constraints of domains, by type.</summary>
    public Dictionary<uint, List<ConstraintInfo>> DomainConstraints { get; } = [];

    public Dictionary<uint, List<IndexRow>> Indexes { get; } = [];

    public List<TypeInfo> Types { get; } = [];

    public Dictionary<uint, List<EnumLabel>> Labels { get; } = [];

    public Dictionary<uint, (uint Rule, string Definition)> Views { get; } = [];

    public List<Dependency> Dependencies { get; } = [];

    public Dictionary<ObjectAddress, string> Descriptions { get; } = [];

    public static Metadata Read(ISchemaReader reader)
    {
        var metadata = new Metadata();
        metadata.ReadRelations(reader);
        metadata.ReadConstraints(reader);
        metadata.ReadTypes(reader);
        metadata.ReadOthers(reader);
        return metadata;
    }

    private void ReadRelations(ISchemaReader reader)
    {
        reader.Read("SELECT oid, name FROM _rqlite_namespace ORDER BY oid", 2, row => Namespaces.Add(new SchemaInfo(row.Oid(0), row.Name(1))));
        reader.Read(
            "SELECT oid, name, namespace, kind, sqlite_name, row_type, array_type, persistence FROM _rqlite_class ORDER BY oid", 8,
            row => Classes.Add(new ClassRow(
                row.Oid(0), row.Name(1), row.Oid(2), Character(row, 3), row.Name(4), row.Oid(5), row.Oid(6), Character(row, 7))));
        reader.Read(
            "SELECT relation, number, name, declared, type, modifier, dimensions, collation, not_null, default_oid, default_text, generated, identity,"
            + " sequence, dropped FROM _rqlite_attribute ORDER BY relation, number", 15, row => Of(Attributes, row.Oid(0)).Add(ReadAttribute(row)));
        reader.Read(
            "SELECT oid, relation, name, sqlite_name, is_unique, is_primary, columns, key_count, expressions, predicate, options, operator_classes,"
            + " collations FROM _rqlite_index ORDER BY oid", 13, row => Of(Indexes, row.Oid(1)).Add(ReadIndex(row)));
        reader.Read("SELECT relation, rule, definition FROM _rqlite_view", 3, row => Views[row.Oid(0)] = (row.Oid(1), row.Name(2)));
    }

    private void ReadConstraints(ISchemaReader reader) => reader.Read(
        "SELECT oid, relation, type, name, kind, columns, expression, index_oid, referenced, referenced_columns, on_update, on_delete, match_type,"
        + " is_deferrable, is_deferred, validated, no_inherit FROM _rqlite_constraint ORDER BY oid", 17, row =>
        {
            var constraint = ReadConstraint(row);
            if (row.Oid(1) != 0)
            {
                Of(Constraints, row.Oid(1)).Add(constraint);
            }
            else
            {
                Of(DomainConstraints, row.Oid(2)).Add(constraint);
            }
        });

    private void ReadTypes(ISchemaReader reader)
    {
        reader.Read("SELECT oid, type, place, label FROM _rqlite_enum ORDER BY type, place", 4, row =>
            Of(Labels, row.Oid(1)).Add(new EnumLabel(row.Oid(0), row.Name(3), row.Real(2))));
        reader.Read(
            "SELECT oid, name, namespace, kind, array_type, base, modifier, dimensions, collation, not_null, default_text FROM _rqlite_type ORDER BY oid",
            11, row => Types.Add(new TypeInfo(row.Oid(0), row.Oid(2), "", row.Name(1), Character(row, 3))
            {
                ArrayOid = row.Oid(4),
                Base = new PgType(row.Oid(5), row.Int32(6)),
                Dimensions = (short)row.Integer(7),
                Collation = row.Oid(8),
                NotNull = row.Boolean(9),
                Default = row.Text(10),
                Labels = Labels.GetValueOrDefault(row.Oid(0), []),
                Constraints = DomainConstraints.GetValueOrDefault(row.Oid(0), []),
            }));
    }

    private void ReadOthers(ISchemaReader reader)
    {
        reader.Read(
            "SELECT class, object, sub, referenced_class, referenced_object, referenced_sub, kind FROM _rqlite_depend ORDER BY 1, 2, 3, 4, 5, 6", 7,
            row => Dependencies.Add(new Dependency(
                new ObjectAddress(row.Oid(0), row.Oid(1), row.Int32(2)), new ObjectAddress(row.Oid(3), row.Oid(4), row.Int32(5)), Character(row, 6))));
        reader.Read("SELECT class, object, sub, description FROM _rqlite_description", 4, row =>
            Descriptions[new ObjectAddress(row.Oid(0), row.Oid(1), row.Int32(2))] = row.Name(3));
    }

    private static AttributeRow ReadAttribute(SchemaRow row) => new(
        row.Name(3),
        new Attribute((short)row.Integer(1), row.Name(2), new PgType(row.Oid(4), row.Int32(5)), row.Oid(7))
        {
            Dimensions = (short)row.Integer(6),
            NotNull = row.Boolean(8),
            DefaultOid = row.Oid(9),
            Default = row.Text(10),
            Generated = row.Boolean(11),
            Identity = row.Name(12) switch { "a" => IdentityKind.Always, "d" => IdentityKind.ByDefault, _ => IdentityKind.None },
            OwnedSequence = row.Text(13),
            Dropped = row.Boolean(14),
        });

    private static ConstraintInfo ReadConstraint(SchemaRow row) => new(
        row.Oid(0), row.Name(3),
        Character(row, 4) switch
        {
            'f' => ConstraintType.ForeignKey,
            'p' => ConstraintType.PrimaryKey,
            'u' => ConstraintType.Unique,
            _ => ConstraintType.Check,
        },
        Numbers(row.Name(5)))
    {
        Expression = row.Text(6),
        IndexOid = row.Oid(7),
        ReferencedOid = row.Oid(8),
        ReferencedColumns = Numbers(row.Name(9)),
        OnUpdate = Character(row, 10),
        OnDelete = Character(row, 11),
        Match = Character(row, 12),
        Deferrable = row.Boolean(13),
        InitiallyDeferred = row.Boolean(14),
        Validated = row.Boolean(15),
        NoInherit = row.Boolean(16),
    };

    private static IndexRow ReadIndex(SchemaRow row) => new(
        row.Text(3),
        new IndexInfo(row.Oid(0), row.Name(2), row.Boolean(4), row.Boolean(5), Numbers(row.Name(6)))
        {
            KeyCount = row.Int32(7),
            Expressions = JsonSerializer.Deserialize(row.Name(8), MetadataJson.Default.StringArray) ?? [],
            Predicate = row.Text(9),
            Options = Numbers(row.Name(10)),
            OperatorClasses = JsonSerializer.Deserialize(row.Name(11), MetadataJson.Default.UInt32Array) ?? [],
            Collations = JsonSerializer.Deserialize(row.Name(12), MetadataJson.Default.UInt32Array) ?? [],
            SqliteName = row.Text(3) ?? "",
        });

    private static char Character(SchemaRow row, int column) => row.Name(column) is { Length: > 0 } text ? text[0] : ' ';

    private static short[] Numbers(string json) => JsonSerializer.Deserialize(json, MetadataJson.Default.Int16Array) ?? [];

    private static List<T> Of<T>(Dictionary<uint, List<T>> lists, uint key)
    {
        if (!lists.TryGetValue(key, out var list))
        {
            lists[key] = list = [];
        }

        return list;
    }
}

/// <summary>A row of _rqlite_class.</summary>
internal sealed record ClassRow(
    uint Oid, string Name, uint Namespace, char Kind, string SqliteName, uint RowType, uint ArrayType, char Persistence);

/// <param name="Declared">The type that SQLite's schema declares.</param>
internal sealed record AttributeRow(string Declared, Attribute Attribute);

internal sealed record IndexRow(string? SqliteName, IndexInfo Index);

/// <summary>An object as pg_depend names it.</summary>
/// <param name="Class">The OID of its catalog.</param>
/// <param name="Sub">The number of a column; 0 for the whole object.</param>
internal readonly record struct ObjectAddress(uint Class, uint Object, int Sub);

/// <param name="Kind">The character of deptype: n(ormal), a(uto), i(nternal).</param>
internal sealed record Dependency(ObjectAddress Object, ObjectAddress Referenced, char Kind);
