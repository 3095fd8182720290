using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>
/// The name of a request, so that a repetition is answered and not run again; the default value means none. The highest bit tells the keys of
/// clients from the names that nodes give, so that neither crowds out the other.
/// </summary>
public readonly record struct RequestId(ulong High, ulong Low)
{
    private const ulong KeyBit = 1UL << 63;

    // Keeps the digests of keys apart from other digests of the same text.
    private static ReadOnlySpan<byte> KeyTag => "rqlite-pg idempotency key\0"u8;

    /// <summary>True if a client chose the name: the request's content is then compared too.</summary>
    public bool IsKey => (High & KeyBit) != 0;

    /// <summary>The name of a request that a client sends under a key.</summary>
    public static RequestId FromKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. KeyTag, .. Encoding.UTF8.GetBytes(key)], digest);
        return new(BinaryPrimitives.ReadUInt64BigEndian(digest) | KeyBit, BinaryPrimitives.ReadUInt64BigEndian(digest[8..]));
    }

    /// <summary>A name that no other request has.</summary>
    public static RequestId Random()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);

        // Never the default value.
        return new((BinaryPrimitives.ReadUInt64BigEndian(bytes) & ~KeyBit) | 1, BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }
}
