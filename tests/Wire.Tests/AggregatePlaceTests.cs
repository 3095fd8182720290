using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Aggregates and window functions within expressions that need their value several times. The answers are PostgreSQL's.</summary>
public sealed class AggregatePlaceTests : IAsyncLifetime
{
    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _connection = await _server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");
        await _connection.AskAsync("create domain p as int check (value > 0); create table t (a int, b int); insert into t values (1, 2), (1, 3), (2, 9)");
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("select case count(*) when 3 then 'three' else 'other' end from t", "three")]
    [InlineData("select a, case count(*) when 2 then 'two' when 1 then 'one' end from t group by a order by a", "1|two\n2|one")]
    [InlineData("select case sum(1) when 3 then 'ok' end, case max(7) when 7 then 'ok' end, case count(*) filter (where b > 2) when 2 then 'ok' end from t", "ok|ok|ok")]
    [InlineData("select case string_agg('x', '') when 'xxx' then 'ok' end, case array_agg(1)::text when '{1,1,1}' then 'ok' end from t", "ok|ok")]
    [InlineData("select count(*)::int::p, (count(*) + 1)::int::p, sum(b)::int::p from t", "3|4|14")]
    [InlineData("select case count(*) + sum(b) when 17 then 'ok' end from t having case count(*) when 3 then true end", "ok")]
    [InlineData("select a from t group by a order by case count(*) when 1 then 0 else 1 end", "2\n1")]
    [InlineData("select case max(b) over (partition by a) when 3 then 'x' when 9 then 'y' end from t order by b", "x\nx\ny")]
    [InlineData("select max(b) over (partition by a)::p, nullif(max(b) over (), 1)::p from t order by b", "3|9\n3|9\n9|9")]
    [InlineData("select case row_number() over (order by b) when 1 then 'first' else case count(*) over () when 3 then 'of three' end end from t order by b", "first\nof three\nof three")]
    [InlineData("select case count(*) when 3 then (select count(*) from t u where u.b > max(t.b) - 8) end from t", "3")]
    [InlineData("select count(*) between 2 and 4, count(*) in (3, 5), count(*) is distinct from 3, greatest(count(*), 2), nullif(count(*), 3) is null from t", "t|t|f|3|t")]
    [InlineData("select 3 = any (array[count(*), 5]), array[count(*)] = array[3::bigint], (array[count(*), sum(1)])[2] from t", "t|t|3")]
    [InlineData("select substring(count(*)::text, 1, 1), round(count(*)::numeric / 2, 1), abs(count(*) - 5), trim(count(*)::text), count(*)::text || 'x' from t", "3|1.5|2|3|3x")]
    [InlineData("select unnest(array_agg(1)) from t", "1\n1\n1")]
    [InlineData("select row(count(*), 1) = row(3, 1), row(count(*), 1) < row(4, 0), (count(*), 1) in ((3, 1)) from t", "t|t|t")]
    public async Task An_aggregate_is_that_of_its_query(string sql, string expected) => Assert.Equal(expected, await _connection.AskAsync(sql));

    [Theory]
    [InlineData("select sum(b) = any (array_agg(b + 5)) from t", "t")]
    [InlineData("select sum(b) > all (select x from (values (1), (2)) v(x)) from t", "t")]
    [InlineData("select a from t group by a having 3 = any (array_agg(b))", "1")]
    [InlineData("select 9 = any (array_agg(b)) from t", "t")]
    [InlineData("select 1 = any (array_agg(1)) from t", "t")]
    [InlineData("select 2 > all (array_agg(1)) from t", "t")]
    [InlineData("select count(*) > all (select x from (values (1), (2)) v(x)) from t", "t")]
    [InlineData("select count(*) > any (array_agg(b)) from t", "t")]
    [InlineData("select case (count(*) + random() * 0)::int when 3 then 1 end from t", "1")]
    [InlineData("select case case case case case case count(*) when 3 then 2 end when 2 then 1 end when 1 then 1 end when 1 then 1 end when 1 then 1 end when 1 then 1 end from t", "1")]
    public async Task What_SQLite_would_take_for_another_query_s_is_right_or_refused(string sql, string expected)
    {
        try
        {
            Assert.Equal(expected, await _connection.AskAsync(sql));
        }
        catch (PostgresException e)
        {
            Assert.Equal(Types.SqlState.FeatureNotSupported, e.SqlState);
        }
    }
}
