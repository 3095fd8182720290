using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Statements that differ from earlier ones in their literals alone, or in nothing, mean what they mean by themselves.</summary>
public sealed class TranslationCacheTests : IAsyncLifetime
{
    private static readonly (string Sql, string Answer)[] s_queries =
    [
        ("select n from t where n = 1", "1"),
        ("select n from t where n = 2", "2"),
        ("select n from t where n = -2", ""),
        ("select n from t where n = 2147483648", ""),
        ("select n from t where n = 2.0", "2"),
        ("select n from t where x > 2", "2\n3"),
        ("select n from t where x > 2.5", "3"),
        ("select n from t where s = 'a'", "1"),
        ("select n from t where s = 'it''s'", "2"),
        ("select n from t where s = E'it\\'s'", "2"),
        ("select n from t where s = $$a$$", "1"),
        ("select n from t where m = 'ok'", "1"),
        ("select n from t where m = 'sad'", "2"),
        ("select n from t where d = 'January 1, 2024'", "1"),
        ("select n from t where d = '2024-01-02'", "2"),
        ("select n from t order by n limit 1", "1"),
        ("select n from t order by n limit 2", "1\n2"),
        ("select n from t order by n limit 0", ""),
        ("select 1, 'x'", "1|x"),
        ("select 2, 'y'", "2|y"),
        ("select s like 'i%' from t where n = 2", "t"),
        ("select s like 'a%' from t where n = 2", "f"),
        ("select n from t where n in (1, 3) /* 1 */", "1\n3"),
        ("select n from t where n in (2, 2) /* 1 */", "2"),
    ];

    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _connection = await OpenAsync();
        await AskAsync("create type mood as enum ('sad', 'ok')");
        await AskAsync("create table t (n int primary key, x numeric(6,2), s text, m mood, d date)");
        await AskAsync("insert into t values (1, 1.5, 'a', 'ok', '2024-01-01'), (2, 2.5, 'it''s', 'sad', '2024-01-02'), (3, 30, '', null, null)");
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Each_answers_as_itself_behind_all_others()
    {
        for (var round = 0; round < 2; round++)
        {
            foreach (var (sql, answer) in s_queries)
            {
                Assert.Equal((sql, answer), (sql, await AskAsync(sql)));
            }

            foreach (var (sql, answer) in s_queries.Reverse())
            {
                Assert.Equal((sql, answer), (sql, await AskAsync(sql)));
            }
        }
    }

    [Fact]
    public async Task Errors_have_the_places_of_their_own_text()
    {
        await AskAsync("select n from t where m = 'ok' and n > 5");
        Assert.Equal(("22P02", 27), await FailAsync("select n from t where m = 'other' and n > 5"));
        await AskAsync("select n from t where d < '2024-01-01'");
        Assert.Equal(("22008", 27), await FailAsync("select n from t where d < '2024-02-30'"));
        await AskAsync("insert into t (n, x) values (10, 1.5)");
        Assert.Equal("22003", (await FailAsync("insert into t (n, x) values (11, 99999.5)")).State);
        Assert.Equal("", await AskAsync("select n from t where n = 11"));
    }

    [Fact]
    public async Task A_change_of_the_schema_is_seen_by_the_next_statement()
    {
        await AskAsync("create table u (v int)");
        await AskAsync("insert into u values ('1')");
        Assert.Equal("2", await AskAsync("select v + 1 from u where v = '1'"));
        await AskAsync("begin");
        await AskAsync("drop table u");
        await AskAsync("create table u (v date, w text)");
        await AskAsync("insert into u values ('2024-02-28', 'w')");
        Assert.Equal("2024-02-29", await AskAsync("select v + 1 from u where v = '2024-2-28'"));
        await AskAsync("rollback");
        Assert.Equal("2", await AskAsync("select v + 1 from u where v = '1'"));
        await using var other = await OpenAsync();
        await AskAsync("drop table u; create table u (v numeric, w text)", other);
        await AskAsync("insert into u values ('2.50')", other);
        Assert.Equal("3.50", await AskAsync("select v + 1 from u where v = '2.5'"));
        Assert.Equal("2.50|", await AskAsync("select * from u"));
    }

    [Fact]
    public async Task Sessions_with_other_search_paths_and_users_have_translations_of_their_own()
    {
        await AskAsync("create schema s; create table s.t (n text); insert into s.t values ('in s')");
        await using var other = await OpenAsync();
        await AskAsync("set search_path = s", other);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("in s", await AskAsync("select n from t limit 1", other));
            Assert.Equal("1", await AskAsync("select n from t limit 1"));
        }

        Assert.Equal("tester", await AskAsync("select current_user"));
        await AskAsync("set session authorization tester", other);
        Assert.Equal("s", await AskAsync("select current_schema()", other));
        Assert.Equal("public", await AskAsync("select current_schema()"));
    }

    private Task<NpgsqlConnection> OpenAsync() => _server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");

    private async Task<(string State, int Position)> FailAsync(string sql)
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => AskAsync(sql));
        return (error.SqlState, error.Position);
    }

    private async Task<string> AskAsync(string sql, NpgsqlConnection? connection = null)
    {
        await using var command = new NpgsqlCommand(sql, connection ?? _connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetString(i))));
        }

        return string.Join('\n', rows);
    }
}
