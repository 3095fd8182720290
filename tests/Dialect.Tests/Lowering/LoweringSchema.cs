using System.Globalization;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Tests.Lowering;

/// <summary>A schema read from PostgreSQL's CREATE TABLE and CREATE TYPE, with the statements of SQLite that make its tables.</summary>
internal sealed class LoweringSchema : ISchema
{
    private readonly Dictionary<string, Relation> _relations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TypeInfo> _types = new(StringComparer.Ordinal);
    private uint _oid = 16384;

    public LoweringSchema(string script)
    {
        foreach (var statement in Parser.Parse(script))
        {
            switch (statement)
            {
                case CreateEnumStatement create:
                    AddEnum(create);
                    break;
                case CreateTableStatement create:
                    AddTable(create);
                    break;
                default:
                    throw new InvalidOperationException($"The schema has a {statement.GetType().Name}.");
            }
        }
    }

    public List<string> Definitions { get; } = [];

    public long Version => 1;

    /// <summary>The functions that ask the catalog for the order of labels.</summary>
    public IReadOnlyList<SqlFunction> EnumFunctions =>
    [
        new("pg_enum_order", 2, Purity.Stable, (in Storage.FunctionCall call) =>
        {
            var label = System.Text.Encoding.UTF8.GetString(call.Bytes(1));
            call.Return((long)FindType((uint)call.Integer(0))!.Labels.First(l => l.Label == label).Order);
        })
        {
            Strict = true,
        },
        new("pg_enum_label", 2, Purity.Stable, (in Storage.FunctionCall call) =>
        {
            var order = call.Integer(1);
            call.ReturnText(FindType((uint)call.Integer(0))!.Labels.First(l => (long)l.Order == order).Label);
        })
        {
            Strict = true,
        },
    ];

    public SchemaInfo? FindSchema(string name) => name == "public" ? new SchemaInfo(2200, name) : null;

    public Relation? FindRelation(string schema, string name) => schema == "public" ? _relations.GetValueOrDefault(name) : null;

    public Relation? FindRelation(uint oid) => _relations.Values.FirstOrDefault(r => r.Oid == oid);

    public TypeInfo? FindType(string schema, string name) => schema == "public" ? _types.GetValueOrDefault(name) : null;

    public TypeInfo? FindType(uint oid) => _types.Values.FirstOrDefault(t => t.Oid == oid);

    private void AddEnum(CreateEnumStatement create)
    {
        var (oid, array) = (_oid++, _oid++);
        var name = create.Name.Name;
        _types[name] = new TypeInfo(oid, 2200, "public", name, 'e')
        {
            ArrayOid = array,
            Labels = [.. create.Labels.Select((label, i) => new EnumLabel(_oid++, label, i + 1))],
        };
        _types["_" + name] = new TypeInfo(array, 2200, "public", "_" + name, 'b') { ElementOid = oid };
    }

    private void AddTable(CreateTableStatement create)
    {
        var resolver = new Resolver(new BindContext(this, ["public"], new ParameterTypes([])));
        var columns = create.Elements.OfType<ColumnDefinition>().ToList();
        var keys = new List<(bool Primary, List<short> Columns)>();
        foreach (var (column, i) in columns.Select((c, i) => (c, i)))
        {
            keys.AddRange(column.Constraints.Where(c => c.Kind is ConstraintKind.PrimaryKey or ConstraintKind.Unique)
                .Select(c => (c.Kind == ConstraintKind.PrimaryKey, new List<short> { (short)(i + 1) })));
        }

        foreach (var constraint in create.Elements.OfType<TableConstraint>().Where(c => c.Kind is ConstraintKind.PrimaryKey or ConstraintKind.Unique))
        {
            keys.Add((
                constraint.Kind == ConstraintKind.PrimaryKey,
                [.. constraint.Columns.Select(name => (short)(columns.FindIndex(c => c.Name == name) + 1))]));
        }

        var attributes = new List<Attribute>();
        foreach (var (column, i) in columns.Select((c, i) => (c, i)))
        {
            var type = resolver.Type(column.Type!);
            attributes.Add(new Attribute((short)(i + 1), column.Name, type, PgTypes.Find(type.Oid)?.CollationOid ?? 0)
            {
                NotNull = column.Constraints.Any(c => c.Kind is ConstraintKind.NotNull or ConstraintKind.PrimaryKey)
                    || keys.Exists(k => k.Primary && k.Columns.Contains((short)(i + 1))),
                Default = column.Constraints.FirstOrDefault(c => c.Kind == ConstraintKind.Default)?.Value is { } value ? Dialect.Syntax.Writer.Write(value) : null,
            });
        }

        var primary = keys.Find(k => k.Primary).Columns;
        var rowId = primary is [var only] && attributes[only - 1].Type.Oid is PgTypes.Int4 or PgTypes.Int8 ? primary![0] : (short)0;
        var name = create.Name.Name;
        _relations[name] = new Relation(_oid++, 2200, "public", name, RelationKind.Table, name)
        {
            Attributes = attributes,
            RowIdColumn = rowId,
            Indexes =
            [
                .. keys.Select((key, i) => new IndexInfo(_oid++, string.Create(CultureInfo.InvariantCulture, $"{name}_key{i}"), true, key.Primary, key.Columns)),
            ],
        };
        Definitions.Add(Define(name, attributes, keys, rowId));
    }

    private string Define(string name, List<Attribute> attributes, List<(bool Primary, List<short> Columns)> keys, short rowId)
    {
        var parts = attributes.ConvertAll(a => $"\"{a.Name}\" {Declared(a.Type)}"
            + (a.NotNull && a.Number != rowId ? " NOT NULL" : "") + (a.Number == rowId ? " PRIMARY KEY" : ""));
        parts.AddRange(keys.Where(k => !(k.Primary && rowId > 0)).Select(k =>
            (k.Primary ? "PRIMARY KEY (" : "UNIQUE (") + string.Join(", ", k.Columns.Select(c => $"\"{attributes[c - 1].Name}\"")) + ")"));
        return $"CREATE TABLE \"{name}\" ({string.Join(", ", parts)})";
    }

    private string Declared(PgType type)
    {
        var declared = StoredTypes.Carried(type, this).Oid switch
        {
            PgTypes.Int2 => "SMALLINT",
            PgTypes.Int4 or PgTypes.Int8 or PgTypes.Oid => "INTEGER",
            PgTypes.Bool => "BOOLEAN",
            PgTypes.Float4 or PgTypes.Float8 => "REAL",
            PgTypes.Bytea => "BYTEA_BLOB",
            _ => "X_TEXT",
        };
        return StoredTypes.OrderOf(type, this)?.Collation is { } collation ? $"{declared} COLLATE {collation}" : declared;
    }
}
