using System.Globalization;
using System.Text;
using SQLitePCL;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Writes the statements that make a database, as the <c>.dump</c> of SQLite's shell does: tables with their rows, then views, triggers and
/// indexes. Tables of this project, and the views of its sequences, are left out. Memory is bounded whatever the database holds, but for one row.
/// </summary>
internal sealed class SqlDump(ScratchDatabase database, Stream destination, IReadOnlyList<string> tables)
{
    private readonly DumpOutput _output = new(destination);
    private readonly HashSet<string> _tables = new(tables, StringComparer.OrdinalIgnoreCase);
    private bool _writesSchema;

    public async ValueTask WriteAsync(CancellationToken token)
    {
        _output.Text("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n");
        foreach (var table in database.Rows(
            "SELECT name, sql FROM main.sqlite_schema WHERE type='table' AND sql NOT NULL ORDER BY name='sqlite_sequence', rowid"))
        {
            if (IsWanted(table[0]!))
            {
                await WriteTableAsync(table[0]!, table[1]!, token).ConfigureAwait(false);
            }
        }

        foreach (var other in database.Rows(
            "SELECT sql, tbl_name, type FROM main.sqlite_schema WHERE sql NOT NULL AND type IN ('index', 'trigger', 'view')"
            + " ORDER BY type COLLATE NOCASE DESC, rowid"))
        {
            if ((other[2] == "view" && !IsOfSequence(other[0]!)) || (other[2] != "view" && IsWanted(other[1]!)))
            {
                _output.Text(other[0]!);
                _output.Text(";\n");
                await _output.FlushIfLargeAsync(token).ConfigureAwait(false);
            }
        }

        if (_writesSchema)
        {
            _output.Text("PRAGMA writable_schema=OFF;\n");
        }

        _output.Text("COMMIT;\n");
        await _output.FlushAsync(token).ConfigureAwait(false);
    }

    private bool IsWanted(string table) => !OwnTables.IsOwn(table) && (_tables.Count == 0 || _tables.Contains(table));

    private static bool IsOfSequence(string view) => view.Contains($" FROM {OwnTables.Sequences} WHERE id=", StringComparison.Ordinal);

    private async ValueTask WriteTableAsync(string name, string sql, CancellationToken token)
    {
        if (name.Equals("sqlite_sequence", StringComparison.OrdinalIgnoreCase))
        {
            _output.Text("DELETE FROM sqlite_sequence;\n");
        }
        else if (name.Equals("sqlite_stat1", StringComparison.OrdinalIgnoreCase))
        {
            _output.Text("ANALYZE sqlite_schema;\n");
        }
        else if (name.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }
        else if (sql.StartsWith("CREATE VIRTUAL TABLE", StringComparison.OrdinalIgnoreCase))
        {
            WriteVirtualTable(name, sql);
            return;
        }
        else
        {
            // A shadow table has a quoted name; the shell does not fail where its virtual table has made it.
            _output.Text(sql.StartsWith("CREATE TABLE '", StringComparison.OrdinalIgnoreCase) || sql.StartsWith("CREATE TABLE \"", StringComparison.OrdinalIgnoreCase)
                ? string.Concat("CREATE TABLE IF NOT EXISTS ", sql.AsSpan("CREATE TABLE ".Length))
                : sql);
            _output.Text(";\n");
        }

        await WriteRowsAsync(name, token).ConfigureAwait(false);
    }

    private void WriteVirtualTable(string name, string sql)
    {
        if (!_writesSchema)
        {
            _writesSchema = true;
            _output.Text("PRAGMA writable_schema=ON;\n");
        }

        _output.Text($"INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table',{Literal(name)},{Literal(name)},0,{Literal(sql)});\n");
    }

    private async ValueTask WriteRowsAsync(string table, CancellationToken token)
    {
        var all = database.Rows("SELECT name, hidden FROM pragma_table_xinfo($t) ORDER BY cid", ("$t", table));
        var stored = all.Where(static column => column[1] == "0").Select(static column => Name(column[0]!)).ToList();
        if (stored.Count == 0)
        {
            return;
        }

        var columns = string.Join(',', stored);
        var head = Encoding.UTF8.GetBytes(stored.Count == all.Count
            ? $"INSERT INTO {Name(table)} VALUES("
            : $"INSERT INTO {Name(table)}({columns}) VALUES(");
        Check(raw.sqlite3_prepare_v2(database.Connection.Handle, $"SELECT {columns} FROM main.{Name(table)}", out var rows));
        using (rows)
        {
            int code;
            while ((code = raw.sqlite3_step(rows)) == raw.SQLITE_ROW)
            {
                _output.Bytes(head);
                for (var i = 0; i < stored.Count; i++)
                {
                    if (i > 0)
                    {
                        _output.Text(",");
                    }

                    await WriteValueAsync(rows, i, token).ConfigureAwait(false);
                }

                _output.Text(");\n");
                await _output.FlushIfLargeAsync(token).ConfigureAwait(false);
            }

            Check(code == raw.SQLITE_DONE ? raw.SQLITE_OK : code);
        }
    }

    private async ValueTask WriteValueAsync(sqlite3_stmt row, int column, CancellationToken token)
    {
        switch (raw.sqlite3_column_type(row, column))
        {
            case raw.SQLITE_NULL:
                _output.Text("NULL");
                break;
            case raw.SQLITE_INTEGER:
                _output.Text(raw.sqlite3_column_int64(row, column).ToString(CultureInfo.InvariantCulture));
                break;
            case raw.SQLITE_FLOAT:
                _output.Text(Literal(raw.sqlite3_column_double(row, column)));
                break;
            case raw.SQLITE_TEXT when _output.IsText(raw.sqlite3_column_blob(row, column)):
                await _output.QuotedAsync(() => raw.sqlite3_column_blob(row, column), token).ConfigureAwait(false);
                break;
            case raw.SQLITE_TEXT:
                // SQLite reads a statement up to the first NUL.
                _output.Text("CAST(");
                await _output.HexAsync(() => raw.sqlite3_column_blob(row, column), token).ConfigureAwait(false);
                _output.Text(" AS TEXT)");
                break;
            default:
                await _output.HexAsync(() => raw.sqlite3_column_blob(row, column), token).ConfigureAwait(false);
                break;
        }
    }

    private static string Literal(double value)
    {
        if (double.IsInfinity(value))
        {
            return value > 0 ? "1e999" : "-1e999";
        }

        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
    }

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw new StorageException(code, $"The backup failed: {raw.sqlite3_errmsg(database.Connection.Handle).utf8_to_string()}");
        }
    }
}
