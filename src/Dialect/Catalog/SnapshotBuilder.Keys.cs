using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <content>The indexes and constraints of tables.</content>
internal sealed partial class SnapshotBuilder
{
    private const short DescendingNullsFirst = 3;

    private List<IndexInfo> IndexesOf(Draft draft, out List<ConstraintInfo> constraints)
    {
        constraints = [];
        if (draft.Table is not { IsView: false } table)
        {
            return [];
        }

        var indexes = new List<IndexInfo>();
        var claimed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (draft.Row is not null)
        {
            AddKnownKeys(draft, table, indexes, constraints, claimed);
        }
        else
        {
            AddForeignConstraints(draft, table, indexes, constraints, claimed);
        }

        foreach (var index in table.Indexes.Where(i => i.Origin == "c" && !claimed.Contains(i.Name)).OrderBy(i => i.Name, StringComparer.Ordinal))
        {
            _names.Add((draft.Schema, index.Name));
            indexes.Add(ForeignIndex(draft, index, index.Name, primary: false));
        }

        indexes.Sort((a, b) => a.Oid.CompareTo(b.Oid));
        return indexes;
    }

    private void AddKnownKeys(
        Draft draft, PhysicalTable table, List<IndexInfo> indexes, List<ConstraintInfo> constraints, HashSet<string> claimed)
    {
        foreach (var (sqliteName, index) in _metadata.Indexes.GetValueOrDefault(draft.Oid, []))
        {
            var exists = sqliteName is null || (_physical.Indexes.TryGetValue(sqliteName, out var physical) && physical.Table == table);
            if (exists && index.Columns.All(number => number == 0 || draft.Unchanged.Contains(number)))
            {
                claimed.Add(sqliteName ?? "");
                _names.Add((draft.Schema, index.Name));
                indexes.Add(index with { Attributes = KeysOf(draft, index, _metadata.Attributes.GetValueOrDefault(index.Oid, [])) });
            }
        }

        foreach (var constraint in _metadata.Constraints.GetValueOrDefault(draft.Oid, []))
        {
            var hasIndex = constraint.Type is not (ConstraintType.PrimaryKey or ConstraintType.Unique)
                || indexes.Any(index => index.Oid == constraint.IndexOid);
            var hasTarget = constraint.ReferencedOid == 0 || _drafts.Values.Any(d => d.Oid == constraint.ReferencedOid);
            if (hasIndex && hasTarget && constraint.Columns.All(draft.Unchanged.Contains) && HasSqlite(draft, table, constraint))
            {
                constraints.Add(constraint);
            }
        }
    }

    /// <summary>True if SQLite has the constraint too: the table may have been made anew over HTTP.</summary>
    private static bool HasSqlite(Draft draft, PhysicalTable table, ConstraintInfo constraint)
    {
        var columns = constraint.Columns.Select(number => draft.Columns[number - 1].Name);
        return constraint.Type switch
        {
            ConstraintType.ForeignKey => table.ForeignKeys.Any(key =>
                key.Columns.Select(pair => pair.From).SequenceEqual(columns, StringComparer.OrdinalIgnoreCase)),
            ConstraintType.Check => table.Sql.Contains(constraint.Name.Replace("\"", "\"\"", StringComparison.Ordinal), StringComparison.Ordinal),
            _ => true,
        };
    }

    private static Attribute[] KeysOf(Draft draft, IndexInfo index, List<AttributeRow> expressions) =>
    [
        .. index.Columns.Select((number, place) => number == 0
            ? expressions.FirstOrDefault(row => row.Attribute.Number == place + 1)?.Attribute ?? Expression(place)
            : KeyOf(draft.Columns[number - 1], place, index.Collations.ElementAtOrDefault(place))),
    ];

    private static Attribute KeyOf(Attribute column, int place, uint collation) => new(
        (short)(place + 1), column.Name, column.Type, collation == 0 ? column.Collation : collation)
    {
        Dimensions = column.Dimensions,
    };

    private static Attribute Expression(int place) =>
        new((short)(place + 1), "expr", new PgType(PgTypes.Text), PgTypes.Find(PgTypes.Text)!.CollationOid);

    private void AddForeignConstraints(
        Draft draft, PhysicalTable table, List<IndexInfo> indexes, List<ConstraintInfo> constraints, HashSet<string> claimed)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        AddChecks(draft, constraints, names);
        AddForeignPrimaryKey(draft, table, indexes, constraints, names);
        foreach (var index in table.Indexes.Where(i => i.Origin == "u").OrderBy(i => i.Name, StringComparer.Ordinal))
        {
            claimed.Add(index.Name);
            var columns = index.Columns.Select(column => column.Name ?? "").ToArray();
            var name = draft.Text.UniqueNames.GetValueOrDefault(SqliteTableText.KeyOf(columns))
                ?? ObjectNames.Choose(draft.Name, ObjectNames.JoinColumns(columns), "key", n => _names.Contains((draft.Schema, n)) || names.Contains(n));
            AddKey(draft, ForeignIndex(draft, index, name, primary: false), ConstraintType.Unique, indexes, constraints, names);
        }

        AddForeignKeys(draft, table, constraints, names);
    }

    private void AddChecks(Draft draft, List<ConstraintInfo> constraints, HashSet<string> names)
    {
        foreach (var check in draft.Text.Checks)
        {
            var column = check.Column is null ? null : draft.Find(check.Column);
            var name = check.Name ?? ObjectNames.Choose(draft.Name, column?.Name, "check", names.Contains);
            names.Add(name);
            constraints.Add(new ConstraintInfo(
                _oids.Of('C', draft.SqliteName, name), name, ConstraintType.Check, column is null ? [] : [column.Number])
            {
                Expression = check.Expression,
            });
        }
    }

    private void AddForeignPrimaryKey(
        Draft draft, PhysicalTable table, List<IndexInfo> indexes, List<ConstraintInfo> constraints, HashSet<string> names)
    {
        var columns = table.Key.Select(column => draft.Find(column.Name)?.Number ?? 0).ToArray();
        if (columns.Length == 0)
        {
            return;
        }

        var name = draft.Text.PrimaryKeyName ?? ObjectNames.Choose(draft.Name, null, "pkey", n => _names.Contains((draft.Schema, n)) || names.Contains(n));
        var index = new IndexInfo(_oids.Of('I', draft.SqliteName, name), name, Unique: true, Primary: true, columns)
        {
            Options = new short[columns.Length],
        };
        AddKey(draft, index with { Attributes = KeysOf(draft, index, []) }, ConstraintType.PrimaryKey, indexes, constraints, names);
    }

    private void AddKey(
        Draft draft, IndexInfo index, ConstraintType type, List<IndexInfo> indexes, List<ConstraintInfo> constraints, HashSet<string> names)
    {
        names.Add(index.Name);
        _names.Add((draft.Schema, index.Name));
        indexes.Add(index);
        constraints.Add(new ConstraintInfo(_oids.Of('C', draft.SqliteName, index.Name), index.Name, type, index.Columns) { IndexOid = index.Oid });
    }

    private void AddForeignKeys(Draft draft, PhysicalTable table, List<ConstraintInfo> constraints, HashSet<string> names)
    {
        // SQLite numbers the keys from the last one to the first.
        var keys = table.ForeignKeys.OrderByDescending(key => key.Id).ToArray();
        var texts = draft.Text.ForeignKeys.Count == keys.Length ? draft.Text.ForeignKeys : null;
        for (var i = 0; i < keys.Length; i++)
        {
            // A key to a table that does not exist is no constraint that PostgreSQL could have.
            if (!_drafts.TryGetValue(keys[i].Table, out var target) || target.Table is not { IsView: false } referenced)
            {
                continue;
            }

            short[] columns = [.. keys[i].Columns.Select(pair => draft.Find(pair.From)?.Number ?? 0)];
            var primary = referenced.Key.ToArray();
            short[] targets =
            [
                .. keys[i].Columns.Select((pair, place) => pair.To ?? (place < primary.Length ? primary[place].Name : ""))
                    .Select(name => target.Find(name)?.Number ?? 0),
            ];
            if (columns.Contains((short)0) || targets.Contains((short)0))
            {
                continue;
            }

            var name = texts?[i].Name
                ?? ObjectNames.Choose(draft.Name, ObjectNames.JoinColumns(keys[i].Columns.Select(pair => pair.From)), "fkey", names.Contains);
            names.Add(name);
            constraints.Add(new ConstraintInfo(_oids.Of('C', draft.SqliteName, name), name, ConstraintType.ForeignKey, columns)
            {
                ReferencedOid = target.Oid,
                ReferencedColumns = targets,
                OnUpdate = ActionOf(keys[i].OnUpdate),
                OnDelete = ActionOf(keys[i].OnDelete),
                Deferrable = texts?[i].Deferrable ?? false,
                InitiallyDeferred = texts?[i].InitiallyDeferred ?? false,
            });
        }
    }

    private static char ActionOf(string action) => action switch
    {
        "CASCADE" => 'c',
        "SET NULL" => 'n',
        "SET DEFAULT" => 'd',
        "RESTRICT" => 'r',
        _ => 'a',
    };

    private IndexInfo ForeignIndex(Draft draft, PhysicalIndex physical, string name, bool primary)
    {
        var text = SqliteIndexText.Parse(physical.Sql);
        short[] columns = [.. physical.Columns.Select(column => column.Name is null ? (short)0 : draft.Find(column.Name)?.Number ?? 0)];
        var index = new IndexInfo(_oids.Of('I', physical.Name), name, physical.Unique, primary, columns)
        {
            Expressions = [.. columns.Select((number, place) => (number, place)).Where(c => c.number == 0).Select(c => text.Keys.ElementAtOrDefault(c.place) ?? "")],
            Predicate = physical.Partial ? text.Predicate : null,
            Options = [.. physical.Columns.Select(column => column.Descending ? DescendingNullsFirst : (short)0)],
            SqliteName = physical.Origin == "c" ? physical.Name : "",
        };
        return index with { Attributes = KeysOf(draft, index, []) };
    }
}
