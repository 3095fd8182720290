using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The advisory locks with the sessions that have or await them, for functions that tell who waits for whom; clients find it in no catalog.</summary>
internal sealed class LockOwners() : SqlTable(
    TableName,
    [
        new("space", "INTEGER"), new("key", "INTEGER"), new("node", "TEXT"), new("session", "INTEGER"), new("exclusive", "INTEGER"),
        new("granted", "INTEGER"), new("ticket", "INTEGER"),
    ])
{
    public const string TableName = "pg_lock_owners";

    private static readonly Statement s_read =
        Statement.Ours("SELECT space, key, hex(node), session, mode=2, granted, ticket FROM _rqlite_locks"u8.ToArray());

    public override SqlRowScan Scan(int key, in FunctionCall call)
    {
        var rows = new List<object[]>();
        call.Statement.Sql.Read(s_read, (in SqlRow row) => rows.Add(
        [
            row[0].Integer, row[1].Integer, System.Text.Encoding.ASCII.GetString(row[2].Bytes), row[3].Integer, row[4].Integer, row[5].Integer,
            row[6].Integer,
        ]));
        return new Scanned(rows);
    }

    private sealed class Scanned(List<object[]> rows) : SqlRowScan
    {
        private int _at = -1;

        public override bool Read() => ++_at < rows.Count;

        public override void Column(int column, in FunctionCall answer)
        {
            if (rows[_at][column] is string text)
            {
                answer.ReturnText(text);
            }
            else
            {
                answer.Return((long)rows[_at][column]);
            }
        }
    }
}
