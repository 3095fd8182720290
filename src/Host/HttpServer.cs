using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Access;

namespace Rqlite.Pg.Host;

/// <summary>Kestrel with one handler for everything; its life is the composition's, not the console's.</summary>
internal static class HttpServer
{
    /// <summary>In bytes; SQL may come in the query string.</summary>
    public const int RequestLineMax = 1 << 20;

    // Bytes that a connection has sent ahead of the request being read are in no budget.
    private const int ReadAheadMax = 64 << 10;

    public static WebApplication Build(
        IReadOnlyList<IPEndPoint> endpoints, HttpConnections connections, ServerTls? tls, ILoggerFactory loggers, RequestDelegate handler)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.RemoveAll<ILoggerFactory>();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore();
        if (tls is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.Services.Configure<SocketTransportOptions>(static sockets => sockets.MaxReadBufferSize = ReadAheadMax);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // The API limits a body itself. At a limit of its own Kestrel would close on a client that still sends, which then sees a
            // broken connection in place of the refusal; so it reads on for a few seconds, keeping nothing.
            kestrel.Limits.MaxRequestBodySize = null;

            kestrel.Limits.MaxRequestLineSize = RequestLineMax;
            kestrel.Limits.MaxRequestBufferSize = 2 << 20;

            // A client may take as long as it likes over its rows; it then slows only itself.
            kestrel.Limits.MinResponseDataRate = null;
            foreach (var endpoint in endpoints)
            {
                kestrel.Listen(endpoint, listen =>
                {
                    // The limits count connections, and HTTP/2 has many requests on one.
                    listen.Protocols = HttpProtocols.Http1;
                    listen.Use(connections.Over);
                    if (tls is not null)
                    {
                        listen.UseHttps(new TlsHandshakeCallbackOptions
                        {
                            OnConnection = _ => ValueTask.FromResult(tls.Next().Options), HandshakeTimeout = ServerTls.HandshakeMax,
                        });
                    }

                    listen.Use(connections.Lines);
                });
            }
        });
        var app = builder.Build();
        app.Run(connections.Over(handler));
        return app;
    }

    /// <summary>Keeps ASP.NET's hands off signals.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
