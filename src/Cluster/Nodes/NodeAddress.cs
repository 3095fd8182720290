using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>host:port, as in flags and members.</summary>
internal readonly record struct NodeAddress(string Host, int Port)
{
    public static NodeAddress Parse(string text, string flag)
        => TryParse(text, out var address) ? address : throw new ArgumentException($"{flag} must be host:port, not '{text}'.");

    public static bool TryParse(string text, out NodeAddress address)
    {
        address = default;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535)
        {
            return false;
        }

        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
        }
        else if (host.Contains(':', StringComparison.Ordinal) || host.Contains('/', StringComparison.Ordinal))
        {
            return false;
        }

        address = new NodeAddress(host, port);
        return true;
    }

    public EndPoint ToEndPoint()
        => IPAddress.TryParse(Host, out var ip) ? new IPEndPoint(ip, Port) : new DnsEndPoint(Host, Port);

    /// <summary>The address to bind to; a name is resolved, an empty host means all interfaces.</summary>
    public async ValueTask<IPEndPoint> ResolveForBindAsync(CancellationToken token)
    {
        if (Host.Length == 0)
        {
            return new IPEndPoint(IPAddress.Any, Port);
        }

        if (IPAddress.TryParse(Host, out var ip))
        {
            return new IPEndPoint(ip, Port);
        }

        var found = await Dns.GetHostAddressesAsync(Host, token).ConfigureAwait(false);
        var best = found.FirstOrDefault(static a => a.AddressFamily == AddressFamily.InterNetwork) ?? found.FirstOrDefault()
            ?? throw new ArgumentException($"'{Host}' has no address.");
        return new IPEndPoint(best, Port);
    }

    public override string ToString()
    {
        var port = Port.ToString(CultureInfo.InvariantCulture);
        return Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{port}" : $"{Host}:{port}";
    }
}
