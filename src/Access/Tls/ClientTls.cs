using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Rqlite.Pg.Access;

/// <summary>TLS as a node asks for it: with its own certificate, and a check of the other's.</summary>
/// <param name="pair">The own certificate; null for none.</param>
/// <param name="authorities">Those that the other's certificate must be of; null for the system's.</param>
/// <param name="serverName">The name that the other's certificate must have; null for the host that is called.</param>
/// <param name="verify">False takes every certificate.</param>
public sealed class ClientTls(KeyPair? pair, Authorities? authorities, string? serverName, bool verify)
{
    /// <summary>Encrypts a connection.</summary>
    /// <exception cref="IOException">There is no agreement.</exception>
    public async ValueTask<Stream> WrapAsync(Stream inner, string host, CancellationToken token)
    {
        var stream = new SslStream(inner, leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsClientAsync(Options(host), token).ConfigureAwait(false);
            return stream;
        }
        catch (Exception e)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw e is AuthenticationException or InvalidOperationException ? new IOException(TlsFault.Of(e), e) : e;
        }
    }

    [SuppressMessage("Security", "CA5359", Justification = "-node-no-verify asks for it by name.")]
    public SslClientAuthenticationOptions Options(string? host) => new()
    {
        TargetHost = serverName ?? host,
        ClientCertificateContext = pair?.Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateChainPolicy = verify ? authorities?.Policy() : null,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = verify ? null : static (_, _, _, _) => true,
    };
}
