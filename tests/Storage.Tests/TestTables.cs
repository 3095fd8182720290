using System.Collections.Concurrent;
using System.Text;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>Tables and functions that note how they are asked.</summary>
internal sealed class TestTables
{
    public const string Endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";

    private readonly ConcurrentQueue<string> _asked = new();

    public TestTables() => Extensions = new(
        [
            new("t_read", 1, Purity.Stable, Read),
            new("t_try", 1, Purity.Stable, Try),
            new("t_stamp", 0, Purity.Stable, (in FunctionCall call) => call.Return(call.Statement.Sql.SchemaStamp)),
            new("t_version", 0, Purity.Stable, (in FunctionCall call) => call.Return(call.Statement.Sql.SchemaVersion)),
            new("t_fail", 1, Purity.Immutable, (in FunctionCall call) => throw new SqlFunctionException("22012", "division by zero")),
        ],
        [],
        [new("t_nocase", (left, right) => string.CompareOrdinal(Lower(left), Lower(right)))],
        [new Series(), new List(), new Items(this), new Objects(), new Failing()]);

    public SqlExtensions Extensions { get; }

    /// <summary>The questions since the last call.</summary>
    public string Asked
    {
        get
        {
            var asked = string.Join(' ', _asked);
            _asked.Clear();
            return asked;
        }
    }

    private static string Lower(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text).ToLowerInvariant();

    private static void Read(in FunctionCall call)
    {
        var sum = 0L;
        call.Statement.Sql.Read(TestDatabase.Sql(Encoding.UTF8.GetString(call.Bytes(0))), (in SqlRow row) => sum += row[0].Integer);
        call.Return(sum);
    }

    private static void Try(in FunctionCall call)
    {
        try
        {
            Read(call);
        }
        catch (SqlFunctionException e)
        {
            call.ReturnText(e.SqlState);
        }
    }

    private sealed class Series() : SqlTable("t_series", [new("value", "INTEGER")])
    {
        public override int Arguments => 2;

        public override SqlRowScan Scan(int key, in FunctionCall call) => new Numbers(call.Integer(0), call.Integer(1));
    }

    private sealed class Numbers(long first, long last) : SqlRowScan
    {
        private long _at = first - 1;

        public override bool Read() => ++_at <= last;

        public override void Column(int column, in FunctionCall answer) => answer.Return(_at);
    }

    private sealed class List() : SqlTable("t_list", [new("place", "INTEGER"), new("value", "")])
    {
        public override int Arguments => -1;

        public override int ArgumentsMax => 30;

        public override SqlRowScan Scan(int key, in FunctionCall call)
        {
            var values = new string?[call.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = call.IsNull(i) ? null : Encoding.UTF8.GetString(call.Bytes(i));
            }

            return new Texts([.. values.Select((value, i) => new object?[] { i + 1L, value })]);
        }
    }

    private sealed class Texts(IReadOnlyList<object?[]> rows) : SqlRowScan
    {
        private int _at = -1;

        public override bool Read() => ++_at < rows.Count;

        public override void Column(int column, in FunctionCall answer)
        {
            switch (rows[_at][column])
            {
                case long number:
                    answer.Return(number);
                    break;
                case string text:
                    answer.ReturnText(text);
                    break;
                default:
                    answer.ReturnNull();
                    break;
            }
        }
    }

    /// <summary>1,000 rows, found by id, name, or a name without regard to case.</summary>
    private sealed class Items(TestTables tables) : SqlTable(
        "t_items", [new("id", "INTEGER"), new("name", "TEXT"), new("label", "TEXT") { Collation = "t_nocase" }, new("half", "REAL")])
    {
        public override IReadOnlyList<int> Keys => [0, 1, 2];

        public override long RowsOf(int key) => 1;

        public override SqlRowScan Scan(int key, in FunctionCall call)
        {
            var value = key < 0 ? "" : Encoding.UTF8.GetString(call.Bytes(0));
            tables._asked.Enqueue(key < 0 ? "all" : $"{key}={value}");
            var rows = Enumerable.Range(1, 1000).Select(i => new object?[] { (long)i, $"name{i}", $"Label{i}", null });
            return new Texts([.. rows.Where(row => key < 0 || string.Equals(row[key]!.ToString(), value, StringComparison.OrdinalIgnoreCase))]);
        }
    }

    /// <summary>The tables of the database.</summary>
    private sealed class Objects() : SqlTable("t_objects", [new("name", "TEXT")])
    {
        public override SqlRowScan Scan(int key, in FunctionCall call)
        {
            var rows = new List<object?[]>();
            call.Statement.Sql.Read(
                TestDatabase.Sql("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name"),
                (in SqlRow row) => rows.Add([Encoding.UTF8.GetString(row[0].Bytes)]));
            return new Texts(rows);
        }
    }

    /// <summary>Fails at its beginning (0), at the third row (1) or in a column (2), or with what its second argument reads (3).</summary>
    private sealed class Failing() : SqlTable("t_fails", [new("value", "INTEGER")])
    {
        public override int Arguments => -1;

        public override int ArgumentsMax => 2;

        public override SqlRowScan Scan(int key, in FunctionCall call)
        {
            if (call.Integer(0) == 0)
            {
                throw new SqlFunctionException("22023", "it cannot begin");
            }

            if (call.Integer(0) == 3)
            {
                call.Statement.Sql.Read(TestDatabase.Sql(Encoding.UTF8.GetString(call.Bytes(1))), static (in SqlRow row) => { });
            }

            return new Rows(call.Integer(0));
        }

        private new sealed class Rows(long where) : SqlRowScan
        {
            private int _at;

            public override bool Read() => ++_at == 3 && where == 1 ? throw new SqlFunctionException("22023", "it cannot go on") : _at < 10;

            public override void Column(int column, in FunctionCall answer)
            {
                if (where == 2)
                {
                    throw new SqlFunctionException("22023", "it has no value");
                }

                answer.Return(_at);
            }
        }
    }
}
