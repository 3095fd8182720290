using System.Buffers;
using System.Text;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>Rows of tables with typed columns: here those that <c>_rqlite_class</c> names, whose columns hold integers.</summary>
public class TypedRowsTests
{
    private const string Refused = "22P02: t.x holds integers";

    private static readonly SqlExtensions s_extensions = SqlExtensions.None with { TypedSchema = new IntegerTables() };

    private static readonly string[] s_setup =
    [
        "@CREATE TABLE _rqlite_class(name TEXT)", "@INSERT INTO _rqlite_class VALUES ('t')", "CREATE TABLE t(id INTEGER PRIMARY KEY, x INT UNIQUE, y)",
        "CREATE TABLE s(x, y)", "INSERT INTO s VALUES (1, 5), (2, 'bad')", "INSERT INTO t(id, x) VALUES (1, 10)",
    ];

    [Theory]
    [InlineData("INSERT INTO t(x) VALUES ('bad')")]
    [InlineData("INSERT INTO t(x) VALUES (11), (12), ('bad'), (13)")]
    [InlineData("INSERT INTO t(id, x) SELECT x + 10, y FROM s")]
    [InlineData("UPDATE t SET x = 'bad' WHERE id = 1")]
    [InlineData("INSERT OR IGNORE INTO t(x) VALUES ('bad')")]
    [InlineData("INSERT OR FAIL INTO t(x) VALUES (11), ('bad')")]
    [InlineData("REPLACE INTO t(id, x) VALUES (1, 'bad')")]
    [InlineData("INSERT INTO t(id, x) VALUES (1, 5) ON CONFLICT(id) DO UPDATE SET x = 'bad'")]
    [InlineData("INSERT INTO t(x) VALUES ('bad') RETURNING id")]
    [InlineData("INSERT INTO t(x) VALUES (1.5)")]
    [InlineData("INSERT INTO t(x) VALUES (x'00')")]
    [InlineData("WITH w(v) AS (VALUES ('bad')) INSERT INTO t(x) SELECT v FROM w")]
    public async Task What_does_not_fit_fails_the_statement_alone(string sql)
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        await db.ApplyAsync(s_setup);
        Assert.Equal(
            ["changed 1, last 20", Refused, "0|20", "changed 1, last 21"],
            await db.ApplyAsync(
                "INSERT INTO t(id, x) VALUES (20, 20)", sql, "SELECT changes(), last_insert_rowid()", "INSERT INTO t(id, x) VALUES (21, 21)"));
        Assert.Equal("1|10|NULL;20|20|NULL;21|21|NULL", await db.QueryAsync("SELECT * FROM t ORDER BY id"));
        Assert.Equal(["changed 1, last 22", Refused], await db.ApplyAsync(BatchOptions.Atomic, "INSERT INTO t(id, x) VALUES (22, 22)", sql));
        Assert.Equal("3", await db.QueryAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task What_fits_passes_and_other_tables_take_anything()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        await db.ApplyAsync(s_setup);
        Assert.Equal(
            ["changed 2, last 3", "changed 1, last 3", "changed 1, last 3", "changed 1, last 2", "changed 1, last 2"],
            await db.ApplyAsync(
                "INSERT INTO t(id, x) VALUES (2, '7'), (3, NULL)", "INSERT INTO t(id, x) VALUES (2, 8) ON CONFLICT(id) DO UPDATE SET x = excluded.x",
                "UPDATE t SET x = 9.0 WHERE id = 3", "REPLACE INTO t(id, x) VALUES (2, 9)", "UPDATE s SET y = 'any' WHERE x = 1"));
        Assert.Equal("1|10;2|9", await db.QueryAsync("SELECT id, x FROM t ORDER BY id"));
    }

    [Theory]
    [InlineData("CREATE TRIGGER g AFTER INSERT ON s BEGIN UPDATE t SET x = new.y WHERE id = 1; END", "INSERT INTO s VALUES (9, 'bad')")]
    [InlineData("CREATE TRIGGER g BEFORE UPDATE ON s BEGIN INSERT INTO t(x) VALUES (new.y); END", "UPDATE s SET y = 'bad' WHERE x = 1")]
    [InlineData("CREATE TRIGGER g AFTER DELETE ON s BEGIN REPLACE INTO t(id, x) VALUES (1, old.y); END", "DELETE FROM s")]
    [InlineData("CREATE VIEW v AS SELECT y FROM s; CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN INSERT INTO t(x) VALUES (new.y); END", "INSERT INTO v VALUES ('bad')")]
    public async Task Rows_that_a_trigger_writes_are_seen_also_behind_a_typed_statement(string trigger, string sql)
    {
        foreach (var typed in (bool[])[false, true])
        {
            await using var db = new TestDatabase(options => options with { Sql = s_extensions });
            await db.ApplyAsync(s_setup);

            // The statement is prepared before its trigger exists.
            using (var rehearsal = db.Database.Writer.BeginRehearsal(5, 2, BatchOptions.None))
            {
                await StatementGroupTests.RunAsync(rehearsal, typed ? Typed(sql) : TestDatabase.Sql(sql));
            }

            await db.ApplyAsync(trigger);
            var before = await db.QueryAsync("SELECT * FROM s, t ORDER BY 1, 2");
            var results = await ApplyAsync(db, TestDatabase.Sql("INSERT INTO t(id) VALUES (30)"), typed ? Typed(sql) : TestDatabase.Sql(sql));
            Assert.Equal(["changed 1, last 30", Refused], results);
            await db.ApplyAsync("DELETE FROM t WHERE id = 30");
            Assert.Equal(before, await db.QueryAsync("SELECT * FROM s, t ORDER BY 1, 2"));
        }
    }

    [Fact]
    public async Task Rows_that_a_foreign_key_changes_are_seen()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        await db.ApplyAsync(
            "@CREATE TABLE _rqlite_class(name TEXT)", "@INSERT INTO _rqlite_class VALUES ('t')", "CREATE TABLE t(id INTEGER PRIMARY KEY, x REFERENCES p ON UPDATE CASCADE)",
            "CREATE TABLE p(k PRIMARY KEY)", "INSERT INTO p VALUES (1)", "INSERT INTO t VALUES (1, 1)");
        Assert.Equal(["changed 1, last 0"], await ApplyAsync(db, BatchOptions.ForeignKeys, TestDatabase.Sql("UPDATE p SET k = 2")));
        Assert.Equal("2|2", await db.QueryAsync("SELECT k, x FROM p, t"));
        foreach (var update in (Statement[])[TestDatabase.Sql("UPDATE p SET k = 'bad'"), Typed("UPDATE p SET k = 'bad'")])
        {
            Assert.Equal(
                [Refused, "changed 1, last 0"], await ApplyAsync(db, BatchOptions.ForeignKeys, update, TestDatabase.Sql("UPDATE p SET k = k + 1")));
        }

        Assert.Equal("4|4", await db.QueryAsync("SELECT k, x FROM p, t"));
    }

    [Fact]
    public async Task A_typed_statement_s_own_rows_are_not_looked_at_and_clients_cannot_say_that_theirs_are()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        await db.ApplyAsync(s_setup);
        Assert.Equal(["changed 1, last 2"], await ApplyAsync(db, Typed("INSERT INTO t(x) VALUES ('bad')")));
        var values = new ArrayBufferWriter<byte>();
        ParameterEncoding.WriteNull(values);
        ParameterEncoding.WriteInteger(values, 0x20);
        ParameterEncoding.WriteReal(values, 1, "name");
        ParameterEncoding.WriteText(values, " "u8);
        ParameterEncoding.WriteBlob(values, " "u8, "name");
        Assert.False(new Statement(default, values.WrittenMemory).IsTyped);
        Assert.True(Typed("x").IsTyped);
        Assert.Equal(["bound"], await ApplyAsync(db, Typed("SELECT ?1", output => ParameterEncoding.WriteText(output, "bound"u8))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transaction_fails_and_goes_on_from_its_savepoint(bool typed)
    {
        await using var leader = new TestDatabase(options => options with { Sql = s_extensions });
        await using var follower = new TestDatabase(options => options with { Sql = s_extensions });
        foreach (var db in (TestDatabase[])[leader, follower])
        {
            await db.ApplyAsync([.. s_setup, "CREATE TRIGGER g AFTER INSERT ON s BEGIN INSERT INTO t(x) VALUES (new.y); END"]);
        }

        using var rehearsal = leader.Database.Writer.BeginRehearsal(5, 2, BatchOptions.None);
        await TableTests.RunAsync(rehearsal, "INSERT INTO t(x) VALUES (20)");
        rehearsal.SetSavepoint();
        var bad = "INSERT INTO s VALUES (1, 30), (1, 'bad')";
        Assert.Equal(Refused, await StatementGroupTests.RunAsync(rehearsal, typed ? Typed(bad) : TestDatabase.Sql(bad)));
        rehearsal.RollBackTo(0);
        await TableTests.RunAsync(rehearsal, "INSERT INTO s VALUES (1, 40)");
        var entry = rehearsal.Seal(out var error)!;
        Assert.Null(error);
        var stamp = leader.NextStamp() with { UnixMicroseconds = 5, Seed = 2 };
        Assert.True(follower.Database.Writer.ApplyTransaction(stamp, entry, null));
        Assert.True(leader.Database.Writer.ApplyTransaction(stamp, entry, rehearsal));
        Assert.Equal("10;20;40", await follower.QueryAsync("SELECT x FROM t ORDER BY x"));
        Assert.Equal(await leader.Database.ContentHashAsync(default), await follower.Database.ContentHashAsync(default));
    }

    [Fact]
    public async Task Batches_are_the_same_where_they_are_run_first_and_where_they_are_replayed()
    {
        await using var leader = new TestDatabase(options => options with { Sql = s_extensions });
        await using var follower = new TestDatabase(options => options with { Sql = s_extensions });
        await using var restarting = new TestDatabase(options => options with { Sql = s_extensions });
        TestDatabase[] all = [leader, follower, restarting];
        foreach (var db in all)
        {
            await db.ApplyAsync([.. s_setup, "CREATE VIRTUAL TABLE words USING fts5(w)"]);
        }

        var random = new Random(3);
        for (var i = 0; i < 150; i++)
        {
            ApplyCommand[] commands = [.. Enumerable.Range(0, 3).Select(_ => Command(random))];
            var stamp = leader.NextStamp();
            var batch = LeaderRun.Rehearse(leader.Database.Writer, stamp, commands);
            batch.Appended(stamp.Index, stamp.Term);
            foreach (var db in all)
            {
                Assert.True(db.Database.Writer.ApplyBatch(stamp, () => batch.Entry!, db == leader ? batch : null, null));
            }

            if (i % 20 == 19)
            {
                await restarting.ReopenAsync();
            }
        }

        Assert.Equal("0", await leader.QueryAsync("SELECT count(*) FROM t WHERE typeof(x) NOT IN ('integer', 'null')"));
        Assert.NotEqual("1", await leader.QueryAsync("SELECT count(*) FROM t"));
        var hash = await leader.Database.ContentHashAsync(default);
        Assert.All(all, db => Assert.Equal(leader.Database.Writer.Position, db.Database.Writer.Position));
        Assert.Equal(hash, await follower.Database.ContentHashAsync(default));
        Assert.Equal(hash, await restarting.Database.ContentHashAsync(default));
    }

    [Fact]
    public async Task Many_failures_take_no_longer_than_many_successes()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        await db.ApplyAsync(s_setup);
        var results = await db.ApplyAsync([.. Enumerable.Range(100, 4000).Select(i => $"INSERT INTO t(x) VALUES ({(i % 2 == 0 ? i : "'bad'")})")]);
        Assert.Equal(2000, results.Count(result => result == Refused));
        Assert.Equal("2001", await db.QueryAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_rowid_that_SQLite_gives_moves_the_sequence_also_in_a_transaction_and_its_replay()
    {
        await using var leader = new TestDatabase(options => options with { Sql = s_extensions });
        await using var follower = new TestDatabase(options => options with { Sql = s_extensions });
        TestDatabase[] both = [leader, follower];
        foreach (var db in both)
        {
            await db.ApplyAsync([.. s_setup, "@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('ids', 0)"]);
            Assert.Equal(
                ["changed 1, last 2", "3"], await db.ApplyAsync("INSERT INTO t(x) VALUES (20)", "SELECT nextval('ids')"));
            Assert.Equal(
                ["changed 1, last 0", "changed 1, last 2", Refused, "4"],
                await db.ApplyAsync(
                    "UPDATE t SET id = 50 WHERE id = 2", "REPLACE INTO t(id, x) VALUES (2, 21)", "INSERT INTO t(id, x) VALUES (99, 'bad')", "SELECT nextval('ids')"));
        }

        using var rehearsal = leader.Database.Writer.BeginRehearsal(5, 2, BatchOptions.None);
        Assert.Equal("5", await TableTests.RunAsync(rehearsal, "SELECT nextval('ids')"));
        rehearsal.SetSavepoint();
        await TableTests.RunAsync(rehearsal, "INSERT INTO t(id, x) VALUES (70, 70)");
        rehearsal.RollBackTo(0);
        await TableTests.RunAsync(rehearsal, "INSERT INTO t(id, x) VALUES (60, 60)");
        Assert.Equal("71", await TableTests.RunAsync(rehearsal, "SELECT nextval('ids')"));
        await TableTests.RunAsync(rehearsal, "INSERT INTO t(id, x) VALUES (80, 80)");
        var entry = rehearsal.Seal(out var error)!;
        Assert.Null(error);
        var stamp = leader.NextStamp() with { UnixMicroseconds = 5, Seed = 2 };
        Assert.True(follower.Database.Writer.ApplyTransaction(stamp, entry, null));
        Assert.True(leader.Database.Writer.ApplyTransaction(stamp, entry, rehearsal));
        Assert.Equal("80|1", await follower.QueryAsync("SELECT last_value, is_called FROM ids"));
        Assert.Equal(await leader.Database.ContentHashAsync(default), await follower.Database.ContentHashAsync(default));
    }

    [Theory]
    [InlineData("INSERT OR FAIL INTO s VALUES (9, 7), (9, 'bad')")]
    [InlineData("INSERT OR ROLLBACK INTO s VALUES (9, 7), (9, 'bad')")]
    [InlineData("INSERT INTO s VALUES (9, 7), (9, 'bad')")]
    public async Task A_restart_changes_no_result_whatever_was_prepared_before_it(string sql)
    {
        var results = new List<string>();
        foreach (var restarts in (bool[])[false, true])
        {
            await using var db = new TestDatabase(options => options with { Sql = s_extensions });
            await db.ApplyAsync(s_setup);
            await db.ApplyAsync(sql);
            await db.ApplyAsync("CREATE TRIGGER g AFTER INSERT ON s BEGIN INSERT INTO t(x) VALUES (new.y); END");
            if (restarts)
            {
                await db.ReopenAsync();
            }

            foreach (var options in (BatchOptions[])[BatchOptions.None, BatchOptions.Atomic])
            {
                var answers = await db.ApplyAsync(options, "INSERT INTO t(id) VALUES (NULL)", sql, "SELECT changes(), last_insert_rowid()");
                Assert.Contains(Refused, answers);
                results.Add(string.Join("; ", answers));
            }

            results.Add(await db.QueryAsync("SELECT group_concat(x || y) FROM s") + await db.QueryAsync("SELECT group_concat(id || ifnull(x, 'n')) FROM t"));
        }

        Assert.Equal(results[..3], results[3..]);
    }

    [Fact]
    public async Task An_answer_that_is_too_large_is_refused_and_its_rows_are_undone()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions, ResultBytesMax = 1 << 20 });
        await db.ApplyAsync(s_setup);
        foreach (var table in (string[])["s", "t"])
        {
            var answers = await db.ApplyAsync(
                $"WITH RECURSIVE c(n) AS (VALUES (100) UNION ALL SELECT n + 1 FROM c WHERE n < 400) INSERT INTO {table}(x) SELECT n FROM c RETURNING zeroblob(10000)",
                "INSERT INTO t(id) VALUES (50)");
            Assert.DoesNotContain("changed", answers[0], StringComparison.Ordinal);
            Assert.Equal("changed 1, last 50", answers[1]);
            Assert.Equal("0", await db.QueryAsync($"SELECT count(*) FROM {table} WHERE x >= 100"));
            await db.ApplyAsync("DELETE FROM t WHERE id = 50");
        }
    }

    [Fact]
    public async Task Metadata_follows_a_definition_or_the_definition_is_undone()
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        await db.ApplyAsync(s_setup);
        Assert.Equal(["changed 0, last 0", "t;t"], await db.ApplyAsync("ALTER TABLE s RENAME TO s2", "SELECT name FROM s2 JOIN _rqlite_class"));
        Assert.Equal(["0A000: t keeps its name"], await db.ApplyAsync("ALTER TABLE t RENAME TO u"));
        Assert.Equal(
            ["changed 1, last 2", "0A000: t keeps its name", "changed 1, last 3"],
            await db.ApplyAsync("INSERT INTO t(x) VALUES (1)", "ALTER TABLE t RENAME TO u", "INSERT INTO t(x) VALUES (2)"));
        Assert.Equal(
            ["changed 1, last 4", "0A000: t keeps its name"],
            await db.ApplyAsync(BatchOptions.Atomic, "INSERT INTO t(x) VALUES (3)", "ALTER TABLE t RENAME TO u"));
        Assert.Equal(["changed 0, last 0", ""], await db.ApplyAsync("DROP TABLE t", "SELECT * FROM _rqlite_class"));
        Assert.Equal(["changed 0, last 0", "changed 1, last 1"], await db.ApplyAsync("CREATE TABLE t(x)", "INSERT INTO t VALUES ('any')"));
        using var rehearsal = db.Database.Writer.BeginRehearsal(5, 2, BatchOptions.None);
        await TableTests.RunAsync(rehearsal, "DROP TABLE t");
        Assert.Equal("", await TableTests.RunAsync(rehearsal, "SELECT * FROM _rqlite_class"));
    }

    [Theory]
    [InlineData("CREATE TABLE t_items(x)")]
    [InlineData("CREATE TABLE T_Items(x)")]
    [InlineData("CREATE TABLE t_items AS SELECT 1")]
    [InlineData("CREATE VIEW \"t_items\" AS SELECT 1")]
    [InlineData("CREATE VIRTUAL TABLE t_items USING fts5(x)")]
    [InlineData("ALTER TABLE s RENAME TO t_items")]
    [InlineData("ALTER TABLE s RENAME TO [T_items]")]
    [InlineData("CREATE TABLE json_each(x)")]
    [InlineData("CREATE VIEW pragma_table_xinfo AS SELECT 1")]
    public async Task No_table_may_hide_one_that_every_connection_has(string sql)
    {
        await using var db = new TestDatabase(options => options with { Sql = new TestTables().Extensions });
        await db.ApplyAsync("CREATE TABLE s(x)");
        Assert.StartsWith("23: not authorized: the name ", (await db.ApplyAsync(sql))[0], StringComparison.Ordinal);
        Assert.Equal(["changed 0, last 0"], await db.ApplyAsync("ALTER TABLE s RENAME COLUMN x TO t_items"));
    }

    [Theory]
    [InlineData("INSERT INTO _rqlite_class VALUES ('s')")]
    [InlineData("UPDATE _rqlite_class SET name = 's'")]
    [InlineData("DELETE FROM _RQLITE_class")]
    [InlineData("DROP TABLE _rqlite_class")]
    [InlineData("ALTER TABLE _rqlite_class RENAME TO c")]
    [InlineData("CREATE TABLE _rqlite_attribute(x)")]
    [InlineData("CREATE INDEX i ON _rqlite_class(name)")]
    [InlineData("CREATE TRIGGER h AFTER INSERT ON _rqlite_class BEGIN SELECT 1; END")]
    [InlineData("CREATE TABLE c(x REFERENCES _rqlite_class)")]
    [InlineData("WITH w AS (SELECT 1) DELETE FROM main._rqlite_class")]
    public async Task Metadata_cannot_be_changed_by_clients(string sql)
    {
        await using var db = new TestDatabase(options => options with { Sql = s_extensions });
        await db.ApplyAsync([.. s_setup, "CREATE TRIGGER g AFTER INSERT ON s BEGIN DELETE FROM _rqlite_class; END"]);
        foreach (var statement in (Statement[])[TestDatabase.Sql(sql), Typed(sql), Typed("INSERT INTO s VALUES (1, 1)")])
        {
            Assert.StartsWith("23: not authorized", (await ApplyAsync(db, statement))[0], StringComparison.Ordinal);
        }

        Assert.Equal("t", await db.QueryAsync("SELECT * FROM _rqlite_class"));
    }

    private static Statement Typed(string sql, Action<IBufferWriter<byte>>? parameters = null)
    {
        var plain = TestDatabase.Sql(sql, parameters);
        return Statement.Typed(plain.Sql, plain.Parameters);
    }

    private static ApplyCommand Command(Random random)
    {
        Statement[] statements = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(10) switch
        {
            0 => TestDatabase.Sql("INSERT INTO t(x) SELECT y FROM s"),
            1 => TestDatabase.Sql($"REPLACE INTO t(id, x) VALUES ({random.Next(50)}, {Value(random)})"),
            2 => TestDatabase.Sql($"UPDATE t SET x = {Value(random)} WHERE id < {random.Next(50)}"),
            3 => TestDatabase.Sql("INSERT INTO words VALUES ('a b c')"),
            4 => TestDatabase.Sql($"UPDATE s SET y = {Value(random)}"),
            5 => TestDatabase.Sql($"DROP TRIGGER IF EXISTS g; CREATE TRIGGER g AFTER UPDATE ON s BEGIN INSERT OR IGNORE INTO t(x) VALUES (new.y); END"),
            6 => Typed("UPDATE s SET y = y"),
            7 => Statement.Group([Typed($"INSERT OR IGNORE INTO t(x) VALUES ({random.Next(900)})"), TestDatabase.Sql($"UPDATE t SET x = {Value(random)} WHERE id = 1")], 0),
            _ => TestDatabase.Sql($"INSERT OR IGNORE INTO t(x) VALUES ({random.Next(900)}), ({Value(random)})"),
        })];
        return new(default, new StatementBatch(statements, random.Next(2) == 0 ? BatchOptions.Atomic : BatchOptions.None));
    }

    private static string Value(Random random) => random.Next(3) == 0 ? "'bad'" : $"{random.Next(900)}";

    private static Task<string[]> ApplyAsync(TestDatabase db, params Statement[] statements) => ApplyAsync(db, BatchOptions.None, statements);

    private static async Task<string[]> ApplyAsync(TestDatabase db, BatchOptions options, params Statement[] statements) =>
        (await db.ApplyAsync(new ApplyCommand(default, new StatementBatch(statements, options))))[0];

    private sealed class IntegerTables : ITypedSchema
    {
        public ITypedTables? Load(IConnectionSql sql)
        {
            var exists = false;
            sql.Read(Ours("SELECT 1 FROM sqlite_schema WHERE name = '_rqlite_class'"), (in _) => exists = true);
            if (!exists)
            {
                return null;
            }

            var tables = new Tables();
            sql.Read(Ours("SELECT c.name, x.cid FROM _rqlite_class c, pragma_table_xinfo(c.name) x WHERE x.name = 'x'"), (in row) =>
            {
                var (name, place) = (Encoding.UTF8.GetString(row[0].Bytes), (int)row[1].Integer);
                tables.All[name] = (in stored) =>
                {
                    if (stored[place].Class is not (StorageClass.Integer or StorageClass.Null))
                    {
                        throw new SqlFunctionException("22P02", $"{name}.x holds integers");
                    }

                    if (stored.IsNew)
                    {
                        tables.Rowids["ids"] = Math.Max(stored[0].Integer, tables.Rowids.GetValueOrDefault("ids"));
                    }
                };
            });
            return tables;
        }

        public IDefinitionFollower Follow(IConnectionSql sql) => new Follower();

        private static Statement Ours(string sql) => Statement.Ours(Encoding.UTF8.GetBytes(sql));

        private sealed class Tables : ITypedTables
        {
            public Dictionary<string, RowCheck> All { get; } = [];

            public IReadOnlyDictionary<string, RowCheck> Checks => All;

            public Dictionary<string, long> Rowids { get; } = [];

            public IReadOnlyDictionary<string, long> Inserted => Rowids;

            public void Begin() => Rowids.Clear();

            public void Complete(IConnectionSql sql)
            {
            }
        }

        // Tables may be dropped; t may not be renamed.
        private sealed class Follower : IDefinitionFollower
        {
            public IReadOnlyList<string> Changes(IConnectionSql sql)
            {
                var (known, renamed) = (false, false);
                sql.Read(Ours("SELECT name = 'u' FROM sqlite_schema WHERE name IN ('t', 'u')"), (in row) => (known, renamed) = (true, row[0].Integer == 1));
                return renamed ? throw new SqlFunctionException("0A000", "t keeps its name")
                    : known ? []
                    : ["DELETE FROM _rqlite_class WHERE name = 't'"];
            }
        }
    }
}
