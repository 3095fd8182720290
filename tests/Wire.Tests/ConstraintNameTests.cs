using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Errors of constraints name table and constraint as on PostgreSQL 15.</summary>
public sealed class ConstraintNameTests : IAsyncLifetime
{
    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _connection = await _server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");
        await RunAsync(
            """
            create table p (id int primary key, name text unique, n int check (n > 0), m int not null, constraint nm check (n < m));
            create table c (id int, p int references p(id) on delete restrict);
            create table d (id int constraint own primary key, p int references p(id), q int constraint to_c references d(id));
            create unique index one_p on c (p);
            create table e (x int); create unique index last_digit on e ((x % 10)); insert into e values (1);
            create schema s; create table s."a.b" (x int constraint "odd name" unique, "y.z" int not null);
            insert into p values (1, 'a', 1, 2), (2, 'b', 1, 2); insert into c values (1, 1); insert into s."a.b" values (1, 1)
            """);
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("insert into p values (1, 'c', 1, 2)", "23505", "public", "p", "p_pkey")]
    [InlineData("update p set name = 'a' where id = 2", "23505", "public", "p", "p_name_key")]
    [InlineData("insert into e values (11)", "23505", "public", "e", "last_digit")]
    [InlineData("insert into c values (2, 1)", "23505", "public", "c", "one_p")]
    [InlineData("insert into s.\"a.b\" values (1, 1)", "23505", "s", "a.b", "odd name")]
    [InlineData("insert into s.\"a.b\" values (2, null)", "23502", "s", "a.b", null)]
    [InlineData("insert into p values (3, 'c', -1, 2)", "23514", "public", "p", "p_n_check")]
    [InlineData("update p set m = 0", "23514", "public", "p", "nm")]
    [InlineData("insert into c values (2, 9)", "23503", "public", "c", "c_p_fkey")]
    [InlineData("delete from c where id = 1; delete from p where id = 1; insert into c values (1, 1)", "23503", "public", "c", "c_p_fkey")]
    [InlineData("insert into d values (1, 9, null)", "23503", "public", "d", "d_p_fkey")]
    [InlineData("insert into d values (1, null, 1); update d set id = 2", "23503", "public", "d", "to_c")]
    [InlineData("insert into d values (1, null, 1); update d set p = 9", "23503", "public", "d", "d_p_fkey")]
    [InlineData("insert into d values (1, null, 1), (2, null, 1); delete from d where id = 1", "23503", "public", "d", "to_c")]
    public async Task The_constraint_is_named(string sql, string state, string schema, string table, string? constraint)
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(sql));
        Assert.Equal((state, schema, table, constraint), (error.SqlState, error.SchemaName, error.TableName, error.ConstraintName));
        Assert.Contains($"\"{table}\"", error.MessageText + (state == "23505" ? $"\"{table}\"" : ""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CHECKs_are_tested_in_the_order_of_their_names()
    {
        await RunAsync("create table o (a int constraint zz check (a > 0), b int constraint bb check (b > 0))");
        Assert.Equal("bb", (await Assert.ThrowsAsync<PostgresException>(() => RunAsync("insert into o values (0, 0)"))).ConstraintName);
        await RunAsync("alter table o add constraint aa check (a <> 0)");
        Assert.Equal("aa", (await Assert.ThrowsAsync<PostgresException>(() => RunAsync("insert into o values (0, 0)"))).ConstraintName);
    }

    [Theory]
    [InlineData("select 0::posi", "23514", "posi_check")]
    [InlineData("insert into e values ((-1)::posi)", "23514", "posi_check")]
    [InlineData("select null::must", "23502", null)]
    public async Task A_domain_is_named(string sql, string state, string? constraint)
    {
        await RunAsync("create domain posi as int check (value > 0); create domain must as int not null");
        var error = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(sql));
        Assert.Equal(
            (state, "public", constraint is null ? "must" : "posi", constraint), (error.SqlState, error.SchemaName, error.DataTypeName, error.ConstraintName));
    }

    [Theory]
    [InlineData("delete from p where id = 1")]
    [InlineData("update p set id = 7 where id = 1")]
    public async Task A_row_that_is_referred_to_stays(string sql)
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(sql));
        Assert.Equal("23503", error.SqlState);
        Assert.Equal("2", await AskAsync("select count(*) from p"));
    }

    private async Task RunAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string?> AskAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection) { AllResultTypesAreUnknown = true };
        return (string?)await command.ExecuteScalarAsync();
    }
}
