using System.Runtime.InteropServices;

namespace Rqlite.Pg.Host;

/// <summary>How the process's open files are shared out: the database and the log come first, connections get what is left.</summary>
internal sealed record DescriptorLimits(long Limit, int Readers, int Http, int Pg, int Nodes, int NodeRequests, int NodeTransactions)
{
    /// <summary>The least limit that a node starts with.</summary>
    public const int LimitMin = 512;

    private const int HttpMax = 10_000;
    private const int PgMax = 10_000;
    private const int NodesMax = 2_048;

    // Connections that this node opens to one other, usually the leader.
    private const int NodeRequestsMax = 64;
    private const int NodeTransactionsMax = 128;

    // The runtime and its libraries (190), the log's files, the writer, listening sockets, copies on their way, connections that are about to be refused.
    private const int OwnFiles = 288;

    // The database, its -wal, and a temporary file.
    private const int FilesOfReader = 3;

    /// <summary>Raises the limit of open files as far as this process may, and returns it.</summary>
    public static long Raise()
    {
        if (OperatingSystem.IsWindows())
        {
            return int.MaxValue;
        }

        var resource = OperatingSystem.IsLinux() ? 7 : 8;
        if (GetLimit(resource, out var limit) != 0)
        {
            return LimitMin;
        }

        if (limit.Current < limit.Most)
        {
            var raised = limit with { Current = limit.Most };
            limit = SetLimit(resource, in raised) == 0 ? raised : limit;
        }

        return (long)Math.Min(limit.Current, int.MaxValue);
    }

    /// <exception cref="FormatException">The limit is too low for a node.</exception>
    public static DescriptorLimits Share(long limit, int readersMax)
    {
        if (limit < LimitMin)
        {
            throw new FormatException($"the limit of open files is {limit}: a node needs {LimitMin} (ulimit -n; 4096 and more are of use)");
        }

        var left = limit - OwnFiles;
        var readers = (int)Math.Min(readersMax, left / 2 / FilesOfReader);
        left -= readers * FilesOfReader;
        var requests = Part(NodeRequestsMax, 16);
        var transactions = Part(NodeTransactionsMax, 8);
        var nodes = Part(NodesMax, 4);
        // Reads on another node have as many connections of their own as other requests.
        var clients = left - (2 * requests) - transactions - nodes;
        return new DescriptorLimits(
            limit, readers, (int)Math.Min(HttpMax, clients / 2), (int)Math.Min(PgMax, clients / 2), nodes, requests, transactions);

        int Part(int most, int share) => (int)Math.Clamp(left / share, 1, most);
    }

    [DllImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static extern int GetLimit(int resource, out ResourceLimit limit);

    [DllImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static extern int SetLimit(int resource, in ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private record struct ResourceLimit(ulong Current, ulong Most);
}
