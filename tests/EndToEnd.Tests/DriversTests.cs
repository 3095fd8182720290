using System.Diagnostics;
using Npgsql;
using Rqlite.Pg.Harness;
using Xunit.Abstractions;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Transactions as the users of other drivers write them, on three nodes. The programs lie in the folder Clients.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class DriversTests(ThreeNodes three, ITestOutputHelper output)
{
    private const string Jdbc = "/usr/share/java/postgresql.jar";

    // Debian's own, whatever other Python comes first on the PATH: its packages are installed there.
    private const string Python = "/usr/bin/python3";

    [ClientFact(Python, "/usr/lib/python3/dist-packages/psycopg2/__init__.py")]
    public Task Psycopg2_runs_transactions() => PythonAsync("psycopg2");

    [ClientFact(Python, "/usr/lib/python3/dist-packages/psycopg/__init__.py")]
    public Task Psycopg_3_runs_transactions() => PythonAsync("psycopg");

    [ClientFact("java", Jdbc)]
    public async Task Pgjdbc_runs_transactions()
    {
        var (leader, ports, table) = await PrepareAsync("jdbc");
        await RunAsync("java", "-cp", Jdbc, Source("Transactions.java"), leader, ports, table);
    }

    private static string Source(string name) => Path.Combine(AppContext.BaseDirectory, "Clients", name);

    private async Task PythonAsync(string module)
    {
        var (leader, ports, table) = await PrepareAsync(module);
        await RunAsync(Python, Source("transactions.py"), module, leader, ports, table);
    }

    private async Task<(string Leader, string Ports, string Table)> PrepareAsync(string name)
    {
        var table = $"{name}{Random.Shared.Next()}";
        var leader = await three.Cluster.LeaderAsync();
        await using (var connection = await StillServes.OpenAsync(three.Cluster.Nodes[leader]))
        {
            await using var create = new NpgsqlCommand($"CREATE TABLE {table} (id serial PRIMARY KEY, v text, n integer)", connection);
            await create.ExecuteNonQueryAsync();
        }

        return ($"{three.Cluster.Options[leader].PgPort}", string.Join(',', three.Cluster.Options.Select(o => o.PgPort)), table);
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var result = await CommandLine.RunAsync(start, null, TimeSpan.FromMinutes(4));
        output.WriteLine(result.Output);
        Assert.True(result.ExitCode == 0, $"{result}\n{three.Cluster.Logs()}");
    }
}
