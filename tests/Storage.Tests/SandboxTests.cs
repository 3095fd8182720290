using System.Diagnostics;

namespace Rqlite.Pg.Storage.Tests;

public class SandboxTests
{
    [Theory]
    [InlineData("ATTACH '/tmp/none.db' AS x")]
    [InlineData("ATTACH ':memory:' AS x")]
    [InlineData("DETACH main")]
    [InlineData("VACUUM")]
    [InlineData("VACUUM INTO '/tmp/none.db'")]
    [InlineData("SELECT load_extension('x')")]
    [InlineData("SELECT fts3_tokenizer('simple')")]
    [InlineData("CREATE VIRTUAL TABLE v USING fts3tokenize('simple')")]
    [InlineData("PRAGMA writable_schema=ON")]
    [InlineData("PRAGMA journal_mode=DELETE")]
    [InlineData("PRAGMA synchronous=OFF")]
    [InlineData("PRAGMA mmap_size=0")]
    [InlineData("PRAGMA temp_store_directory='/etc'")]
    [InlineData("PRAGMA locking_mode=EXCLUSIVE")]
    [InlineData("PRAGMA page_size=512")]
    [InlineData("PRAGMA user_version=3")]
    [InlineData("PRAGMA foreign_keys=ON")]
    [InlineData("PRAGMA defer_foreign_keys=ON")]
    [InlineData("PRAGMA wal_checkpoint(TRUNCATE)")]
    [InlineData("PRAGMA wal_checkpoint")]
    [InlineData("PRAGMA optimize")]
    [InlineData("PRAGMA incremental_vacuum")]
    [InlineData("PRAGMA shrink_memory")]
    [InlineData("PRAGMA query_only=OFF")]
    [InlineData("CREATE TEMP TABLE x(a)")]
    [InlineData("CREATE TEMP VIEW x AS SELECT 1")]
    [InlineData("CREATE TABLE temp.x(a)")]
    [InlineData("CREATE TABLE IF NOT EXISTS \"TEMP\".x AS SELECT 1")]
    [InlineData("CREATE TABLE temp._rqlite_meta(a)")]
    [InlineData("CREATE VIEW temp.x AS SELECT 1")]
    [InlineData("CREATE TRIGGER temp.x AFTER INSERT ON t BEGIN SELECT 1; END")]
    [InlineData("CREATE TRIGGER temp.x AFTER INSERT ON main.t BEGIN INSERT INTO t VALUES(1); END")]
    [InlineData("CREATE VIRTUAL TABLE temp.x USING fts5(a)")]
    [InlineData("CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END")]
    [InlineData("BEGIN")]
    [InlineData("BEGIN IMMEDIATE")]
    [InlineData("COMMIT")]
    [InlineData("ROLLBACK")]
    [InlineData("SAVEPOINT a")]
    [InlineData("RELEASE command")]
    [InlineData("ROLLBACK TO command")]
    [InlineData("SELECT * FROM _rqlite_meta")]
    [InlineData("SELECT count(*) FROM _rqlite_requests")]
    [InlineData("UPDATE _rqlite_meta SET idx=0")]
    [InlineData("DELETE FROM _RQLITE_meta")]
    [InlineData("DROP TABLE _rqlite_requests")]
    [InlineData("CREATE TABLE _rqlite_mine(a)")]
    [InlineData("ALTER TABLE _rqlite_meta ADD COLUMN x")]
    [InlineData("CREATE TRIGGER g AFTER INSERT ON _rqlite_requests BEGIN SELECT 1; END")]
    [InlineData("CREATE INDEX i ON _rqlite_requests(idx)")]
    [InlineData("CREATE INDEX _rqlite_i ON t(a)")]
    [InlineData("DROP INDEX _rqlite_requests_time")]
    [InlineData("CREATE VIEW _rqlite_v AS SELECT 1")]
    [InlineData("CREATE TRIGGER _rqlite_g AFTER INSERT ON t BEGIN SELECT 1; END")]
    [InlineData("CREATE VIRTUAL TABLE _rqlite_f USING fts5(a)")]
    [InlineData("ALTER TABLE t RENAME TO _rqlite_u")]
    [InlineData("ALTER TABLE main.t /* ; */ RENAME -- to\n TO \"_Rqlite_u\"")]
    [InlineData("ALTER TABLE t RENAME TO '_rqlite_u';")]
    [InlineData("ALTER TABLE [t] RENAME TO [_rqlite_u] ; SELECT 1")]
    [InlineData("DELETE FROM _rqlite_call")]
    [InlineData("DELETE FROM _rqlite_call WHERE 1")]
    [InlineData("DELETE FROM _rqlite_call WHERE pg_notify('a', 'b')")]
    [InlineData("SELECT _rqlite_create_sequence()")]
    [InlineData("SELECT _RQLITE_rename_sequence(NULL,NULL,NULL)")]
    [InlineData("SELECT \"_rqlite_raise_sequence\"(1,2,3)")]
    [InlineData("EXPLAIN SELECT _rqlite_drop_sequence()")]
    [InlineData("SELECT 1; SELECT _rqlite_lock_command(1, x'00')")]
    [InlineData("INSERT INTO t VALUES(1) RETURNING _rqlite_alter_sequence()")]
    [InlineData("INSERT INTO sqlite_stat1 VALUES('t', NULL, '7')")]
    [InlineData("DELETE FROM sqlite_stat1")]
    [InlineData("UPDATE sqlite_schema SET sql='x'")]
    [InlineData("DELETE FROM sqlite_schema")]
    public async Task A_statement_that_reaches_beyond_its_data_is_refused(string sql)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "INSERT INTO t VALUES(1)", "ANALYZE");
        var before = await db.Database.ContentHashAsync(default);
        var result = Assert.Single(await db.ApplyAsync(sql));
        Assert.True(result.StartsWith("23: ") || result.Contains("may not be"), result);
        var read = await db.QueryAsync(sql);
        Assert.True(read.StartsWith("23: ") || read.Contains("may not be") || read.StartsWith("8: "), read);
        Assert.Equal(before, await db.Database.ContentHashAsync(default));
        Assert.Equal(["changed 1, last 2"], await db.ApplyAsync("INSERT INTO t VALUES(2)"));
    }

    [Theory]
    [InlineData("SELECT name FROM sqlite_master WHERE type='table'")]
    [InlineData("SELECT m.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS i")]
    [InlineData("SELECT name FROM SQLite_Master ORDER BY rootpage")]
    [InlineData("SELECT tbl_name FROM \"sqlite_master\" WHERE sql IS NOT NULL")]
    [InlineData("SELECT sqlite_master.name, `sqlite_schema`.tbl_name /* sqlite_master */ FROM sqlite_master, [sqlite_schema] WHERE 'sqlite_master'<>\"sqlite_master\".name")]
    public async Task Clients_do_not_list_tables_of_ours(string sql)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        Assert.Matches("^t([|]t)?$", await db.QueryAsync(sql));
        await db.ApplyAsync("ALTER TABLE t RENAME TO u", "ALTER TABLE u ADD COLUMN b", "ALTER TABLE u DROP COLUMN b", "CREATE VIEW v AS SELECT 1", "DROP VIEW v", "ANALYZE");
        Assert.Equal("u;sqlite_stat1", await db.QueryAsync("SELECT name FROM sqlite_master WHERE type='table'"));
        Assert.Equal("table|u|u|CREATE TABLE \"u\"(a)", await db.QueryAsync("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name='u'"));
        Assert.NotEqual("0", await db.QueryAsync("SELECT count(*) FROM main.sqlite_schema WHERE name='_rqlite_meta'"));
    }

    [Fact]
    public async Task An_alteration_cannot_turn_a_table_into_one_of_ours()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        Assert.StartsWith("1: ", (await db.ApplyAsync("ALTER TABLE t RENAME TO _rqlite_meta"))[0]);
    }

    [Theory]
    [InlineData("CREATE VIEW v AS SELECT _rqlite_create_sequence()", "SELECT * FROM v")]
    [InlineData("CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT _rqlite_drop_sequence('1', 's'); END", "INSERT INTO t VALUES(1)")]
    [InlineData("CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM _rqlite_call; END", "INSERT INTO t VALUES(1)")]
    [InlineData("CREATE TABLE d(a DEFAULT (_rqlite_create_sequence()), b)", "INSERT INTO d(b) VALUES(1)")]
    [InlineData("CREATE TABLE d(a, CHECK(_rqlite_create_sequence() IS NULL))", "INSERT INTO d VALUES(1)")]
    [InlineData("CREATE TABLE d(a, b AS (_rqlite_create_sequence()))", "INSERT INTO d VALUES(1)")]
    [InlineData("CREATE INDEX x ON t(_rqlite_create_sequence())", "INSERT INTO t VALUES(1)")]
    [InlineData("CREATE VIEW v AS SELECT * FROM _rqlite_meta", "SELECT * FROM v")]
    [InlineData("CREATE VIRTUAL TABLE f USING fts5(idx, content='_rqlite_meta', content_rowid='id')", "SELECT * FROM f")]
    public async Task What_is_ours_cannot_be_reached_through_the_schema(string definition, string use)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        var results = await db.ApplyAsync(definition, use);
        Assert.Contains(results, text => text.StartsWith("1: ", StringComparison.Ordinal) || text.StartsWith("23: ", StringComparison.Ordinal));
        Assert.False(results[0].StartsWith("changed") && results[1].StartsWith("changed"), results[1]);
        Assert.Equal("1", await db.QueryAsync("SELECT count(*) FROM _rqlite_call"));
    }

    [Theory]
    [InlineData("module_list")]
    [InlineData("function_list")]
    [InlineData("collation_list")]
    [InlineData("pragma_list")]
    [InlineData("compile_options")]
    [InlineData("table_list")]
    [InlineData("database_list")]
    [InlineData("integrity_check")]
    [InlineData("foreign_key_check")]
    [InlineData("data_version")]
    [InlineData("schema_version")]
    [InlineData("page_count")]
    [InlineData("freelist_count")]
    [InlineData("cache_size")]
    public async Task What_depends_on_the_past_of_a_connection_is_for_reads_only(string pragma)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        Assert.DoesNotContain("23: ", await db.QueryAsync($"PRAGMA {pragma}"), StringComparison.Ordinal);
        foreach (var sql in new[] { $"PRAGMA {pragma}", $"INSERT INTO t SELECT count(*) FROM pragma_{pragma}", $"CREATE TABLE x AS SELECT * FROM pragma_{pragma}" })
        {
            Assert.StartsWith("23: ", (await db.ApplyAsync(sql))[0]);
        }
    }

    [Theory]
    [InlineData("rootpage FROM sqlite_schema")]
    [InlineData("* FROM sqlite_master")]
    [InlineData("RootPage FROM f")]
    [InlineData("sqlite_version()")]
    [InlineData("sqlite_source_id()")]
    [InlineData("fts5_source_id()")]
    [InlineData("sqlite_compileoption_used('x')")]
    public async Task What_depends_on_the_file_or_the_program_is_for_reads_only(string what)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "CREATE VIRTUAL TABLE f USING fts5(rootpage, content='sqlite_master', content_rowid='rowid')");
        Assert.DoesNotContain("not authorized", await db.QueryAsync("SELECT " + what), StringComparison.Ordinal);
        foreach (var sql in new[] { "SELECT ", "INSERT INTO t SELECT ", "CREATE TABLE x AS SELECT " })
        {
            var result = (await db.ApplyAsync(sql + what))[0];
            Assert.True(result.Contains("not authorized") || result.Contains("goes through the log"), result);
        }

        Assert.Equal("0", await db.QueryAsync("SELECT count(*) FROM t"));
        Assert.Equal(["t"], await db.ApplyAsync("SELECT name FROM sqlite_schema WHERE name = 't'"));
        Assert.Equal(["changed 0, last 0", "changed 0, last 0"], await db.ApplyAsync("DROP TABLE f", "DROP TABLE t"));
    }

    [Fact]
    public async Task Every_pragma_that_only_reads_is_readable()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a INTEGER PRIMARY KEY)");
        string[] doing = ["case_sensitive_like", "incremental_vacuum", "optimize", "shrink_memory", "wal_checkpoint"];
        var names = (await db.QueryAsync("SELECT name FROM pragma_pragma_list")).Split(';');
        Assert.True(names.Length > 50);
        foreach (var name in names)
        {
            var answer = await db.QueryAsync($"PRAGMA {name}");
            Assert.True(answer.StartsWith("23: ") == doing.Contains(name), $"{name}: {answer}");
            Assert.False(answer.StartsWith("8: "), $"{name}: {answer}");
        }

        foreach (var name in names.Except(["foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo", "integrity_check",
            "quick_check", "table_info", "table_list", "table_xinfo"]))
        {
            Assert.StartsWith("23: ", await db.QueryAsync($"PRAGMA {name}=1"));
            Assert.StartsWith("23: ", (await db.ApplyAsync($"PRAGMA {name}(1)"))[0]);
        }

        Assert.Equal("wal", await db.QueryAsync("PRAGMA journal_mode"));
        Assert.Equal("5000", await db.QueryAsync("PRAGMA busy_timeout"));
        Assert.StartsWith("0|main|", await db.QueryAsync("PRAGMA database_list"));
    }

    [Theory]
    [InlineData("PRAGMA foreign_keys")]
    [InlineData("SELECT * FROM pragma_foreign_keys")]
    public async Task Foreign_keys_are_told_as_they_hold_for_the_clients_writes(string sql)
    {
        await using var db = new TestDatabase();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("1", await db.QueryAsync(sql, options: BatchOptions.ForeignKeys));
            Assert.Equal("0", await db.QueryAsync(sql));
            Assert.Equal(["1"], await db.ApplyAsync(BatchOptions.ForeignKeys, sql));
            Assert.Equal(["0"], await db.ApplyAsync(sql));
        }
    }

    [Fact]
    public async Task Statistics_are_gathered_as_often_as_one_likes()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "CREATE INDEX i ON t(a)", "INSERT INTO t VALUES(1)");
        foreach (var sql in new[]
        {
            "ANALYZE", "ANALYZE", "ANALYZE t", "/* */ ANALYZE main.t;", "analyze i", "ANALYZE main", "ANALYZE sqlite_schema", "--\nANALYZE", "ANALYZE; SELECT 1",
        })
        {
            Assert.StartsWith("changed", (await db.ApplyAsync(sql, "INSERT INTO t VALUES(1)"))[0].Replace("1", "changed"));
        }

        Assert.All(await db.ApplyAsync("CREATE VIRTUAL TABLE f USING fts5(a)", "ANALYZE f"), result => Assert.StartsWith("changed", result));
        Assert.DoesNotContain("23: ", await db.QueryAsync("EXPLAIN ANALYZE"), StringComparison.Ordinal);
        Assert.NotEqual("0", await db.QueryAsync("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 't'"));
        Assert.StartsWith("23: ", (await db.ApplyAsync("DELETE FROM sqlite_stat1"))[0]);
        Assert.StartsWith("23: ", (await db.ApplyAsync("UPDATE sqlite_stat1 SET stat = '1'"))[0]);
    }

    /// <summary>Which rows a LIMIT leaves follows from the plan, and plans from estimates that a restarted node reads from the file.</summary>
    [Theory]
    [InlineData("DROP INDEX i")]
    [InlineData("ALTER TABLE t RENAME TO u;CREATE TABLE t(a, b, c);CREATE INDEX i ON t(a)")]
    [InlineData("ALTER TABLE t RENAME COLUMN b TO d")]
    [InlineData("DROP INDEX i;CREATE INDEX i ON t(b)")]
    public async Task Plans_after_a_change_of_the_schema_are_those_of_a_restarted_node(string changes)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync(
            "CREATE TABLE t(a, b, c)", "CREATE TABLE s(x, y)", "CREATE INDEX i ON t(a)", "CREATE INDEX sx ON s(x)",
            "INSERT INTO t VALUES(1, 1, 1),(2, 2, 2)",
            "INSERT INTO s WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 2000) SELECT v % 3, v FROM n", "ANALYZE");
        await db.ApplyAsync(changes.Split(';'));
        const string Plan = "EXPLAIN QUERY PLAN INSERT INTO s SELECT t.a, s.y FROM t, s WHERE t.a = s.x AND t.c = s.y";
        var before = await db.ApplyAsync(Plan);
        await db.ReopenAsync();
        Assert.Equal(before, await db.ApplyAsync(Plan));
    }

    [Fact]
    public async Task A_full_text_index_and_statistics_stay_right_in_a_transaction_that_changes_the_schema()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "CREATE INDEX i ON t(a)", "CREATE VIRTUAL TABLE f USING fts5(a)", "INSERT INTO t VALUES(1)", "ANALYZE");
        Assert.Equal(
            ["changed 1, last 1", "changed 0, last 1", "1", "changed 1, last 2", "changed 0, last 2", "2"],
            await db.ApplyAsync(
                BatchOptions.Atomic, "INSERT INTO f VALUES('one word')", "DROP INDEX i", "SELECT count(*) FROM f WHERE f MATCH 'word'",
                "INSERT INTO f VALUES('another word')", "CREATE INDEX i ON t(a)", "SELECT count(*) FROM f WHERE f MATCH 'word'"));
        Assert.Equal(
            ["changed 0, last 0", "1: no such table: missing"], await db.ApplyAsync(BatchOptions.Atomic, "DROP INDEX i", "SELECT * FROM missing"));
        Assert.Equal(["1: index i already exists"], await db.ApplyAsync("CREATE INDEX i ON t(a)"));
        Assert.Equal("2", await db.QueryAsync("SELECT count(*) FROM f WHERE f MATCH 'word'"));
        Assert.Equal("ok", await db.QueryAsync("PRAGMA integrity_check"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-- nothing")]
    [InlineData(" ; /* ; */ ;")]
    public async Task A_text_without_a_statement_has_an_empty_result(string sql)
    {
        await using var db = new TestDatabase();
        Assert.Equal(["changed 0, last 0", "", "1"], await db.ApplyAsync("CREATE TABLE t(a)", sql, "SELECT 1"));
        Assert.Equal("", await db.QueryAsync(sql));
    }

    [Theory]
    [InlineData("PRAGMA table_info(t)", "0|a|INTEGER|0|NULL|1")]
    [InlineData("PRAGMA index_list('t')", "")]
    [InlineData("SELECT name FROM pragma_table_info('t')", "a")]
    [InlineData("PRAGMA foreign_keys", "0")]
    [InlineData("PRAGMA user_version", "0")]
    [InlineData("PRAGMA journal_mode", "wal")]
    [InlineData("PRAGMA foreign_key_check(t)", "")]
    [InlineData("PRAGMA encoding", "UTF-8")]
    [InlineData("EXPLAIN QUERY PLAN SELECT * FROM t", "2|0|216|SCAN t")]
    [InlineData("SELECT value FROM json_each('[1,2]')", "1;2")]
    public async Task Looking_is_allowed(string sql, string expected)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a INTEGER PRIMARY KEY)");
        Assert.Equal(expected, await db.QueryAsync(sql));
        Assert.Equal([expected], await db.ApplyAsync(sql));
    }

    [Fact]
    public async Task Schema_changes_work_with_the_authorizer_on()
    {
        await using var db = new TestDatabase();
        string[] statements =
        [
            "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT)", "INSERT INTO a(v) VALUES('x')", "CREATE INDEX a_v ON a(v)", "ANALYZE",
            "ALTER TABLE a ADD COLUMN w", "ALTER TABLE a RENAME COLUMN w TO z", "ALTER TABLE a RENAME TO b", "UPDATE sqlite_sequence SET seq=9",
            "CREATE VIEW vw AS SELECT * FROM b", "CREATE TRIGGER tr AFTER INSERT ON b BEGIN UPDATE b SET z=1; END", "INSERT INTO b(v) VALUES('y')",
            "CREATE TABLE c AS SELECT * FROM b", "CREATE VIRTUAL TABLE f USING fts5(t)", "INSERT INTO f VALUES('hello world')",
            "CREATE VIRTUAL TABLE r USING rtree(id,x0,x1)", "INSERT INTO r VALUES(1,2,3)", "REINDEX", "DROP INDEX a_v", "DROP VIEW vw",
            "DROP TRIGGER tr", "DROP TABLE b", "DROP TABLE f", "DROP TABLE r",
        ];
        foreach (var result in await db.ApplyAsync(statements))
        {
            Assert.StartsWith("changed", result);
        }

        Assert.Equal("1|x|1;10|y|1", await db.QueryAsync("SELECT * FROM c"));
    }

    [Theory]
    [InlineData("SELECT zeroblob(1000000000)", 18)]
    [InlineData("SELECT hex(zeroblob(60000000))", 18)]
    [InlineData("SELECT printf('%.*c', 500000000, 'x')", 18)]
    [InlineData("SELECT randomblob(500000000)", 18)]
    [InlineData("SELECT 'a' LIKE replace(hex(zeroblob(2000)), '0', '%a')", 1)]
    [InlineData("SELECT replace(hex(zeroblob(10000000)), '0', '01234567890123456789')", 18)]
    public async Task What_would_take_all_memory_or_time_is_an_error(string sql, int code)
    {
        await using var db = new TestDatabase();
        Assert.StartsWith(code + ": ", await db.QueryAsync(sql));
        Assert.StartsWith(code + ": ", (await db.ApplyAsync("CREATE TABLE IF NOT EXISTS t(a)", "INSERT INTO t " + sql))[1]);
    }

    [Fact]
    public async Task Searching_a_text_takes_linear_time()
    {
        await using var db = new TestDatabase();
        var clock = Stopwatch.StartNew();
        Assert.Equal("0", await db.QueryAsync("SELECT instr(hex(zeroblob(3000000)), hex(zeroblob(1500000))||'1')"));
        Assert.Equal("0", await db.QueryAsync("SELECT instr(replace(hex(zeroblob(3000000)),'00','01'), replace(hex(zeroblob(700000)),'00','01')||'00')"));
        Assert.Equal("0", await db.QueryAsync("SELECT instr(replace(hex(zeroblob(3000000)),'00','01')||'x', substr(hex(zeroblob(1500000)), 2)||'1'||hex(zeroblob(9)))"));

        // SQLite's own needs 300 s for the first; a machine would have to be very slow to need a tenth of that.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), clock.Elapsed.ToString());
    }
}
