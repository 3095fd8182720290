using System.Globalization;

namespace Rqlite.Pg.Benchmarks;

/// <summary>Processor time and memory of processes and their children, from /proc.</summary>
internal static class ProcessTimes
{
    private const double TicksPerSecond = 100;

    /// <summary>Seconds of user and system time, children that have ended included.</summary>
    public static double CpuSeconds(IEnumerable<int> roots) => Tree(roots, countEnded: true).Sum(p => p.Ticks) / TicksPerSecond;

    /// <summary>Resident bytes; pages shared between processes count once per process.</summary>
    public static long ResidentBytes(IEnumerable<int> roots) => Tree(roots, countEnded: false).Sum(p => Status(p.Id, "VmRSS:"));

    /// <summary>Proportional bytes: a page shared by n processes counts as 1/n in each.</summary>
    public static long ProportionalBytes(IEnumerable<int> roots) => Tree(roots, countEnded: false).Sum(p => Rollup(p.Id));

    private static IEnumerable<(int Id, double Ticks)> Tree(IEnumerable<int> roots, bool countEnded)
    {
        var all = new Dictionary<int, (int Parent, double Ticks, double Ended)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var id) && Stat(id) is { } stat)
            {
                all[id] = stat;
            }
        }

        var queue = new Queue<int>(roots);
        while (queue.TryDequeue(out var id))
        {
            if (all.TryGetValue(id, out var stat))
            {
                yield return (id, stat.Ticks + (countEnded ? stat.Ended : 0));
                foreach (var child in all.Where(p => p.Value.Parent == id))
                {
                    queue.Enqueue(child.Key);
                }
            }
        }
    }

    private static (int Parent, double Ticks, double Ended)? Stat(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            // The name in parentheses may hold blanks; the fields are counted from behind it.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), Number(11) + Number(12), Number(13) + Number(14));

            double Number(int field) => double.Parse(fields[field], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static long Status(int id, string name) => Kilobytes($"/proc/{id}/status", name);

    private static long Rollup(int id) => Kilobytes($"/proc/{id}/smaps_rollup", "Pss:");

    private static long Kilobytes(string path, string name)
    {
        try
        {
            var line = File.ReadLines(path).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
