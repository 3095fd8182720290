using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Tests.Binding;

/// <summary>A schema made of CREATE statements, as the database would have it after them.</summary>
internal sealed class TestSchema : ISchema
{
    private const uint OidsBegin = 16384;

    private readonly Dictionary<(string Schema, string Name), Relation> _relations = [];
    private readonly Dictionary<uint, (string Schema, string Name)> _relationNames = [];
    private readonly Dictionary<(string Schema, string Name), TypeInfo> _types = [];
    private readonly Dictionary<uint, TypeInfo> _typesByOid = [];
    private readonly Dictionary<string, SchemaInfo> _schemas = new(StringComparer.Ordinal)
    {
        ["pg_catalog"] = new SchemaInfo(11, "pg_catalog"),
        ["information_schema"] = new SchemaInfo(12, "information_schema"),
        ["public"] = new SchemaInfo(2200, "public"),
    };

    private uint _oid = OidsBegin;

    public long Version => 1;

    public static TestSchema Read(string script)
    {
        var schema = new TestSchema();
        foreach (var statement in Parser.Parse(script))
        {
            schema.Run(statement, script);
        }

        return schema;
    }

    public SchemaInfo? FindSchema(string name) => _schemas.GetValueOrDefault(name);

    public Relation? FindRelation(string schema, string name) => _relations.GetValueOrDefault((schema, name));

    public Relation? FindRelation(uint oid) => _relationNames.TryGetValue(oid, out var name) ? _relations[name] : null;

    public TypeInfo? FindType(string schema, string name) => _types.GetValueOrDefault((schema, name));

    public TypeInfo? FindType(uint oid) => _typesByOid.GetValueOrDefault(oid);

    public BindContext NewContext(string text, params ReadOnlySpan<uint> declared) =>
        new(this, ["$user", "public"], new ParameterTypes(declared)) { User = "postgres", Database = "bind", Text = text };

    private void Run(Node statement, string script)
    {
        switch (statement)
        {
            case CreateSchemaStatement e:
                _schemas[e.Name!] = new SchemaInfo(_oid++, e.Name!);
                break;
            case CreateEnumStatement e:
                AddType(e.Name, new TypeInfo(0, 0, "", "", 'e') { Labels = [.. e.Labels.Select((label, i) => new EnumLabel(_oid++, label, i + 1))] });
                break;
            case CreateDomainStatement e:
                AddType(e.Name, new TypeInfo(0, 0, "", "", 'd')
                {
                    Base = TypeOf(e.Type),
                    NotNull = e.Constraints.Any(c => c.Kind == ConstraintKind.NotNull),
                    Default = ExpressionOf(e.Constraints, ConstraintKind.Default),
                    Constraints = [.. e.Constraints.Where(c => c.Kind == ConstraintKind.Check).Select((c, i) => new ConstraintInfo(
                        _oid++, c.Name ?? $"{e.Name.Name}_check{i}", ConstraintType.Check, []) { Expression = Writer.Write(c.Value!) })],
                });
                break;
            case CreateTableStatement e:
                AddTable(e);
                break;
            case CreateIndexStatement e:
                AddIndex(e);
                break;
            case CreateSequenceStatement e:
                AddSequence(e.Name);
                break;
            case CreateViewStatement e:
                AddView(e, script);
                break;
            default:
                throw new ArgumentException($"{statement.GetType().Name} is not known here", nameof(statement));
        }
    }

    private void AddSequence(QualifiedName name) => AddRelation(name, RelationKind.Sequence, r => r with
    {
        Attributes = [.. Columns(("last_value", PgTypes.Int8), ("log_cnt", PgTypes.Int8), ("is_called", PgTypes.Bool))],
    });

    private static IEnumerable<Attribute> Columns(params (string Name, uint Type)[] columns) =>
        columns.Select((c, i) => new Attribute((short)(i + 1), c.Name, new PgType(c.Type), PgTypes.Find(c.Type)!.CollationOid));

    private static string? ExpressionOf(NodeList<TableConstraint> constraints, ConstraintKind kind) =>
        constraints.FirstOrDefault(c => c.Kind == kind)?.Value is { } value ? Writer.Write(value) : null;

    private PgType TypeOf(TypeName name) => new Resolver(NewContext("")).Type(name);

    private uint CollationOf(PgType type) => new TypeLookup(NewContext("")).CollationOf(type.Oid);

    private void AddType(QualifiedName name, TypeInfo type)
    {
        var array = Register(name.Schema, "_" + name.Name, new TypeInfo(_oid++, 0, "", "", 'b') { ElementOid = _oid });
        Register(name.Schema, name.Name, type with { Oid = _oid++, ArrayOid = array.Oid });
    }

    private TypeInfo Register(string? schema, string name, TypeInfo type)
    {
        var home = _schemas[schema ?? "public"];
        type = type with { SchemaOid = home.Oid, Schema = home.Name, Name = name };
        _types[(home.Name, name)] = type;
        _typesByOid[type.Oid] = type;
        return type;
    }

    private Relation AddRelation(QualifiedName name, RelationKind kind, Func<Relation, Relation> complete)
    {
        var home = _schemas[name.Schema ?? "public"];
        var relation = complete(new Relation(_oid++, home.Oid, home.Name, name.Name, kind, name.Name));
        if (kind is RelationKind.Table or RelationKind.View)
        {
            AddType(name, new TypeInfo(0, 0, "", "", 'c') { RelationOid = relation.Oid });
            relation = relation with { RowType = _types[(home.Name, name.Name)].Oid };
        }

        return Store(relation);
    }

    private Relation Store(Relation relation)
    {
        _relations[(relation.Schema, relation.Name)] = relation;
        _relationNames[relation.Oid] = (relation.Schema, relation.Name);
        return relation;
    }

    private void AddView(CreateViewStatement view, string script)
    {
        var query = Binder.Bind(view.Query, script, NewContext(script)).Query;
        AddRelation(view.Name, RelationKind.View, r => r with
        {
            Definition = Writer.Write(view.Query),
            Attributes = [.. query.Visible.Select((t, i) => new Attribute((short)(i + 1), t.Name!, t.Value.Type, t.Value.Collation))],
        });
    }

    private void AddTable(CreateTableStatement table)
    {
        ColumnDefinition[] columns = [.. table.Elements.OfType<ColumnDefinition>()];
        var attributes = columns.Select((column, i) => AttributeOf(table.Name, column, (short)(i + 1))).ToArray();
        var relation = AddRelation(table.Name, RelationKind.Table, r => r with { Attributes = attributes });
        foreach (var column in columns)
        {
            foreach (var constraint in column.Constraints)
            {
                relation = AddConstraint(relation, constraint, [column.Name]);
            }
        }

        foreach (var constraint in table.Elements.OfType<TableConstraint>())
        {
            relation = AddConstraint(relation, constraint, constraint.Columns);
        }

        Store(relation);
    }

    private Attribute AttributeOf(QualifiedName table, ColumnDefinition column, short number)
    {
        var serial = column.Type!.Names is ["serial" or "bigserial"];
        var type = serial ? new PgType(column.Type.Names[0] == "serial" ? PgTypes.Int4 : PgTypes.Int8) : TypeOf(column.Type);
        var identity = column.Constraints.FirstOrDefault(c => c.Kind == ConstraintKind.Identity);
        var generated = ExpressionOf(column.Constraints, ConstraintKind.Generated);
        string? sequence = null;
        if (serial || identity is not null)
        {
            sequence = $"{table.Name}_{column.Name}_seq";
            AddSequence(new QualifiedName(Location.None, [table.Schema ?? "public", sequence]));
        }

        return new Attribute(number, column.Name, type, CollationOf(type))
        {
            NotNull = serial || identity is not null || column.Constraints.Any(c => c.Kind is ConstraintKind.NotNull or ConstraintKind.PrimaryKey),
            Default = serial ? $"nextval('{sequence}'::regclass)" : generated ?? ExpressionOf(column.Constraints, ConstraintKind.Default),
            Generated = generated is not null,
            Identity = identity is null ? IdentityKind.None : identity.Always ? IdentityKind.Always : IdentityKind.ByDefault,
            OwnedSequence = sequence,
        };
    }

    private Relation AddConstraint(Relation relation, TableConstraint constraint, NodeList<string> names)
    {
        short[] columns = [.. names.Select(name => relation.Attributes.First(a => a.Name == name).Number)];
        ConstraintType? type = constraint.Kind switch
        {
            ConstraintKind.PrimaryKey => ConstraintType.PrimaryKey,
            ConstraintKind.Unique => ConstraintType.Unique,
            ConstraintKind.Check => ConstraintType.Check,
            ConstraintKind.ForeignKey => ConstraintType.ForeignKey,
            _ => null,
        };
        if (type is not { } kind)
        {
            return relation;
        }

        var suffix = kind switch
        {
            ConstraintType.PrimaryKey => "pkey",
            ConstraintType.Unique => $"{names[0]}_key",
            ConstraintType.Check => $"{(names.Count > 0 ? names[0] + "_" : "")}check",
            _ => $"{names[0]}_fkey",
        };
        var info = new ConstraintInfo(_oid++, constraint.Name ?? $"{relation.Name}_{suffix}", kind, columns)
        {
            Expression = constraint.Value is null ? null : Writer.Write(constraint.Value),
            Deferrable = constraint.Deferrable,
        };
        if (kind is ConstraintType.PrimaryKey or ConstraintType.Unique)
        {
            var index = new IndexInfo(_oid++, info.Name, true, kind == ConstraintType.PrimaryKey, columns) { SqliteName = info.Name };
            info = info with { IndexOid = index.Oid };
            relation = relation with { Indexes = [.. relation.Indexes, index] };
            AddRelation(new QualifiedName(Location.None, [relation.Schema, info.Name]), RelationKind.Index, r => r);
        }

        return relation with { Constraints = [.. relation.Constraints, info] };
    }

    private void AddIndex(CreateIndexStatement index)
    {
        var relation = _relations[(index.Table.Name.Schema ?? "public", index.Table.Name.Name)];
        var info = new IndexInfo(
            _oid++, index.Name!, index.Unique, false,
            [.. index.Elements.Select(e => e.Column is null ? (short)0 : relation.Attributes.First(a => a.Name == e.Column).Number)])
        {
            Expressions = [.. index.Elements.Where(e => e.Value is not null).Select(e => Writer.Write(e.Value!))],
            Predicate = index.Where is null ? null : Writer.Write(index.Where),
            SqliteName = index.Name!,
        };
        AddRelation(new QualifiedName(Location.None, [relation.Schema, index.Name!]), RelationKind.Index, r => r);
        Store(relation with { Indexes = [.. relation.Indexes, info] });
    }
}
