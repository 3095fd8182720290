using System.Text;

namespace Rqlite.Pg.Storage;

public sealed partial class Database
{
    private const int RowsPerLook = 1024;

    /// <summary>
    /// A hash of the database's logical content: schema and rows with their rowids, without our own tables. Two databases with equal content
    /// have equal hashes however their pages lie.
    /// </summary>
    public async ValueTask<UInt128> ContentHashAsync(CancellationToken token)
    {
        using var lease = await _readers.RentAsync(null, token).ConfigureAwait(false);
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        lease.BeginSnapshot();
        return ContentHash.Of(lease.Keep().Connection, RowsPerLook, token);
    }

    /// <summary>Sums a hash of each row, so that the order in which SQLite returns the rows does not matter.</summary>
    private static class ContentHash
    {
        private const string OwnTables = "('_rqlite_meta','_rqlite_requests','_rqlite_locks','_rqlite_lock_tickets','_rqlite_load')";

        public static UInt128 Of(Connection connection, int rowsPerLook, CancellationToken token)
        {
            var sum = Rows(connection, "schema", $"SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE tbl_name NOT IN {OwnTables}", rowsPerLook, token);
            foreach (var (name, rowId) in Tables(connection))
            {
                token.ThrowIfCancellationRequested();
                sum += Rows(connection, name, $"SELECT {rowId}* FROM main.\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", rowsPerLook, token);
            }

            return sum;
        }

        private static List<(string Name, string RowId)> Tables(Connection connection)
        {
            var tables = new List<(string, string)>();
            using var list = connection.Prepare(
                "SELECT name, wr FROM pragma_table_list WHERE schema='main' AND type IN ('table','shadow') AND name<>'sqlite_schema'"
                + $" AND name NOT IN {OwnTables} ORDER BY name");
            while (list.Step() == ResultCode.Row)
            {
                var name = list.Text(0);
                tables.Add((name, list.Integer(1) != 0 ? "" : RowIdName(connection, name)));
            }

            return tables;
        }

        /// <summary>A name for the rowid that no column hides, or the empty text.</summary>
        private static string RowIdName(Connection connection, string table)
        {
            var columns = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            using var list = connection.Prepare("SELECT name FROM pragma_table_xinfo(?1)");
            list.Bind(1, table);
            while (list.Step() == ResultCode.Row)
            {
                columns.Add(list.Text(0));
            }

            foreach (var name in (string[])["rowid", "_rowid_", "oid"])
            {
                if (!columns.Contains(name))
                {
                    return name + ", ";
                }
            }

            return "";
        }

        private static UInt128 Rows(Connection connection, string name, string sql, int rowsPerLook, CancellationToken token)
        {
            var seed = new Mixer(0);
            seed.Add(Encoding.UTF8.GetBytes(name));
            var sum = UInt128.Zero;
            using var rows = connection.Prepare(sql);
            for (var count = 1; rows.Step() == ResultCode.Row; count++)
            {
                if (count % rowsPerLook == 0)
                {
                    token.ThrowIfCancellationRequested();
                }

                var low = seed;
                var high = new Mixer(seed.Value);
                rows.AddRowTo(ref low, ref high);
                sum += new UInt128(high.Value, low.Value);
            }

            return sum;
        }
    }
}
