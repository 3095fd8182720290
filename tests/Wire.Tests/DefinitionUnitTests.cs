using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>
/// Definitions in PostgreSQL's dialect together with statements that need them: in query strings, pipelines and blocks, and beside sessions that
/// see another schema.
/// </summary>
public sealed class DefinitionUnitTests : IAsyncLifetime
{
    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync() => _connection = await OpenAsync();

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Statements_of_a_query_string_see_what_those_before_them_define()
    {
        Assert.Equal("1|x", await AskAsync(
            "create type mood as enum ('sad', 'ok'); create table a (n serial primary key, m mood, t text);"
            + "insert into a(m, t) values ('ok', 'x'); select n, t from a"));
        Assert.Equal("ok", await AskAsync("select m from a"));
    }

    [Fact]
    public async Task An_error_undoes_all_of_a_query_string()
    {
        await FailAsync("create table b (n int); insert into b values (1); select 1 / 0", "22012");
        await FailAsync("select * from b", "42P01");
        await FailAsync("create table b (n int); insert into nosuch values (1)", "42P01");
        await FailAsync("select * from b", "42P01");
    }

    [Fact]
    public async Task A_syntax_error_keeps_all_of_a_query_string_from_running()
    {
        await FailAsync("create table c (n int); selec 1", "42601");
        await FailAsync("select * from c", "42P01");
    }

    [Fact]
    public async Task Transaction_commands_in_the_same_string_hold_for_definitions()
    {
        await AskAsync("create table d (n int); insert into d values (1); rollback");
        await FailAsync("select * from d", "42P01");
        await AskAsync("begin; create table d (n int); insert into d values (1); commit");
        Assert.Equal("1", await AskAsync("select n from d"));
        await AskAsync("create table e (n int); insert into e values (1); begin; insert into e values (2)");
        await AskAsync("rollback");
        await FailAsync("select * from e", "42P01");
        await AskAsync("create table f (n int); insert into f values (1); commit; insert into f values (2)");
        Assert.Equal("1\n2", await AskAsync("select n from f order by 1"));
        await FailAsync("create table g (n int); insert into g values (1); savepoint s", "25P01");
        await FailAsync("select * from g", "42P01");
    }

    [Fact]
    public async Task Statements_of_a_pipeline_see_what_those_before_them_define()
    {
        await using (var batch = new NpgsqlBatch(_connection)
        {
            BatchCommands =
            {
                new("create table h (n int, t text)"),
                new("insert into h values ($1, 'x')") { Parameters = { new() { Value = 7 } } },
                new("alter_nothing"),
            },
        })
        {
            Assert.Equal("42601", (await Assert.ThrowsAsync<PostgresException>(() => batch.ExecuteNonQueryAsync())).SqlState);
        }

        await FailAsync("select * from h", "42P01");
        await using (var batch = new NpgsqlBatch(_connection)
        {
            BatchCommands =
            {
                new("create table h (n int, t text)"), new("insert into h values ($1, 'x')") { Parameters = { new() { Value = 7 } } },
                new("create index on h (t)"), new("select n from h where t = 'x'"),
            },
        })
        {
            Assert.Equal(7, await batch.ExecuteScalarAsync());
        }

        Assert.Equal("7|x", await AskAsync("select * from h"));
    }

    [Fact]
    public async Task Prepared_statements_outlive_definitions_inside_and_outside_of_blocks()
    {
        await AskAsync("create table i (n int primary key, t text)");
        await using var select = new NpgsqlCommand("select t from i where n = $1", _connection) { Parameters = { new() { Value = 1 } } };
        await select.PrepareAsync();
        await using var insert = new NpgsqlCommand("insert into i values ($1, $2)", _connection)
        {
            Parameters = { new() { Value = 1 }, new() { Value = "one" } },
        };
        await insert.PrepareAsync();
        await insert.ExecuteNonQueryAsync();
        await AskAsync("begin");
        await AskAsync("create index i_t on i (t)");
        Assert.Equal("one", await select.ExecuteScalarAsync());
        insert.Parameters[0].Value = 2;
        await insert.ExecuteNonQueryAsync();
        await AskAsync("rollback");
        Assert.Equal("one", await select.ExecuteScalarAsync());
        await insert.ExecuteNonQueryAsync();
        await using (var other = await OpenAsync())
        {
            await AskAsync("create table j (n int)", other);
        }

        await AskAsync("begin");
        insert.Parameters[0].Value = 3;
        await insert.ExecuteNonQueryAsync();
        await AskAsync("commit");
        Assert.Equal("3", await AskAsync("select count(*) from i"));
    }

    [Fact]
    public async Task A_snapshot_keeps_its_schema()
    {
        await AskAsync("create table k (n int); insert into k values (1)");
        await AskAsync("begin isolation level repeatable read");
        Assert.Equal("1", await AskAsync("select n from k"));
        await using (var other = await OpenAsync())
        {
            await AskAsync("drop table k; create table k (n text, m text); insert into k values ('a', 'b')", other);
        }

        Assert.Equal("1", await AskAsync("select * from k"));
        Assert.Equal("2", await AskAsync("select n + 1 from k"));
        await AskAsync("commit");
        Assert.Equal("a|b", await AskAsync("select * from k"));
    }

    [Fact]
    public async Task A_block_that_begins_to_write_sees_the_schema_of_that_moment()
    {
        await AskAsync("create table l (n int)");
        await AskAsync("begin");
        Assert.Equal("0", await AskAsync("select count(*) from l"));
        await using (var other = await OpenAsync())
        {
            await AskAsync("drop table l; create table l (n text)", other);
        }

        await AskAsync("insert into l values (1 + 1)");
        await AskAsync("create table m (n int)");
        await AskAsync("savepoint s");
        await AskAsync("create table o (n int)");
        await AskAsync("insert into o values (1)");
        await AskAsync("rollback to s");
        await FailAsync("select * from o", "42P01");
        await AskAsync("rollback to s");
        await AskAsync("insert into m values (5)");
        await AskAsync("commit");
        Assert.Equal("2|5", await AskAsync("select l.n, m.n from l, m"));
    }

    [Fact]
    public async Task What_is_not_carried_out_is_refused_by_name_behind_its_syntax()
    {
        Assert.Equal("CREATE ROLE is not supported", await FailAsync("create role r", "0A000"));
        Assert.Equal("CREATE EXTENSION is not supported", await FailAsync("create extension hstore", "0A000"));
        await FailAsync("create role", "42601");
        await FailAsync("grant select on", "42601");
    }

    [Fact]
    public async Task Statements_that_only_SQLite_has_pass()
    {
        await AskAsync("create table p (n int primary key, t text)");
        await AskAsync("insert or replace into p values (1, 'a')");
        await AskAsync("replace into p values (1, 'b')");
        Assert.Equal("b", await AskAsync("select t from p"));
        Assert.Equal("n", await AskAsync("select name from pragma_table_info('p') limit 1", dialect: "sqlite"));
    }

    private Task<NpgsqlConnection> OpenAsync() => _server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");

    private async Task<string> FailAsync(string sql, string state)
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => AskAsync(sql));
        Assert.Equal((sql, state), (sql, error.SqlState));
        return error.MessageText;
    }

    private async Task<string> AskAsync(string sql, NpgsqlConnection? connection = null, string? dialect = null)
    {
        if (dialect is not null)
        {
            await AskAsync($"set rqlite.dialect = '{dialect}'");
        }

        return await (connection ?? _connection).AskAsync(sql, lastOnly: true);
    }
}
