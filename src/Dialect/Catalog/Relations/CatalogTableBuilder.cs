using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>Collects how the columns of a relation follow from its rows. Every column of PostgreSQL's relation has to be given.</summary>
internal sealed class CatalogTableBuilder<TRow>
    where TRow : class
{
    private readonly SystemRelation _relation;
    private readonly Func<TRow, CatalogView, Cell>?[] _columns;
    private readonly List<(int Column, Func<TRow, Cell> Value)> _keys = [];
    private Func<IEnumerable<TRow>> _common = static () => [];
    private Func<CatalogView, IEnumerable<TRow>> _rows = static _ => [];
    private bool _changing;

    public CatalogTableBuilder(string schema, string name)
    {
        _relation = SystemRelations.Find(schema, name) ?? throw new InvalidOperationException($"There is no {schema}.{name}.");
        _columns = new Func<TRow, CatalogView, Cell>[_relation.Columns.Count];
    }

    /// <summary>A column by which rows are found. The first one is unique, or nearly so.</summary>
    public CatalogTableBuilder<TRow> Key(string name, Func<TRow, Cell> value)
    {
        _keys.Add((IndexOf(name), value));
        return Column(name, value);
    }

    public CatalogTableBuilder<TRow> Column(string name, Func<TRow, Cell> value) => Column(name, (row, _) => value(row));

    public CatalogTableBuilder<TRow> Column(string name, Func<TRow, CatalogView, Cell> value)
    {
        var index = IndexOf(name);
        _columns[index] = _columns[index] is null ? value : throw new InvalidOperationException($"{_relation.Name}.{name} is given twice.");
        return this;
    }

    /// <summary>Columns that have the same value in all rows.</summary>
    public CatalogTableBuilder<TRow> Same(Cell value, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            Column(name, (_, _) => value);
        }

        return this;
    }

    public CatalogTableBuilder<TRow> Null(params ReadOnlySpan<string> names) => Same(Cell.Null, names);

    /// <summary>The columns that are not given yet are null.</summary>
    public CatalogTableBuilder<TRow> OthersNull()
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            _columns[i] ??= static (_, _) => Cell.Null;
        }

        return this;
    }

    /// <summary>The rows that every database has.</summary>
    public CatalogTableBuilder<TRow> Common(Func<IEnumerable<TRow>> rows)
    {
        _common = rows;
        return this;
    }

    /// <summary>The rows that follow from the schema.</summary>
    public CatalogTableBuilder<TRow> Rows(Func<SchemaSnapshot, IEnumerable<TRow>> rows)
    {
        _rows = view => rows(view.Snapshot);
        return this;
    }

    /// <summary>Rows that do not follow from the schema alone, and are made anew for each scan.</summary>
    public CatalogTableBuilder<TRow> Changing(Func<CatalogView, IEnumerable<TRow>> rows)
    {
        _rows = rows;
        _changing = true;
        return this;
    }

    public SqlTable Build()
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            _ = _columns[i] ?? throw new InvalidOperationException($"{_relation.Name}.{_relation.Columns[i].Name} is not given.");
        }

        return new CatalogTable<TRow>(_relation, _columns!, _keys, _common, _rows, _changing);
    }

    private int IndexOf(string name)
    {
        for (var i = 0; i < _relation.Columns.Count; i++)
        {
            if (_relation.Columns[i].Name == name)
            {
                return i;
            }
        }

        throw new InvalidOperationException($"{_relation.Name} has no column {name}.");
    }
}
