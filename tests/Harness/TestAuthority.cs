using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Rqlite.Pg.Harness;

/// <summary>An authority of its own, whose certificates are made when a test needs them.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly string _folder;

    /// <param name="folder">Where the files go.</param>
    public TestAuthority(string folder, string name = "authority")
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(20));
        File = Path.Combine(folder, $"{name}.pem");
        System.IO.File.WriteAllText(File, _certificate.ExportCertificatePem());
    }

    /// <summary>The authority's certificate.</summary>
    public string File { get; }

    /// <summary>Makes a certificate for localhost, for servers and clients.</summary>
    /// <returns>The files of the certificate and of its key.</returns>
    public (string Certificate, string Key) Make(string name, bool expired = false)
    {
        var (certificate, key) = MakeTexts(name, expired);
        var (certificateFile, keyFile) = (Path.Combine(_folder, $"{name}.pem"), Path.Combine(_folder, $"{name}.key"));
        System.IO.File.WriteAllText(certificateFile, certificate);
        System.IO.File.WriteAllText(keyFile, key);
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return (certificateFile, keyFile);
    }

    /// <summary>How a client checks that a server's certificate is of this authority.</summary>
    public X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(File));
        return policy;
    }

    /// <summary>As <see cref="Make"/>, the texts of the files.</summary>
    public (string Certificate, string Key) MakeTexts(string name, bool expired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        var until = DateTimeOffset.UtcNow.AddDays(expired ? -1 : 10);
        using var certificate = request.Create(_certificate, DateTimeOffset.UtcNow.AddDays(-2), until, RandomNumberGenerator.GetBytes(16));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }
}
