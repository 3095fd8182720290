namespace Rqlite.Pg.Storage.Tests;

/// <summary>Tables that change places.</summary>
public class ExchangeTests
{
    private const string Call = "@DELETE FROM _rqlite_call WHERE _rqlite_exchange_tables('a', '_rqlite_rewrite',"
        + " 'CREATE TABLE a(x INTEGER PRIMARY KEY, y TEXT NOT NULL)', 'CREATE TABLE _rqlite_rewrite(x, y, PRIMARY KEY(y))')";

    private static readonly string[] s_schema =
    [
        "CREATE TABLE a(x, y, PRIMARY KEY(y))", "INSERT INTO a VALUES (2, 'two'), (1, 'one')", "CREATE TABLE child(y REFERENCES a(y) ON DELETE CASCADE)",
        "INSERT INTO child VALUES ('one')", "CREATE VIEW v AS SELECT x FROM a", "CREATE TABLE log(x)",
        "CREATE TRIGGER g AFTER INSERT ON a BEGIN INSERT INTO log VALUES (new.x); END", "@CREATE TABLE _rqlite_rewrite(x INTEGER PRIMARY KEY, y TEXT)",
        "@INSERT INTO _rqlite_rewrite SELECT x, y FROM a",
    ];

    [Fact]
    public async Task The_name_keeps_views_triggers_and_references_with_the_other_content()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync(s_schema);
        var results = await db.ApplyAsync(Call, "@DROP TABLE _rqlite_rewrite", "INSERT INTO a(y) VALUES ('three')");
        Assert.DoesNotContain(results, result => result.Contains(": ", StringComparison.Ordinal));
        Assert.Equal("1|one;2|two;3|three", await db.QueryAsync("SELECT * FROM a"));
        Assert.Equal("1;2;3", await db.QueryAsync("SELECT x FROM v ORDER BY x"));
        Assert.Equal("3", await db.QueryAsync("SELECT x FROM log"));
        Assert.Equal("one", await db.QueryAsync("SELECT y FROM child"));
        Assert.Equal("0", await db.QueryAsync("SELECT count(*) FROM sqlite_schema WHERE type = 'index' OR name LIKE '%rewrite'"));
        await db.ReopenAsync();
        Assert.Equal("ok", await db.QueryAsync("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task What_does_not_fit_is_an_error_and_leaves_both_tables()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync(s_schema);
        var bad = Call.Replace(", PRIMARY KEY(y))", ", PRIMARY KEY(", StringComparison.Ordinal);
        Assert.StartsWith("1: ", (await db.ApplyAsync(bad))[0], StringComparison.Ordinal);
        Assert.StartsWith("1: ", (await db.ApplyAsync(Call.Replace("'a'", "'b'", StringComparison.Ordinal)))[0], StringComparison.Ordinal);
        Assert.Equal("2|two;1|one", await db.QueryAsync("SELECT * FROM a ORDER BY x DESC"));
        Assert.Equal("ok", await db.QueryAsync("PRAGMA integrity_check"));
    }
}
