using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Host;

/// <summary>
/// The limit of HTTP connections: one between requests gives way to a new one, and if all are in a request the new one is told 503. One that
/// sends nothing at all is closed soon.
/// </summary>
/// <param name="encrypted">The connections begin with TLS.</param>
internal sealed class HttpConnections(int max, MemoryBudget memory, bool encrypted, ILogger logger)
{
    // A body that a handler left unread is read on here in so many steps, without a wait; the server reads what is left then.
    private const int UnreadStepsMax = 16;

    // The first byte of a TLS connection.
    private const byte Handshake = 0x16;

    private static readonly TimeSpan s_startMax = TimeSpan.FromSeconds(10);
    private static readonly byte[] s_refusal = Encoding.ASCII.GetBytes(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\nConnection: close\r\n"
        + "Content-Length: 21\r\n\r\ntoo many connections\n");

    // As Go's server answers, and so rqlite.
    private static readonly byte[] s_notEncrypted =
        Encoding.ASCII.GetBytes("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");

    private readonly ConnectionSlots _slots = new(max);

    /// <summary>The places of the connections.</summary>
    public ConnectionSlots Slots => _slots;

    /// <summary>The middleware of each connection, before TLS.</summary>
    public ConnectionDelegate Over(ConnectionDelegate next) => connection => RunAsync(connection, next);

    /// <summary>The middleware of each connection that sees requests, behind TLS.</summary>
    public ConnectionDelegate Lines(ConnectionDelegate next) => async connection =>
    {
        if (encrypted && await FirstByteAsync(connection).ConfigureAwait(false) is null)
        {
            return;
        }

        using var input = new RequestLineReader(connection.Transport.Input, HttpServer.RequestLineMax, memory);
        connection.Features.Set(input);
        connection.Transport = new Duplex(input, connection.Transport.Output);
        await next(connection).ConfigureAwait(false);
    };

    /// <summary>The middleware of each request.</summary>
    public RequestDelegate Over(RequestDelegate next) => async context =>
    {
        if (context.Features.Get<ConnectionSlots.Slot>() is { } slot && slot.TryBegin())
        {
            var input = context.Features.Get<RequestLineReader>();
            try
            {
                await next(context).ConfigureAwait(false);
                if (BodyIsRead(context))
                {
                    input?.ExpectRequest();
                }
            }
            finally
            {
                input?.EndRequest();
                slot.End();
            }
        }
        else
        {
            context.Abort();
        }
    };

    /// <summary>
    /// True if no byte of the request's body is to come: only then does the connection's next byte belong to another request. A handler may leave
    /// a body that it does not want or has refused.
    /// </summary>
    private static bool BodyIsRead(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return true;
        }

        if (!context.Response.HasStarted && context.Request.Headers.Expect.Count > 0)
        {
            // To read would ask the client for the body.
            return false;
        }

        try
        {
            var body = context.Request.BodyReader;
            for (var i = 0; i < UnreadStepsMax && body.TryRead(out var read); i++)
            {
                body.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return true;
                }
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The body is broken, or its client has left.
        }

        return false;
    }

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var slot = _slots.Take(connection.Abort);
        if (slot is null)
        {
            HostLog.HttpConnectionRefused(logger, max);
            if (!encrypted)
            {
                await connection.Transport.Output.WriteAsync(s_refusal, connection.ConnectionClosed).ConfigureAwait(false);
            }
        }
        else if (await FirstByteAsync(connection).ConfigureAwait(false) is { } first)
        {
            if (encrypted && first != Handshake)
            {
                await connection.Transport.Output.WriteAsync(s_notEncrypted, connection.ConnectionClosed).ConfigureAwait(false);
                return;
            }

            connection.Features.Set(slot);
            await next(connection).ConfigureAwait(false);
        }
    }

    /// <returns>Null if nothing has come in time, or the client has left.</returns>
    private static async ValueTask<byte?> FirstByteAsync(ConnectionContext connection)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        limit.CancelAfter(s_startMax);
        try
        {
            var read = await connection.Transport.Input.ReadAsync(limit.Token).ConfigureAwait(false);
            byte? first = read.Buffer.IsEmpty ? null : read.Buffer.FirstSpan[0];
            connection.Transport.Input.AdvanceTo(read.Buffer.Start);
            return first;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return null;
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
