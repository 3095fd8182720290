using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Access;

/// <summary>
/// A certificate with its chain and its key, from PEM files, read again when they change. Files that do not fit together leave the former
/// certificate, so that they may be replaced one after the other. From any thread.
/// </summary>
public sealed class KeyPair : IDisposable
{
    private const int BytesMax = 1 << 20;

    private readonly string _path;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly FileWatch _watch;
    private volatile Loaded? _current;

    private KeyPair(string certificate, string key, TimeProvider clock, ILogger logger)
    {
        (_path, _clock, _logger) = (certificate, clock, logger);
        _watch = new FileWatch([certificate, key], BytesMax, Apply, e => _logger.CertificateKept(_path, e.Message), clock);
    }

    /// <summary>The certificate now, in the form that TLS takes; another object after a change.</summary>
    public SslStreamCertificateContext Context => _current!.Context;

    /// <summary>The data of tls-server-end-point for the certificate; null where the hash of its signature is not known.</summary>
    internal byte[]? EndPointData => _current!.EndPoint;

    /// <exception cref="FormatException">The files cannot be used; the message names them.</exception>
    /// <exception cref="IOException">One cannot be read.</exception>
    public static KeyPair Open(string certificate, string key, TimeProvider clock, ILogger logger)
    {
        var pair = new KeyPair(certificate, key, clock, logger);
        try
        {
            pair._watch.Start();
            return pair;
        }
        catch (FormatException e)
        {
            pair.Dispose();
            throw new FormatException($"{certificate}, {key}: {e.Message}", e);
        }
        catch
        {
            pair.Dispose();
            throw;
        }
    }

    public void Dispose() => _watch.Dispose();

    internal void Look() => _watch.Look();

    private void Apply(IReadOnlyList<byte[]> files)
    {
        try
        {
            var text = Encoding.UTF8.GetString(files[0]);
            var certificate = X509Certificate2.CreateFromPem(text, Encoding.UTF8.GetString(files[1]));
            var all = new X509Certificate2Collection();
            all.ImportFromPem(text);
            all.RemoveAt(0);

            // A certificate that is still in use by connections is left to the garbage collector.
            _current = new Loaded(SslStreamCertificateContext.Create(certificate, all, offline: true), EndPoint.DataOf(certificate));
            var until = certificate.NotAfter.ToUniversalTime();
            if (until < _clock.GetUtcNow())
            {
                _logger.CertificateExpired(_path, until);
            }
            else
            {
                _logger.CertificateRead(_path, certificate.Subject, until);
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new FormatException($"they are no certificate with its key in PEM form, without a passphrase: {e.Message}", e);
        }
    }

    private sealed record Loaded(SslStreamCertificateContext Context, byte[]? EndPoint);
}
