using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>A value of char(n) shows its blanks wherever it goes, also where the expression's type no longer has the length.</summary>
public sealed class PaddedTextTests
{
    [Theory]
    [InlineData("select max(c), min(e) from t", "ab   |x  ")]
    [InlineData("select coalesce(c, d), nullif(c, d), greatest(c, d), least(c, d) from t", "ab   |ab   |cd   |ab   ")]
    [InlineData("select case when id = 1 then c else d end, case when id = 2 then c end from t", "ab   |")]
    [InlineData("select (select c from t), array(select c from t), array_agg(c), (array_agg(c))[1] from t", "ab   |{\"ab   \"}|{\"ab   \"}|ab   ")]
    [InlineData("select first_value(c) over (), lag(c, 0) over (), unnest(array[c]) from t", "ab   |ab   |ab   ")]
    [InlineData("select x from (select max(c) x from t) s", "ab   ")]
    [InlineData("with w as (select coalesce(c, d) x from t) select x, x = 'ab' from w", "ab   |t")]
    [InlineData("select j.x from (select max(c) x from t) j cross join t", "ab   ")]
    [InlineData("select max(c) from t union all select min(d) from t", "ab   \ncd   ")]
    [InlineData("update t set id = 1 returning coalesce(c, d)", "ab   ")]
    [InlineData("select max(c)::text || '|' from t", "ab|")]
    public async Task The_blanks_of_char_are_shown(string sql, string expected)
    {
        await using var server = new SocketServer(storage: options => options with { Sql = Implementations.Extensions });
        await using var connection = await server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");
        await using var command = new NpgsqlCommand("create table t (id int, c char(5), d char(5), e char(3)); insert into t values (1, 'ab', 'cd', 'x')", connection);
        await command.ExecuteNonQueryAsync();
        Assert.Equal(expected, await connection.AskAsync(sql));

        // What is prepared and what a cursor gives is the same.
        Assert.Equal(expected, await connection.AskAsync($"prepare p as {sql}; execute p"));
        if (!sql.StartsWith("update", StringComparison.Ordinal))
        {
            Assert.Equal(expected, await connection.AskAsync($"begin; declare c cursor for {sql}; fetch all c; commit"));
        }
    }

    [Fact]
    public async Task Common_tables_that_double_are_given_up_early()
    {
        await using var server = new SocketServer(storage: options => options with { Sql = Implementations.Extensions });
        await using var connection = await server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");
        var tables = string.Concat(Enumerable.Range(1, 40).Select(i => $", c{i} as (select coalesce(a.x, b.x) x from c{i - 1} a, c{i - 1} b)"));
        await using var command = new NpgsqlCommand($"with c0 as (select coalesce('a'::char(3), null) x){tables} select 1 from c40 where false", connection);
        Assert.Equal(Types.SqlState.OutOfMemory, (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).SqlState);
    }
}
