using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Rqlite.Pg.Host;

/// <summary>host:port texts of flags.</summary>
internal static class Addresses
{
    /// <summary>host:port without a scheme; an IPv6 address stands in brackets.</summary>
    public static bool TryParse(string text, out string host, out int port)
    {
        var colon = text.LastIndexOf(':');
        host = colon > 0 ? text[..colon] : "";
        port = 0;
        if (host is ['[', _, .., ']'])
        {
            host = host[1..^1];
            if (!IPAddress.TryParse(host, out _))
            {
                return false;
            }
        }
        else if (Uri.CheckHostName(host) is not (UriHostNameType.Dns or UriHostNameType.IPv4) && !host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            return false;
        }

        return host.Length > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= 65535;
    }

    /// <summary>The local endpoints that a bind address means: both loopbacks for <c>localhost</c>, where the machine has them.</summary>
    /// <exception cref="FormatException">The host is unknown; the message names the flag.</exception>
    public static async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(string flag, string text)
    {
        if (!TryParse(text, out var host, out var port))
        {
            throw new FormatException($"{flag}: {text} is not of the form host:port");
        }

        if (IPAddress.TryParse(host, out var address))
        {
            return [new IPEndPoint(address, port)];
        }

        try
        {
            var found = await Dns.GetHostAddressesAsync(host).ConfigureAwait(false);
            return [.. found.Where(Usable).Distinct().Select(a => new IPEndPoint(a, port))];
        }
        catch (SocketException)
        {
            throw new FormatException($"{flag}: the host {host} cannot be found");
        }
    }

    public static bool Unspecified(string text) =>
        TryParse(text, out var host, out _) && IPAddress.TryParse(host, out var address)
        && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    private static bool Usable(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork
        || (address.AddressFamily == AddressFamily.InterNetworkV6 && Socket.OSSupportsIPv6);
}
