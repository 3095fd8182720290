using System.Globalization;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>What SQLite says of the tables, views and indexes of the database, those of this project left out.</summary>
internal sealed class PhysicalSchema
{
    // Leaves out the tables of ours and those of SQLite.
    private const string Clients = "t.name NOT LIKE '\\_rqlite\\_%' ESCAPE '\\' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

    private readonly Dictionary<string, PhysicalTable> _tables = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, PhysicalIndex> _indexes = new(StringComparer.OrdinalIgnoreCase);
    private string? _lastName;
    private PhysicalTable? _last;

    /// <summary>The tables of this project that exist.</summary>
    public HashSet<string> Own { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Tables and views by name.</summary>
    public IReadOnlyDictionary<string, PhysicalTable> Tables => _tables;

    public IReadOnlyDictionary<string, PhysicalIndex> Indexes => _indexes;

    public static PhysicalSchema Read(ISchemaReader reader)
    {
        var schema = new PhysicalSchema();
        schema.ReadObjects(reader);
        schema.ReadKinds(reader);
        schema.ReadColumns(reader);
        schema.ReadIndexes(reader);
        schema.ReadForeignKeys(reader);
        foreach (var table in schema._tables.Values)
        {
            table.Complete();
        }

        return schema;
    }

    private void ReadObjects(ISchemaReader reader) => reader.Read(
        "SELECT t.type, t.name, t.tbl_name, t.sql FROM main.sqlite_schema t WHERE t.type IN ('table', 'view', 'index') ORDER BY t.type DESC", 4, row =>
        {
            var name = row.Name(1);
            if (name.StartsWith("_rqlite_", StringComparison.OrdinalIgnoreCase))
            {
                Own.Add(name);
            }
            else if (row.Text(0) != "index")
            {
                if (!name.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase))
                {
                    _tables[name] = new PhysicalTable(name, row.Text(0) == "view", row.Name(3));
                }
            }
            else if (_tables.TryGetValue(row.Name(2), out var table))
            {
                var index = new PhysicalIndex(name, table, row.Text(3));
                table.Indexes.Add(index);
                _indexes[name] = index;
            }
        });

    private void ReadKinds(ISchemaReader reader) => reader.Read(
        "SELECT t.name, t.type, t.wr FROM pragma_table_list t WHERE t.schema = 'main'", 3, row =>
        {
            if (_tables.TryGetValue(row.Name(0), out var table))
            {
                table.IsShadow = row.Text(1) == "shadow";
                table.WithoutRowId = row.Boolean(2);
            }
        });

    private void ReadColumns(ISchemaReader reader)
    {
        const string columns = "t.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk, c.hidden";
        foreach (var type in new[] { "table", "view" })
        {
            // One object that SQLite cannot read must not hide the others, so after a failure each is asked by itself.
            if (reader.Read(
                $"SELECT {columns} FROM main.sqlite_schema t, pragma_table_xinfo(t.name, 'main') c WHERE t.type = '{type}' AND {Clients}", 7, AddColumn))
            {
                continue;
            }

            foreach (var table in _tables.Values.Where(t => t.IsView == (type == "view")))
            {
                table.Columns.Clear();
                reader.Read(
                    $"SELECT {columns} FROM (SELECT {Literal(table.Name)} AS name) t, pragma_table_xinfo(t.name, 'main') c", 7, AddColumn);
            }
        }
    }

    private void AddColumn(SchemaRow row)
    {
        // A hidden column of a virtual table is an argument.
        if (row.Integer(6) == 1)
        {
            return;
        }

        if (!ReferenceEquals(_lastName, row.Text(0)))
        {
            _lastName = row.Name(0);
            _last = _tables.GetValueOrDefault(_lastName);
        }

        if (_last is { } table)
        {
            table.Columns.Add(new PhysicalColumn(row.Name(1), row.Name(2), row.Boolean(3), row.Text(4), row.Int32(5), row.Integer(6) is 2 or 3));
        }
    }

    private void ReadIndexes(ISchemaReader reader)
    {
        reader.Read(
            "SELECT i.name, i.\"unique\", i.origin, i.partial FROM main.sqlite_schema t, pragma_index_list(t.name, 'main') i"
            + $" WHERE t.type = 'table' AND {Clients}", 4, row =>
            {
                if (_indexes.TryGetValue(row.Name(0), out var index))
                {
                    index.Unique = row.Boolean(1);
                    index.Origin = row.Name(2);
                    index.Partial = row.Boolean(3);
                }
            });
        reader.Read(
            "SELECT t.name, c.name, c.\"desc\", c.coll FROM main.sqlite_schema t, pragma_index_xinfo(t.name, 'main') c"
            + " WHERE t.type = 'index' AND c.key = 1 AND t.tbl_name NOT LIKE '\\_rqlite\\_%' ESCAPE '\\'", 4, row =>
            {
                if (_indexes.TryGetValue(row.Name(0), out var index))
                {
                    index.Columns.Add(new PhysicalIndexColumn(row.Text(1), row.Boolean(2), row.Name(3)));
                }
            });
    }

    private void ReadForeignKeys(ISchemaReader reader) => reader.Read(
        "SELECT t.name, f.id, f.\"table\", f.\"from\", f.\"to\", f.on_update, f.on_delete, f.match"
        + $" FROM main.sqlite_schema t, pragma_foreign_key_list(t.name, 'main') f WHERE t.type = 'table' AND {Clients}", 8, row =>
        {
            if (!_tables.TryGetValue(row.Name(0), out var table))
            {
                return;
            }

            // The rows of a key follow one another in the order of its columns.
            var id = row.Int32(1);
            if (table.ForeignKeys.Count == 0 || table.ForeignKeys[^1].Id != id)
            {
                table.ForeignKeys.Add(new PhysicalForeignKey(id, row.Name(2), row.Name(5), row.Name(6)));
            }

            table.ForeignKeys[^1].Columns.Add((row.Name(3), row.Text(4)));
        });

    private static string Literal(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"'{text.Replace("'", "''", StringComparison.Ordinal)}'");
}

/// <summary>A table or view of SQLite.</summary>
internal sealed record PhysicalTable(string Name, bool IsView, string Sql)
{
    /// <summary>A table that a virtual table keeps its data in.</summary>
    public bool IsShadow { get; set; }

    public bool WithoutRowId { get; set; }

    public List<PhysicalColumn> Columns { get; } = [];

    public List<PhysicalIndex> Indexes { get; } = [];

    /// <summary>By <see cref="PhysicalForeignKey.Id"/>, which counts from the last to the first.</summary>
    public List<PhysicalForeignKey> ForeignKeys { get; } = [];

    /// <summary>The columns of the primary key in its order.</summary>
    public IEnumerable<PhysicalColumn> Key => Columns.Where(column => column.KeyPlace > 0).OrderBy(column => column.KeyPlace);

    /// <summary>The column that is an alias of the rowid; null for none.</summary>
    public PhysicalColumn? RowIdColumn { get; private set; }

    /// <summary>Called when everything about the table has been read.</summary>
    public void Complete() => RowIdColumn = !WithoutRowId && Columns.Count(column => column.KeyPlace > 0) == 1
        && Columns.First(column => column.KeyPlace > 0) is var only && only.Declared.Equals("INTEGER", StringComparison.OrdinalIgnoreCase)
        && !Indexes.Exists(index => index.Origin == "pk") ? only : null;
}

/// <param name="KeyPlace">The place in the primary key from 1; 0 for none.</param>
internal sealed record PhysicalColumn(string Name, string Declared, bool NotNull, string? Default, int KeyPlace, bool Generated);

/// <param name="Sql">Null for an index that a constraint of the table made.</param>
internal sealed record PhysicalIndex(string Name, PhysicalTable Table, string? Sql)
{
    public bool Unique { get; set; }

    /// <summary>c for CREATE INDEX, u for UNIQUE, pk for PRIMARY KEY.</summary>
    public string Origin { get; set; } = "c";

    public bool Partial { get; set; }

    public List<PhysicalIndexColumn> Columns { get; } = [];
}

/// <param name="Name">Null for an expression.</param>
internal sealed record PhysicalIndexColumn(string? Name, bool Descending, string Collation);

internal sealed record PhysicalForeignKey(int Id, string Table, string OnUpdate, string OnDelete)
{
    /// <summary>Pairs of columns; the referenced one is null where the key refers to a primary key without naming it.</summary>
    public List<(string From, string? To)> Columns { get; } = [];
}
