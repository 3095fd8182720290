namespace Rqlite.Pg.Shell.Tests;

public sealed class StatementSplitterTests
{
    [Theory]
    [InlineData("SELECT 1;", "SELECT 1")]
    [InlineData("SELECT 1; SELECT 2;", "SELECT 1", "SELECT 2")]
    [InlineData("DELETE FROM t\nWHERE id = 1;", "DELETE FROM t\nWHERE id = 1")]
    [InlineData("SELECT ';' || \"a;b\" || `;` || [;];", "SELECT ';' || \"a;b\" || `;` || [;]")]
    [InlineData("SELECT 'it''s; fine';", "SELECT 'it''s; fine'")]
    [InlineData("SELECT 1 -- not; here\n, 2;", "SELECT 1 -- not; here\n, 2")]
    [InlineData("SELECT /* ;\n; */ 3;", "SELECT /* ;\n; */ 3")]
    [InlineData(";;  ;")]
    [InlineData("-- only a comment;\n")]
    [InlineData(
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN\n UPDATE t SET a = CASE WHEN a THEN 1 END;\n DELETE FROM u;\nEND; SELECT 4;",
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN\n UPDATE t SET a = CASE WHEN a THEN 1 END;\n DELETE FROM u;\nEND", "SELECT 4")]
    [InlineData(
        "explain create temp trigger r after insert on t begin select 1; end;", "explain create temp trigger r after insert on t begin select 1; end")]
    [InlineData("CREATE TABLE trigger_log (a); SELECT 5;", "CREATE TABLE trigger_log (a)", "SELECT 5")]
    [InlineData("SELECT x.end; SELECT 6;", "SELECT x.end", "SELECT 6")]
    public void A_statement_ends_at_a_semicolon_that_belongs_to_it(string input, params string[] expected)
    {
        var splitter = new StatementSplitter();
        Assert.Equal(expected, input.Split('\n').SelectMany(splitter.Add));
        Assert.False(splitter.Pending);
    }

    [Fact]
    public void What_is_not_complete_is_kept_until_it_is_taken()
    {
        var splitter = new StatementSplitter();
        Assert.Equal(["SELECT 1"], splitter.Add("SELECT 1; SELECT 'open"));
        Assert.True(splitter.Pending);
        Assert.Equal([], splitter.Add(".tables"));
        Assert.Equal("SELECT 'open\n.tables", splitter.TakeRest());
        Assert.False(splitter.Pending);
        Assert.Null(splitter.TakeRest());
        Assert.Equal(["SELECT 2"], splitter.Add("SELECT 2;"));
    }
}
