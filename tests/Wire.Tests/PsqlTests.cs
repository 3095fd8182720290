using System.Diagnostics;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>psql as it is installed; skipped where it is not, unless REQUIRE_CLIENTS=1.</summary>
public sealed class PsqlTests
{
    private const string Psql = "/usr/bin/psql";

    [Fact]
    public async Task Psql_creates_inserts_and_selects()
    {
        if (!Available())
        {
            return;
        }

        await using var server = new SocketServer();
        Assert.Equal((0, "CREATE TABLE\n", ""), await RunAsync(server, "-c", "create table t (id int primary key, v text)"));
        Assert.Equal((0, "INSERT 0 2\n", ""), await RunAsync(server, "-c", "insert into t values (1, 'one'), (2, 'zwölf')"));
        Assert.Equal((0, "1|one\n2|zwölf\n", ""), await RunAsync(server, "-c", "select * from t order by id"));
        Assert.Equal((0, "BEGIN\n2\nCOMMIT\n", ""), await RunAsync(server, "-c", "begin", "-c", "select count(*) from t", "-c", "commit"));
        Assert.Equal(
            (0, "BEGIN\nINSERT 0 1\nCOMMIT\n", ""), await RunAsync(server, "-c", "begin; insert into t values (3, 'x'); commit"));
    }

    [Fact]
    public async Task Psql_shows_errors_with_their_place()
    {
        if (!Available())
        {
            return;
        }

        await using var server = new SocketServer();
        var (code, _, errors) = await RunAsync(server, "-v", "VERBOSITY=verbose", "-c", "select 1, nope");
        Assert.Equal(1, code);
        Assert.Contains("ERROR:  42703: column \"nope\" does not exist", errors, StringComparison.Ordinal);
        Assert.Contains("LINE 1: select 1, nope", errors, StringComparison.Ordinal);
    }

    /// <summary>The answers are PostgreSQL's: each statement of a string is planned when those before it have run.</summary>
    [Theory]
    [InlineData("set search_path = s; select * from t", "SET\n1\n")]
    [InlineData("set search_path = s; insert into t values (3); select sum(n) from s.t; select sum(n) from public.t", "SET\nINSERT 0 1\n4\n2\n")]
    [InlineData("set search_path = s; insert into t values (3); select 1 / 0", "SET\nINSERT 0 1\nERROR:  division by zero\n")]
    [InlineData("reset search_path; select * from t; set search_path = s; select * from t", "RESET\n2\nSET\n1\n")]
    [InlineData("set datestyle = 'SQL, DMY'; select '03/02/2024'::date; set datestyle = 'ISO, MDY'; select '03/02/2024'::date", "SET\n03/02/2024\nSET\n2024-03-02\n")]
    [InlineData("set statement_timeout = 50; select pg_sleep(60)", "SET\nERROR:  canceling statement due to statement timeout\n")]
    [InlineData("prepare p as select 1; execute p", "PREPARE\n1\n")]
    [InlineData("prepare p(int) as select $1 + 1; execute p(3); deallocate p; execute p(4)", "PREPARE\n4\nDEALLOCATE\nERROR:  prepared statement \"p\" does not exist\n")]
    [InlineData("begin; prepare p as insert into t values (7); execute p; commit; select sum(n) from t", "BEGIN\nPREPARE\nINSERT 0 1\nCOMMIT\n9\n")]
    [InlineData("prepare p as select 1; discard all; execute p", "PREPARE\nERROR:  DISCARD ALL cannot run inside a transaction block\n")]
    [InlineData("prepare p as select n from t; set search_path = s; execute p; set search_path = public; execute p", "PREPARE\nSET\n1\nSET\n2\n")]
    [InlineData("prepare p as insert into t values (4); set search_path = s; execute p; select sum(n) from t", "PREPARE\nSET\nINSERT 0 1\n5\n")]
    [InlineData("prepare p as select * from t; set search_path = nowhere; execute p", "PREPARE\nSET\nERROR:  relation \"t\" does not exist\nLINE 1: prepare p as select * from t; set search_path = nowhere; exe...\n                                   ^\n")]
    [InlineData("create table s.w (a int, b int); create table w (a int); prepare p as select * from w; set search_path = s; execute p", "CREATE TABLE\nCREATE TABLE\nPREPARE\nSET\nERROR:  cached plan must not change result type\n")]
    public async Task Commands_of_a_string_decide_what_those_behind_them_mean(string text, string answer)
    {
        if (!Available())
        {
            return;
        }

        await using var server = new SocketServer(storage: options => options with { Sql = Implementations.Extensions });
        const string Database = "dbname=main options='-c rqlite.dialect=postgresql'";
        const string Tables = "create schema s; create table s.t (n int); insert into s.t values (1); create table t (n int); insert into t values (2)";
        Assert.Equal(0, (await RunAsync(server, "-d", Database, "-c", Tables)).Code);
        var (_, output, errors) = await RunAsync(server, "-d", Database, "-c", text);
        Assert.Equal(answer, output + errors);
    }

    /// <summary>A string is one transaction, whatever it is that fails in it.</summary>
    [Theory]
    [InlineData("insert into t values (3); set nonsense = 1")]
    [InlineData("insert into t values (3) returning n; show nonsense")]
    [InlineData("insert into t values (3); insert into t values (4); close c")]
    [InlineData("insert into t values (3); notify ch; deallocate nope")]
    [InlineData("insert into t values (3); set datestyle = 'nope'")]
    [InlineData("insert into t values (3); set role nobody")]
    [InlineData("insert into t values (3); lock table nope")]
    [InlineData("insert into t values (3); set constraints nope deferred")]
    [InlineData("commit; insert into t values (3); reset nonsense")]
    [InlineData("begin; insert into t values (3); rollback; insert into t values (4); deallocate nope")]
    [InlineData("insert into t values (3); vacuum")]
    [InlineData("set rqlite.dialect = 'sqlite'; insert into t values (3)")]
    public async Task A_command_that_fails_undoes_what_stands_before_it_in_the_string(string text)
    {
        if (!Available())
        {
            return;
        }

        await using var server = new SocketServer(storage: options => options with { Sql = Implementations.Extensions });
        const string Database = "dbname=main options='-c rqlite.dialect=postgresql'";
        Assert.Equal(0, (await RunAsync(server, "-d", Database, "-c", "create table t (n int)")).Code);
        Assert.Contains("ERROR:  ", (await RunAsync(server, "-d", Database, "-c", text)).Errors, StringComparison.Ordinal);
        Assert.Equal("0\n", (await RunAsync(server, "-d", Database, "-c", "select count(*) from t")).Output);
    }

    [Fact]
    public async Task Psql_copies_a_query_to_its_output()
    {
        if (!Available())
        {
            return;
        }

        await using var server = new SocketServer();
        const int Rows = 100_000;
        var (code, output, errors) = await RunAsync(
            server, "-c", $"\\copy (with recursive c(n) as (select 1 union all select n + 1 from c where n < {Rows}) select n, 'a\"' as t from c) to stdout csv header");
        Assert.Equal((0, ""), (code, errors));
        Assert.Equal("n,t\n" + string.Concat(Enumerable.Range(1, Rows).Select(n => $"{n},\"a\"\"\"\n")), output);
    }

    [Fact]
    public async Task An_interrupt_of_psql_cancels_its_query()
    {
        if (!Available())
        {
            return;
        }

        var counting = new CountingDatabase();
        await using var server = new SocketServer(decorate: counting.Over);
        using var psql = Start(server, "-c", "with recursive c(n) as (select 1 union all select n + 1 from c) select count(*) from c");
        await counting.Reading(1);
        using var kill = Process.Start("kill", ["-INT", psql.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        var errors = await psql.StandardError.ReadToEndAsync();
        await psql.WaitForExitAsync();
        Assert.Contains("canceling statement due to user request", errors, StringComparison.Ordinal);
    }

    private static bool Available()
    {
        var installed = File.Exists(Psql);
        Assert.True(installed || Environment.GetEnvironmentVariable("REQUIRE_CLIENTS") != "1", "psql is required and not installed.");
        return installed;
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(SocketServer server, params string[] arguments)
    {
        using var psql = Start(server, arguments);
        var errors = psql.StandardError.ReadToEndAsync();
        var output = await psql.StandardOutput.ReadToEndAsync();
        await psql.WaitForExitAsync();
        return (psql.ExitCode, output, await errors);
    }

    private static Process Start(SocketServer server, params string[] arguments)
    {
        var start = new ProcessStartInfo(Psql)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        foreach (var argument in (string[])
            ["-X", "-A", "-t", "-h", "127.0.0.1", "-p", $"{server.Listener.EndPoint.Port}", "-U", "tester", "-d", "main", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["PGCLIENTENCODING"] = "UTF8";
        return Process.Start(start)!;
    }
}
