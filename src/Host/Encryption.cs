using System.Net.Security;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Access;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Wire;

namespace Rqlite.Pg.Host;

/// <summary>The certificates and the secret of a node's three ports, by its flags.</summary>
internal sealed class Encryption : IDisposable
{
    private readonly Dictionary<string, IDisposable> _opened = [];
    private readonly ILogger _logger;

    private Encryption(ILogger logger) => _logger = logger;

    public ServerTls? Http { get; private set; }

    public ServerTls? Pg { get; private set; }

    /// <summary>How connections between nodes are protected; null for not at all.</summary>
    public StreamWrapper? Nodes { get; private set; }

    /// <summary>How nodes check the HTTP certificates of nodes that they join.</summary>
    public ClientTls? HttpClient { get; private set; }

    /// <exception cref="FormatException">A file cannot be used; the message names the flag.</exception>
    public static Encryption Open(NodeOptions o, ILoggerFactory loggers, ILogger logger)
    {
        var encryption = new Encryption(loggers.CreateLogger("Rqlite.Pg.Access"));
        try
        {
            foreach (var (flag, path) in new[]
            {
                ("-http-key", o.HttpKey), ("-pg-key", o.PgKey), ("-node-key", o.NodeKey), ("-node-secret-file", o.NodeSecretFile),
            })
            {
                SecretFiles.Require(flag, path);
                SecretFiles.WarnIfReadable(logger, flag, path);
            }

            encryption.Http = encryption.Server(
                ("-http-cert", o.HttpCert), ("-http-key", o.HttpKey), ("-http-ca-cert", o.HttpCaCert), o.HttpVerifyClient, SslApplicationProtocol.Http11,
                o.HttpVerifyCommonName);
            var (pgCert, pgKey) = o.PgCert.Length > 0 ? (("-pg-cert", o.PgCert), ("-pg-key", o.PgKey)) : (("-http-cert", o.HttpCert), ("-http-key", o.HttpKey));
            var pgCa = o.PgCaCert.Length > 0 ? ("-pg-ca-cert", o.PgCaCert) : ("-http-ca-cert", o.HttpCaCert);
            encryption.Pg = o.PgAddr == "" ? null : encryption.Server(pgCert, pgKey, pgCa, o.PgVerifyClient, PgListener.Protocol);
            encryption.HttpClient = new ClientTls(
                encryption.Pair(("-http-cert", o.HttpCert), ("-http-key", o.HttpKey)), encryption.Ca(("-http-ca-cert", o.HttpCaCert)), null, verify: true);
            encryption.Nodes = encryption.NodeStreams(o);
            return encryption;
        }
        catch
        {
            encryption.Dispose();
            throw;
        }
    }

    /// <summary>A client of other nodes' HTTP.</summary>
    public HttpMessageHandler NewHttpHandler() => new SocketsHttpHandler { SslOptions = HttpClient!.Options(null) };

    public void Dispose()
    {
        foreach (var opened in _opened.Values)
        {
            opened.Dispose();
        }
    }

    private StreamWrapper? NodeStreams(NodeOptions o)
    {
        var pair = Pair(("-node-cert", o.NodeCert), ("-node-key", o.NodeKey));
        var authorities = Ca(("-node-ca-cert", o.NodeCaCert));
        var server = pair is null ? null : new ServerTls(pair, authorities, o.NodeVerifyClient, [], OrNull(o.NodeVerifyCommonName));
        var client = pair is null ? null : new ClientTls(
            pair, authorities, o.NodeVerifyServerName.Length > 0 ? o.NodeVerifyServerName : null, verify: !o.NodeNoVerify);
        var secret = o.NodeSecretFile.Length == 0 ? null
            : Opened(("-node-secret-file", o.NodeSecretFile), "", () => NodeSecret.Open(o.NodeSecretFile, TimeProvider.System, _logger));
        return server is null && secret is null ? null : WrapAsync;

        async ValueTask<Stream> WrapAsync(Stream inner, bool called, string host, CancellationToken token)
        {
            var stream = inner;
            try
            {
                stream = server is null ? inner
                    : called ? (await server.WrapAsync(inner, token).ConfigureAwait(false)).Stream
                    : await client!.WrapAsync(inner, host, token).ConfigureAwait(false);
            }
            catch (IOException e) when (called)
            {
                // Told at a bounded rate, as other callers are that do not belong here.
                throw new InvalidDataException(e.Message, e);
            }

            if (secret is not null && called)
            {
                await secret.ProveAsServerAsync(stream, token).ConfigureAwait(false);
            }
            else if (secret is not null)
            {
                await secret.ProveAsCallerAsync(stream, token).ConfigureAwait(false);
            }

            return stream;
        }
    }

    private ServerTls? Server(
        (string Flag, string Path) certificate, (string Flag, string Path) key, (string Flag, string Path) authorities, bool verifyClient,
        SslApplicationProtocol protocol, string commonName = "") =>
        Pair(certificate, key) is { } pair ? new ServerTls(pair, Ca(authorities), verifyClient, [protocol], OrNull(commonName)) : null;

    private static string? OrNull(string text) => text.Length > 0 ? text : null;

    private KeyPair? Pair((string Flag, string Path) certificate, (string Flag, string Path) key) => certificate.Path.Length == 0 ? null
        : Opened(certificate, key.Path, () => KeyPair.Open(certificate.Path, key.Path, TimeProvider.System, _logger));

    private Authorities? Ca((string Flag, string Path) file) => file.Path.Length == 0 ? null
        : Opened(file, "", () => Authorities.Open(file.Path, TimeProvider.System, _logger));

    /// <summary>Opens a file, or takes the one that another port has opened.</summary>
    private T Opened<T>((string Flag, string Path) file, string second, Func<T> open)
        where T : IDisposable
    {
        var name = $"{file.Path}\n{second}";
        if (_opened.TryGetValue(name, out var before) && before is T same)
        {
            return same;
        }

        SecretFiles.Require(file.Flag, file.Path);
        try
        {
            var opened = open();
            _opened[name] = opened;
            return opened;
        }
        catch (FormatException e)
        {
            throw new FormatException($"{file.Flag}: {e.Message}", e);
        }
    }
}
