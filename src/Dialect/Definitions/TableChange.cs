using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>
/// A table that exists and becomes another one: collects what changes, and adds the steps for SQLite and the metadata, so that both are as if the table had been
/// made so from the start.
/// </summary>
internal sealed class TableChange(Definition definition, Relation table)
{
    private readonly Relation _table = table;
    private readonly SchemaSnapshot _schema = (SchemaSnapshot)definition.Schema;
    private readonly Dictionary<short, BoundExpression> _values = [];
    private readonly Dictionary<short, string> _sequences = [];
    private readonly List<ConstraintInfo> _toCheck = [];
    private readonly List<(Relation Table, ConstraintInfo Key)> _referencing = [];
    private readonly List<short> _notNull = [];
    private readonly HashSet<uint> _rebuilt = [];
    private readonly HashSet<uint> _changedIndexes = [];
    private bool _copies;

    /// <summary>The table as the statement found it.</summary>
    public Relation Former => _table;

    /// <summary>The table as it is to be.</summary>
    public Relation Now { get; private set; } = table;

    /// <summary>Replaces the definition. The schema of the statement goes along.</summary>
    public void Set(Relation changed)
    {
        Now = changed;
        definition.Advance(SnapshotChange.WithTable((SchemaSnapshot)definition.Schema, changed));
    }

    public void SetColumn(Catalog.Attribute column) =>
        Set(Now with { Attributes = [.. Now.Attributes.Select(other => other.Number == column.Number ? column : other)] });

    /// <summary>The rows get a new form.</summary>
    public void Copy() => _copies = true;

    /// <summary>The value that rows have in a column that is new or changes its type, over the table as it was.</summary>
    public void SetValue(short column, BoundExpression value)
    {
        _values[column] = value;
        _copies = true;
    }

    /// <summary>The rows draw the values of a new column.</summary>
    public void Draw(short column, string sequence)
    {
        _sequences[column] = sequence;
        _copies = true;
    }

    /// <summary>The value that a column has in rows that exist; null for what they have already.</summary>
    public BoundExpression? ValueOf(short column) => _values.GetValueOrDefault(column);

    public bool IsDrawn(short column) => _sequences.ContainsKey(column);

    public void CheckNotNull(short column) => _notNull.Add(column);

    public void Check(ConstraintInfo constraint) => _toCheck.Add(constraint);

    /// <summary>Checks the rows of another table, which refers to this one, when this one has its new form.</summary>
    public void CheckReferencing(Relation other, ConstraintInfo key) => _referencing.Add((other, key));

    /// <summary>An index is made anew because its keys are others than before.</summary>
    public void Rebuild(uint index) => _rebuilt.Add(index);

    /// <summary>The text of an expression of an index has changed.</summary>
    public void ChangeIndex(uint index) => _changedIndexes.Add(index);

    /// <summary>Adds the steps.</summary>
    public void Write()
    {
        if (_table.Foreign && Now.Attributes.SequenceEqual(_table.Attributes) && Now.Constraints.SequenceEqual(_table.Constraints) && !_copies)
        {
            DropIndexes();
            DependentViews.Refresh(definition, _schema, Now.Oid);
            return;
        }

        if (_table.Foreign)
        {
            throw definition.NotSupported($"changing table \"{_table.Name}\", which was made over HTTP, is");
        }

        var live = Now.Attributes.Count(column => !column.Dropped);
        if (live == 0)
        {
            throw definition.NotSupported("tables without columns are");
        }

        var former = _table.Indexes.Where(index => index.Primary).Select(index => (index.Oid, Columns: string.Join(',', index.Columns.Take(index.KeyCount))));
        var primary = Now.Indexes.Where(index => index.Primary).Select(index => (index.Oid, Columns: string.Join(',', index.Columns.Take(index.KeyCount))));
        _copies |= !former.SequenceEqual(primary) || Now.RowIdColumn != _table.RowIdColumn;
        foreach (var column in Now.Attributes.Where(column => column.Dropped && _table.Attributes[column.Number - 1] is { Dropped: false }))
        {
            ForeignUse.RefuseDrop(definition, _table, column);
        }

        DropIndexes();
        WriteTable();
        foreach (var index in Now.Indexes.Where(index => index.SqliteName.Length > 0
            && (_copies || _rebuilt.Contains(index.Oid) || _table.Indexes.All(other => other.Oid != index.Oid))))
        {
            new RowChecks(definition, Now, Now.SqliteName).Unique(index);
            definition.Step(IndexSql.Of(Now, index, definition.Schema));
        }

        foreach (var constraint in _toCheck.Where(constraint => Now.Constraints.Any(other => other.Oid == constraint.Oid)))
        {
            CheckRows(constraint);
        }

        foreach (var (other, key) in _referencing)
        {
            new RowChecks(definition, other, other.SqliteName).ForeignKey(key);
        }

        new TableMetadata(definition, _table, Now, _changedIndexes).Write();
        DependentViews.Refresh(definition, _schema, Now.Oid);
    }

    private void DropIndexes()
    {
        foreach (var index in _table.Indexes.Where(index => index.SqliteName.Length > 0
            && (_copies || _rebuilt.Contains(index.Oid) || Now.Indexes.All(other => other.Oid != index.Oid))))
        {
            definition.Step($"DROP INDEX {TableSql.Quote(index.SqliteName)}");
        }
    }

    private void WriteTable()
    {
        if (!_copies)
        {
            CheckNulls(_table.SqliteName);
            if (TableRewriting.ToSql(Now, definition.Schema) != TableRewriting.ToSql(_table, _schema))
            {
                TableRewriting.Rewrite(definition, _table, Now);
            }

            return;
        }

        var copy = new TableCopy(definition, _table, Now, _values, _sequences);
        if (Now.Indexes.FirstOrDefault(index => index.Primary) is { } primary && !NeedsNoCheck(primary))
        {
            // A key of the copy that SQLite refuses would be refused in SQLite's words, and null would become a number.
            var checks = new RowChecks(definition, Now, TableCopy.Name, copy.Rows);
            checks.Unique(primary);
            foreach (var number in primary.Columns.Take(primary.KeyCount))
            {
                checks.NotNull(Now.Attributes[number - 1]);
            }
        }

        copy.Write(_schema, () => CheckNulls(TableCopy.Name));
    }

    // Before the column is NOT NULL for SQLite, which believes that and looks at no row.
    private void CheckNulls(string sqliteName)
    {
        foreach (var column in _notNull.Select(number => Now.Attributes[number - 1]).Where(column => !column.Dropped))
        {
            new RowChecks(definition, Now, sqliteName).NotNull(column);
        }
    }

    /// <summary>True if the rows have the key already, or draw it.</summary>
    private bool NeedsNoCheck(IndexInfo primary)
    {
        var keys = primary.Columns.Take(primary.KeyCount).ToArray();
        return (_table.Indexes.Any(index => index.Oid == primary.Oid) && !keys.Any(_values.ContainsKey)) || keys.Any(_sequences.ContainsKey);
    }

    private void CheckRows(ConstraintInfo constraint)
    {
        var checks = new RowChecks(definition, Now, Now.SqliteName);
        if (constraint.Type == ConstraintType.Check)
        {
            checks.Check(constraint);
        }
        else if (constraint.Type == ConstraintType.ForeignKey)
        {
            checks.ForeignKey(constraint);
        }
    }
}
