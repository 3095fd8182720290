using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>A query within a statement that changes rows sees them as they were before it. The answers are PostgreSQL's.</summary>
public sealed class ChangeVisibilityTests : IAsyncLifetime
{
    private const string Rows = "select string_agg(id || ':' || pos || ':' || grp, ' ' order by id) from t";

    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _connection = await _server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");
        await AskAsync(
            "create table t (id int primary key, pos int, grp int, parent int); insert into t values (1, 10, 1, null), (2, 20, 2, 1), (3, 30, 3, 2);"
            + "create view v as select id, pos from t; create table p (id int primary key); create table k (id int references p on delete cascade);"
            + "insert into p values (1), (2); insert into k values (1), (2)");
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("update t x set pos = (select y.pos from t y where y.id = 3 - x.id) where id < 3", "1:20:1 2:10:2 3:30:3")]
    [InlineData("update t set pos = (select count(*) from t b where b.pos > t.pos) + 1", "1:3:1 2:2:2 3:1:3")]
    [InlineData("update t set pos = (select p.pos + 1 from t p where p.id = t.parent) where parent is not null", "1:10:1 2:11:2 3:21:3")]
    [InlineData("update t x set (pos, grp) = (select coalesce(sum(b.pos), 0), coalesce(max(b.grp), 0) from t b where b.id < x.id)", "1:0:0 2:10:1 3:30:2")]
    [InlineData("update t set pos = case id when 1 then (select pos from t where id = 2) when 2 then (select pos from t where id = 1) else pos end", "1:20:1 2:10:2 3:30:3")]
    [InlineData("update t set pos = (select sum(pos) from v where v.id <= t.id)", "1:10:1 2:30:2 3:60:3")]
    [InlineData("with s as (select * from t) update t set pos = (select sum(s.pos) from s where s.id <= t.id)", "1:10:1 2:30:2 3:60:3")]
    [InlineData("update t set pos = (select sum(b.pos) from t b where b.id <= t.id), grp = grp + 1 where exists (select from t c where c.pos < t.pos)", "1:10:1 2:30:3 3:60:4")]
    [InlineData("insert into t(id, pos, grp) values (4, (select sum(pos) from t), 0), (5, (select count(*) from t), 0)", "1:10:1 2:20:2 3:30:3 4:60:0 5:3:0")]
    [InlineData("insert into t(id, pos, grp) select id + 3, (select count(*) from t), 0 from t", "1:10:1 2:20:2 3:30:3 4:3:0 5:3:0 6:3:0")]
    [InlineData("insert into t(id, pos, grp) values (1, 1, 1) on conflict (id) do update set pos = (select sum(b.pos) from t b)", "1:60:1 2:20:2 3:30:3")]
    [InlineData("delete from t where exists (select from t b where b.id = t.id - 1)", "1:10:1")]
    public async Task A_change_sees_what_was_there_before_it(string sql, string rows)
    {
        await AskAsync(sql);
        Assert.Equal(rows, await AskAsync(Rows));
    }

    [Theory]
    [InlineData("update t set pos = 5 where id = 1 returning pos, (select b.pos from t b where b.id = t.id)")]
    [InlineData("insert into t(id) values (7), (8) returning id, (select count(*) from t)")]
    [InlineData("insert into t(id) values (7), (8) returning id, (select count(*) from (select 1 from v) s)")]
    [InlineData("delete from t where id > 1 returning id, exists (select from t b where b.id < t.id)")]
    [InlineData("with s as (select * from t) delete from t returning (select count(*) from s)")]
    [InlineData("delete from p returning (select count(*) from k)")]
    [InlineData("insert into t values (1, 1), (2, 2) on conflict (id) do update set pos = (select sum(b.pos) from t b)")]
    [InlineData("insert into t values (1, 1), (2, 2) on conflict (id) do update set pos = 1 where (select sum(b.pos) from t b) > 5")]
    public async Task What_would_be_seen_half_changed_is_refused(string sql)
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => AskAsync(sql));
        Assert.Equal(Types.SqlState.FeatureNotSupported, error.SqlState);
        Assert.Equal("1:10:1 2:20:2 3:30:3", await AskAsync(Rows));
    }

    [Fact]
    public async Task Queries_of_other_tables_may_stand_in_RETURNING() =>
        Assert.Equal("1|2", await AskAsync("update t set pos = 5 where id = 1 returning id, (select count(*) from p)"));

    private Task<string> AskAsync(string sql) => _connection.AskAsync(sql);
}
