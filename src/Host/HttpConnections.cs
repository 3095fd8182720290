using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Host;

/// <summary>
/// The limit of HTTP connections: one between requests gives way to a new one, and if all are in a request the new one is told 503. One that
/// sends nothing at all is closed soon.
/// </summary>
internal sealed class HttpConnections(int max, ILogger logger)
{
    private static readonly TimeSpan s_startMax = TimeSpan.FromSeconds(10);
    private static readonly byte[] s_refusal = Encoding.ASCII.GetBytes(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\nConnection: close\r\n"
        + "Content-Length: 21\r\n\r\ntoo many connections\n");

    private readonly ConnectionSlots _slots = new(max);

    /// <summary>The middleware of each connection.</summary>
    public ConnectionDelegate Over(ConnectionDelegate next) => connection => RunAsync(connection, next);

    /// <summary>The middleware of each request.</summary>
    public RequestDelegate Over(RequestDelegate next) => async context =>
    {
        if (context.Features.Get<ConnectionSlots.Slot>() is { } slot && slot.TryBegin())
        {
            try
            {
                await next(context).ConfigureAwait(false);
                if (context.Response.StatusCode < StatusCodes.Status400BadRequest)
                {
                    // The body was read to its end.
                    context.Features.Get<RequestLineReader>()?.ExpectRequest();
                }
            }
            finally
            {
                slot.End();
            }
        }
        else
        {
            context.Abort();
        }
    };

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var slot = _slots.Take(connection.Abort);
        if (slot is null)
        {
            HostLog.HttpConnectionRefused(logger, max);
            await connection.Transport.Output.WriteAsync(s_refusal, connection.ConnectionClosed).ConfigureAwait(false);
        }
        else if (await HasBegunAsync(connection).ConfigureAwait(false))
        {
            connection.Features.Set(slot);
            var input = new RequestLineReader(connection.Transport.Input, HttpServer.RequestLineMax);
            connection.Features.Set(input);
            connection.Transport = new Duplex(input, connection.Transport.Output);
            await next(connection).ConfigureAwait(false);
        }
    }

    private static async ValueTask<bool> HasBegunAsync(ConnectionContext connection)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        limit.CancelAfter(s_startMax);
        try
        {
            var read = await connection.Transport.Input.ReadAsync(limit.Token).ConfigureAwait(false);
            connection.Transport.Input.AdvanceTo(read.Buffer.Start);
            return !read.Buffer.IsEmpty;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // It has sent nothing in time, or has left.
            return false;
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
