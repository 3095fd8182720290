using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>
/// Literals of dates and times in definitions are read once, when the object is made, by the settings and the moment of that session. The answers are
/// PostgreSQL's.
/// </summary>
public sealed class DefinitionLiteralTests : IAsyncLifetime
{
    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync() => _connection = await _server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task What_DateStyle_and_TimeZone_made_of_a_literal_stays()
    {
        await AskAsync("set datestyle = 'SQL, DMY'; set timezone = 'America/New_York'");
        await AskAsync(
            """
            create table t (a date default '01/02/2024', b timestamptz check (b > '01/03/2024 10:00'), c date generated always as ('05/06/2024'::date + 1) stored);
            create view v as select '01/02/2024'::date as x, '1/2/2024 12:00'::timestamptz as y;
            create index i on t (a) where a > '02/01/2024';
            create domain d as date default '03/04/2024' check (value > '01/02/2023');
            create table u (a d, b int);
            alter table t add column e date default '07/08/2024';
            alter table t alter a set default '09/10/2024'
            """);
        await AskAsync("reset datestyle; set timezone = 'Asia/Tokyo'");
        Assert.Equal("2024-10-09|2024-06-06|2024-08-07", await AskAsync("insert into t(b) values ('2024-03-05') returning a, c, e"));
        Assert.Equal("2024-02-01|2024-02-02 02:00:00+09", await AskAsync("select * from v"));
        Assert.Equal("2024-04-03", await AskAsync("insert into u(b) values (1) returning a"));
        Assert.Equal("23514", await FailsAsync("insert into u(a) values ('2023-02-01')"));
        Assert.Equal("", await AskAsync("insert into u(a) values ('2023-02-02')"));
        Assert.Equal("23514", await FailsAsync("insert into t(b) values ('2024-03-02 00:00')"));
        Assert.Equal("", await AskAsync("insert into t(b) values ('2024-03-02 00:01')"));
        Assert.Equal(
            "CREATE INDEX i ON public.t USING btree (a) WHERE (a > '2024-01-02'::date)", await AskAsync("select indexdef from pg_indexes where tablename = 't'"));
    }

    [Fact]
    public async Task Now_is_the_moment_of_the_transaction_that_defines()
    {
        await AskAsync("begin");
        await AskAsync("create table t (id int, a timestamptz default 'now')");
        Assert.Equal("t", await AskAsync("insert into t(id) values (1) returning a = now()"));
        await AskAsync("commit");
        await AskAsync("insert into t(id) values (2)");
        Assert.Equal("1|t", await AskAsync("select count(distinct a), max(a) < now() from t"));
        Assert.Equal("t", await AskAsync("create table s as select 'now'::timestamptz = now() as x; select x from s"));
    }

    [Fact]
    public async Task A_literal_that_is_no_value_is_an_error_when_the_object_is_made() =>
        Assert.Equal("22008", await FailsAsync("create table t (a date default '2024-13-01')"));

    [Fact]
    public async Task An_interval_is_read_by_the_style_of_the_session()
    {
        await AskAsync("set intervalstyle = sql_standard; create table t (n int, a interval default '-1 2:03:04'); reset intervalstyle");
        Assert.Equal("-1 days -02:03:04", await AskAsync("insert into t(n) values (1) returning a"));
        await AskAsync("create table u (n int, a interval default '-1 2:03:04')");
        Assert.Equal("-1 days +02:03:04", await AskAsync("insert into u(n) values (1) returning a"));
    }

    private Task<string> AskAsync(string sql) => _connection.AskAsync(sql);

    private async Task<string> FailsAsync(string sql) => (await Assert.ThrowsAsync<PostgresException>(() => AskAsync(sql))).SqlState;
}
