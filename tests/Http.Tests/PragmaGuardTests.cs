using System.Text;

namespace Rqlite.Pg.Http.Tests;

public sealed class PragmaGuardTests
{
    [Theory]
    [InlineData("PRAGMA journal_mode=DELETE")]
    [InlineData(" \t\npragma Journal_Mode = WAL")]
    [InlineData("PRAGMA main.journal_mode = WAL")]
    [InlineData("PRAGMA main . journal_mode=WAL")]
    [InlineData("PRAGMA journal_mode(DELETE)")]
    [InlineData("PRAGMA \"journal_mode\"=DELETE")]
    [InlineData("PRAGMA [main].`journal_mode`=DELETE")]
    [InlineData("PRAGMA wal_autocheckpoint=0")]
    [InlineData("PRAGMA wal_checkpoint")]
    [InlineData("PRAGMA main.wal_checkpoint(TRUNCATE)")]
    [InlineData("PRAGMA synchronous=OFF")]
    [InlineData("PRAGMA query_only=0")]
    [InlineData("-- it's\nPRAGMA query_only=0")]
    [InlineData("/* ; ' */PRAGMA/**/query_only/* */=0")]
    [InlineData("SELECT ';'; PRAGMA query_only=0")]
    [InlineData("SELECT 'it''s'; PRAGMA query_only=0")]
    [InlineData("SELECT 1 -- ;\n;;; PRAGMA query_only=0")]
    [InlineData("SELECT [a;b], `c;`, \"d;\" - 1 / 2; PRAGMA query_only=0")]
    [InlineData("EXPLAIN PRAGMA query_only=0")]
    [InlineData("EXPLAIN QUERY PLAN PRAGMA query_only=0")]
    [InlineData("\uFEFFPRAGMA query_only=0")]
    public void Pragmas_that_change_how_the_database_is_kept_are_refused(string sql) =>
        Assert.True(PragmaGuard.Refuses(Encoding.UTF8.GetBytes(sql)));

    [Theory]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("PRAGMA")]
    [InlineData("PRAGMA main.")]
    [InlineData("PRAGMA journal_mode")]
    [InlineData("PRAGMA journal_mode;")]
    [InlineData("PRAGMA synchronous")]
    [InlineData("PRAGMA foreign_keys=ON")]
    [InlineData("PRAGMA table_info(t)")]
    [InlineData("SELECT 'PRAGMA query_only=0'")]
    [InlineData("SELECT '; PRAGMA query_only=0'")]
    [InlineData("INSERT INTO t VALUES('a''; PRAGMA query_only=0')")]
    [InlineData("SELECT 1 -- ; PRAGMA query_only=0")]
    [InlineData("SELECT 1 /* ; PRAGMA query_only=0 */")]
    [InlineData("SELECT 1 /* ; PRAGMA query_only=0")]
    [InlineData("SELECT \"; PRAGMA query_only=0")]
    [InlineData("PRAGMAS query_only=0")]
    public void Other_texts_pass(string sql) => Assert.False(PragmaGuard.Refuses(Encoding.UTF8.GetBytes(sql)));
}
