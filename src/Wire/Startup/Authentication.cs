using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Rqlite.Pg.Access;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;

namespace Rqlite.Pg.Wire.Startup;

/// <summary>
/// The login between the startup message and the session: SCRAM-SHA-256 over SASL (manual, 55.3). A user that does not exist goes through the
/// same messages as one with another password.
/// </summary>
/// <param name="from">The client's address; null if it is not known.</param>
/// <param name="endPoint">The data of channel binding; null where it is not offered.</param>
internal sealed class Authentication(PipeReader reader, SessionOutput output, CredentialStore users, IPAddress? from, byte[]? endPoint)
{
    // PostgreSQL's limit.
    private const int MessageBytesMax = 1024;
    private const int HeadBytes = 5;
    private const byte ResponseCode = (byte)'p';

    private const int SaslCode = 10;
    private const int SaslContinueCode = 11;
    private const int SaslFinalCode = 12;

    /// <exception cref="PgException">FATAL: the client does not get a session.</exception>
    public async ValueTask RunAsync(string user, CancellationToken token)
    {
        var attempt = users.Throttle.Begin(from, user);
        if (!await attempt.EnterAsync(token).ConfigureAwait(false))
        {
            throw TooMany();
        }

        try
        {
            var answer = await ExchangeAsync(user, attempt, token).ConfigureAwait(false);
            if (answer is null)
            {
                var reason = users.Current.Has(user) ? "wrong password" : "no such user";
                await users.FailAsync(attempt, user, from, reason, token).ConfigureAwait(false);
                throw WrongPassword(user);
            }

            users.Succeeded(attempt);
            Write(SaslFinalCode, answer);
        }
        catch (ScramException exception)
        {
            await users.FailAsync(attempt, user, from, exception.Message, token).ConfigureAwait(false);
            throw new PgException(PgError.Fatal(StateOf(exception.Fault), exception.Message) with { Detail = exception.Detail });
        }
    }

    /// <returns>The server's last message; null if the login has failed.</returns>
    private async ValueTask<byte[]?> ExchangeAsync(string user, LoginAttempt attempt, CancellationToken token)
    {
        var exchange = new ScramExchange(users.Current.Login(user), endPoint);
        WriteMechanisms(exchange.Mechanisms);
        await output.FlushAsync().ConfigureAwait(false);
        var (mechanism, first) = ReadInitial(await ReadAsync(token).ConfigureAwait(false));
        if (!exchange.Mechanisms.Contains(mechanism))
        {
            throw PgException.Fatal(SqlState.ProtocolViolation, "client selected an invalid SASL authentication mechanism");
        }

        if (first is null)
        {
            Write(SaslContinueCode, []);
            await output.FlushAsync().ConfigureAwait(false);
            first = await ReadAsync(token).ConfigureAwait(false);
        }

        Write(SaslContinueCode, exchange.First(mechanism, first));
        await output.FlushAsync().ConfigureAwait(false);
        var last = await ReadAsync(token).ConfigureAwait(false);
        if (await attempt.EnterAsync(token).ConfigureAwait(false))
        {
            return exchange.Final(last);
        }

        throw TooMany();
    }

    private PgException TooMany() => new(
        PgError.Fatal(SqlState.TooManyConnections, users.RefuseUnseen(from).Message) with { Hint = TooManyLoginsException.Advice });

    private static PgException WrongPassword(string user) =>
        PgException.Fatal(SqlState.InvalidPassword, $"password authentication failed for user \"{user}\"");

    private static string StateOf(ScramFault fault) => fault switch
    {
        ScramFault.Channel => SqlState.InvalidAuthorizationSpecification,
        ScramFault.NotSupported => SqlState.FeatureNotSupported,
        _ => SqlState.ProtocolViolation,
    };

    private static (string Mechanism, byte[]? Message) ReadInitial(byte[] body)
    {
        var message = new MessageReader(body, ClientEncoding.Utf8);
        var mechanism = Encoding.Latin1.GetString(message.ReadRawText());
        var length = message.ReadInt32();
        var first = length == -1 ? null : message.ReadBytes(length).ToArray();
        message.End();
        return (mechanism, first);
    }

    private async ValueTask<byte[]> ReadAsync(CancellationToken token)
    {
        while (true)
        {
            var read = await reader.ReadAsync(token).ConfigureAwait(false);
            if (read.IsCanceled)
            {
                throw new PgException(ErrorMapping.Shutdown());
            }

            var buffer = read.Buffer;
            if (!buffer.IsEmpty && buffer.FirstSpan[0] is var code and not ResponseCode)
            {
                reader.AdvanceTo(buffer.Start);
                throw PgException.Fatal(SqlState.ProtocolViolation, $"expected SASL response, got message type {code}");
            }

            if (buffer.Length >= HeadBytes)
            {
                var length = LengthOf(buffer);
                if (length is < 4 or > 4 + MessageBytesMax)
                {
                    reader.AdvanceTo(buffer.Start);
                    throw PgException.Fatal(SqlState.ProtocolViolation, "invalid message length");
                }

                if (buffer.Length >= 1 + length)
                {
                    var body = buffer.Slice(HeadBytes, length - 4).ToArray();
                    reader.AdvanceTo(buffer.GetPosition(1 + length));
                    return body;
                }
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                throw new ClientGoneException("The client left before it had logged in.");
            }
        }
    }

    private static int LengthOf(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> length = stackalloc byte[4];
        buffer.Slice(1, 4).CopyTo(length);
        return BinaryPrimitives.ReadInt32BigEndian(length);
    }

    private void WriteMechanisms(IReadOnlyList<string> mechanisms)
    {
        var names = string.Concat(mechanisms.Select(static name => name + '\0')) + '\0';
        Write(SaslCode, Encoding.ASCII.GetBytes(names));
    }

    private void Write(int code, ReadOnlySpan<byte> data)
    {
        var span = BackendMessage.Start(output.Frames, (byte)'R', 4 + data.Length);
        BinaryPrimitives.WriteInt32BigEndian(span, code);
        data.CopyTo(span[4..]);
        output.Frames.Advance(BackendMessage.HeadBytes + 4 + data.Length);
    }
}
