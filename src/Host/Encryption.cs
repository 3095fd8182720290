using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Access;
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

    /// <summary>How nodes check the HTTP certificates of nodes that they join.</summary>
    public ClientTls? HttpClient { get; private set; }

    /// <exception cref="FormatException">A file cannot be used; the message names the flag.</exception>
    public static Encryption Open(NodeOptions o, ILoggerFactory loggers, ILogger logger)
    {
        var encryption = new Encryption(loggers.CreateLogger("Rqlite.Pg.Access"));
        try
        {
            foreach (var (flag, path) in new[] { ("-http-key", o.HttpKey), ("-pg-key", o.PgKey) })
            {
                SecretFiles.Require(flag, path);
                SecretFiles.WarnIfReadable(logger, flag, path);
            }

            encryption.Http = encryption.Server(
                ("-http-cert", o.HttpCert), ("-http-key", o.HttpKey), ("-http-ca-cert", o.HttpCaCert), o.HttpVerifyClient, SslApplicationProtocol.Http11);
            var (pgCert, pgKey) = o.PgCert.Length > 0 ? (("-pg-cert", o.PgCert), ("-pg-key", o.PgKey)) : (("-http-cert", o.HttpCert), ("-http-key", o.HttpKey));
            var pgCa = o.PgCaCert.Length > 0 ? ("-pg-ca-cert", o.PgCaCert) : ("-http-ca-cert", o.HttpCaCert);
            encryption.Pg = o.PgAddr == "" ? null : encryption.Server(pgCert, pgKey, pgCa, o.PgVerifyClient, PgListener.Protocol);
            encryption.HttpClient = new ClientTls(
                encryption.Pair(("-http-cert", o.HttpCert), ("-http-key", o.HttpKey)), encryption.Ca(("-http-ca-cert", o.HttpCaCert)), null, verify: true);
            return encryption;
        }
        catch
        {
            encryption.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var opened in _opened.Values)
        {
            opened.Dispose();
        }
    }

    private ServerTls? Server(
        (string Flag, string Path) certificate, (string Flag, string Path) key, (string Flag, string Path) authorities, bool verifyClient,
        SslApplicationProtocol protocol) =>
        Pair(certificate, key) is { } pair ? new ServerTls(pair, Ca(authorities), verifyClient, [protocol]) : null;

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
