using System.Diagnostics;
using Npgsql;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.Benchmarks;

/// <summary>A PostgreSQL of its own with default settings, which are durable ones.</summary>
internal sealed class PostgresServer : Server
{
    private readonly string _folder;
    private readonly Process _process;
    private readonly int _port;

    private PostgresServer(string folder, Process process, int port)
        : base("PostgreSQL")
    {
        _folder = folder;
        _process = process;
        _port = port;
    }

    public override IReadOnlyList<int> PgPorts => [_port];

    public override IReadOnlyList<int> HttpPorts => [];

    public override IReadOnlyList<int> ProcessIds => [PostmasterId()];

    /// <summary>Starts it, or throws with the reason why it cannot be had.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        var initdb = CommandLine.Find("initdb") ?? throw new FileNotFoundException("initdb is not installed");
        var folder = Directory.CreateTempSubdirectory("benchmark-postgres-").FullName;
        // PostgreSQL refuses to run as root.
        var asUser = Environment.UserName == "root" ? "runuser -u postgres -- " : "";
        if (asUser.Length > 0)
        {
            await MustAsync($"chown postgres '{folder}'");
        }

        await MustAsync($"cd '{folder}' && {asUser}'{initdb}' -D '{folder}/data' -U postgres -A trust -E UTF8 --locale=C >/dev/null");
        var port = Ports.Take();
        var postgres = Path.Combine(Path.GetDirectoryName(initdb)!, "postgres");
        var start = new ProcessStartInfo("bash")
        {
            ArgumentList =
            {
                "-c",
                $"cd '{folder}' && exec {asUser}'{postgres}' -D '{folder}/data' -p {port} -k '{folder}' -c listen_addresses=127.0.0.1 " +
                $"-c max_connections=1100 > '{folder}/log' 2>&1",
            },
        };
        var server = new PostgresServer(folder, Process.Start(start)!, port);
        await Until.TrueAsync("PostgreSQL answers", async () =>
        {
            try
            {
                await using var connection = await Sql.OpenAsync(port);
                server.Version = "PostgreSQL " + connection.ServerVersion;
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        });
        return server;
    }

    public override async ValueTask DisposeAsync()
    {
        Signals.Send(PostmasterId(), Signals.Terminate);
        NpgsqlConnection.ClearAllPools();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task MustAsync(string script)
    {
        var result = await CommandLine.BashAsync(script);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{script}\n{result}");
        }
    }

    private int PostmasterId() => int.Parse(File.ReadLines(Path.Combine(_folder, "data", "postmaster.pid")).First());
}
