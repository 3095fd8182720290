using System.Net;
using System.Net.Sockets;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster;

/// <summary>Nodes by the addresses of a host name (<c>-disco-mode dns</c>), all with one port.</summary>
public sealed class DnsDiscovery(string name, int port) : INodeDiscovery
{
    internal const int NodesMax = 100;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Looks addresses up; for tests.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Lookup { get; init; } = static (host, token) => Dns.GetHostAddressesAsync(host, token);

    public async ValueTask<IReadOnlyList<string>> FindAsync(CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token);
        bounded.CancelAfter(s_patience);
        try
        {
            var found = await Lookup(name, bounded.Token).ConfigureAwait(false);
            return [.. found.Select(address => new NodeAddress(address.ToString(), port).ToString()).Distinct().Order(StringComparer.Ordinal).Take(NodesMax)];
        }
        catch (Exception error) when (error is SocketException or ArgumentException || (error is OperationCanceledException && !token.IsCancellationRequested))
        {
            throw new ClusterException(ClusterError.Unreachable, $"DNS: {name}: {ConnectionTrouble.Reason(error)}", null, error);
        }
    }
}
