using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Rqlite.Pg.Access;

/// <summary>TLS as a server offers it: 1.2 and newer, with the certificates as they are when a connection begins.</summary>
/// <param name="pair">Disposed with this.</param>
/// <param name="authorities">Those that clients' certificates must be of; null for the system's. Disposed with this.</param>
/// <param name="verifyClient">A client must have a certificate.</param>
/// <param name="protocols">The protocols of ALPN.</param>
/// <param name="commonName">The common name that a client's certificate must have; null for any.</param>
public sealed class ServerTls(
    KeyPair pair, Authorities? authorities, bool verifyClient, IReadOnlyList<SslApplicationProtocol> protocols, string? commonName = null) : IDisposable
{
    /// <summary>The longest that a handshake may take.</summary>
    public static readonly TimeSpan HandshakeMax = TimeSpan.FromSeconds(10);

    private const string CommonName = "2.5.4.3";

    // The options of the last connection, for the next one with the same certificates: the handshake keeps resumable sessions with them.
    private volatile State? _last;

    /// <summary>Clients must have certificates.</summary>
    public bool VerifiesClients => verifyClient;

    /// <summary>How the next connection is to be encrypted, and the data of its channel binding, or null.</summary>
    public (SslServerAuthenticationOptions Options, byte[]? EndPoint) Next()
    {
        var (context, version) = (pair.Context, authorities?.Version);
        if (_last is { } last && ReferenceEquals(last.Options.ServerCertificateContext, context) && ReferenceEquals(last.Version, version))
        {
            return (last.Options, last.EndPoint);
        }

        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateRequired = verifyClient,
            CertificateChainPolicy = verifyClient ? authorities?.Policy() : null,
            ApplicationProtocols = [.. protocols],
            RemoteCertificateValidationCallback = commonName is null ? null
                : (_, certificate, _, errors) => errors == SslPolicyErrors.None && certificate is X509Certificate2 leaf && CommonNameOf(leaf) == commonName,
        };
        var next = new State(options, EndPoint.DataOf(context.TargetCertificate), version);
        _last = next;
        return (next.Options, next.EndPoint);
    }

    /// <summary>Encrypts a connection.</summary>
    /// <returns>The encrypted stream, and the data of its channel binding, or null.</returns>
    /// <exception cref="IOException">There is no agreement.</exception>
    public async ValueTask<(SslStream Stream, byte[]? EndPoint)> WrapAsync(Stream inner, CancellationToken token)
    {
        var (options, endPoint) = Next();
        var stream = new SslStream(inner, leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsServerAsync(options, token).ConfigureAwait(false);
            return (stream, endPoint);
        }
        catch (Exception e)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw e is AuthenticationException or InvalidOperationException or NotSupportedException ? new IOException(TlsFault.Of(e), e) : e;
        }
    }

    public void Dispose()
    {
        pair.Dispose();
        authorities?.Dispose();
    }

    /// <summary>Null for a certificate with no common name, or with several.</summary>
    private static string? CommonNameOf(X509Certificate2 certificate)
    {
        var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Where(static name => !name.HasMultipleElements && name.GetSingleElementType().Value == CommonName).ToList();
        return names.Count == 1 ? names[0].GetSingleElementValue() : null;
    }

    private sealed record State(SslServerAuthenticationOptions Options, byte[]? EndPoint, object? Version);
}
