using System.Diagnostics;
using System.Runtime.CompilerServices;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests.Dialect;

/// <summary>
/// A server with the schema of Clients/Dialect/schema.sql, whose answers to a client are compared with recorded ones of PostgreSQL. With RECORD_CLIENTS=port the
/// server is the PostgreSQL 15 there, whose superuser is postgres, and its answers are written to Clients/Dialect/Answers instead.
/// </summary>
internal sealed class ClientServer : IDisposable
{
    public const string Database = "clients";

    /// <summary>What makes a session speak PostgreSQL's dialect.</summary>
    public const string Options = "-c rqlite.dialect=postgresql -c TimeZone=UTC";

    private static readonly string? s_recordPort = Environment.GetEnvironmentVariable("RECORD_CLIENTS");

    private readonly TestCluster? _cluster;

    private ClientServer(TestCluster? cluster) => _cluster = cluster;

    public string Port => s_recordPort ?? $"{_cluster!.Options[0].PgPort}";

    public string Npgsql =>
        $"Host=localhost;Port={Port};Username=postgres;Database={Database};Pooling=false;Timeout=30;Command Timeout=60;Options={Options}";

    public static async Task<ClientServer> StartAsync()
    {
        var server = new ClientServer(s_recordPort is null ? await TestCluster.StartAsync(1) : null);
        if (s_recordPort is not null)
        {
            await server.PsqlAsync("postgres", "DROP DATABASE IF EXISTS clients;\nCREATE DATABASE clients TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';");
        }

        var schema = await server.PsqlAsync(Database, await File.ReadAllTextAsync(PathOf("schema.sql")), "-q", "-v", "ON_ERROR_STOP=1");
        Assert.True(schema.ExitCode == 0, $"{schema}\n{server.Log}");
        return server;
    }

    public string Log => _cluster?.Logs() ?? "";

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Clients", "Dialect", name);

    public Task<CommandResult> PsqlAsync(string database, string input, params string[] arguments) =>
        RunAsync("psql", input, ["-X", "-h", "localhost", "-p", Port, "-U", "postgres", "-d", database, .. arguments]);

    public async Task<CommandResult> RunAsync(string program, string? input, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { Environment = { ["PGOPTIONS"] = Options, ["TZ"] = "UTC", ["PGCLIENTENCODING"] = "UTF8" } };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return await CommandLine.RunAsync(start, input, TimeSpan.FromMinutes(4));
    }

    /// <summary>Compares what a client printed with what it printed on PostgreSQL, line by line.</summary>
    public void Check(string name, string answers, [CallerFilePath] string source = "")
    {
        if (s_recordPort is not null)
        {
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(source)!, "..", "Clients", "Dialect", "Answers", name), answers);
            return;
        }

        var expected = File.ReadAllText(PathOf($"Answers/{name}")).Split('\n');
        var actual = answers.Split('\n');
        var different = Enumerable.Range(0, Math.Max(expected.Length, actual.Length))
            .FirstOrDefault(i => expected.ElementAtOrDefault(i) != actual.ElementAtOrDefault(i), -1);
        Assert.True(
            different < 0,
            $"line {different + 1} of {name}:\n{expected.ElementAtOrDefault(different)}\nis expected, but here it is\n{actual.ElementAtOrDefault(different)}\n{Log}");
    }

    public void Dispose() => _cluster?.Dispose();
}
