using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Rqlite.Pg.Shell;

/// <summary>
/// Sends requests to one of the servers. If it cannot be connected to, the next one takes its place; a request that has been sent is never sent again, since it
/// may have had its effect.
/// </summary>
internal sealed class Server : IDisposable
{
    private const int RedirectsMax = 21;

    private readonly IReadOnlyList<Uri> _servers;
    private readonly TimeSpan? _timeout;
    private readonly HttpClient _http;
    private int _current;

    public Server(ShellOptions options)
    {
        (_servers, _timeout) = (options.Servers, options.Timeout);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            SslOptions = Tls(options),
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        if (options.User is { } user)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user)));
        }
    }

    /// <summary>host:port of the server that is asked now.</summary>
    public string Name => _servers[_current].Authority;

    public Uri Address => _servers[_current];

    /// <summary>Asks and reads the whole answer.</summary>
    /// <param name="path">Without a slash in front, with its parameters.</param>
    /// <param name="unlimited">The request may take as long as it takes.</param>
    /// <exception cref="ShellException">No server can be reached, or the answer is not of the class 2xx.</exception>
    public async Task<string> AskAsync(HttpMethod method, string path, Func<HttpContent>? body, CancellationToken token, bool unlimited = false)
    {
        using var limit = Limit(unlimited, token);
        try
        {
            using var response = await SendAsync(method, path, body, limit.Token).ConfigureAwait(false);
            return await response.Content.ReadAsStringAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            throw new ShellException($"{Name} has not answered within {_timeout!.Value.TotalSeconds:0.###} s (--http-timeout)");
        }
        catch (HttpRequestException e)
        {
            throw new ShellException($"the connection to {Name} broke: {e.Message}", e);
        }
    }

    /// <summary>Asks a server of the cluster that need not be one of those given; a refusal is the answer's text too.</summary>
    public async Task<string> AskAtAsync(Uri server, string path, CancellationToken token)
    {
        using var limit = Limit(unlimited: false, token);
        try
        {
            using var response = await FollowAsync(HttpMethod.Get, new Uri(server, path), null, limit.Token).ConfigureAwait(false);
            return await response.Content.ReadAsStringAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ShellException or HttpRequestException || (e is OperationCanceledException && !token.IsCancellationRequested))
        {
            return e.Message;
        }
    }

    /// <summary>Asks, and hands over the answer's body as it comes, however long it takes.</summary>
    public async Task ReceiveAsync(string path, Func<Stream, long?, Task> read, CancellationToken token)
    {
        try
        {
            using var response = await SendAsync(HttpMethod.Get, path, null, token).ConfigureAwait(false);
            var stream = await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                await read(stream, response.Content.Headers.ContentLength).ConfigureAwait(false);
            }
        }
        catch (HttpRequestException e)
        {
            throw new ShellException($"the connection to {Name} broke: {e.Message}", e);
        }
    }

    private CancellationTokenSource Limit(bool unlimited, CancellationToken token)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(token);
        if (!unlimited && _timeout is { } limit)
        {
            source.CancelAfter(limit);
        }

        return source;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Func<HttpContent>? body, CancellationToken token)
    {
        Exception? last = null;
        for (var tried = 0; tried < _servers.Count; tried++)
        {
            try
            {
                return await FollowAsync(method, new Uri(Address, path), body, token).ConfigureAwait(false);
            }
            catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError)
            {
                last = e;
                _current = (_current + 1) % _servers.Count;
            }
        }

        var reason = last!.GetBaseException() is SocketException socket ? socket.Message : last.InnerException?.Message ?? last.Message;
        throw new ShellException(
            _servers.Count == 1 ? $"cannot connect to {Name}: {reason}" : $"cannot connect to any of {string.Join(", ", _servers.Select(s => s.Authority))}: {reason}", last);
    }

    private async Task<HttpResponseMessage> FollowAsync(HttpMethod method, Uri address, Func<HttpContent>? body, CancellationToken token)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(method, address) { Content = body?.Invoke() };
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false);
            if (response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
                && response.Headers.Location is { } location && redirects < RedirectsMax)
            {
                response.Dispose();
                address = new Uri(address, location);
                continue;
            }

            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw new ShellException(await RefusalAsync(response, token).ConfigureAwait(false));
            }
        }
    }

    private async Task<string> RefusalAsync(HttpResponseMessage response, CancellationToken token)
    {
        var text = (await response.Content.ReadAsStringAsync(token).ConfigureAwait(false)).Trim();
        return (int)response.StatusCode switch
        {
            401 => "unauthorized" + (text.Length > 0 ? $": {text}" : ": give a user with -u name:password"),
            404 when text.Length == 0 => $"{Name} does not know this request",
            _ => text.Length > 0 ? text : $"{Name} answered {(int)response.StatusCode} {response.ReasonPhrase}",
        };
    }

    private static SslClientAuthenticationOptions Tls(ShellOptions options)
    {
        var tls = new SslClientAuthenticationOptions();
        try
        {
            if (options.Insecure)
            {
#pragma warning disable CA5359 // The user has asked for this with --insecure.
                tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
            }
            else if (options.CaCert is { } file)
            {
                var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                policy.CustomTrustStore.ImportFromPemFile(file);
                tls.CertificateChainPolicy = policy;
            }

            if (options.ClientCert is { } certificate)
            {
                tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, options.ClientKey ?? certificate)];
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException or ArgumentException)
        {
            throw new ShellException($"a certificate cannot be read: {e.Message}", e);
        }

        return tls;
    }

    public void Dispose() => _http.Dispose();
}
