using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Keys of orders and groups, and which of equal values is shown. The answers are PostgreSQL's.</summary>
public sealed class ConstantKeyTests : IAsyncLifetime
{
    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _connection = await _server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");
        await _connection.AskAsync("create table t (a int, b int); insert into t values (2, 1), (1, 2)");
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    // A constant orders nothing: the rows come as they lie in the table.
    [Theory]
    [InlineData("select a, b from t order by 1::int8", "2|1\n1|2")]
    [InlineData("select a, b from t order by +1", "2|1\n1|2")]
    [InlineData("select a, b from t order by 1::int8::int2", "2|1\n1|2")]
    [InlineData("select a, b from t order by (1::int8)", "2|1\n1|2")]
    [InlineData("select a, b from t order by 'a'::text, 1::int8 desc", "2|1\n1|2")]
    [InlineData("select a, b from t order by 1 + 0", "2|1\n1|2")]
    [InlineData("select a, b from t order by abs(-1)", "2|1\n1|2")]
    [InlineData("select a, b from t order by 1::int8, b desc", "1|2\n2|1")]
    [InlineData("select a, b from t order by 1", "1|2\n2|1")]
    [InlineData("select a, b from t order by (2)", "2|1\n1|2")]
    [InlineData("select count(*) from t group by 1::int8", "2")]
    [InlineData("select count(*) from t group by 2::int8, b order by 1", "1\n1")]
    [InlineData("select count(*), 1::int8 from t group by 2", "2|1")]
    [InlineData("select distinct on (1::int8) a from t", "2")]
    public async Task A_constant_is_no_place_of_a_column(string sql, string answer) => Assert.Equal(answer, await _connection.AskAsync(sql));

    [Theory]
    [InlineData("select dense_rank(5) within group (order by x desc) from (values (1), (null), (2), (null)) v(x)", "2")]
    [InlineData("select dense_rank(5) within group (order by x nulls first) from (values (1), (null), (2), (null)) v(x)", "4")]
    [InlineData("select dense_rank(null::int) within group (order by x nulls first) from (values (1), (null), (2)) v(x)", "1")]
    [InlineData("select dense_rank(null::int) within group (order by x) from (values (1), (null), (2)) v(x)", "3")]
    [InlineData("select dense_rank(5) within group (order by x desc) filter (where x is not null) from (values (1), (null), (7)) v(x)", "2")]
    [InlineData("select rank(5) within group (order by x desc), percent_rank(5) within group (order by x desc), cume_dist(5) within group (order by x desc)"
        + " from (values (1), (null), (2), (null)) v(x)", "3|0.5|0.6")]
    public async Task Ranks_count_nulls(string sql, string answer) => Assert.Equal(answer, await _connection.AskAsync(sql));

    [Theory]
    [InlineData("select 1.0 union select 1.00", "1.0")]
    [InlineData("select 1 union select 1.0", "1")]
    [InlineData("select 1.0 as x union select 1.00 union select 2.00 union select 2.0 order by 1", "1.0\n2.00")]
    [InlineData("select 1.00 union (select 1.0 union all select 2.0) union select 2.00 order by 1", "1.00\n2.0")]
    [InlineData("select interval '1 mon' union select '30 days'", "1 mon")]
    [InlineData("select * from (select 1.10 union select 1.1) q", "1.10")]
    public async Task UNION_shows_the_first_of_equal_values(string sql, string answer) => Assert.Equal(answer, await _connection.AskAsync(sql));
}
