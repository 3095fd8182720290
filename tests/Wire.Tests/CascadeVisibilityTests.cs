using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>What foreign keys change is not seen by the statement that sets them off. The answers are PostgreSQL's.</summary>
public sealed class CascadeVisibilityTests : IAsyncLifetime
{
    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _connection = await _server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");
        await _connection.AskAsync(
            """
            create table tree (id int primary key, parent int references tree on delete cascade on update cascade, name text);
            insert into tree values (1, null, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, null, 'd');
            create table loose (id int primary key, parent int references loose on delete set null);
            insert into loose values (1, null), (2, 1), (3, 2);
            create table a (id int primary key, b int);
            create table b (id int primary key, a int references a on delete cascade);
            alter table a add foreign key (b) references b on delete cascade;
            insert into a values (1, null); insert into b values (1, 1); insert into a values (2, 1);
            create table firm (id int primary key, parent int references firm on delete restrict);
            insert into firm values (1, null), (2, 1)
            """);
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("delete from tree", 4)]
    [InlineData("delete from tree where id <= 3", 3)]
    [InlineData("delete from tree where id = 1", 1)]
    [InlineData("delete from tree where id = 9", 0)]
    [InlineData("delete from tree using (values (1), (2), (2)) v(x) where tree.id = v.x", 2)]
    [InlineData("with x as (select 1 as i) delete from tree where id in (select i + 1 from x) or id = 1", 2)]
    [InlineData("delete from a", 2)]
    [InlineData("delete from loose where parent is not null", 2)]
    [InlineData("delete from firm", 2)]
    public async Task All_rows_that_the_statement_has_chosen_are_counted(string sql, int rows)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        Assert.Equal(rows, await command.ExecuteNonQueryAsync());

        // The count of a query string with several statements, which are one entry, is the sum.
        await _connection.AskAsync("insert into tree values (11, null, 'x'), (12, 11, 'y')");
        await using var several = new NpgsqlCommand("delete from tree where id > 10; delete from tree where id = 4", _connection);
        Assert.Equal(sql is "delete from tree" ? 2 : 3, await several.ExecuteNonQueryAsync());
    }

    [Theory]
    [InlineData("delete from tree where id <= 3 returning id, parent, upper(name)", "1||A\n2|1|B\n3|2|C")]
    [InlineData("delete from loose where id < 3 returning *", "1|\n2|1")]
    [InlineData("delete from a returning id, b", "1|\n2|1")]
    [InlineData("delete from tree where id = 9 returning id", "")]
    [InlineData("delete from loose where id < 3; select * from loose", "3|")]
    [InlineData("delete from tree where id = 2; select id from tree order by 1", "1\n4")]
    [InlineData("update tree set id = id + 10 where id = 1; select id, parent from tree order by 1", "2|11\n3|2\n4|\n11|")]
    [InlineData("update tree set id = id + 10 where id = 1 returning id, name", "11|a")]
    public async Task RETURNING_shows_the_rows_as_they_were_chosen(string sql, string answer) => Assert.Equal(answer, await _connection.AskAsync(sql));

    [Theory]
    [InlineData("update tree set id = id + 10, name = parent::text")]
    [InlineData("update tree set id = id + 10 returning parent")]
    [InlineData("update tree set id = id + 10, parent = null")]
    public async Task An_update_that_would_see_what_the_key_changes_is_refused(string sql)
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => _connection.AskAsync(sql));
        Assert.Equal(Types.SqlState.FeatureNotSupported, error.SqlState);
    }

    [Fact]
    public async Task In_a_block_and_with_parameters_it_is_the_same()
    {
        await _connection.AskAsync("begin");
        await using (var command = new NpgsqlCommand("delete from tree where id < $1 returning name", _connection))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = 3 });
            await using var reader = await command.ExecuteReaderAsync();
            var names = new List<string>();
            while (await reader.ReadAsync())
            {
                names.Add(reader.GetString(0));
            }

            Assert.Equal(["a", "b"], names);
        }

        Assert.Equal("1", await _connection.AskAsync("select count(*) from tree"));
        await _connection.AskAsync("rollback");
        Assert.Equal("4", await _connection.AskAsync("select count(*) from tree"));
    }

    [Fact]
    public async Task RESTRICT_looks_at_the_end_of_the_statement()
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => _connection.AskAsync("delete from firm where id = 1"));
        Assert.Equal(("23503", "firm_parent_fkey"), (error.SqlState, error.ConstraintName));
        Assert.Equal("2", await _connection.AskAsync("select count(*) from firm"));
    }
}
