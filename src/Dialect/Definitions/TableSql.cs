using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>A table's CREATE TABLE in SQLite's dialect.</summary>
/// <param name="names">The names as the authors of the expressions saw them.</param>
internal sealed class TableSql(SchemaNames names, LoweringContext lowering)
{
    private readonly List<string> _elements = [];
    private readonly List<(ConstraintInfo Key, string Target, string Columns, string TargetColumns)> _foreignKeys = [];

    /// <summary>The table itself as relation 1 of its expressions.</summary>
    public required Relation Table { get; init; }

    /// <param name="rowId">The column is the primary key and SQLite's rowid.</param>
    /// <param name="value">The default or the generated value; null for none.</param>
    /// <param name="sequence">The sequence that a serial column draws from, as its name in SQLite; null for another column.</param>
    public void AddColumn(Attribute column, bool rowId, BoundExpression? value, string? sequence)
    {
        var text = new StringBuilder(Quote(column.Name)).Append(' ').Append(DeclaredType(column, rowId));
        if (rowId)
        {
            _elements.Add(text.Append(" PRIMARY KEY").ToString());
            return;
        }

        if (StoredColumns.CollationOf(column.Type, lowering.Schema) is { } collation)
        {
            text.Append(" COLLATE ").Append(collation);
        }

        text.Append(column.NotNull ? " NOT NULL" : "");
        if (column.Generated)
        {
            text.Append(CultureInfo.InvariantCulture, $" GENERATED ALWAYS AS ({Lower(value!)}) STORED");
        }
        else if (sequence is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" DEFAULT (nextval({Literal(Quote(sequence))}))");
        }
        else if (value is not null && DefaultSql.Of(value, names, lowering) is { } sql)
        {
            text.Append(CultureInfo.InvariantCulture, $" DEFAULT ({sql})");
        }

        _elements.Add(text.ToString());
    }

    public string DeclaredType(Attribute column, bool rowId) => rowId ? StoredColumns.RowId : StoredColumns.Declare(column.Type, lowering.Schema);

    public void AddPrimaryKey(string name, IEnumerable<string> columns) =>
        _elements.Add($"CONSTRAINT {Quote(name)} PRIMARY KEY ({string.Join(", ", columns.Select(Quote))})");

    public void AddCheck(string name, BoundExpression value) => _elements.Add($"CONSTRAINT {Quote(name)} CHECK ({Lower(value)})");

    public void AddForeignKey(ConstraintInfo key, IEnumerable<string> columns, string target, IEnumerable<string> targetColumns) =>
        _foreignKeys.Add((key, target, string.Join(", ", columns.Select(Quote)), string.Join(", ", targetColumns.Select(Quote))));

    public override string ToString()
    {
        var keys = _foreignKeys.Select(key =>
            $"CONSTRAINT {Quote(key.Key.Name)} FOREIGN KEY ({key.Columns}) REFERENCES {Quote(key.Target)} ({key.TargetColumns})"
            + Action(" ON UPDATE ", key.Key.OnUpdate) + Action(" ON DELETE ", OnDelete(key.Key, key.Target))
            + (key.Key.Deferrable ? " DEFERRABLE" : "") + (key.Key.InitiallyDeferred ? " INITIALLY DEFERRED" : ""));
        return $"CREATE TABLE {Quote(Table.SqliteName)} (\n    {string.Join(",\n    ", _elements.Concat(keys))}\n)";
    }

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>
    /// SQLite's RESTRICT refuses a row as soon as it is deleted, also where the statement deletes those that refer to it too. PostgreSQL looks behind the
    /// statement, and no DELETE gives the key to another row: that is NO ACTION, as long as nothing waits for COMMIT and nothing else deletes or changes rows
    /// of the table meanwhile.
    /// </summary>
    private char OnDelete(ConstraintInfo key, string target) =>
        key is { OnDelete: 'r', InitiallyDeferred: false } && target == Table.SqliteName && _foreignKeys.TrueForAll(static other => other.Key.OnDelete is 'a' or 'r')
            ? 'a' : key.OnDelete;

    private static string Action(string word, char action) => action switch
    {
        'r' => word + "RESTRICT",
        'c' => word + "CASCADE",
        'n' => word + "SET NULL",
        'd' => word + "SET DEFAULT",
        _ => "",
    };

    private string Lower(BoundExpression value) => Lowerer.LowerExpression(value, Table, lowering);
}
