using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Rqlite.Pg.Access;

/// <summary>The channel binding tls-server-end-point (RFC 5929): a hash of the server's certificate.</summary>
internal static class EndPoint
{
    /// <summary>Null for a certificate whose signature does not tell one hash.</summary>
    public static byte[]? DataOf(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        // MD5 and SHA-1 with RSA, SHA-1 with ECDSA: SHA-256 stands for hashes that are too weak.
        "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" => SHA256.HashData(certificate.RawData),
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => SHA256.HashData(certificate.RawData),
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(certificate.RawData),
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(certificate.RawData),
        _ => null,
    };
}
