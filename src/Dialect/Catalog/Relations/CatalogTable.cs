using System.Text;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// A relation of pg_catalog or information_schema as a virtual table. Behind its columns stands one more, tableoid. Rows are found by a key in dictionaries
/// that are made when they are first asked for, of the rows of every database once, of the others once a schema.
/// </summary>
internal sealed class CatalogTable<TRow> : SqlTable
    where TRow : class
{
    private readonly SystemRelation _relation;
    private readonly Func<TRow, CatalogView, Cell>[] _columns;
    private readonly int[] _keys;
    private readonly Dictionary<int, Func<TRow, Cell>> _keyValues;
    private readonly Func<IEnumerable<TRow>> _common;
    private readonly Func<CatalogView, IEnumerable<TRow>> _rows;
    private readonly bool _changing;
    private readonly Lazy<TRow[]> _commonRows;
    private readonly Dictionary<int, Lazy<Index>> _commonIndexes;

    /// <param name="common">The rows that every database has.</param>
    /// <param name="rows">The rows of the database.</param>
    /// <param name="changing">The rows of the database do not follow from its schema alone.</param>
    public CatalogTable(
        SystemRelation relation, Func<TRow, CatalogView, Cell>[] columns, IReadOnlyList<(int Column, Func<TRow, Cell> Value)> keys,
        Func<IEnumerable<TRow>> common, Func<CatalogView, IEnumerable<TRow>> rows, bool changing)
        : base(relation.SqliteName, [.. relation.Columns.Select(Declare), new SqlTableColumn("tableoid", "INTEGER")])
    {
        _relation = relation;
        _columns = columns;
        _keys = [.. keys.Select(key => key.Column)];
        _keyValues = keys.ToDictionary(key => key.Column, key => key.Value);
        _common = common;
        _rows = rows;
        _changing = changing;
        _commonRows = new Lazy<TRow[]>(() => [.. _common()]);
        _commonIndexes = keys.ToDictionary(key => key.Column, key => new Lazy<Index>(() => Index.Of(_commonRows.Value, key.Value)));
    }

    public override IReadOnlyList<int> Keys => _keys;

    public override bool AsksSession => SystemTables.AsksSession(_relation);

    public override long RowsOf(int key) => key == _keys[0] ? 1 : 8;

    public override SqlRowScan Scan(int key, in FunctionCall call)
    {
        var view = CatalogView.Of(call.Statement);
        if (key < 0)
        {
            return new Rows(this, view, RowsOf(view), null, null);
        }

        var rows = RowsOf(view);
        var own = _changing
            ? Index.Of(rows, _keyValues[key])
            : (Index)view.Snapshot.Made.GetOrAdd((this, key), _ => Index.Of(rows, _keyValues[key]));
        var common = _commonIndexes[key].Value;
        if (call.ClassOf(0) == StorageClass.Integer)
        {
            var number = call.Integer(0);
            return new Rows(this, view, rows, common.Find(number), own.Find(number));
        }

        var text = Encoding.UTF8.GetString(call.Bytes(0));
        return new Rows(this, view, rows, common.Find(text), own.Find(text));
    }

    private IReadOnlyList<TRow> RowsOf(CatalogView view) => _changing
        ? [.. _rows(view)]
        : (TRow[])view.Snapshot.Made.GetOrAdd((this, -1), _ => _rows(view).ToArray());

    private static SqlTableColumn Declare(SystemColumn column) => 
        new(column.Name, SystemTables.StoredType(SystemDomains.Find(column.Type)?.Base.Oid ?? column.Type));

    /// <summary>The places of rows by a key.</summary>
    private sealed class Index(Dictionary<long, List<int>> numbers, Dictionary<string, List<int>> texts)
    {
        public static Index Of(IReadOnlyList<TRow> rows, Func<TRow, Cell> key)
        {
            var index = new Index([], new Dictionary<string, List<int>>(StringComparer.Ordinal));
            for (var i = 0; i < rows.Count; i++)
            {
                index.Add(key(rows[i]), i);
            }

            return index;
        }

        public List<int> Find(long key) => numbers.TryGetValue(key, out var places) ? places : [];

        public List<int> Find(string key) => texts.TryGetValue(key, out var places) ? places : [];

        private void Add(Cell key, int place)
        {
            if (key.IsNumber)
            {
                Add(numbers, key.Number, place);
            }
            else if (key.Text is { } text)
            {
                Add(texts, text, place);
            }
        }

        private static void Add<TKey>(Dictionary<TKey, List<int>> lists, TKey key, int place)
            where TKey : notnull
        {
            if (lists.TryGetValue(key, out var list))
            {
                list.Add(place);
            }
            else
            {
                lists[key] = [place];
            }
        }
    }

    /// <param name="rows">The rows of the database.</param>
    /// <param name="common">The places of those that are read among the rows that every database has; null for all.</param>
    /// <param name="own">Those among the rows of the database; null for all.</param>
    private new sealed class Rows(CatalogTable<TRow> table, CatalogView view, IReadOnlyList<TRow> rows, List<int>? common, List<int>? own) : SqlRowScan
    {
        private readonly TRow[] _common = table._commonRows.Value;
        private int _next;
        private int _place;
        private TRow _row = null!;

        // A condition with OR may find a row by several keys.
        public override long? Number => _place;

        public override bool Read()
        {
            var (commonCount, ownCount) = (common?.Count ?? _common.Length, own?.Count ?? rows.Count);
            if (_next >= commonCount + ownCount)
            {
                return false;
            }

            if (_next < commonCount)
            {
                _place = common?[_next] ?? _next;
                _row = _common[_place];
            }
            else
            {
                var place = own?[_next - commonCount] ?? _next - commonCount;
                _row = rows[place];
                _place = _common.Length + place;
            }

            _next++;
            return true;
        }

        public override void Column(int column, in FunctionCall answer)
        {
            if (column < table._columns.Length)
            {
                table._columns[column](_row, view).Return(answer);
            }
            else
            {
                answer.Return(table._relation.Oid);
            }
        }
    }
}
