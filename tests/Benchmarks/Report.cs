using System.Globalization;

namespace Rqlite.Pg.Benchmarks;

/// <summary>Writes Markdown.</summary>
internal static class Report
{
    public static void Conditions(IEnumerable<Server> servers, IEnumerable<string> missing, BenchmarkOptions options)
    {
        Line($"# Benchmarks, {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm} UTC");
        Line();
        Line($"{Environment.ProcessorCount} processors, load {File.ReadAllText("/proc/loadavg").Trim()}, {Environment.OSVersion.VersionString}, .NET {Environment.Version}.");
        Line($"Servers, clients and this program share the machine. {options.Seconds} s a cell, {options.Rounds} alternating rounds, medians.");
        Line();
        foreach (var server in servers)
        {
            Line($"- {server.Name}: {server.Version}");
        }

        foreach (var name in missing)
        {
            Line($"- missing: {name}");
        }
    }

    public static void Heading(string text)
    {
        Line();
        Line($"## {text}");
        Line();
        Line($"Load average at the start: {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
        Line();
    }

    public static void Table(string[] head, IEnumerable<string[]> rows)
    {
        Line($"| {string.Join(" | ", head)} |");
        Line($"|{string.Concat(head.Select(_ => "---|"))}");
        foreach (var row in rows)
        {
            Line($"| {string.Join(" | ", row)} |");
        }
    }

    public static string Rate(Sample sample) => $"{Whole(sample.PerSecond)} /s, {sample.CpuMicroseconds.ToString("0.0", CultureInfo.InvariantCulture)} µs";

    public static string Whole(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static void Line(string text = "") => Console.WriteLine(text);
}
