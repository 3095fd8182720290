using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Dialect.Definitions;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>
/// Errors of constraints have the message, the DETAIL and the names that PostgreSQL 15 gives. Its answers are recorded in Violations/answers.txt; where
/// ours is another one, it follows behind an exclamation mark. With RECORD_VIOLATIONS=connection string, to an empty database of
/// PostgreSQL, they are taken down anew into the folder of the build.
/// </summary>
public sealed class ViolationDetailTests : IAsyncLifetime
{
    private const string Options = "-c DateStyle=SQL,DMY -c TimeZone=Asia/Kolkata -c rqlite.dialect=postgresql";

    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private NpgsqlConnection _connection = null!;

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Violations");

    public async Task InitializeAsync()
    {
        _connection = await _server.ConnectAsync($";Options='{Options}'");
        await _connection.AskAsync(await File.ReadAllTextAsync(Path.Combine(Folder, "setup.sql")));
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Errors_are_those_of_PostgreSQL()
    {
        var recorded = await File.ReadAllTextAsync(Path.Combine(Folder, "answers.txt"));
        if (Environment.GetEnvironmentVariable("RECORD_VIOLATIONS") is { Length: > 0 } postgres)
        {
            await RecordAsync(postgres, recorded);
            return;
        }

        var expected = new StringBuilder();
        var actual = new StringBuilder();
        foreach (var record in recorded.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = record.Trim('\n').Split('\n');
            var own = lines.Where(static line => line.StartsWith("! ", StringComparison.Ordinal)).Select(static line => line[2..]).ToArray();
            expected.AppendJoin('\n', own.Length > 0 ? [lines[0], .. own] : lines).Append("\n\n");
            actual.Append(lines[0]).Append('\n').Append(await AnswerAsync(_connection, lines[0][2..])).Append("\n\n");
        }

        Assert.Equal(expected.ToString(), actual.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Values_of_parameters_are_shown(bool prepared)
    {
        Assert.Equal(
            "Key (id)=(1) already exists.", await DetailAsync("insert into ti (v, id) values ($1, $2)", prepared, "x", 1));
        Assert.Equal(
            "Failing row contains (20, x, -5, 7).", await DetailAsync("insert into ti values ($1, $2, $3)", prepared, 20, "x", -5));
        Assert.Equal("Failing row contains (2, null, -3, 7).", await DetailAsync("update ti set v = $2, n = n - $1 where id = $3", prepared, 5, DBNull.Value, 2));
        Assert.Equal("Key (p)=(77) is not present in table \"pa\".", await DetailAsync("insert into ch (id, p) values ($1, $2)", prepared, 9, 77));
        Assert.Equal("Key (id)=(3) is still referenced from table \"ch2\".", await DetailAsync("delete from pa where id = $1", prepared, 3));
        Assert.Equal("Key (nm)=(12.50) already exists.", await DetailAsync("insert into tt (k, nm) values ($1, $2)", prepared, "b", 12.5m));
        Assert.Equal(
            "Key (ts)=(06/05/2024 12:38:09.5 IST) already exists.",
            await DetailAsync("insert into tt (k, ts) values ($1, $2)", prepared, "b", new DateTime(2024, 5, 6, 7, 8, 9, 500, DateTimeKind.Utc)));
        Assert.Equal(
            "Key (u)=(a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11) already exists.",
            await DetailAsync("insert into tt (k, u) values ($1, $2)", prepared, "b", Guid.Parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", CultureInfo.InvariantCulture)));
        Assert.Equal("Key (by)=(\\xdeadbeef) already exists.", await DetailAsync("insert into tt (k, \"by\") values ($1, $2)", prepared, "b", new byte[] { 0xde, 0xad, 0xbe, 0xef }));
        Assert.Equal("Key (a)=({1,NULL,3}) already exists.", await DetailAsync("insert into tt (k, a) values ($1, $2)", prepared, "b", new int?[] { 1, null, 3 }));
        Assert.Equal("Key (b)=(t) already exists.", await DetailAsync("insert into tt (k, b) values ($1, $2)", prepared, "b", true));
        Assert.Equal("Key (d)=(29/02/2024) already exists.", await DetailAsync("insert into tt (k, d) values ($1, $2)", prepared, "b", new DateOnly(2024, 2, 29)));
    }

    [Fact]
    public async Task Arguments_of_EXECUTE_are_shown()
    {
        await _connection.AskAsync("prepare p (text, int) as insert into ti (v, id) values ($1, $2)");
        Assert.EndsWith("\n  Key (id)=(2) already exists.\n  public|ti||ti_pkey", await AnswerAsync(_connection, "execute p ('x', 2)"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_goes_on_from_its_savepoint()
    {
        await _connection.AskAsync("begin; insert into ti values (50); savepoint s");
        Assert.Equal("Key (id)=(50) already exists.", await DetailAsync("insert into ti values ($1), (51), (52)", false, 50));
        await _connection.AskAsync("rollback to s; insert into ti values (51); commit");
        Assert.Equal("50\n51", await _connection.AskAsync("select id from ti where id >= 50 order by id"));
    }

    [Fact]
    public async Task Other_errors_are_left_alone()
    {
        Assert.Contains("\n  -\n", await AnswerAsync(_connection, "select 1 / 0"), StringComparison.Ordinal);
        Assert.Contains("\n  -\n", await AnswerAsync(_connection, "insert into ti values (1, 'x', 1 / 0)"), StringComparison.Ordinal);
    }

    // A failing INSERT into a large table costs about what one that succeeds does.
    [Theory]
    [InlineData("insert into ti values (7), (8), (1)")]
    [InlineData("insert into tt (k, vc) values ('b', 'x'), ('c', 'vcvc')")]
    [InlineData("insert into tt (k, ts) values ('b', '2024-05-06 07:08:09.5+00'), ('c', null)")]
    [InlineData("insert into comp values (1, 'x'), (2, 'z')")]
    [InlineData("insert into ch values (3, 99)")]
    [InlineData("insert into ch values (3, 99), (4, 98)")]
    [InlineData("update ti set id = 2 where id = 1")]
    public async Task Keys_are_looked_up_by_their_index(string sql)
    {
        var schema = await _server.Database.Database.InspectAsync(Dialect.Catalog.SnapshotCache.Of, 0, default);
        var context = new TranslationContext(schema, ["public"], "tester", "main");
        var answer = (await AnswerAsync(_connection, sql)).Split('\n');
        var names = answer[^1].Trim().Split('|');
        var queries = ViolationQuery.Of(
            Translator.Parse(sql), new Violation(answer[0].Trim()[..5], names[0], names[1], names[3], null), context, []);
        Assert.NotEmpty(queries);
        foreach (var query in queries)
        {
            var step = Translator.Translate(Translator.Parse(query.Text), query.Text, context, [])!.Steps[0];
            await using var sqlite = await _server.ConnectAsync(";Options='-c rqlite.dialect=sqlite'");
            var plan = await sqlite.AskAsync("EXPLAIN QUERY PLAN " + step.Sql);
            var lines = plan.Split('\n').Select(static line => line.Split('|')[^1].Split(' ')).ToArray();
            var made = lines.Where(static words => words[0] is "CO-ROUTINE" or "MATERIALIZE").Select(static words => words[1]).ToArray();
            Assert.DoesNotContain(lines, words => words is ["SCAN", var name, ..] && !made.Contains(name) && words[^1] is not ("ROW" or "CLAUSE"));
            Assert.Contains("SEARCH", plan, StringComparison.Ordinal);
        }
    }

    private async Task<string?> DetailAsync(string sql, bool prepared, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        foreach (var value in values)
        {
            command.Parameters.Add(value is DBNull ? new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = value } : new NpgsqlParameter { Value = value });
        }

        if (prepared)
        {
            await command.PrepareAsync();
        }

        return (await Assert.ThrowsAsync<PostgresException>(command.ExecuteNonQueryAsync)).Detail;
    }

    private static async Task<string> AnswerAsync(NpgsqlConnection connection, string sql)
    {
        try
        {
            await connection.AskAsync(sql);
            return "  no error";
        }
        catch (PostgresException e)
        {
            return $"  {e.SqlState} {e.MessageText}\n  {e.Detail ?? "-"}\n  {e.SchemaName}|{e.TableName}|{e.ColumnName}|{e.ConstraintName}";
        }
        finally
        {
            if (sql.StartsWith("begin", StringComparison.Ordinal))
            {
                await connection.AskAsync("rollback");
            }
        }
    }

    private static async Task RecordAsync(string postgres, string recorded)
    {
        await using var connection = new NpgsqlConnection(postgres + ";Include Error Detail=true;Options='-c DateStyle=SQL,DMY -c TimeZone=Asia/Kolkata'");
        await connection.OpenAsync();
        await connection.AskAsync(await File.ReadAllTextAsync(Path.Combine(Folder, "setup.sql")));
        var answers = new List<string>();
        foreach (var record in recorded.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = record.Trim('\n').Split('\n');
            answers.Add(string.Join('\n', [lines[0], await AnswerAsync(connection, lines[0][2..]), .. lines.Where(static line => line[0] == '!')]));
        }

        await File.WriteAllTextAsync(Path.Combine(Folder, "answers.txt"), string.Join("\n\n", answers) + "\n");
    }
}
