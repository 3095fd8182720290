using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;

namespace Rqlite.Pg.EndToEnd.Tests.Dialect;

/// <summary>
/// Volatile functions are called as often, and in the order, as PostgreSQL 15 calls them: a sequence counts the calls, so the rows and the sequence's
/// position tell. Dialect/Data/volatile.tsv has statements (with ;; between those of a case) and PostgreSQL's answers. With ORACLE_CONNECTION naming an
/// empty database of a PostgreSQL 15, the answers of that server are written into the file that ORACLE_REPORT names.
/// </summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class VolatileFunctionsTests(ThreeNodes three)
{
    private const string Setup = """
        create sequence s; create sequence s2;
        create type en as enum ('a', 'b', 'c');
        create domain dm as int check (value > 0 and value < 1000000);
        create domain dn as int not null;
        create table v (n int primary key, g int, x text);
        insert into v values (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, 2, 'a'), (5, 3, 'b'), (6, 3, 'c');
        create table w (k int, n int);
        insert into w values (1, 1), (2, 1), (3, 2), (4, 3), (5, 3), (6, 9);
        create table p (id int primary key, a int, b int, c text, e en, d dm, f int default nextval('s2'));
        create table q (id serial primary key, a int, b int);
        create table nokey (a int, b int, c text);
        create view vv as select nextval('s') r, n, g from v;
        create view vr as select random() r, n from v;
        create view vvv as select r, n from vv;
        create view vn as select n, g from v where nextval('s') > 0
        """;

    private const string Reset = """
        truncate p, nokey; truncate q restart identity;
        insert into p select n, n * 10, n * 100, x, x::en, n, 0 from v;
        select setval('s', 1, false); select setval('s2', 1, false)
        """;

    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task Calls_are_those_of_PostgreSQL()
    {
        var cases = (await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "Dialect", "Data", "volatile.tsv")))
            .Select(line => line.Split('\t')).ToArray();
        if (Environment.GetEnvironmentVariable("ORACLE_CONNECTION") is { } oracle)
        {
            await using var server = new NpgsqlConnection(oracle);
            await server.OpenAsync();
            await RunAsync(server, Setup);
            var lines = new List<string>();
            foreach (var fields in cases)
            {
                lines.Add($"{fields[0]}\t{JsonSerializer.Serialize(await AnswerAsync(server, fields[0]), s_json)}");
            }

            await File.WriteAllLinesAsync(Environment.GetEnvironmentVariable("ORACLE_REPORT")!, lines);
            return;
        }

        await using var connection = await OpenAsync();
        var different = new List<string>();
        foreach (var fields in cases)
        {
            var expected = JsonSerializer.Deserialize<string>(fields[1])!;
            var actual = await AnswerAsync(connection, fields[0]);
            if (actual != expected)
            {
                different.Add($"{fields[0]}\n{expected}\nbut\n{actual}");
            }
        }

        Assert.True(different.Count == 0, $"{different.Count} of {cases.Length} differ:\n{string.Join("\n\n", different)}");
    }

    [Theory]
    [InlineData("select nextval('s') > any (select n from w) from v")]
    [InlineData("select n from v where nextval('s') > all (select n from w)")]
    [InlineData("select nextval('s') in (select w.n from w where w.k > v.n) from v")]
    [InlineData("select n, lag(nextval('s')) over (order by n) from v")]
    [InlineData("select n, first_value(nextval('s')) over (order by n) from v")]
    [InlineData("select n, nextval('s') from v order by n fetch first 2 rows with ties")]
    [InlineData("select nextval('s'), generate_series(1, 2) from v")]
    [InlineData("select g, sum(n), rank() over (order by nextval('s')) from v group by g")]
    [InlineData("select x, sum(nextval('s')) filter (where nextval('s') > 3) from v group by x")]
    [InlineData("insert into p (id) values (1), (1) on conflict (id) do update set a = 1 where nextval('s') > 0")]
    public async Task What_would_call_them_otherwise_is_refused(string sql)
    {
        await using var connection = await OpenAsync();
        var error = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(connection, sql));
        Assert.Equal("0A000", error.SqlState);
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = await ClientsTests.OpenAsync(three, 0);
        var schema = $"volatile{Random.Shared.Next()}";
        await RunAsync(connection, "set rqlite.dialect = 'postgresql'");
        await RunAsync(connection, $"create schema {schema}; set search_path = {schema}");
        await RunAsync(connection, Setup);
        return connection;
    }

    private static async Task<string> AnswerAsync(NpgsqlConnection connection, string statements)
    {
        await RunAsync(connection, Reset);
        var answers = new List<string>();
        foreach (var sql in statements.Split(" ;; ").Append("select 's', last_value, is_called from s").Append("select 's2', last_value, is_called from s2"))
        {
            try
            {
                answers.Add(await RunAsync(connection, sql));
            }
            catch (PostgresException e)
            {
                answers.Add($"!{e.SqlState}");
            }
        }

        return string.Join(" / ", answers.Where(answer => answer.Length > 0));
    }

    private static async Task<string> RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        do
        {
            while (await reader.ReadAsync())
            {
                rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "~" : reader.GetString(i))));
            }
        }
        while (await reader.NextResultAsync());
        return string.Join(' ', rows);
    }
}
