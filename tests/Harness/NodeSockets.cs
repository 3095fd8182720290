using System.Globalization;
using System.Net;
using System.Net.Sockets;

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

    /// <summary>
    /// The name that the system has for a server's end of a connection, or null if nobody has accepted it. Behind a reset the system does not list
    /// the connection any more; its name in the process is all that is left.
    /// </summary>
    public static string? Accepted(int port, int clientPort) =>
        Connections().FirstOrDefault(c => c.Port == port && c.ClientPort == clientPort).Inode is { } name and not "0" ? name : null;

    public static string? Accepted(int port, Socket client) => Accepted(port, ((IPEndPoint)client.LocalEndPoint!).Port);

    /// <summary>How many of the connections named the process still has.</summary>
    public static int Held(int processId, IEnumerable<string> names) => Sockets(processId).Intersect(names).Count();

    /// <summary>What the process has open.</summary>
    private static List<string> Handles(int processId)
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

    private static IEnumerable<(int Port, int ClientPort, int State, string Inode)> Connections() =>
        from file in new[] { "/proc/net/tcp", "/proc/net/tcp6" }
        where File.Exists(file)
        from line in File.ReadLines(file).Skip(1)
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select (Hex(fields[1][(fields[1].LastIndexOf(':') + 1)..]), Hex(fields[2][(fields[2].LastIndexOf(':') + 1)..]), Hex(fields[3]), fields[9]);

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
