using System.Text;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.TypedColumns;

/// <summary>The tables that were made in PostgreSQL's dialect, with the checks of their columns.</summary>
internal sealed class TypedTables : ITypedTables
{
    // A column counts while SQLite declares it as it was made. SQLite's hook counts hidden columns too.
    private const string Columns =
        "SELECT c.sqlite_name, x.cid, a.name, a.type, a.modifier, CASE WHEN x.pk = 1 AND x.type = 'INTEGER' THEN a.sequence END"
        + " FROM _rqlite_class c, pragma_table_xinfo(c.sqlite_name, 'main') x, _rqlite_attribute a"
        + " WHERE c.kind = 'r' AND a.relation = c.oid AND a.dropped = 0 AND a.name = x.name COLLATE NOCASE AND a.declared = x.type COLLATE NOCASE"
        + " ORDER BY c.oid, a.number";

    private static readonly byte[] s_marker =
        Encoding.UTF8.GetBytes($"SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = '{MetadataSchema.Marker}'");

    private static readonly byte[] s_columns = Encoding.UTF8.GetBytes(Columns);

    private readonly Dictionary<string, RowCheck> _checks = new(StringComparer.Ordinal);
    private readonly DomainValues _domains = new();
    private readonly CheckBuffers _buffers = new();
    private readonly Dictionary<string, long> _inserted = new(StringComparer.Ordinal);

    private TypedTables()
    {
    }

    public IReadOnlyDictionary<string, RowCheck> Checks => _checks;

    public static TypedTables? Load(IConnectionSql sql)
    {
        var exists = false;
        sql.Read(Statement.Ours(s_marker), (in _) => exists = true);
        if (!exists)
        {
            return null;
        }

        var tables = new TypedTables();
        var types = new UserTypes(sql);
        var columns = new Dictionary<string, List<ColumnCheck>>(StringComparer.Ordinal);
        var keys = new Dictionary<string, (int Place, string Sequence)>(StringComparer.Ordinal);
        sql.Read(Statement.Ours(s_columns), (in row) =>
        {
            var table = Text(row[0]);
            if (types.Find(new PgType((uint)row[3].Integer, (int)row[4].Integer)) is { } type)
            {
                if (!columns.TryGetValue(table, out var checks))
                {
                    columns[table] = checks = [];
                }

                checks.Add(new ColumnCheck(table, Text(row[2]), (int)row[1].Integer, type, tables._domains, tables._buffers));
                if (row[5].Class == StorageClass.Text)
                {
                    keys[table] = ((int)row[1].Integer, Text(row[5]));
                }
            }
        });
        foreach (var (table, checks) in columns)
        {
            ColumnCheck[] all = [.. checks];
            var (place, sequence) = keys.GetValueOrDefault(table);
            tables._checks.Add(table, (in row) =>
            {
                foreach (var column in all)
                {
                    column.Check(row);
                }

                if (sequence is not null && row.IsNew)
                {
                    tables._inserted[sequence] = Math.Max(row[place].Integer, tables._inserted.GetValueOrDefault(sequence, long.MinValue));
                }
            });
        }

        return tables;
    }

    public IReadOnlyDictionary<string, long> Inserted => _inserted;

    public void Begin()
    {
        _domains.Clear();
        _inserted.Clear();
    }

    public void Complete(IConnectionSql sql) => _domains.Check(sql);

    private static string Text(in SqliteValue value) => Encoding.UTF8.GetString(value.Bytes);
}
