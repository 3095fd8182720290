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
}
