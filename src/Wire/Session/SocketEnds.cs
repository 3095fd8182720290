using System.Net;
using System.Net.Security;

namespace Rqlite.Pg.Wire.Session;

/// <summary>The addresses of a connection's two ends; null for one that is not known.</summary>
internal sealed record SocketEnds(EndPoint? Client, EndPoint? Server)
{
    /// <summary>The connection's encryption; null for none.</summary>
    public SslStream? Encrypted { get; init; }
}
