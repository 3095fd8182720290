using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>SET CONSTRAINTS, with PostgreSQL's answers.</summary>
public sealed class SetConstraintsTests : IAsyncLifetime
{
    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private readonly List<string> _notices = [];
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _connection = await _server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");
        _connection.Notice += (_, e) => _notices.Add($"{e.Notice.SqlState} {e.Notice.MessageText}");
        await _connection.AskAsync(
            """
            create table p (id int primary key);
            create table c (a int references p deferrable initially deferred, k int constraint kk references p deferrable initially deferred, n int references p)
            """);
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("begin; insert into c(a) values (5); set constraints all immediate", "c_a_fkey", "Key (a)=(5) is not present in table \"p\".")]
    [InlineData("begin; insert into c(k) values (5); set constraints kk immediate", "kk", "Key (k)=(5) is not present in table \"p\".")]
    [InlineData("begin; set constraints all immediate; insert into c(k) values (6)", "kk", "Key (k)=(6) is not present in table \"p\".")]
    [InlineData("begin; set constraints public.kk immediate; insert into c(a) values (6); insert into c(k) values (7) returning k", "kk", "Key (k)=(7) is not present in table \"p\".")]
    [InlineData("begin; insert into c(k) values (8); commit", "kk", "Key (k)=(8) is not present in table \"p\".")]
    [InlineData("begin; insert into p values (1); insert into c(a) values (1); set constraints all immediate; update c set a = 2", "c_a_fkey", "Key (a)=(2) is not present in table \"p\".")]
    public async Task A_violation_is_told_with_its_key(string sql, string constraint, string detail)
    {
        PostgresException? error = null;
        foreach (var statement in sql.Split("; "))
        {
            Assert.Null(error);
            try
            {
                await _connection.AskAsync(statement);
            }
            catch (PostgresException e)
            {
                error = e;
            }
        }

        Assert.NotNull(error);
        Assert.Equal(("23503", "public", "c", constraint), (error.SqlState, error.SchemaName, error.TableName, error.ConstraintName));
        Assert.Equal($"insert or update on table \"c\" violates foreign key constraint \"{constraint}\"", error.MessageText);
        Assert.Equal(detail, error.Detail);
        await _connection.AskAsync("rollback");
        Assert.Equal("0", await _connection.AskAsync("select count(*) from c"));
    }

    [Fact]
    public async Task Values_are_shown_by_the_settings_of_the_session()
    {
        await _connection.AskAsync("create table q (id timestamptz primary key); create table d (a timestamptz references q deferrable initially deferred)");
        await _connection.AskAsync("set timezone = 'Asia/Tokyo'");
        const string Detail = "Key (a)=(2024-01-01 09:00:00+09) is not present in table \"q\".";
        foreach (var (before, at) in ((string, string)[])
            [("insert into d values ('2024-01-01 00:00+00')", "commit"), ("set constraints all immediate", "insert into d values ('2024-01-01 00:00+00')")])
        {
            await _connection.AskAsync("begin");
            await _connection.AskAsync(before);
            Assert.Equal(Detail, (await Assert.ThrowsAsync<PostgresException>(() => _connection.AskAsync(at))).Detail);
            await _connection.AskAsync("rollback");
        }
    }

    [Fact]
    public async Task In_one_pipeline_with_a_block_it_checks_at_its_place()
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => _connection.AskAsync(
            "begin; insert into c(a) values (5); set constraints all immediate; insert into p values (5); commit"));
        Assert.Equal("c_a_fkey", error.ConstraintName);
        await _connection.AskAsync("rollback");
        Assert.Equal("0", await _connection.AskAsync("select count(*) from p"));
    }

    // The writes of a pipeline run together at its end.
    [Fact]
    public async Task Behind_the_writes_of_a_pipeline_it_is_refused()
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => _connection.AskAsync(
            "insert into c(a) values (5); set constraints all immediate; insert into p values (5)"));
        Assert.Equal("0A000", error.SqlState);
        Assert.Equal("0", await _connection.AskAsync("select count(*) from p"));
    }

    [Fact]
    public async Task What_is_resolved_by_then_passes()
    {
        foreach (var statement in (string[])
            [
                "begin", "insert into c(a) values (1)", "insert into p values (1)", "set constraints all immediate", "insert into c(a, k) values (1, 1)",
                "set constraints all deferred", "insert into c(k) values (2)", "insert into p values (2)", "set constraints kk, c_a_fkey immediate", "commit",
            ])
        {
            await _connection.AskAsync(statement);
        }

        Assert.Equal("3", await _connection.AskAsync("select count(*) from c"));
        Assert.Empty(_notices);
    }

    [Fact]
    public async Task A_savepoint_brings_back_what_was_immediate_at_it()
    {
        foreach (var statement in (string[])
            ["begin", "savepoint s", "set constraints all immediate", "rollback to s", "insert into c(k) values (7)", "insert into p values (7)", "commit"])
        {
            await _connection.AskAsync(statement);
        }

        await _connection.AskAsync("begin");
        await _connection.AskAsync("set constraints all immediate");
        await _connection.AskAsync("savepoint s");
        await Assert.ThrowsAsync<PostgresException>(() => _connection.AskAsync("insert into c(k) values (8)"));
        await _connection.AskAsync("rollback to s");
        await _connection.AskAsync("insert into c(k) values (7)");
        await Assert.ThrowsAsync<PostgresException>(() => _connection.AskAsync("insert into c(k) values (8)"));
        await _connection.AskAsync("rollback");
        Assert.Equal("1", await _connection.AskAsync("select count(*) from c"));
    }

    [Theory]
    [InlineData("set constraints nosuch immediate", "42704")]
    [InlineData("set constraints c_n_fkey deferred", "42809")]
    [InlineData("set constraints oo deferred", "0A000")]
    [InlineData("set constraints all deferred", "0A000")]
    public async Task Names_are_looked_up(string sql, string state)
    {
        await _connection.AskAsync("create table o (a int constraint oo references p deferrable)");
        await _connection.AskAsync("begin");
        var error = await Assert.ThrowsAsync<PostgresException>(() => _connection.AskAsync(sql));
        Assert.Equal(state, error.SqlState);
    }

    [Fact]
    public async Task Outside_of_a_block_there_is_a_warning()
    {
        await _connection.AskAsync("set constraints all immediate");
        Assert.Equal(["25P01 SET CONSTRAINTS can only be used in transaction blocks"], _notices);
    }
}
