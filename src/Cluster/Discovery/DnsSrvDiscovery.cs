using DnsClient;
using DnsClient.Protocol;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster;

/// <summary>Nodes by the SRV records of <c>_service._tcp.name</c> (<c>-disco-mode dns-srv</c>); priority and weight do not matter.</summary>
public sealed class DnsSrvDiscovery : INodeDiscovery
{
    private readonly string _name;
    private readonly ILookupClient _client;

    public DnsSrvDiscovery(string name, string service)
        : this(name, service, new LookupClient(Adjust(new LookupClientOptions())))
    {
    }

    internal DnsSrvDiscovery(string name, string service, ILookupClient client) => (_name, _client) = ($"_{service}._tcp.{name}", client);

    /// <summary>Answers count for one round of joining only.</summary>
    internal static LookupClientOptions Adjust(LookupClientOptions options)
    {
        options.UseCache = false;
        options.Timeout = TimeSpan.FromSeconds(2);
        options.Retries = 1;
        options.ThrowDnsErrors = true;
        return options;
    }

    public async ValueTask<IReadOnlyList<string>> FindAsync(CancellationToken token)
    {
        try
        {
            var answer = await _client.QueryAsync(_name, QueryType.SRV, cancellationToken: token).ConfigureAwait(false);
            return [.. answer.Answers.OfType<SrvRecord>().Where(static record => record.Port > 0)
                .Select(static record => new NodeAddress(record.Target.Value.TrimEnd('.'), record.Port).ToString())
                .Distinct().Order(StringComparer.Ordinal).Take(DnsDiscovery.NodesMax)];
        }
        catch (Exception error) when (error is DnsResponseException or InvalidOperationException or ArgumentException
            || (error is OperationCanceledException && !token.IsCancellationRequested))
        {
            throw new ClusterException(ClusterError.Unreachable, $"DNS: {_name}: {error.Message}", null, error);
        }
    }
}
