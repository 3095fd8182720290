using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Statements that were prepared for a schema that is gone store nothing that the columns of now cannot hold.</summary>
public sealed class ReplanningTests : IAsyncLifetime
{
    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private NpgsqlConnection _connection = null!;
    private NpgsqlConnection _other = null!;

    public async Task InitializeAsync() => (_connection, _other) = (await OpenAsync(), await OpenAsync());

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _other.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Statements_for_several_schemas_in_one_query_string_are_planned_for_one()
    {
        await AskAsync("create table t (a int); create table u (b int)");
        await AskAsync("prepare s(int) as insert into t(a) values ($1)");
        await AskAsync("drop table t; create table t (a date)", _other);
        var error = await Assert.ThrowsAsync<PostgresException>(() => AskAsync("execute s(5); insert into u values (1)"));
        Assert.Contains(error.SqlState, new[] { "42804", "40001", "0A000" });
        Assert.Equal("0|0", await AskAsync("select (select count(*) from t), (select count(*) from u)"));
        await AskAsync("drop table t; create table t (a int, c text default 'c')", _other);
        await AskAsync("execute s(6); insert into u values (2)");
        Assert.Equal("6|c|2", await AskAsync("select * from t, u"));
    }

    [Fact]
    public async Task A_prepared_statement_behind_a_definition_of_its_pipeline_meets_what_that_makes()
    {
        await AskAsync("create table t (a text)");
        await using var insert = new NpgsqlCommand("insert into t(a) values ($1)", _connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = "1" } } };
        await insert.PrepareAsync();
        await insert.ExecuteNonQueryAsync();
        await using var batch = new NpgsqlBatch(_connection)
        {
            BatchCommands =
            {
                new("alter table t alter a type int using 0"),
                new("insert into t(a) values ($1)") { Parameters = { new NpgsqlParameter<string> { TypedValue = "abc" } } },
            },
        };
        await Assert.ThrowsAsync<PostgresException>(() => batch.ExecuteNonQueryAsync());
        Assert.Equal("1", await AskAsync("select a from t"));
        await AskAsync("prepare p(text) as insert into t(a) values ($1)");
        await using var other = new NpgsqlBatch(_connection) { BatchCommands = { new("alter table t alter a type int using 0"), new("execute p('abc')") } };
        await Assert.ThrowsAsync<PostgresException>(() => other.ExecuteNonQueryAsync());
        Assert.Equal("1", await AskAsync("select a from t"));
    }

    [Fact]
    public async Task A_plan_for_a_schema_that_was_undone_is_not_taken_for_one_with_its_version()
    {
        await AskAsync("begin; create table x (a int); prepare s as insert into x values ($1)");
        await AskAsync("rollback");
        await AskAsync("create table x (a date)");
        await Assert.ThrowsAsync<PostgresException>(() => AskAsync("execute s(5)"));
        Assert.Equal("0", await AskAsync("select count(*) from x"));
        await AskAsync("begin; savepoint p; create table y (a int); prepare z as insert into y values ($1); rollback to p; create table y (a date)");
        await Assert.ThrowsAsync<PostgresException>(() => AskAsync("execute z(5)"));
        await AskAsync("rollback");
    }

    [Fact]
    public async Task A_label_that_is_gone_is_no_value_for_a_statement_prepared_before()
    {
        await AskAsync("create type color as enum ('red', 'blue'); create table c (v color)");
        await AskAsync("prepare s as insert into c values ($1)");
        await AskAsync("execute s('red')");
        await AskAsync("alter type color rename value 'red' to 'crimson'", _other);
        await Assert.ThrowsAsync<PostgresException>(() => AskAsync("execute s('red')"));
        await AskAsync("execute s('blue')");
        Assert.Equal("crimson\nblue", await AskAsync("select v from c order by v"));
    }

    [Fact]
    public async Task A_prepared_statement_goes_on_after_definitions_of_others()
    {
        await AskAsync("create table t (a int)");
        await using var insert = new NpgsqlCommand("insert into t values ($1)", _connection) { Parameters = { new() { Value = 1 } } };
        await using var count = new NpgsqlCommand("select count(*) from t where a > $1", _connection) { Parameters = { new() { Value = 0 } } };
        await insert.PrepareAsync();
        await count.PrepareAsync();
        for (var i = 1L; i <= 3; i++)
        {
            await AskAsync($"create table unrelated{i} (n int)", _other);
            await insert.ExecuteNonQueryAsync();
            Assert.Equal(i, await count.ExecuteScalarAsync());
            Assert.Equal(i, await count.ExecuteScalarAsync());
        }
    }

    [Fact]
    public async Task Chains_are_refused_behind_definitions_outside_of_blocks()
    {
        foreach (var end in new[] { "commit", "rollback" })
        {
            var error = await Assert.ThrowsAsync<PostgresException>(() => AskAsync($"create table chained (n int); insert into chained values (1); {end} and chain"));
            Assert.Equal("25P01", error.SqlState);
            Assert.Equal("0", await AskAsync("select count(*) from pg_class where relname = 'chained'"));
        }
    }

    [Fact]
    public async Task ANALYZE_changes_no_rows_and_no_plan_is_lost_by_it()
    {
        await AskAsync("create table t (a int); create view v as select a from t; insert into t select generate_series(1, 100); prepare s as select count(*) from t");
        foreach (var sql in (string[])["analyze", "analyze verbose t", "analyze t (a), t", "analyze v", "analyze t; select 1", "vacuum", "vacuum (full, analyze off) t", "vacuum analyze t", "insert into t values (101); analyze"])
        {
            await AskAsync(sql);
        }

        Assert.Equal("101", await AskAsync("execute s"));
        Assert.Equal("1", await AskAsync("select count(*) from t where a = 7", _other));
        Assert.Equal("42P01", (await Assert.ThrowsAsync<PostgresException>(() => AskAsync("analyze nosuch"))).SqlState);
        Assert.Equal("42703", (await Assert.ThrowsAsync<PostgresException>(() => AskAsync("analyze t (b)"))).SqlState);
        Assert.Equal("42P01", (await Assert.ThrowsAsync<PostgresException>(() => AskAsync("vacuum nosuch"))).SqlState);
        Assert.Equal("25001", (await Assert.ThrowsAsync<PostgresException>(() => AskAsync("begin; vacuum"))).SqlState);
        await AskAsync("rollback");
        await AskAsync("begin");
        await AskAsync("insert into t values (0)");
        Assert.Equal("0A000", (await Assert.ThrowsAsync<PostgresException>(() => AskAsync("analyze"))).SqlState);
        await AskAsync("rollback");
        Assert.Equal("101", await AskAsync("select count(*) from t"));
    }

    [Fact]
    public async Task Values_are_read_as_the_types_are_now()
    {
        await AskAsync("create type e as enum ('x'); create domain d as int check (value > 0); create table t (a e, b d)");
        await AskAsync("prepare s(e, d) as insert into t values ($1, $2)");
        Assert.Equal("3", await AskAsync("prepare a(int[], public.e, character varying(3) [], numeric(5,2)[]) as select cardinality($1) + cardinality($3); execute a('{1,2}', 'x', '{a}', '{}')"));
        Assert.Equal("42704", (await Assert.ThrowsAsync<PostgresException>(() => AskAsync("prepare n(int, nosuch[]) as select $1"))).SqlState);
        await AskAsync("prepare p as insert into t(a) values ($1); execute p('x'); prepare q as select count(*) from t where a = $1");
        await using var insert = new NpgsqlCommand("insert into t(a) values ($1::text::e)", _connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = "y" } } };
        await insert.PrepareAsync();
        await AskAsync("alter type e add value 'y'", _other);
        await AskAsync("execute p('y'); execute s('y', 5)");
        Assert.Equal("23514", (await Assert.ThrowsAsync<PostgresException>(() => AskAsync("execute s('y', 0)"))).SqlState);
        await insert.ExecuteNonQueryAsync();
        Assert.Equal("3", await AskAsync("execute q('y')"));
        await AskAsync("alter type e rename value 'x' to 'k'", _other);
        Assert.Equal("1", await AskAsync("execute q('k')"));
        Assert.Equal("22P02", (await Assert.ThrowsAsync<PostgresException>(() => AskAsync("execute q('x')"))).SqlState);
    }

    [Fact]
    public async Task Definitions_that_only_SQLite_has_are_seen_by_what_follows()
    {
        Assert.Equal("a", await AskAsync("create virtual table f using fts5(x); insert into f values ('a'); select x from f"));
    }

    private Task<NpgsqlConnection> OpenAsync() => _server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");

    private Task<string> AskAsync(string sql, NpgsqlConnection? connection = null) => (connection ?? _connection).AskAsync(sql, lastOnly: true);
}
