using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>A table that is being defined.</summary>
internal sealed class TablePlan(SchemaInfo schema, string name, string sqliteName)
{
    public SchemaInfo Schema { get; } = schema;

    public string Name { get; } = name;

    public string SqliteName { get; } = sqliteName;

    public char Persistence { get; init; } = 'p';

    /// <summary>The table, if it exists and gets more columns or constraints: then keys and others are those that are new. Null for a new table.</summary>
    public Relation? Existing { get; private init; }

    public List<ColumnPlan> Columns { get; } = [];

    public List<CheckPlan> Checks { get; } = [];

    public List<KeyPlan> Keys { get; } = [];

    public List<ForeignKeyPlan> ForeignKeys { get; } = [];

    /// <summary>The primary key is one integer column, which is SQLite's rowid.</summary>
    public ColumnPlan? RowId => Keys.FirstOrDefault(key => key.Primary) is { Columns: [var only] } && StoredColumns.IsInteger(only.Attribute.Type) ? only : null;

    public ColumnPlan? Find(string column) => Columns.FirstOrDefault(c => c.Attribute.Name == column && !c.Attribute.Dropped);

    /// <summary>The plan of adding to a table.</summary>
    public static TablePlan Of(Relation table, SchemaInfo schema)
    {
        var plan = new TablePlan(schema, table.Name, table.SqliteName) { Persistence = table.Persistence, Existing = table };
        plan.Columns.AddRange(table.Attributes.Select(column => new ColumnPlan(column)));
        return plan;
    }

    /// <summary>The table as expressions see it, before it exists or is changed.</summary>
    public Relation ToRelation() => Existing is not null
        ? Existing with { Attributes = [.. Columns.Select(column => column.Attribute)] }
        : new(0, Schema.Oid, Schema.Name, Name, RelationKind.Table, SqliteName)
    {
        Attributes = [.. Columns.Select(column => column.Attribute)],
        RowIdColumn = RowId?.Attribute.Number ?? 0,
    };
}

/// <summary>A column that is being defined.</summary>
internal sealed class ColumnPlan(Attribute attribute)
{
    public Attribute Attribute { get; set; } = attribute;

    /// <summary>DEFAULT or GENERATED as it is written; null for none.</summary>
    public Expression? Written { get; set; }

    /// <summary>The default, or the value of a generated column; null for none.</summary>
    public BoundExpression? Value { get; set; }

    /// <summary>NULL was written, which NOT NULL contradicts.</summary>
    public bool SaidNull { get; set; }

    public bool SaidNotNull { get; set; }

    /// <summary>The sequence of a serial or identity column; null for none.</summary>
    public SequencePlan? Sequence { get; set; }
}

/// <param name="Type">smallint, integer or bigint.</param>
/// <param name="Options">Names and values as the function that makes sequences takes them.</param>
internal sealed record SequencePlan(string Name, string SqliteName, string Type, IReadOnlyList<string> Options);

/// <param name="Columns">The columns that the expression names.</param>
internal sealed record CheckPlan(string Name, BoundExpression Value, string Text, short[] Columns, bool NoInherit)
{
    /// <summary>Rows that exist are not checked.</summary>
    public bool NotValid { get; init; }
}

/// <summary>A primary key or UNIQUE.</summary>
internal sealed record KeyPlan(bool Primary, string? Written, List<ColumnPlan> Columns, List<ColumnPlan> Include)
{
    public string Name { get; set; } = "";
}

internal sealed record ForeignKeyPlan(TableConstraint Constraint, NodeList<string> Columns)
{
    public string Name { get; set; } = "";

    public short[] Numbers { get; set; } = [];

    /// <summary>Null for the table itself.</summary>
    public Relation? Target { get; set; }

    public short[] TargetNumbers { get; set; } = [];

    /// <summary>The index of the key that is referred to; null for one of the table itself.</summary>
    public IndexInfo? Index { get; set; }

    /// <summary>The key of the table itself that is referred to.</summary>
    public KeyPlan? OwnKey { get; set; }
}
