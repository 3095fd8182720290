using System.Text;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Syntax;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>The rows that an INSERT would have added, an UPDATE made or a DELETE removed, as a query of their values before the change.</summary>
internal sealed class ChangedRows
{
    /// <summary>The column with the place of a row among all; <see cref="IsSingle"/> rows have none.</summary>
    public const string Place = "\"?place\"";

    // A longer text is not planned a second time.
    private const int TextMax = 128 * 1024;

    private readonly TranslationContext _context;
    private readonly SchemaNames _names;
    private readonly Violation _violation;
    private readonly Dictionary<short, string> _values = [];

    private ChangedRows(Relation table, Violation violation, TranslationContext context) =>
        (Table, _violation, _context, _names) = (table, violation, context, new SchemaNames(context.Schema, context.SearchPath, context.User));

    public Relation Table { get; }

    public string Query { get; private set; } = "";

    public bool IsInsert { get; private init; }

    public bool IsDelete { get; private init; }

    /// <summary>An INSERT of one row, which therefore is the one that violates the constraint.</summary>
    public bool IsSingle { get; private set; }

    /// <summary>The INSERT may leave rows out, or change others instead.</summary>
    public ConflictClause? OnConflict { get; private init; }

    /// <summary>The columns whose values are known.</summary>
    public HashSet<short> Known { get; } = [];

    /// <summary>The columns that an UPDATE sets.</summary>
    public HashSet<short> Set { get; } = [];

    /// <returns>Null if the rows cannot be known.</returns>
    public static ChangedRows? Of(Statement statement, Violation violation, TranslationContext context, ReadOnlySpan<uint> types)
    {
        var rows = statement switch
        {
            InsertStatement { With: null } insert when Find(insert.Table, context) is { } table =>
                new ChangedRows(table, violation, context) { IsInsert = true, OnConflict = insert.OnConflict }.Insert(insert, types),
            UpdateStatement { With: null, Where: not CurrentOf } update when !violation.IsApart && Find(update.Table.Name, context) is { } table =>
                new ChangedRows(table, violation, context).Update(update),
            DeleteStatement { With: null, Where: not CurrentOf } delete when !violation.IsApart && Find(delete.Table.Name, context) is { } table =>
                new ChangedRows(table, violation, context) { IsDelete = true }.Delete(delete),
            _ => null,
        };
        return rows?.Query is { Length: > 0 and <= TextMax } && rows.IsRepeatable(types) ? rows : null;
    }

    /// <summary>The columns of the table.</summary>
    public IEnumerable<Attribute> Columns => Table.Attributes.Where(static column => !column.Dropped);

    public string NameOf(short column) => Identifiers.Quote(Table.Attributes[column - 1].Name);

    /// <summary>The name of a column's value before the change.</summary>
    public string OldNameOf(short column) => IsDelete ? NameOf(column) : $"\"?old{column}\"";

    private static Relation? Find(QualifiedName name, TranslationContext context)
    {
        var table = name.Schema is { } schema ? context.Schema.FindRelation(schema, name.Name)
            : new SchemaNames(context.Schema, context.SearchPath, context.User).VisibleRelation(name.Name);
        return table is { Kind: RelationKind.Table } && name.Catalog is null ? table : null;
    }

    private ChangedRows? Insert(InsertStatement insert, ReadOnlySpan<uint> types)
    {
        if (insert.Columns.Any(static column => column.Steps.Count > 0))
        {
            return null;
        }

        Attribute[] written = insert.Columns.Count == 0 ? [.. Columns]
            : [.. insert.Columns.Select(column => Columns.First(attribute => attribute.Name == column.Name))];
        switch (insert.Source)
        {
            case null:
                written = [];
                Query = Single(written, []);
                return this;
            case ValuesQuery { Rows.Count: 1, With: null, Limit: null, Offset: null } values:
                written = written[..values.Rows[0].Count];
                Query = Single(written, values.Rows[0], insert.Overriding);
                return this;
            case ValuesQuery { With: null, Limit: null, Offset: null, OrderBy.Count: 0 } values when !_violation.IsApart:
                written = written[..values.Rows[0].Count];
                Query = Several(written, values, insert.Overriding);
                return this;
            case { } query when !_violation.IsApart:
                if (insert.Columns.Count == 0)
                {
                    written = written[..Bind(Writer.Write(query), types).Visible.Count()];
                }

                var given = written.Select(static (_, i) => $"\"?{i + 1}\"").ToArray();
                Query = From(written, given, $"({Writer.Write(query)}) AS \"?s\"({string.Join(", ", given)})", insert.Overriding);
                return this;
            default:
                return null;
        }
    }

    private string Single(Attribute[] written, NodeList<Expression> row, Overriding overriding = Overriding.None)
    {
        IsSingle = true;
        for (var i = 0; i < written.Length; i++)
        {
            Give(written[i], row[i] is DefaultValue ? DefaultOf(written[i]) : Writer.Write(row[i]), overriding);
        }

        GiveDefaults(written);
        return $"SELECT {Selected()}";
    }

    private string Several(Attribute[] written, ValuesQuery values, Overriding overriding)
    {
        var text = new StringBuilder("(VALUES ");
        foreach (var row in values.Rows)
        {
            text.Append(text.Length > 8 ? ", (" : "(");
            for (var i = 0; i < written.Length; i++)
            {
                // A default that varies leaves its column unknown.
                if (row[i] is DefaultValue && DefaultOf(written[i]) is null)
                {
                    return "";
                }

                text.Append(i > 0 ? ", " : "").Append(Cast(row[i] is DefaultValue ? DefaultOf(written[i])! : Writer.Write(row[i]), written[i]));
            }

            text.Append(')');
            if (text.Length > TextMax)
            {
                return "";
            }
        }

        var given = written.Select(static (_, i) => $"\"?{i + 1}\"").ToArray();
        return From(written, given, $"{text}) AS \"?s\"({string.Join(", ", given)})", overriding);
    }

    private string From(Attribute[] written, string[] given, string source, Overriding overriding)
    {
        for (var i = 0; i < written.Length; i++)
        {
            Give(written[i], $"\"?s\".{given[i]}", overriding);
        }

        GiveDefaults(written);
        return $"SELECT {Selected()}, row_number() OVER () AS {Place} FROM {source}";
    }

    private void Give(Attribute column, string? value, Overriding overriding)
    {
        if (value is not null && !column.Generated && (overriding != Overriding.User || column.Identity == IdentityKind.None))
        {
            _values.Add(column.Number, Cast(value, column));
        }
    }

    private void GiveDefaults(Attribute[] written)
    {
        foreach (var column in Columns)
        {
            if (!written.Contains(column) && DefaultOf(column) is { } value)
            {
                _values.Add(column.Number, Cast(value, column));
            }
        }
    }

    private ChangedRows? Update(UpdateStatement update)
    {
        foreach (var assignment in update.Set)
        {
            var values = !assignment.Multiple ? [assignment.Value] : assignment.Value is RowConstructor row ? row.Items : NodeList<Expression>.Empty;
            if (values.Count != assignment.Columns.Count || assignment.Columns.Any(static column => column.Steps.Count > 0))
            {
                return null;
            }

            for (var i = 0; i < values.Count; i++)
            {
                var column = Columns.First(attribute => attribute.Name == assignment.Columns[i].Name);
                Set.Add(column.Number);
                if ((values[i] is DefaultValue ? DefaultOf(column) : Writer.Write(values[i])) is { } value)
                {
                    _values.Add(column.Number, Cast(value, column));
                }
            }
        }

        var alias = AliasOf(update.Table);
        foreach (var column in Columns)
        {
            if (!Set.Contains(column.Number) && !column.Generated)
            {
                _values.Add(column.Number, $"{alias}.{NameOf(column.Number)}");
            }
        }

        var old = Columns.Select(column => $"{alias}.{NameOf(column.Number)} AS {OldNameOf(column.Number)}");
        Query = $"SELECT {Selected()}, {string.Join(", ", old)}, row_number() OVER () AS {Place} FROM {Source(update.Table, update.From, update.Where)}";
        return this;
    }

    private ChangedRows Delete(DeleteStatement delete)
    {
        var alias = AliasOf(delete.Table);
        foreach (var column in Columns)
        {
            _values.Add(column.Number, $"{alias}.{NameOf(column.Number)}");
        }

        Query = $"SELECT {Selected()}, row_number() OVER () AS {Place} FROM {Source(delete.Table, delete.Using, delete.Where)}";
        return this;
    }

    private static string AliasOf(RelationReference table) => Identifiers.Quote(table.Alias?.Name ?? table.Name.Name);

    private static string Source(RelationReference table, NodeList<TableExpression> others, Expression? where) =>
        string.Join(", ", others.Prepend(table).Select(Writer.Write)) + (where is null ? "" : $" WHERE {Writer.Write(where)}");

    private string Selected()
    {
        Known.UnionWith(_values.Keys);
        return _values.Count == 0 ? "1 AS \"?none\""
            : string.Join(", ", _values.OrderBy(static pair => pair.Key).Select(pair => $"{pair.Value} AS {NameOf(pair.Key)}"));
    }

    // A value of the column's own type, as assignment makes it.
    private string Cast(string value, Attribute column) => $"({value})::{_names.TypeName(column.Type.Oid, column.Type.Modifier)}";

    /// <summary>Null for a value that is another one each time.</summary>
    private string? DefaultOf(Attribute column)
    {
        if (column.Generated || column.Identity != IdentityKind.None || column.NativeDefault is not null)
        {
            return null;
        }

        if ((column.Default ?? _context.Schema.FindType(column.Type.Oid)?.Default) is not { } text)
        {
            return "NULL";
        }

        var value = CatalogExpressions.BindDefault(text, column, Table, _context.Schema);
        return Trees.Any(value, (expression, _) => Varies(expression)) ? null : text;
    }

    private bool Varies(BoundExpression expression) => Trees.IsVolatileItself(expression) || (!_violation.InBlock && expression switch
    {
        FuncExpr { Function.Name: "now" or "transaction_timestamp" or "statement_timestamp" } => true,
        SqlValueExpr { Kind: SqlValueKind.CurrentDate or SqlValueKind.CurrentTime or SqlValueKind.CurrentTimestamp or SqlValueKind.Localtime or SqlValueKind.Localtimestamp } => true,
        _ => false,
    });

    /// <summary>True if a second look gives the rows that the statement has seen.</summary>
    private bool IsRepeatable(ReadOnlySpan<uint> types)
    {
        var bound = Bind(Query, types);
        var lowering = CatalogExpressions.Lowering(_context.Schema, Query);
        return !Trees.Any(bound, (expression, _) => Varies(expression) || expression switch
        {
            // Rows may come from a function of a single row, and from what cannot be read any more.
            FuncExpr { ReturnsSet: true } => IsSingle,
            SubLink => _violation.IsApart,
            _ => false,
        }) && !QueryLowering.Entries(bound).Any(entry =>
            entry is RelationEntry { Relation: { Kind: RelationKind.View } view } && lowering.VolatileView!(view) is not null);
    }

    private BoundQuery Bind(string text, ReadOnlySpan<uint> types) => Binder.Bind(
        (Statement)Parser.Parse(text)[0], text,
        new BindContext(_context.Schema, _context.SearchPath, new ParameterTypes(types)) { User = _context.User, Database = _context.Database, Text = text }).Query;
}
