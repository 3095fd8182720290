using System.Globalization;

namespace Rqlite.Pg.Harness;

/// <summary>The sockets of a process, as the system shows them.</summary>
public static class NodeSockets
{
    // A state of TCP, as /proc/net/tcp tells it.
    private const int CloseWait = 8;

    /// <summary>How many connections to a port the process holds on to although their clients have closed them.</summary>
    public static int Closed(int processId, int port)
    {
        var mine = Sockets(processId);
        return Connections().Count(c => c.Port == port && c.State == CloseWait && mine.Contains(c.Inode));
    }

    /// <summary>How many sockets the process holds on to that have been reset, whoever they led to: the system does not list them any more.</summary>
    public static int Reset(int processId)
    {
        // One that is opened meanwhile would be missing in a list made earlier.
        var mine = Sockets(processId);
        mine.ExceptWith(Connections().Select(c => c.Inode).Concat(Local()));
        return mine.Count;
    }

    /// <summary>What the process has open.</summary>
    public static IReadOnlyList<string> Handles(int processId)
    {
        var targets = new List<string>();
        foreach (var handle in Directory.EnumerateFiles($"/proc/{processId}/fd"))
        {
            if (new FileInfo(handle).LinkTarget is { } target)
            {
                targets.Add(target);
            }
        }

        return targets;
    }

    private static HashSet<string> Sockets(int processId) =>
        [.. Handles(processId).Where(h => h.StartsWith("socket:", StringComparison.Ordinal)).Select(h => h[8..^1])];

    private static IEnumerable<(int Port, int State, string Inode)> Connections() =>
        from file in new[] { "/proc/net/tcp", "/proc/net/tcp6" }
        where File.Exists(file)
        from line in File.ReadLines(file).Skip(1)
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select (Hex(fields[1][(fields[1].LastIndexOf(':') + 1)..]), Hex(fields[3]), fields[9]);

    private static IEnumerable<string> Local() =>
        File.ReadLines("/proc/net/unix").Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[6]);

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
