namespace Rqlite.Pg.Dialect.Tests.Definitions;

/// <summary>What cannot be done is refused by its name.</summary>
public class RefusalTests
{
    [Theory]
    [InlineData("alter table t set access method other", "ALTER TABLE SET ACCESS METHOD is not supported")]
    [InlineData("alter table t cluster on t_pkey", "ALTER TABLE CLUSTER ON is not supported")]
    [InlineData("alter table t enable row level security", "ALTER TABLE ENABLE ROW LEVEL SECURITY is not supported")]
    [InlineData("alter table t force row level security", "ALTER TABLE FORCE ROW LEVEL SECURITY is not supported")]
    [InlineData("alter table t disable trigger all", "ALTER TABLE DISABLE TRIGGER is not supported")]
    [InlineData("alter table t inherit u", "ALTER TABLE INHERIT is not supported")]
    [InlineData("alter table t attach partition u default", "ALTER TABLE ATTACH PARTITION is not supported")]
    [InlineData("alter table t replica identity full", "ALTER TABLE REPLICA IDENTITY is not supported")]
    [InlineData("alter table t alter b set (n_distinct = 5)", "ALTER TABLE ALTER COLUMN SET (...) is not supported")]
    [InlineData("alter table t alter b set compression lz4", "ALTER TABLE SET COMPRESSION is not supported")]
    [InlineData("alter table t add constraint k unique using index i", "ADD CONSTRAINT USING INDEX is not supported")]
    [InlineData("alter table t add unique (b) deferrable", "deferrable unique constraints are not supported")]
    [InlineData("alter table t add exclude using gist (b with =)", "exclusion constraints are not supported")]
    [InlineData("alter table t add c point", "columns of type point are not supported")]
    [InlineData("alter table u drop column a", "tables without columns are not supported")]
    [InlineData("alter view v set (security_barrier)", "ALTER VIEW with these actions is not supported")]
    [InlineData("alter index i set (fillfactor = 10)", "ALTER INDEX with these actions is not supported")]
    [InlineData("alter type e rename attribute a to b", "ALTER ATTRIBUTE RENAME is not supported")]
    [InlineData("alter table t owner to pg_monitor", "tables of other roles are not supported")]
    [InlineData("create temp sequence s", "temporary sequences are not supported")]
    [InlineData("create sequence s owned by v.b", "sequences that belong to columns of views are not supported")]
    [InlineData("alter schema public rename to other", "renaming schema \"public\" is not supported")]
    [InlineData("alter table foreign_one add c int", "changing table \"foreign_one\", which was made over HTTP, is not supported")]
    [InlineData("alter table foreign_one rename to x", "changing table \"foreign_one\", which was made over HTTP, is not supported")]
    [InlineData("create table \"T\" (a int)", "relation \"T\" beside \"t\", whose name differs in the case of letters alone, is not supported")]
    [InlineData("create table if not exists \"T\" (a int)",
        "relation \"T\" beside \"t\", whose name differs in the case of letters alone, is not supported")]
    [InlineData("alter table u rename to \"T\"", "relation \"T\" beside \"t\", whose name differs in the case of letters alone, is not supported")]
    [InlineData("create index if not exists \"I\" on t (b)", "relation \"I\" beside \"i\", whose name differs in the case of letters alone, is not supported")]
    [InlineData("create index on t (('k'::text))", "indexes on constant texts are not supported")]
    [InlineData("alter table t add \"B\" int", "column \"B\" beside \"b\", whose name differs in the case of letters alone, is not supported")]
    [InlineData("alter table t add if not exists \"B\" int", "column \"B\" beside \"b\", whose name differs in the case of letters alone, is not supported")]
    [InlineData("alter table t rename b to \"A\"", "column \"A\" beside \"a\", whose name differs in the case of letters alone, is not supported")]
    [InlineData("create table w (a int, b int, \"A\" int)", "column \"A\" beside \"a\", whose name differs in the case of letters alone, is not supported")]
    [InlineData("create view w as select a, a as \"A\" from t", "column \"A\" beside \"a\", whose name differs in the case of letters alone, is not supported")]
    [InlineData("create table w as select a, a as \"A\" from t", "column \"A\" beside \"a\", whose name differs in the case of letters alone, is not supported")]
    [InlineData("insert into t values (1, 'x'), (2, 'y') on conflict (a) do update set a = t.a + 1",
        "changing the key of ON CONFLICT in its own DO UPDATE with several rows is not supported")]
    [InlineData("insert into t select a, b from t on conflict (a) do update set a = 5",
        "changing the key of ON CONFLICT in its own DO UPDATE with several rows is not supported")]
    public async Task A_form_that_is_not_supported_is_named(string sql, string message)
    {
        await using var database = new DefinitionDatabase();
        foreach (var definition in (string[])["create table t (a int primary key, b text)", "create table u (a int)", "create view v as select b from t",
            "create index i on t (b)", "create type e as enum ('x')"])
        {
            Assert.DoesNotContain("!", await database.RunAsync(definition), StringComparison.Ordinal);
        }

        database.ApplySqlite("CREATE TABLE foreign_one(x)");
        Assert.StartsWith($"!0A000|{message}|", await database.RunAsync(sql), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_that_a_trigger_or_a_view_of_HTTP_names_is_not_dropped()
    {
        await using var database = new DefinitionDatabase();
        await database.RunAsync("create table t (a int, b int, c int, d int)");
        database.ApplySqlite("CREATE VIEW by_http AS SELECT b FROM t");
        database.ApplySqlite("CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET c = 1; END");
        Assert.StartsWith("!0A000|dropping column \"b\" of table \"t\"", await database.RunAsync("alter table t drop column b"), StringComparison.Ordinal);
        Assert.StartsWith("!0A000|dropping column \"c\" of table \"t\"", await database.RunAsync("alter table t drop column c"), StringComparison.Ordinal);
        Assert.Equal("ALTER TABLE", await database.RunAsync("alter table t drop column d, add column e int"));
        Assert.Equal("INSERT 0 1", await database.RunAsync("insert into t (a) values (1)"));
        Assert.Equal(["1"], await database.SqliteAsync("SELECT c FROM t"));
        Assert.Equal("ALTER TABLE", await database.RunAsync("alter table t rename column b to z"));
        Assert.Equal(["~"], await database.SqliteAsync("SELECT * FROM by_http"));
    }

    [Theory]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("A*[b", "\"a*[B\"")]
    [InlineData("\u00C4rger", "\"\u00C4rger\"")]
    [InlineData("it's", "'it''s'")]
    [InlineData("x`y", "`x``y`")]
    public async Task A_column_is_found_in_the_texts_of_triggers_however_it_is_quoted(string name, string written)
    {
        await using var database = new DefinitionDatabase();
        await database.RunAsync($"create table t (a int, \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" int)");
        database.ApplySqlite("CREATE TABLE log(x)");
        database.ApplySqlite($"CREATE TRIGGER g AFTER UPDATE OF {written} ON t BEGIN INSERT INTO log VALUES (1); END");
        Assert.StartsWith(
            $"!0A000|dropping column \"{name}\" of table \"t\"",
            await database.RunAsync($"alter table t drop column \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_view_that_triggers_or_views_of_HTTP_name_is_not_renamed()
    {
        await using var database = new DefinitionDatabase();
        foreach (var definition in (string[])["create schema s", "create table t (a int, b int)", "create view v as select a from t", "create view w as select a from t"])
        {
            Assert.DoesNotContain("!", await database.RunAsync(definition), StringComparison.Ordinal);
        }

        database.ApplySqlite("CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (NEW.a); END");
        database.ApplySqlite("CREATE VIEW by_http AS SELECT a FROM w");
        Assert.StartsWith("!0A000|renaming view \"v\"", await database.RunAsync("alter view v rename to x"), StringComparison.Ordinal);
        Assert.StartsWith("!0A000|renaming view \"v\"", await database.RunAsync("alter view v set schema s"), StringComparison.Ordinal);
        Assert.StartsWith("!0A000|renaming view \"w\"", await database.RunAsync("alter view w rename to x"), StringComparison.Ordinal);
        Assert.Equal("CREATE VIEW", await database.RunAsync("create or replace view v as select a, b from t"));
        database.ApplySqlite("INSERT INTO v (a) VALUES (7)");
        Assert.Equal("7|~\nSELECT 1", await database.RunAsync("select * from v"));
        Assert.Empty(await database.SqliteAsync("SELECT * FROM by_http WHERE a < 7"));
    }

    [Fact]
    public async Task Renaming_a_label_fires_no_trigger_of_HTTP()
    {
        await using var database = new DefinitionDatabase();
        await database.RunAsync("create type e as enum ('a', 'b')");
        await database.RunAsync("create table t (x e)");
        await database.RunAsync("insert into t values ('a')");
        database.ApplySqlite("CREATE TABLE log(x)");
        database.ApplySqlite("CREATE TRIGGER g AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (1); END");
        Assert.StartsWith(
            "!0A000|renaming a value of an enum while table \"t\" has triggers made over HTTP is not supported",
            await database.RunAsync("alter type e rename value 'a' to 'c'"), StringComparison.Ordinal);
        Assert.Empty(await database.SqliteAsync("SELECT * FROM log"));
        Assert.Equal(["a"], await database.SqliteAsync("SELECT x FROM t"));
        database.ApplySqlite("DROP TRIGGER g");
        Assert.Equal("ALTER TYPE", await database.RunAsync("alter type e rename value 'a' to 'c'"));
        Assert.Equal(["c"], await database.SqliteAsync("SELECT x FROM t"));
    }

    [Fact]
    public async Task Generated_columns_of_HTTP_are_no_keys_of_several_rows()
    {
        await using var database = new DefinitionDatabase();
        database.ApplySqlite("CREATE TABLE h(a INTEGER PRIMARY KEY, n, g INTEGER AS (a % 10) STORED UNIQUE)");
        const string Message = "!0A000|several rows for ON CONFLICT DO UPDATE on a table made over HTTP with generated columns are not supported";
        Assert.StartsWith(
            Message, await database.RunAsync("insert into h (a) values (1), (11) on conflict (g) do update set n = 1"), StringComparison.Ordinal);
        Assert.StartsWith(
            Message, await database.RunAsync("insert into h (a) values (1), (2) on conflict (a) do update set n = 1 where excluded.g > 0"), StringComparison.Ordinal);
        Assert.Equal("INSERT 0 2", await database.RunAsync("insert into h (a) values (1), (2) on conflict (a) do update set n = 1"));
        Assert.Equal("INSERT 0 1", await database.RunAsync("insert into h (a) values (1) on conflict (g) do update set n = 1"));
    }

    [Fact]
    public async Task A_schema_gets_no_name_under_which_its_relations_meet_others()
    {
        await using var database = new DefinitionDatabase();
        foreach (var sql in (string[])["create schema one", "create schema two", "create table one.t (a int)", "create table two.t (a int)"])
        {
            Assert.DoesNotContain("!", await database.RunAsync(sql), StringComparison.Ordinal);
        }

        Assert.StartsWith(
            "!0A000|relation \"t\" beside \"t\", whose name differs in the case of letters alone, is not supported",
            await database.RunAsync("alter schema one rename to \"Two\""), StringComparison.Ordinal);
    }
}
