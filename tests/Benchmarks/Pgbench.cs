using System.Globalization;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.Benchmarks;

/// <summary>One run of pgbench with a script of our own.</summary>
internal static class Pgbench
{
    public static readonly IReadOnlyList<string> Modes = ["simple", "extended", "prepared"];

    public static async Task<Sample> RunAsync(Server server, string script, string mode, int clients, int seconds)
    {
        var program = CommandLine.Find("pgbench") ?? throw new FileNotFoundException("pgbench is not installed");
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, script);
            var before = ProcessTimes.CpuSeconds(server.ProcessIds);
            var result = await CommandLine.BashAsync(
                $"'{program}' -n -f '{file}' -M {mode} -c {clients} -j 2 -T {seconds} -h 127.0.0.1 -p {server.PgPorts[0]} -U postgres postgres 2>&1",
                TimeSpan.FromSeconds(seconds + 60));
            var cpu = ProcessTimes.CpuSeconds(server.ProcessIds) - before;
            if (result.ExitCode != 0)
            {
                throw new InvalidOperationException($"pgbench against {server.Name}, {mode}, {clients} clients: {result}");
            }

            var count = Number(result.Output, "number of transactions actually processed: ");
            return new Sample(Number(result.Output, "tps = "), 1e6 * cpu / Math.Max(1, count));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static double Number(string output, string label)
    {
        var at = output.IndexOf(label, StringComparison.Ordinal);
        if (at < 0)
        {
            throw new InvalidDataException($"pgbench did not say \"{label}\":\n{output}");
        }

        var text = output[(at + label.Length)..];
        return double.Parse(string.Concat(text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.')), CultureInfo.InvariantCulture);
    }
}
