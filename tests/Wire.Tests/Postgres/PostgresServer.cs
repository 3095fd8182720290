using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Rqlite.Pg.Wire.Tests.Postgres;

/// <summary>A real PostgreSQL 15 on a temporary directory, the judge of what we answer.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Bin = "/usr/lib/postgresql/15/bin";
    private string? _directory;
    private Process? _process;

    public static bool Installed => File.Exists(Path.Combine(Bin, "postgres"));

    /// <summary>False where it is not installed; with REQUIRE_CLIENTS=1 that is a failure.</summary>
    public bool Available => _process is not null;

    public int Port { get; private set; }

    public async Task InitializeAsync()
    {
        if (!Installed)
        {
            Assert.False(Environment.GetEnvironmentVariable("REQUIRE_CLIENTS") == "1", "PostgreSQL 15 is required and not installed.");
            return;
        }

        _directory = Directory.CreateTempSubdirectory("rqlite-pg-oracle-").FullName;
        var root = Environment.UserName == "root";
        if (root)
        {
            await RunAsync("chown", "postgres", _directory);
        }

        var data = Path.Combine(_directory, "data");
        await RunAsync([.. As(root), Path.Combine(Bin, "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N"]);
        Port = FreePort();
        _process = Start([
            .. As(root), Path.Combine(Bin, "postgres"), "-D", data, "-p", Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={_directory}", "-c", "fsync=off", "-c", "timezone=UTC",
            "-c", "shared_buffers=16MB", "-c", "autovacuum=off", "-c", "log_timezone=UTC"]);
        await WaitForPortAsync();
    }

    public async Task DisposeAsync()
    {
        if (_process is { } process)
        {
            // The child of runuser gets the signal passed on; PostgreSQL takes it as a fast shutdown.
            await RunAsync("kill", "-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            await process.WaitForExitAsync();
            process.Dispose();
        }

        if (_directory is not null)
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private static string[] As(bool root) => root ? ["runuser", "-u", "postgres", "--"] : [];

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static Process Start(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task RunAsync(params string[] command)
    {
        using var process = Start(command);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private async Task WaitForPortAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            try
            {
                await using var wire = await Scripting.WireClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port));
                await wire.SendAsync(new Scripting.ClientMessages().Startup(196608, ("user", "postgres"), ("database", "postgres")).Bytes);
                if ((await wire.ReadUntilReadyAsync(1)).Any(f => f.Code == 'Z'))
                {
                    return;
                }
            }
            catch (SocketException)
            {
                // Not listening yet.
            }

            await Task.Delay(50, limit.Token);
        }
    }
}
