using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests;

public class SqlParserTests
{
    private static ParsedStatement One(string sql) => Assert.Single(SqlParser.Parse(sql));

    [Theory]
    [InlineData("")]
    [InlineData(" ; -- x\n ;/* /* a */ b */")]
    public void Blanks_comments_and_semicolons_are_no_statements(string sql) => Assert.Empty(SqlParser.Parse(sql));

    [Theory]
    [InlineData("select 1", "SELECT")]
    [InlineData("VALUES (1)", "SELECT")]
    [InlineData("(select 1)", "SELECT")]
    [InlineData("insert into t values (1)", "INSERT")]
    [InlineData("REPLACE INTO t VALUES (1)", "INSERT")]
    [InlineData("update t set a = 1", "UPDATE")]
    [InlineData("with x as (select 1) delete from t", "DELETE")]
    [InlineData("with x(a) as (select 1), y as (select 2) insert into t select * from x", "INSERT")]
    [InlineData("with recursive x as (select 1) select * from x", "SELECT")]
    [InlineData("create table t(a int)", "CREATE TABLE")]
    [InlineData("create temp table if not exists t(a int)", "CREATE TABLE")]
    [InlineData("create table t as select 1", "CREATE TABLE AS")]
    [InlineData("create unique index i on t(a)", "CREATE INDEX")]
    [InlineData("create view v as select 1", "CREATE VIEW")]
    [InlineData("CREATE VIRTUAL TABLE f USING fts5(a)", "CREATE TABLE")]
    [InlineData("drop table if exists t", "DROP TABLE")]
    [InlineData("alter table t add column b int", "ALTER TABLE")]
    [InlineData("explain select 1", "EXPLAIN")]
    [InlineData("pragma table_info(t)", "PRAGMA")]
    [InlineData("vacuum", "VACUUM")]
    public void The_tag_follows_from_the_main_verb(string sql, string tag)
    {
        var statement = One(sql + " ; ");
        Assert.Equal(tag, statement.CommandTag);
        Assert.Equal(StatementKind.Run, statement.Kind);
        Assert.Equal(sql, statement.Text);
    }

    [Fact]
    public void A_trigger_keeps_the_semicolons_of_its_body()
    {
        const string Trigger = "CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN a > 1 THEN 2 ELSE 3 END; DELETE FROM u; END";
        var statements = SqlParser.Parse($"{Trigger}; select ';' -- ;\n, \"a;b\", $x$;$x$; select 3");
        Assert.Equal(3, statements.Count);
        Assert.Equal(Trigger, statements[0].Text);
        Assert.Equal("CREATE TRIGGER", statements[0].CommandTag);
        Assert.Equal("select 3", statements[2].Text);
    }

    [Theory]
    [InlineData("select a from t for update", "select a from t", "UPDATE", false)]
    [InlineData("select a from t FOR NO KEY UPDATE OF t, s.u NOWAIT", "select a from t", "NO KEY UPDATE", true)]
    [InlineData("select a from t for key share skip locked limit 1", "select a from t                           limit 1", "KEY SHARE", false)]
    [InlineData("select a from t for share for update nowait", "select a from t", "SHARE", false)]
    [InlineData(
        "delete from t where a = (select a from t for update skip locked limit 1)",
        "delete from t where a = (select a from t                        limit 1)", "UPDATE", false)]
    public void A_locking_clause_is_read_and_not_shown_to_the_database(string sql, string text, string strength, bool noWait)
    {
        var statement = One(sql);
        Assert.Equal(text, statement.Text.TrimEnd());
        Assert.Equal(new LockingClause(strength, noWait), statement.Locking);
    }

    [Theory]
    [InlineData("select substring(a for 2)")]
    [InlineData("select substring(a for share + 1)")]
    [InlineData("create trigger r after insert on t for each row begin select 1; end")]
    public void Another_FOR_is_no_locking_clause(string sql)
    {
        var statement = One(sql);
        Assert.Null(statement.Locking);
        Assert.Equal(sql, statement.Text);
    }

    [Fact]
    public void Rows_are_told_only_in_tags_that_have_them()
    {
        Assert.Equal("INSERT 0 3", One("insert into t values (1)").FormatTag(3));
        Assert.Equal("SELECT 2", One("select 1").FormatTag(2));
        Assert.Equal("CREATE TABLE", One("create table t(a)").FormatTag(2));
    }

    [Fact]
    public void A_leading_hint_is_kept()
    {
        Assert.Equal([new("consistency", "none")], One("/* rqlite: consistency=none */ select 1").Hint);
    }

    [Fact]
    public void Casts_give_parameters_their_types()
    {
        var statement = One("select $1::int4, cast($3 as varchar(20)), $2, '$9'");
        Assert.Equal(3, statement.ParameterCount);
        Assert.Equal([new PgType(PgTypes.Int4), null, new PgType(PgTypes.VarChar, 24)], statement.ParameterCasts);
    }

    [Theory]
    [InlineData("select $1::int4 + 1", "select $1       + 1")]
    [InlineData("select $1 ::double precision, $2", "select $1                   , $2")]
    [InlineData("select f($1::varchar(10))", "select f($1             )")]
    [InlineData("select $1::numeric(10,2)", "select $1               ")]
    [InlineData("select $1::text::int", "select $1::text::int")]
    [InlineData("select '$1::int', a::int", "select '$1::int', a::int")]
    public void A_cast_behind_a_parameter_is_left_to_its_type(string sql, string text) => Assert.Equal(text, One(sql).Text);

    [Fact]
    public void Columns_whose_type_the_text_tells_have_it()
    {
        var statement = One(
            "select 1 a, 5000000000, 1.5, 'x' as s, null, true, a = b, a || 'c', cast(a as bigint), $1::date, $2, count(*) filter (where x), "
            + "a + 1, t.a, not a, a in (1), (1), -1, exists (select 1), case when a = 1 then 2 end, (select 1), x'00' from t where 1 = 1");
        var oids = statement.ColumnTypes([0, 701])!.Select(type => type?.Oid ?? 0);
        Assert.Equal(
            [23, 20, 701, 25, 25, 16, 16, 25, 20, 1082, 701, 20, 0, 0, 16, 16, 23, 23, 16, 0, 0, 17], oids.Select(oid => (int)oid));
        Assert.Null(One("select *, 1 from t").ColumnHints);
        Assert.Equal([new PgType(PgTypes.Int4), null], One("insert into t values (1) returning 7, a").ColumnHints);
        Assert.Equal([null, new PgType(PgTypes.Int4)], One("select 1, 2 union select 'a', 3").ColumnHints);
        Assert.Equal([new PgType(PgTypes.Int4)], One("values (1), (2)").ColumnHints);
    }

    [Theory]
    [InlineData("select 'abc", "unterminated quoted string at or near \"'abc\"", 8)]
    [InlineData("select \"abc", "unterminated quoted identifier at or near \"\"abc\"", 8)]
    [InlineData("select \"\"", "zero-length delimited identifier at or near \"\"\"\"", 8)]
    [InlineData("select /* a", "unterminated /* comment at or near \"/* a\"", 8)]
    [InlineData("select $a$ x", "unterminated dollar-quoted string at or near \"$a$ x\"", 8)]
    [InlineData("select 12ab", "trailing junk after numeric literal at or near \"12ab\"", 8)]
    [InlineData("select $1x", "trailing junk after parameter at or near \"$1x\"", 8)]
    [InlineData("selec 1", "syntax error at or near \"selec\"", 1)]
    [InlineData("select '🎉é'; set x", "syntax error at end of input", 19)]
    [InlineData("set a to", "syntax error at end of input", 9)]
    [InlineData("begin foo", "syntax error at or near \"foo\"", 7)]
    [InlineData("show", "syntax error at end of input", 5)]
    [InlineData("set a = select", "syntax error at or near \"select\"", 9)]
    [InlineData("commit; rollback to", "syntax error at end of input", 20)]
    public void Errors_are_PostgreSQLs(string sql, string message, int position)
    {
        var error = Assert.Throws<DialectException>(() => SqlParser.Parse(sql));
        Assert.Equal(("42601", message, position), (error.SqlState, error.Message, error.Position));
    }

    [Fact]
    public void Nesting_has_a_limit() => Assert.Equal(
        "54001", Assert.Throws<DialectException>(() => SqlParser.Parse("select " + new string('(', 100_000))).SqlState);

    [Fact]
    public void A_nested_comment_is_blanked_for_SQLite() => Assert.Equal(
        "select                      1", One("select /* a /* b */ c */    1").Text);

    [Theory]
    [InlineData("/* rqlite: consistency=strong, freshness=5s, min_index=42 */ SELECT 1", "consistency=strong freshness=5s min_index=42")]
    [InlineData("-- x\n/*rqlite:FRESHNESS = '5 s'*/\nselect 1", "freshness=5 s")]
    [InlineData("/* a /* rqlite: nested=1 */ */ /* RQLite: a=1 */ select 1", "a=1")]
    [InlineData("select 1; /* rqlite: a=2 */ select 2", "")]
    [InlineData("/* x */ select 1", null)]
    [InlineData("/*+ rqlite.consistency=none */ select 1", null)]
    [InlineData("-- /* rqlite: a=1 */\nselect 1", null)]
    [InlineData("-- rqlite: a=1\nselect 1", null)]
    [InlineData("select /* rqlite: a=1 */ 1", null)]
    [InlineData("select '/* rqlite: a=1 */'", null)]
    [InlineData("select 1 /* rqlite: a=1 */", null)]
    public void A_hint_is_a_comment_before_the_first_word(string sql, string? expected)
    {
        var statements = SqlParser.Parse(sql);
        if (statements.Count == 2)
        {
            Assert.Null(statements[0].Hint);
            Assert.Equal([new("a", "2")], statements[1].Hint);
            return;
        }

        var hint = Assert.Single(statements).Hint;
        Assert.Equal(expected, hint is null ? null : string.Join(' ', hint.Select(static setting => $"{setting.Key}={setting.Value}")));
    }

    [Theory]
    [InlineData("/* rqlite: */ select 1")]
    [InlineData("/* rqlite: this is a note */ select 1")]
    [InlineData("/* rqlite: consistency */ select 1")]
    [InlineData("/* rqlite: consistency= */ select 1")]
    [InlineData("/* rqlite: consistency=none, */ select 1")]
    [InlineData("/* rqlite: consistency=none min_index=1 */ select 1")]
    [InlineData("/* rqlite: a=1, a=2 */ select 1")]
    [InlineData("/* rqlite: a='1 */ select 1")]
    [InlineData("/* rqlite: a=1 */ /* rqlite: b=1 */ select 1")]
    [InlineData("/* rqlite: a=1; b=2 */ select 1")]
    public void A_malformed_hint_is_an_error(string sql)
    {
        var error = Assert.Throws<DialectException>(() => SqlParser.Parse(sql));
        Assert.Equal("22023", error.SqlState);
        Assert.StartsWith("malformed hint: ", error.Message, StringComparison.Ordinal);
    }
}
