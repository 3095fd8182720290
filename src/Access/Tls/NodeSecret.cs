using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Access;

/// <summary>
/// A secret that all nodes of a cluster share, and the exchange by which the two ends of a new connection prove to one another that they know
/// it: a random number of each, and a MAC over both. Whoever listens learns nothing of it; whoever can change what passes needs TLS against him.
/// </summary>
public sealed class NodeSecret : IDisposable
{
    private const int BytesMax = 4096;
    private const int LengthMin = 16;
    private const int NonceBytes = 32;
    private const int MacBytes = HMACSHA256.HashSizeInBytes;

    private readonly FileWatch _watch;
    private volatile byte[]? _secret;

    private NodeSecret(string path, TimeProvider clock, ILogger logger) =>
        _watch = new FileWatch([path], BytesMax, Apply, e => logger.SecretKept(path, e.Message), clock);

    /// <summary>The first bytes of a caller that knows a secret.</summary>
    private static ReadOnlySpan<byte> Magic => "RQNS\u0001"u8;

    /// <exception cref="FormatException">The file cannot be used; the message names it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static NodeSecret Open(string path, TimeProvider clock, ILogger logger)
    {
        var secret = new NodeSecret(path, clock, logger);
        try
        {
            secret._watch.Start();
            return secret;
        }
        catch (FormatException e)
        {
            secret.Dispose();
            throw new FormatException($"{path}: {e.Message}", e);
        }
        catch
        {
            secret.Dispose();
            throw;
        }
    }

    /// <summary>The exchange on the side that has dialled.</summary>
    /// <exception cref="IOException">The other side does not know the secret.</exception>
    public async ValueTask ProveAsCallerAsync(Stream stream, CancellationToken token)
    {
        var secret = _secret!;
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        await stream.WriteAsync((byte[])[.. Magic, .. nonce], token).ConfigureAwait(false);
        var answer = new byte[NonceBytes + MacBytes];
        try
        {
            await stream.ReadExactlyAsync(answer, token).ConfigureAwait(false);
        }
        catch (EndOfStreamException e)
        {
            throw new IOException("the node there has closed the connection; perhaps it was started without -node-secret-file", e);
        }

        var other = answer[..NonceBytes];
        if (!CryptographicOperations.FixedTimeEquals(Mac(secret, "server"u8, nonce, other), answer.AsSpan(NonceBytes)))
        {
            throw new IOException("the node there has another secret (-node-secret-file)");
        }

        await stream.WriteAsync(Mac(secret, "caller"u8, nonce, other), token).ConfigureAwait(false);
    }

    /// <summary>The exchange on the side that was called.</summary>
    /// <exception cref="InvalidDataException">The caller does not know the secret.</exception>
    public async ValueTask ProveAsServerAsync(Stream stream, CancellationToken token)
    {
        var secret = _secret!;
        var first = new byte[Magic.Length + NonceBytes];
        await ReadAsync(stream, first.AsMemory(0, Magic.Length), token).ConfigureAwait(false);
        if (!first.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            throw new InvalidDataException("the caller does not speak of a secret, which -node-secret-file asks for");
        }

        await ReadAsync(stream, first.AsMemory(Magic.Length), token).ConfigureAwait(false);
        var other = first[Magic.Length..];
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        await stream.WriteAsync((byte[])[.. nonce, .. Mac(secret, "server"u8, other, nonce)], token).ConfigureAwait(false);
        var proof = new byte[MacBytes];
        await ReadAsync(stream, proof, token).ConfigureAwait(false);
        if (!CryptographicOperations.FixedTimeEquals(Mac(secret, "caller"u8, other, nonce), proof))
        {
            throw new InvalidDataException("the caller has another secret (-node-secret-file)");
        }
    }

    public void Dispose() => _watch.Dispose();

    private static async ValueTask ReadAsync(Stream stream, Memory<byte> bytes, CancellationToken token)
    {
        try
        {
            await stream.ReadExactlyAsync(bytes, token).ConfigureAwait(false);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("the caller has left without a proof that it knows the secret", e);
        }
    }

    private static byte[] Mac(byte[] secret, ReadOnlySpan<byte> side, byte[] caller, byte[] server) =>
        HMACSHA256.HashData(secret, (byte[])[.. "rqlited node "u8, .. side, .. caller, .. server]);

    private void Apply(IReadOnlyList<byte[]> files)
    {
        var text = Encoding.Latin1.GetString(files[0]).Trim();
        _secret = text.Length >= LengthMin
            ? Encoding.Latin1.GetBytes(text)
            : throw new FormatException($"it has a secret of less than {LengthMin} characters; openssl rand -hex 32 makes a good one");
    }
}
