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
        "SELECT c.sqlite_name, x.cid, a.name, a.type, a.modifier FROM _rqlite_class c, pragma_table_xinfo(c.sqlite_name, 'main') x, _rqlite_attribute a"
        + " WHERE c.kind = 'r' AND a.relation = c.oid AND a.dropped = 0 AND a.name = x.name COLLATE NOCASE AND a.declared = x.type COLLATE NOCASE"
        + " ORDER BY c.oid, a.number";

    private static readonly byte[] s_marker =
        Encoding.UTF8.GetBytes($"SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = '{MetadataSchema.Marker}'");

    private static readonly byte[] s_columns = Encoding.UTF8.GetBytes(Columns);

    private readonly Dictionary<string, RowCheck> _checks = new(StringComparer.Ordinal);
    private readonly DomainValues _domains = new();

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
        sql.Read(Statement.Ours(s_columns), (in row) =>
        {
            var table = Text(row[0]);
            if (types.Find(new PgType((uint)row[3].Integer, (int)row[4].Integer)) is { } type)
            {
                if (!columns.TryGetValue(table, out var checks))
                {
                    columns[table] = checks = [];
                }

                checks.Add(new ColumnCheck(table, Text(row[2]), (int)row[1].Integer, type, tables._domains));
            }
        });
        foreach (var (table, checks) in columns)
        {
            ColumnCheck[] all = [.. checks];
            tables._checks.Add(table, (in row) =>
            {
                foreach (var column in all)
                {
                    column.Check(row);
                }
            });
        }

        return tables;
    }

    public void Begin() => _domains.Clear();

    public void Complete(IConnectionSql sql) => _domains.Check(sql);

    private static string Text(in SqliteValue value) => Encoding.UTF8.GetString(value.Bytes);
}
