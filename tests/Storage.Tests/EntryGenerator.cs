using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>Random entries that reach for everything known to differ between nodes; the same seed gives the same entries.</summary>
/// <param name="virtualTables">With full-text and rtree tables.</param>
internal sealed class EntryGenerator(int seed, bool virtualTables = true)
{
    private readonly Random _random = new(seed);
    private readonly HashSet<int> _seen = [];
    private readonly List<ApplyCommand> _repeatable = [];
    private long _time = 1_700_000_000_000;

    /// <summary>How many kinds of statement were made.</summary>
    public int Kinds => _seen.Count;

    private static readonly string[] s_first =
    [
        "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, v, at TEXT DEFAULT CURRENT_TIMESTAMP, r DEFAULT (random()))",
        "CREATE TABLE b(k TEXT PRIMARY KEY, n INTEGER, f REAL, z BLOB DEFAULT (randomblob(5))) WITHOUT ROWID",
        "CREATE TABLE c(x, y UNIQUE ON CONFLICT REPLACE, p REFERENCES a(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TABLE log(what, at, n)",
        "CREATE INDEX a_v ON a(v)", "CREATE INDEX c_x ON c(x)", "CREATE INDEX b_n ON b(n) WHERE n > 5",
        "CREATE TRIGGER a_i AFTER INSERT ON a BEGIN INSERT INTO log VALUES('a', julianday('now'), abs(random()) % 100); END",
        "CREATE TRIGGER b_u AFTER UPDATE ON b WHEN new.n % 7 = 3 BEGIN DELETE FROM log WHERE rowid = (SELECT min(rowid) FROM log); END",
        "CREATE TRIGGER c_r BEFORE INSERT ON c WHEN new.x = -1 BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
        "CREATE VIEW v AS SELECT count(*) AS n, strftime('%s','now') AS at FROM a",
        "CREATE VIRTUAL TABLE f USING fts5(t)", "CREATE VIRTUAL TABLE r USING rtree(id, x0, x1)",
    ];

    public (EntryStamp Stamp, IReadOnlyList<ApplyCommand> Commands) Next(long index)
    {
        _time += _random.Next(0, 100_000);
        var stamp = new EntryStamp(index, 1 + (index / 1000), (_time * 1000) + (index % 1000), (ulong)_random.NextInt64());
        if (index == 1)
        {
            return (stamp, [TestDatabase.Command(BatchOptions.None, virtualTables ? s_first : s_first[..^2])]);
        }

        var commands = new List<ApplyCommand>();
        for (var count = _random.Next(1, 5); count > 0; count--)
        {
            commands.Add(Command());
        }

        return (stamp, commands);
    }

    public static string Text(IReadOnlyList<ApplyCommand> commands) => string.Join(
        "\n", commands.Select(c => c.Batch.Options + ": " + string.Join("; ", c.Batch.Statements.Select(s => Encoding.UTF8.GetString(s.Sql.Span)))));

    private ApplyCommand Command()
    {
        if (_repeatable.Count > 0 && _random.Next(30) == 0)
        {
            return _repeatable[_random.Next(_repeatable.Count)];
        }

        var statements = new string[_random.Next(1, 5)];
        for (var i = 0; i < statements.Length; i++)
        {
            statements[i] = Statement();
        }

        var command = TestDatabase.Command((BatchOptions)_random.Next(16), statements);
        if (_random.Next(10) == 0)
        {
            command = command with { RequestId = new RequestId((ulong)_random.NextInt64(), 1) };
            _repeatable.Add(command);
        }

        return command;
    }

    private string Value() => _random.Next(7) switch
    {
        0 => "NULL",
        1 => (_random.NextDouble() * 1000).ToString("R", CultureInfo.InvariantCulture),
        2 => "'text é " + _random.Next(30) + "'",
        3 => "x'" + Convert.ToHexString(BitConverter.GetBytes(_random.Next())) + "'",
        4 => "random()",
        _ => Small(),
    };

    private string Small() => _random.Next(-1, 40).ToString(CultureInfo.InvariantCulture);

    private string Statement()
    {
        var kind = _random.Next(52);
        _seen.Add(kind);
        return kind switch
        {
            0 or 1 or 2 => $"INSERT INTO a(v) VALUES({Value()})",
            3 => $"INSERT INTO a(v) SELECT v FROM a ORDER BY random() LIMIT {_random.Next(4)} RETURNING *",
            4 => $"INSERT OR REPLACE INTO b(k,n,f) VALUES('k{Small()}',{Small()},{Value()})",
            5 => $"INSERT INTO b(k,n) VALUES('k{Small()}',1) ON CONFLICT(k) DO UPDATE SET n=n+1, f=sin(n)*exp(n%10) RETURNING k,n,f",
            6 => $"INSERT INTO c(x,y,p) VALUES({Small()},{Value()},{Small()})",
            7 => $"INSERT OR ROLLBACK INTO b(k) VALUES('k{Small()}')",
            8 => $"INSERT OR FAIL INTO b(k,n) SELECT 'k'||value, 2 FROM json_each('[{Small()},{Small()},{Small()}]')",
            9 => $"INSERT OR IGNORE INTO b(k,n) VALUES('k{Small()}',3)",
            10 => $"UPDATE a SET v={Value()} WHERE id%11={Small()}",
            11 => $"UPDATE b SET n=n+1, z=randomblob(n%9) WHERE n<{Small()}",
            12 => $"UPDATE c SET x=x+1 WHERE rowid%5={_random.Next(5)}",
            13 => $"UPDATE a SET v=(SELECT x FROM c WHERE x>0 LIMIT 1) WHERE id=(SELECT max(id) FROM a) RETURNING v",
            14 => $"UPDATE b SET f=c.x FROM c WHERE c.y=b.n",
            15 => $"DELETE FROM a WHERE id%13={Small()}",
            16 => $"DELETE FROM b WHERE k='k{Small()}' RETURNING k",
            17 => $"DELETE FROM c WHERE rowid=(SELECT rowid FROM c LIMIT 1 OFFSET {_random.Next(3)})",
            18 => _random.Next(5) == 0 ? "DELETE FROM log" : "DELETE FROM log WHERE n<20",
            19 => "INSERT INTO log VALUES('now', datetime('now','localtime'), unixepoch('now','subsec'))",
            20 => "INSERT INTO log VALUES(CURRENT_TIME, CURRENT_DATE, timediff('now','2000-01-01'))",
            21 => "INSERT INTO log VALUES('counts', changes(), total_changes()), ('last', last_insert_rowid(), NULL)",
            22 => "INSERT INTO log SELECT n, at, hex(randomblob(4)) FROM v",
            23 => "INSERT INTO log SELECT group_concat(v), avg(id), sum(id*0.1) FROM (SELECT * FROM a LIMIT 20)",
            24 => "INSERT INTO log SELECT v, max(id), at FROM a GROUP BY typeof(v)",
            25 => $"INSERT INTO a(id, v) VALUES(9223372036854775807, 1)",
            26 => $"INSERT INTO c(rowid, x) VALUES(9223372036854775807, 1)",
            27 => _random.Next(4) == 0 ? "ANALYZE" : "SELECT 1",
            28 => $"ALTER TABLE log ADD COLUMN x{_random.Next(40)}",
            29 => $"CREATE TABLE t{_random.Next(6)}(a INTEGER PRIMARY KEY, b DEFAULT (datetime()))",
            30 => $"CREATE TABLE t{_random.Next(6)} AS SELECT * FROM a WHERE id%3=1 LIMIT 5",
            31 => $"DROP TABLE t{_random.Next(6)}",
            32 => $"INSERT INTO t{_random.Next(6)}(b) VALUES({Value()})",
            33 => $"CREATE INDEX i{_random.Next(6)} ON a(v, at)",
            34 => $"DROP INDEX i{_random.Next(6)}",
            35 => "REINDEX",
            36 => $"INSERT INTO f(t) VALUES('hello {Small()} world {_random.Next(9)}')",
            37 => $"DELETE FROM f WHERE t MATCH '{_random.Next(9)}'",
            38 => "INSERT INTO log SELECT t, rank, rowid FROM f WHERE f MATCH 'hello' ORDER BY rank LIMIT 3",
            39 => "INSERT INTO f(f) VALUES('optimize')",
            40 => $"INSERT OR REPLACE INTO r VALUES({Small()}, {_random.Next(50)}, {_random.Next(50, 99)})",
            41 => "INSERT INTO log SELECT 'r', id, x0 FROM r WHERE x1>60 LIMIT 2",
            42 => "SELECT * FROM a ORDER BY random() LIMIT 3",
            43 => $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT {_random.Next(50)}) INSERT INTO a(v) SELECT i FROM n",
            44 => $"INSERT INTO log VALUES(instr('abcabc', 'c'), replace('aXbX','X',{Small()}), \"double\")",
            45 => $"INSERT INTO a(v) VALUES(1); UPDATE a SET v=2 WHERE id=last_insert_rowid(); INSERT INTO nowhere VALUES(1)",
            46 => $"UPDATE sqlite_sequence SET seq={_random.Next(2) * 10000 + 1000} WHERE name='a' AND seq<1000",
            47 => "PRAGMA integrity_check",
            48 => "syntax error here",
            49 => $"CREATE TRIGGER g{_random.Next(3)} AFTER DELETE ON c BEGIN INSERT INTO log VALUES('gone', old.x, random()); END",
            50 => $"DROP TRIGGER g{_random.Next(3)}",
            _ => "DELETE FROM a WHERE id NOT IN (SELECT id FROM a ORDER BY id DESC LIMIT 400)",
        };
    }
}
