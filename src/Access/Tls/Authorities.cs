using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Access;

/// <summary>Certificates of authorities from a PEM file, read again when it changes. From any thread.</summary>
public sealed class Authorities : IDisposable
{
    private const int BytesMax = 4 << 20;

    private readonly string _path;
    private readonly ILogger _logger;
    private readonly FileWatch _watch;
    private volatile X509Certificate2Collection? _current;

    private Authorities(string path, TimeProvider clock, ILogger logger)
    {
        (_path, _logger) = (path, logger);
        _watch = new FileWatch([path], BytesMax, Apply, e => _logger.CertificateKept(_path, e.Message), clock);
    }

    /// <exception cref="FormatException">The file cannot be used; the message names it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Authorities Open(string path, TimeProvider clock, ILogger logger)
    {
        var authorities = new Authorities(path, clock, logger);
        try
        {
            authorities._watch.Start();
            return authorities;
        }
        catch (FormatException e)
        {
            authorities.Dispose();
            throw new FormatException($"{path}: {e.Message}", e);
        }
        catch
        {
            authorities.Dispose();
            throw;
        }
    }

    public void Dispose() => _watch.Dispose();

    internal object Version => _current!;

    internal void Look() => _watch.Look();

    /// <summary>How certificates of these authorities are checked; revocation lists are not asked for.</summary>
    internal X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(_current!);
        return policy;
    }

    private void Apply(IReadOnlyList<byte[]> files)
    {
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPem(Encoding.UTF8.GetString(files[0]));
            _current = all.Count > 0 ? all : throw new FormatException("it has no certificate in PEM form");
            _logger.CertificateRead(_path, all[0].Subject, all[0].NotAfter.ToUniversalTime());
        }
        catch (CryptographicException e)
        {
            throw new FormatException($"it has no certificates in PEM form: {e.Message}", e);
        }
    }
}
