using System.Text.RegularExpressions;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests.Dialect;

/// <summary>Clients as they are, whose sessions speak PostgreSQL's dialect: what they print is what they print on PostgreSQL 15.</summary>
public sealed partial class DialectClientsTests
{
    private const string Jdbc = "/usr/share/java/postgresql.jar";
    private const string Python = "/usr/bin/python3";

    [ClientFact("psql")]
    public async Task Psql_describes_all_kinds_of_objects()
    {
        using var server = await ClientServer.StartAsync();
        var commands = await File.ReadAllLinesAsync(ClientServer.PathOf("psql.txt"));
        var input = string.Concat(commands.Select(command => $"\\qecho '== {command.Replace("'", "''", StringComparison.Ordinal).Replace("\\", "\\\\", StringComparison.Ordinal)}'\n{command}\n"));
        var result = await server.PsqlAsync(ClientServer.Database, "\\set VERBOSITY verbose\n\\pset format unaligned\n\\o\n" + input);
        server.Check("psql.txt", Sizes().Replace(result.Output, "") + result.Errors);
    }

    [ClientFact("psql")]
    public async Task Npgsql_loads_types_and_reads_schemas()
    {
        using var server = await ClientServer.StartAsync();
        server.Check("npgsql.txt", await new NpgsqlAnswers(server.Npgsql).AskAsync());
    }

    [ClientFact("psql", Python, "/usr/lib/python3/dist-packages/psycopg/__init__.py")]
    public Task Psycopg_3_adapts_all_types() => PythonAsync("psycopg");

    [ClientFact("psql", Python, "/usr/lib/python3/dist-packages/psycopg2/__init__.py")]
    public Task Psycopg2_adapts_all_types() => PythonAsync("psycopg2");

    [ClientFact("psql", "java", Jdbc)]
    public Task Pgjdbc_reads_its_metadata() => JdbcAsync("jdbc.txt", "extended");

    [ClientFact("psql", "java", Jdbc)]
    public Task Pgjdbc_works_with_simple_queries() => JdbcAsync("jdbc-simple.txt", "simple");

    [ClientFact("psql", "node", "npm:pg")]
    public async Task Node_postgres_reads_and_sends_all_types()
    {
        using var server = await ClientServer.StartAsync();
        await CheckAsync(server, "node.txt", "env", $"NODE_PATH={ClientFactAttribute.NodePath}", "node", ClientServer.PathOf("answers.js"), "localhost", server.Port);
    }

    [ClientFact("psql", "isql", "odbc:PostgreSQL Unicode")]
    public async Task Psqlodbc_lists_tables_and_columns()
    {
        using var server = await ClientServer.StartAsync();
        var result = await server.RunAsync(
            "isql", await File.ReadAllTextAsync(ClientServer.PathOf("odbc.txt")), "-b", "-x124", "-k",
            $"Driver={{PostgreSQL Unicode}};Server=localhost;Port={server.Port};Database={ClientServer.Database};UID=postgres");
        server.Check("odbc.txt", Oids().Replace(result.Output, ""));
    }

    [ClientFact("psql", "pgbench")]
    public async Task Pgbench_fills_its_tables_and_runs_in_its_three_protocols()
    {
        using var server = await ClientServer.StartAsync();
        string[] connection = ["-h", "localhost", "-p", server.Port, "-U", "postgres"];
        var filled = await server.RunAsync("pgbench", null, [.. connection, "-i", "-I", "dtGpf", ClientServer.Database]);
        Assert.True(filled.ExitCode == 0, $"{filled}\n{server.Log}");
        foreach (var protocol in new[] { "simple", "extended", "prepared" })
        {
            var run = await server.RunAsync("pgbench", null, [.. connection, "-n", "-M", protocol, "-c", "2", "-t", "50", ClientServer.Database]);
            Assert.True(run.ExitCode == 0 && run.Output.Contains("number of transactions actually processed: 100/100", StringComparison.Ordinal), $"{run}\n{server.Log}");
        }
    }

    private static async Task PythonAsync(string module)
    {
        using var server = await ClientServer.StartAsync();
        await CheckAsync(server, module + ".txt", Python, ClientServer.PathOf("answers.py"), module, "localhost", server.Port);
    }

    private static async Task JdbcAsync(string name, string mode)
    {
        using var server = await ClientServer.StartAsync();
        await CheckAsync(server, name, "java", "-cp", Jdbc, ClientServer.PathOf("Answers.java"), "localhost", server.Port, mode);
    }

    private static async Task CheckAsync(ClientServer server, string name, string program, params string[] arguments)
    {
        var result = await server.RunAsync(program, null, arguments);
        Assert.True(result.ExitCode == 0, $"{result}\n{server.Log}");
        server.Check(name, result.Output);
    }

    // How large a table is on the disk is not known here.
    [GeneratedRegex(@"(?<=\|)\d+ (bytes|kB|MB)(?=[|\n])")]
    private static partial Regex Sizes();

    [GeneratedRegex(@"(?<=\|)[12]\d{4}(?=\|)")]
    private static partial Regex Oids();
}
