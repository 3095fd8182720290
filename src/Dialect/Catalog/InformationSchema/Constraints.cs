using System.Globalization;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog.InformationSchema;

/// <summary>The constraints. NOT NULL is one of them to the SQL standard, under a name made of numbers.</summary>
internal static class Constraints
{
    public static IEnumerable<SqlTable> Create()
    {
        yield return CreateTableConstraints();
        yield return CreateChecks();
        yield return CreateKeyColumns();
        yield return CreateReferences();
        yield return CreateUsedColumns();
        yield return CreateUsedTables();
        yield return InfoBuilder.For<ConstraintRow>("domain_constraints")
            .Catalog("constraint_catalog", "domain_catalog")
            .Column("constraint_schema", row => row.Domain!.Schema)
            .Key("constraint_name", row => row.Constraint.Name)
            .Column("domain_schema", row => row.Domain!.Schema)
            .Column("domain_name", row => row.Domain!.Name)
            .Same("NO", "is_deferrable", "initially_deferred")
            .Common(() => SystemCatalog.Types.SelectMany(PgConstraint.OfDomain))
            .Rows(snapshot => snapshot.Types.SelectMany(PgConstraint.OfDomain))
            .Build();
    }

    private static SqlTable CreateTableConstraints() => InfoBuilder.For<InfoConstraint>("table_constraints")
        .Catalog("constraint_catalog", "table_catalog")
        .Column("constraint_schema", row => row.Schema)
        .Key("constraint_name", row => row.Name)
        .Column("table_schema", row => row.Table!.Schema)
        .Key("table_name", row => row.Table!.Name)
        .Column("constraint_type", row => row.Constraint?.Constraint.Type switch
        {
            ConstraintType.PrimaryKey => "PRIMARY KEY",
            ConstraintType.ForeignKey => "FOREIGN KEY",
            ConstraintType.Unique => "UNIQUE",
            _ => "CHECK",
        })
        .Column("is_deferrable", row => InfoBuilder.YesNo(row.Constraint?.Constraint.Deferrable ?? false))
        .Column("initially_deferred", row => InfoBuilder.YesNo(row.Constraint?.Constraint.InitiallyDeferred ?? false))
        .Same("YES", "enforced")
        .Column("nulls_distinct", row => row.Constraint?.Constraint.Type == ConstraintType.Unique ? "YES" : Cell.Null)
        .Common(() => SystemCatalog.Relations.SelectMany(NotNullOf))
        .Rows(snapshot => OfTables(snapshot).Select(row => new InfoConstraint(row.Table!.Schema, row.Constraint.Name, row.Table, row, ""))
            .Concat(Tables.TablesOf(snapshot).SelectMany(NotNullOf)))
        .Build();

    private static SqlTable CreateChecks() => InfoBuilder.For<InfoConstraint>("check_constraints")
        .Catalog("constraint_catalog")
        .Column("constraint_schema", row => row.Schema)
        .Key("constraint_name", row => row.Name)
        .Column("check_clause", row => row.Clause)
        .Common(() => SystemCatalog.Relations.SelectMany(NotNullOf).Concat(SystemCatalog.Types.SelectMany(PgConstraint.OfDomain).Select(Check)))
        .Rows(snapshot => OfTables(snapshot).Concat(snapshot.Types.SelectMany(PgConstraint.OfDomain))
            .Where(row => row.Constraint.Type == ConstraintType.Check).Select(Check)
            .Concat(Tables.TablesOf(snapshot).SelectMany(NotNullOf)))
        .Build();

    private static SqlTable CreateKeyColumns() => InfoBuilder.For<KeyColumn>("key_column_usage")
        .Catalog("constraint_catalog", "table_catalog")
        .Column("constraint_schema", row => row.Row.Table!.Schema)
        .Key("constraint_name", row => row.Row.Constraint.Name)
        .Column("table_schema", row => row.Row.Table!.Schema)
        .Key("table_name", row => row.Row.Table!.Name)
        .Column("column_name", row => row.Row.Table!.Attributes[row.Row.Constraint.Columns[row.Place] - 1].Name)
        .Column("ordinal_position", row => row.Place + 1)
        .Column("position_in_unique_constraint", row => PlaceInKey(row))
        .Rows(snapshot => OfTables(snapshot).Where(row => row.Constraint.Type != ConstraintType.Check)
            .SelectMany(row => Enumerable.Range(0, row.Constraint.Columns.Count).Select(place => new KeyColumn(row, place))))
        .Build();

    private static SqlTable CreateReferences() => InfoBuilder.For<ConstraintRow>("referential_constraints")
        .Catalog("constraint_catalog")
        .Column("constraint_schema", row => row.Table!.Schema)
        .Key("constraint_name", row => row.Constraint.Name)
        .Column("unique_constraint_catalog", (row, view) => KeyOf(row) is null ? Cell.Null : view.Database)
        .Column("unique_constraint_schema", row => KeyOf(row) is null ? Cell.Null : row.Referenced!.Schema)
        .Column("unique_constraint_name", row => KeyOf(row)?.Name)
        .Column("match_option", row => row.Constraint.Match == 'f' ? "FULL" : "NONE")
        .Column("update_rule", row => Rule(row.Constraint.OnUpdate))
        .Column("delete_rule", row => Rule(row.Constraint.OnDelete))
        .Rows(snapshot => OfTables(snapshot).Where(row => row.IsForeignKey))
        .Build();

    private static SqlTable CreateUsedColumns() => InfoBuilder.For<UsedColumn>("constraint_column_usage")
        .Catalog("table_catalog", "constraint_catalog")
        .Column("table_schema", row => row.Table.Schema)
        .Key("table_name", row => row.Table.Name)
        .Column("column_name", row => row.Table.Attributes[row.Column - 1].Name)
        .Column("constraint_schema", row => row.Row.Table!.Schema)
        .Key("constraint_name", row => row.Row.Constraint.Name)
        .Rows(snapshot => OfTables(snapshot).SelectMany(row => row.Referenced is { } target
            ? row.Constraint.ReferencedColumns.Select(column => new UsedColumn(row, target, column))
            : row.Constraint.Columns.Select(column => new UsedColumn(row, row.Table!, column))))
        .Build();

    private static SqlTable CreateUsedTables() => InfoBuilder.For<ConstraintRow>("constraint_table_usage")
        .Catalog("table_catalog", "constraint_catalog")
        .Column("table_schema", row => (row.Referenced ?? row.Table!).Schema)
        .Key("table_name", row => (row.Referenced ?? row.Table!).Name)
        .Column("constraint_schema", row => row.Table!.Schema)
        .Key("constraint_name", row => row.Constraint.Name)
        .Rows(snapshot => OfTables(snapshot).Where(row => row.Constraint.Type != ConstraintType.Check))
        .Build();

    private static IEnumerable<ConstraintRow> OfTables(SchemaSnapshot snapshot) =>
        snapshot.Relations.SelectMany(table => PgConstraint.OfTable(snapshot, table));

    private static InfoConstraint Check(ConstraintRow row) =>
        new(row.Table?.Schema ?? row.Domain!.Schema, row.Constraint.Name, row.Table, row, $"({row.Constraint.Expression})");

    private static IEnumerable<InfoConstraint> NotNullOf(Relation table) => PgClass.KindOf(table) != 'r' ? [] : table.Attributes
        .Where(column => column.NotNull && !column.Dropped)
        .Select(column => new InfoConstraint(
            table.Schema, string.Create(CultureInfo.InvariantCulture, $"{table.SchemaOid}_{table.Oid}_{column.Number}_not_null"), table, null,
            $"{column.Name} IS NOT NULL"));

    /// <summary>The primary key or UNIQUE that a foreign key refers to; null where it refers to an index alone.</summary>
    private static ConstraintInfo? KeyOf(ConstraintRow row) =>
        row.Referenced!.Constraints.FirstOrDefault(c => c.IndexOid == row.Index && c.Type is ConstraintType.PrimaryKey or ConstraintType.Unique);

    private static Cell PlaceInKey(KeyColumn column)
    {
        if (column.Row.Referenced is not { } target || target.Indexes.FirstOrDefault(i => i.Oid == column.Row.Index) is not { } index)
        {
            return Cell.Null;
        }

        var referenced = column.Row.Constraint.ReferencedColumns[column.Place];
        for (var place = 0; place < index.KeyCount; place++)
        {
            if (index.Columns[place] == referenced)
            {
                return place + 1;
            }
        }

        return Cell.Null;
    }

    private static string Rule(char action) => action switch
    {
        'c' => "CASCADE",
        'n' => "SET NULL",
        'd' => "SET DEFAULT",
        'r' => "RESTRICT",
        _ => "NO ACTION",
    };

    /// <param name="Constraint">Null for NOT NULL.</param>
    private sealed record InfoConstraint(string Schema, string Name, Relation? Table, ConstraintRow? Constraint, string Clause);

    private sealed record KeyColumn(ConstraintRow Row, int Place);

    private sealed record UsedColumn(ConstraintRow Row, Relation Table, short Column);
}
