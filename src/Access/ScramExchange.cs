using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Rqlite.Pg.Access;

/// <summary>
/// The server's side of one SCRAM-SHA-256 exchange: <see cref="First"/>, then <see cref="Final"/>. Texts of errors are PostgreSQL's.
/// </summary>
/// <param name="login">The user that wants to log in, who may not exist.</param>
/// <param name="endPoint">The data of tls-server-end-point (RFC 5929), or null where channel binding is not offered.</param>
public sealed class ScramExchange(LoginUser login, byte[]? endPoint)
{
    public const string Plain = "SCRAM-SHA-256";
    public const string Plus = "SCRAM-SHA-256-PLUS";
    private const string EndPointType = "tls-server-end-point";
    private const int NonceBytes = 18;

    private string _header = "";
    private bool _bound;
    private string _clientFirst = "";
    private string _serverFirst = "";
    private string _nonce = "";

    /// <summary>The server's part of the nonce; tests give the one of an RFC's example.</summary>
    internal string ServerNonce { get; init; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));

    /// <summary>The mechanisms to offer, the best first.</summary>
    public IReadOnlyList<string> Mechanisms => endPoint is null ? [Plain] : [Plus, Plain];

    /// <summary>Answers the client's first message.</summary>
    /// <exception cref="ScramException"/>
    public byte[] First(string mechanism, ReadOnlySpan<byte> message)
    {
        _bound = mechanism == Plus;
        var text = TextOf(message);
        var rest = text;
        switch (text[0])
        {
            case 'n' when !_bound:
                rest = text[1..];
                break;
            case 'y' when !_bound && endPoint is null:
                rest = text[1..];
                break;
            case 'y' when !_bound:
                throw new ScramException(
                    ScramFault.Channel, "SCRAM channel binding negotiation error",
                    "The client supports SCRAM channel binding but thinks the server does not.  However, this server does support channel binding.");
            case 'n' or 'y':
                throw Malformed("The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not include channel binding data.");
            case 'p' when !_bound:
                throw Malformed("The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data.");
            case 'p':
                var type = Value('p', ref rest);
                if (type != EndPointType)
                {
                    throw new ScramException(ScramFault.Malformed, $"unsupported SCRAM channel-binding type \"{Shown(type)}\"");
                }

                rest = "," + rest;
                break;
            default:
                throw Malformed($"Unexpected channel-binding flag \"{Shown(text[..1])}\".");
        }

        if (!rest.StartsWith(','))
        {
            throw Malformed($"Comma expected, but found character \"{Shown(rest.Length > 0 ? rest[..1] : "")}\".");
        }

        rest = rest[1..];
        if (rest.StartsWith('a'))
        {
            throw new ScramException(ScramFault.NotSupported, "client uses authorization identity, but it is not supported");
        }

        if (!rest.StartsWith(','))
        {
            throw Malformed($"Unexpected attribute \"{Shown(rest.Length > 0 ? rest[..1] : "")}\" in client-first-message.");
        }

        rest = rest[1..];
        _header = text[..^rest.Length];
        _clientFirst = rest;
        if (rest.StartsWith('m'))
        {
            throw new ScramException(ScramFault.NotSupported, "client requires an unsupported SCRAM extension");
        }

        // The name in the startup message counts.
        _ = Value('n', ref rest);
        var nonce = Value('r', ref rest);
        if (nonce.Length == 0 || nonce.Any(static character => character is < '!' or > '~' or ','))
        {
            throw new ScramException(ScramFault.Malformed, "non-printable characters in SCRAM nonce");
        }

        _nonce = nonce + ServerNonce;
        _serverFirst = string.Create(
            CultureInfo.InvariantCulture, $"r={_nonce},s={Convert.ToBase64String(login.Verifier.Salt)},i={login.Verifier.Iterations}");
        return Encoding.UTF8.GetBytes(_serverFirst);
    }

    /// <summary>Judges the client's last message.</summary>
    /// <returns>The server's last message; null if the password is wrong, or there is no such user.</returns>
    /// <exception cref="ScramException"/>
    public byte[]? Final(ReadOnlySpan<byte> message)
    {
        var text = TextOf(message);
        var rest = text;
        var channel = Value('c', ref rest);
        var expected = Encoding.Latin1.GetBytes(_header);
        if (_bound)
        {
            expected = [.. expected, .. endPoint!];
        }

        if (channel != Convert.ToBase64String(expected))
        {
            throw _bound
                ? new ScramException(ScramFault.Channel, "SCRAM channel binding check failed")
                : new ScramException(ScramFault.Malformed, "unexpected SCRAM channel-binding attribute in client-final-message");
        }

        var nonce = Value('r', ref rest);
        while (!rest.StartsWith("p=", StringComparison.Ordinal))
        {
            // Extensions that need not be understood.
            var comma = rest.IndexOf(',', StringComparison.Ordinal);
            rest = comma < 0 ? throw Malformed("Attribute expected, but found end of string.") : rest[(comma + 1)..];
        }

        var withoutProof = text[..^(rest.Length + 1)];
        var proofText = rest[2..];
        var proof = new byte[proofText.Length];
        if (!Convert.TryFromBase64String(proofText, proof, out var length) || length != SHA256.HashSizeInBytes)
        {
            throw Malformed("Malformed proof in client-final-message.");
        }

        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(nonce), Encoding.UTF8.GetBytes(_nonce)))
        {
            throw new ScramException(ScramFault.Malformed, "invalid SCRAM response", "Nonce does not match.");
        }

        var authMessage = Encoding.Latin1.GetBytes($"{_clientFirst},{_serverFirst},{withoutProof}");
        var signature = HMACSHA256.HashData(login.Verifier.StoredKey, authMessage);
        for (var i = 0; i < signature.Length; i++)
        {
            signature[i] ^= proof[i];
        }

        var right = CryptographicOperations.FixedTimeEquals(SHA256.HashData(signature), login.Verifier.StoredKey) & login.Exists;
        var answer = HMACSHA256.HashData(login.Verifier.ServerKey, authMessage);
        return right ? Encoding.UTF8.GetBytes("v=" + Convert.ToBase64String(answer)) : null;
    }

    private static string TextOf(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty)
        {
            throw Malformed("The message is empty.");
        }

        if (message.Contains((byte)0))
        {
            throw Malformed("Message length does not match input length.");
        }

        // One character a byte, so that the same bytes are hashed that the client has sent.
        return Encoding.Latin1.GetString(message);
    }

    /// <summary>Takes one attribute, up to its comma or the end.</summary>
    private static string Value(char attribute, ref string rest)
    {
        if (rest.Length == 0)
        {
            throw Malformed("Attribute expected, but found end of string.");
        }

        if (rest[0] != attribute)
        {
            throw Malformed($"Expected attribute \"{attribute}\" but found \"{Shown(rest[..1])}\".");
        }

        if (rest.Length < 2 || rest[1] != '=')
        {
            throw Malformed($"Expected character \"=\" for attribute \"{attribute}\".");
        }

        var comma = rest.IndexOf(',', StringComparison.Ordinal);
        var value = comma < 0 ? rest[2..] : rest[2..comma];
        rest = comma < 0 ? "" : rest[(comma + 1)..];
        return value;
    }

    // Only a few printable characters of what a stranger sends are shown.
    private static string Shown(string text) =>
        string.Concat(text.Take(30).Select(static c => c is >= '!' and <= '~' ? c.ToString() : $"0x{(int)c:x2}"));

    private static ScramException Malformed(string detail) => new(ScramFault.Malformed, "malformed SCRAM message", detail);
}
