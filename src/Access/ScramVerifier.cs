using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Rqlite.Pg.Access;

/// <summary>
/// The verifier that a server keeps in place of a password for SCRAM-SHA-256 (RFC 5802, RFC 7677), in PostgreSQL's notation
/// <c>SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey</c>. The password cannot be computed from it, only guessed.
/// </summary>
public sealed class ScramVerifier
{
    public const string Prefix = "SCRAM-SHA-256$";
    public const int IterationsDefault = 4096;

    // More would let one login occupy a processor for long.
    private const int IterationsMax = 1_000_000;
    private const int KeyBytes = SHA256.HashSizeInBytes;
    private const int SaltBytes = 16;
    private const int SaltBytesMax = 64;

    private ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) =>
        (Iterations, Salt, StoredKey, ServerKey) = (iterations, salt, storedKey, serverKey);

    public int Iterations { get; }

    internal byte[] Salt { get; }

    internal byte[] StoredKey { get; }

    internal byte[] ServerKey { get; }

    /// <summary>The verifier of a new password, with a random salt.</summary>
    /// <exception cref="FormatException">Clients may send another form of the password.</exception>
    public static ScramVerifier Create(string password) => Create(password, RandomNumberGenerator.GetBytes(SaltBytes), IterationsDefault);

    internal static ScramVerifier Create(string password, byte[] salt, int iterations)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(PreparedPassword.BytesOf(password), salt, iterations, HashAlgorithmName.SHA256, KeyBytes);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        return new ScramVerifier(iterations, salt, SHA256.HashData(clientKey), HMACSHA256.HashData(salted, "Server Key"u8));
    }

    /// <summary>The verifier shown to a login as a user that does not exist: always the same for a name, and right for no password.</summary>
    internal static ScramVerifier Mock(ReadOnlySpan<byte> key, string user, int iterations)
    {
        var salt = SaltOf(key, user);

        // Nobody knows a key with this hash.
        var unknown = RandomNumberGenerator.GetBytes(KeyBytes);
        return new ScramVerifier(iterations, salt, unknown, unknown);
    }

    /// <summary>A salt that is random to everybody who does not know the key, and the same at every login.</summary>
    internal static byte[] SaltOf(ReadOnlySpan<byte> key, string user) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(user))[..SaltBytes];

    public static bool TryParse(string text, [NotNullWhen(true)] out ScramVerifier? verifier)
    {
        verifier = null;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var halves = text[Prefix.Length..].Split('$');
        string[] parts = [.. halves.SelectMany(static half => half.Split(':'))];
        if (halves.Length != 2 || parts.Length != 4 || halves[0].Count(':') != 1
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < IterationsDefault or > IterationsMax
            || !TryDecode(parts[1], out var salt) || salt.Length is 0 or > SaltBytesMax
            || !TryDecode(parts[2], out var storedKey) || storedKey.Length != KeyBytes
            || !TryDecode(parts[3], out var serverKey) || serverKey.Length != KeyBytes)
        {
            return false;
        }

        verifier = new ScramVerifier(iterations, salt, storedKey, serverKey);
        return true;
    }

    /// <summary>Whether the verifier is that of a password. It costs as much as its iterations.</summary>
    public bool Matches(string password)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(PreparedPassword.BytesOrRaw(password), Salt, Iterations, HashAlgorithmName.SHA256, KeyBytes);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        return CryptographicOperations.FixedTimeEquals(stored, StoredKey);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Prefix}{Iterations}:{Convert.ToBase64String(Salt)}${Convert.ToBase64String(StoredKey)}:{Convert.ToBase64String(ServerKey)}");

    private static bool TryDecode(string text, out byte[] bytes)
    {
        var buffer = new byte[text.Length];
        var valid = Convert.TryFromBase64String(text, buffer, out var written);
        bytes = buffer[..written];
        return valid;
    }
}
