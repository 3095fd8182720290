using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests;

public class SessionCommandTests
{
    private static SessionCommand Command(string sql) => Assert.Single(SqlParser.Parse(sql)).Command!;

    private static void IsSet(string sql, string name, string? value, bool local = false)
    {
        var set = Assert.IsType<SetSetting>(Command(sql));
        Assert.Equal((name, value, local), (set.Name, set.Values is null ? null : string.Join('|', set.Values), set.Local));
    }

    [Fact]
    public void Set_is_read_in_all_its_forms()
    {
        IsSet("SET a = 1", "a", "1");
        IsSet("set session Statement_Timeout to '5s'", "statement_timeout", "5s");
        IsSet("SET LOCAL search_path TO a, \"B\", 'c'", "search_path", "a|B|c", local: true);
        IsSet("set rqlite.consistency = none", "rqlite.consistency", "none");
        IsSet("set x to default", "x", null);
        IsSet("set extra_float_digits = -3", "extra_float_digits", "-3");
        IsSet("SET TIME ZONE 'UTC'", "timezone", "UTC");
        IsSet("SET TIME ZONE LOCAL", "timezone", null);
        IsSet("SET TIME ZONE INTERVAL '+00:00' HOUR TO MINUTE", "timezone", "INTERVAL '+00:00'");
        IsSet("SET TIME ZONE -3.5", "timezone", "-3.5");
        IsSet("SET NAMES 'utf8'", "client_encoding", "utf8");
        IsSet("set standard_conforming_strings to on", "standard_conforming_strings", "on");
        IsSet("SET SCHEMA 'x'", "search_path", "x");
    }

    [Fact]
    public void Transactions_are_read_with_their_modes()
    {
        Assert.Equal(
            new BeginTransaction(new TransactionModes(IsolationLevel.RepeatableRead, true, false), false),
            Command("BEGIN WORK ISOLATION LEVEL REPEATABLE READ, READ ONLY NOT DEFERRABLE"));
        Assert.Equal(new BeginTransaction(TransactionModes.None, true), Command("begin immediate transaction"));
        Assert.Equal("START TRANSACTION", SqlParser.Parse("start transaction read write")[0].CommandTag);
        Assert.Equal(new CommitTransaction(true), Command("commit and chain"));
        Assert.Equal(new CommitTransaction(false), Command("END TRANSACTION"));
        Assert.Equal(new RollbackTransaction(false), Command("ABORT AND NO CHAIN"));
        Assert.Equal(new RollbackToSavepoint("a"), Command("rollback work to savepoint A"));
        Assert.Equal(new ReleaseSavepoint("B"), Command("release \"B\""));
        Assert.Equal(new DefineSavepoint("x"), Command("savepoint x"));
        Assert.Equal(
            new SetTransaction(new TransactionModes(IsolationLevel.Serializable, null, null), true),
            Command("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE"));
        Assert.Equal(StatementKind.Transaction, SqlParser.Parse("begin")[0].Kind);
    }

    [Fact]
    public void Other_session_statements_are_read()
    {
        Assert.Equal(new ShowSetting(null), Command("SHOW ALL"));
        Assert.Equal(new ShowSetting("transaction_isolation"), Command("show transaction isolation level"));
        Assert.Equal(new ShowSetting("timezone"), Command("show time zone"));
        Assert.Equal(new ResetSetting(null), Command("reset all"));
        Assert.Equal(new SetSessionAuthorization(null, false), Command("SET SESSION AUTHORIZATION DEFAULT"));
        Assert.Equal(new SetRole(null, false), Command("SET ROLE NONE"));
        Assert.Equal(new DiscardState(DiscardTarget.Temporary), Command("discard temp"));
        Assert.Equal(new DeallocateStatement(null), Command("deallocate prepare all"));
        Assert.Equal(new CloseCursor(null), Command("CLOSE ALL"));
        Assert.Equal(new UnlistenChannel(null), Command("UNLISTEN *"));
        var notify = Assert.Single(SqlParser.Parse("notify c, 'it''s'"));
        Assert.Equal(
            (StatementKind.Run, "NOTIFY", "DELETE FROM _rqlite_call WHERE pg_notify('c', 'it''s')"), (notify.Kind, notify.CommandTag, notify.Text));
        Assert.True(notify.Lowered);
        var locked = Assert.IsType<LockTable>(Command("LOCK TABLE \"__EFMigrationsHistory\" IN ACCESS EXCLUSIVE MODE"));
        Assert.Equal(["__EFMigrationsHistory"], locked.Tables);
        Assert.IsType<UnsupportedStatement>(Command("copy t from stdin"));
    }

    [Fact]
    public void A_copy_to_the_client_is_the_query_that_it_sends()
    {
        var table = SqlParser.Parse("copy Users (id, \"a\"\"b\") to stdout with (format csv, header, force_quote (id))")[0];
        Assert.Equal("SELECT \"users\".\"id\", \"users\".\"a\"\"b\" FROM \"users\"", table.Text);
        Assert.Equal(("COPY", StatementKind.Run), (table.CommandTag, table.Kind));
        Assert.Equal(
            (CopyFormat.Csv, (byte)',', "", true, "id"),
            (table.Copy!.Format, table.Copy.Delimiter, table.Copy.Null, table.Copy.Header, Assert.Single(table.Copy.ForceQuote!)));
        var query = SqlParser.Parse("select 1; /* c */ copy ( select a, ')' from t ) to stdout delimiter '|'; select 2");
        Assert.Equal(3, query.Count);
        Assert.Equal("select a, ')' from t", query[1].Text);
        Assert.Equal(26, query[1].PositionOf(0));
        Assert.Equal((byte)'|', query[1].Copy!.Delimiter);
        Assert.Null(query[2].Copy);
    }

    [Theory]
    [InlineData("copy t from stdin")]
    [InlineData("copy binary from stdin")]
    [InlineData("copy t to '/tmp/x'")]
    [InlineData("copy t to program 'cat'")]
    [InlineData("copy (delete from t) to stdout")]
    [InlineData("copy (table t) to stdout")]
    public void Any_other_copy_is_known_and_not_supported(string sql) => Assert.IsType<UnsupportedStatement>(Command(sql));

    [Theory]
    [InlineData("copy (select 1 to stdout")]
    [InlineData("copy (select 1)) to stdout")]
    [InlineData("copy (copy t to stdout) to stdout")]
    [InlineData("copy t () to stdout")]
    [InlineData("copy t to stdout (")]
    [InlineData("copy t to stdout ()")]
    [InlineData("copy t to stdout (format csv,)")]
    [InlineData("copy t to stdout csv header force")]
    [InlineData("copy t to stdout delimiter")]
    [InlineData("prepare p as copy t to stdout")]
    public void A_copy_that_is_not_sql_is_refused(string sql) =>
        Assert.Equal("42601", Assert.Throws<DialectException>(() => SqlParser.Parse(sql)).SqlState);

    [Fact]
    public void Prepare_and_execute_carry_statement_and_arguments()
    {
        var statements = SqlParser.Parse("PREPARE p(int, text) AS select $1, $2; EXECUTE p(-1, 'a''b'); execute q(null, 1 + 2)");
        var prepare = Assert.IsType<PrepareStatement>(statements[0].Command);
        Assert.Equal("select $1, $2", prepare.Body.Text);
        Assert.Equal([new PreparedType(new(PgTypes.Int4)), new PreparedType(new(PgTypes.Text))], prepare.Types);
        var execute = Assert.IsType<ExecuteStatement>(statements[1].Command);
        Assert.Equal(["-1", "a'b"], execute.Arguments.Select(argument => argument.Literal));
        Assert.Equal(
            [new ExecuteArgument("null", true, null) { Position = 73 }, new ExecuteArgument("1 + 2", false, null) { Position = 79 }],
            Assert.IsType<ExecuteStatement>(statements[2].Command).Arguments);
        Assert.Equal((PgTypes.Int4, PgTypes.Unknown), (execute.Arguments[0].Type, execute.Arguments[1].Type));
    }

    [Theory]
    [InlineData("integer", PgTypes.Int4)]
    [InlineData("INTEGER", PgTypes.Int4)]
    [InlineData("BIGINT", PgTypes.Int8)]
    [InlineData("unsigned big int", PgTypes.Int8)]
    [InlineData("VARCHAR(20)", PgTypes.VarChar)]
    [InlineData("character varying (20)", PgTypes.VarChar)]
    [InlineData("BOOLEAN", PgTypes.Bool)]
    [InlineData("timestamptz", PgTypes.TimestampTz)]
    [InlineData("TIMESTAMP WITH TIME ZONE", PgTypes.TimestampTz)]
    [InlineData("timestamp(3)", PgTypes.Timestamp)]
    [InlineData("DATETIME", PgTypes.Timestamp)]
    [InlineData("NUMERIC(10,2)", PgTypes.Numeric)]
    [InlineData("NUMERIC_TEXT(10,2)", PgTypes.Numeric)]
    [InlineData("TIMESTAMPTZ_TEXT", PgTypes.TimestampTz)]
    [InlineData("REAL", PgTypes.Float8)]
    [InlineData("double precision", PgTypes.Float8)]
    [InlineData("BLOB", PgTypes.Bytea)]
    [InlineData("JSON", PgTypes.Json)]
    [InlineData("uuid", PgTypes.Uuid)]
    [InlineData("NVARCHAR(100)", PgTypes.Text)]
    public void A_declared_type_announces_a_type(string declared, uint oid) => Assert.Equal(oid, AnnouncedTypes.OfColumn(declared)?.Oid);

    [Fact]
    public void Nothing_declared_announces_nothing()
    {
        Assert.Null(AnnouncedTypes.OfColumn(null));
        Assert.Null(AnnouncedTypes.OfColumn(""));
        Assert.Null(AnnouncedTypes.OfColumn("int4[]"));
        Assert.Null(AnnouncedTypes.OfColumn("inet"));
        Assert.Equal(new PgType(PgTypes.Numeric, 655366), AnnouncedTypes.OfColumn("numeric(10,2)"));
        Assert.Equal(new PgType(PgTypes.VarChar, 9), AnnouncedTypes.OfColumn("varchar(5)"));
    }
}
