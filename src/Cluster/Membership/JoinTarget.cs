using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>Resolves an address of <c>-join</c> to a Raft address: it is one already, or the HTTP address of a node that reports its own.</summary>
internal static class JoinTarget
{
    private static readonly TimeSpan HttpTimeout = TimeSpan.FromSeconds(5);
    private const int StatusBytesMax = 4 << 20;

    /// <summary>Whether an address of -join is one that the node itself advertises.</summary>
    public static bool IsSelf(string given, NodeDescription self)
    {
        var scheme = given.IndexOf("://", StringComparison.Ordinal);
        var address = Normal((scheme < 0 ? given : given[(scheme + 3)..]).TrimEnd('/'));
        return (scheme < 0 && address == Normal(self.RaftAddress)) || (self.HttpAddress.Length > 0 && address == Normal(self.HttpAddress));
    }

    private static string Normal(string address) => !NodeAddress.TryParse(address, out var parsed) ? address
        : parsed.Host is "127.0.0.1" or "::1" ? new NodeAddress("localhost", parsed.Port).ToString()
        : parsed.ToString().ToLowerInvariant();

    public static async ValueTask<string> ResolveAsync(
        string given, INodeRequests requests, ClusterOptions options, CancellationToken token)
    {
        if (options.Discovery is not null)
        {
            await requests.MetaAsync(given, token).ConfigureAwait(false);
            return given;
        }

        if (given.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || given.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            return await AskHttpAsync(given, options, token).ConfigureAwait(false);
        }

        try
        {
            await requests.MetaAsync(given, token).ConfigureAwait(false);
            return given;
        }
        catch (ClusterException raft)
        {
            try
            {
                return await AskHttpAsync((options.JoinHttps ? "https://" : "http://") + given, options, token).ConfigureAwait(false);
            }
            catch (ClusterException)
            {
                // The address is no HTTP address either: the error of the node port explains it better.
                throw raft;
            }
        }
    }

    private static async ValueTask<string> AskHttpAsync(string url, ClusterOptions options, CancellationToken token)
    {
        try
        {
            using var client = new HttpClient(options.JoinHttp?.Invoke() ?? new SocketsHttpHandler())
            {
                Timeout = HttpTimeout, MaxResponseContentBufferSize = StatusBytesMax,
            };
            if (options.JoinAs is { } login)
            {
                var text = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.User}:{login.Password}"));
                client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", text);
            }

            var status = await client.GetByteArrayAsync(new Uri(new Uri(url), "/status"), token).ConfigureAwait(false);
            using var document = JsonDocument.Parse(status);
            var address = document.RootElement.GetProperty("store").GetProperty("addr").GetString();
            return NodeAddress.TryParse(address ?? "", out _)
                ? address!
                : throw new ClusterException(ClusterError.Unreachable, $"{url} does not tell its Raft address");
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException
            or UriFormatException || (error is OperationCanceledException && !token.IsCancellationRequested))
        {
            var reason = error is HttpRequestException { StatusCode: HttpStatusCode.Unauthorized }
                ? "the node there asks for a login: give -join-as a user with the permission status, or join by the Raft address"
                : error is HttpRequestException or OperationCanceledException
                ? ConnectionTrouble.Reason(error)
                : "what answers there is no node of this kind";
            throw new ClusterException(ClusterError.Unreachable, $"{url}: {reason}", null, error);
        }
    }
}
