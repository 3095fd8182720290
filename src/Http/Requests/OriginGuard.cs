using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Rqlite.Pg.Http;

/// <summary>
/// Keeps pages of other origins that a user's browser has open from using the user's way to this node. It looks at what browsers send and
/// pages cannot change: <c>Origin</c>, <c>Sec-Fetch-Site</c>, and <c>Host</c>, which tells a name that was bound to this node's address only
/// to pass for its origin. Requests of other programs have none of the first two and are not looked at.
/// </summary>
internal sealed class OriginGuard
{
    private const string Any = "*";

    private readonly string[] _allowed;
    private readonly HashSet<string> _names;

    public OriginGuard(HttpOptions options)
    {
        _allowed = options.AllowedOrigins;
        _names = new(options.HostNames, StringComparer.OrdinalIgnoreCase) { "localhost" };
        foreach (var origin in _allowed)
        {
            if (Uri.TryCreate(origin, UriKind.Absolute, out var uri))
            {
                _names.Add(uri.IdnHost);
            }
        }
    }

    /// <summary>Sets <c>Access-Control-Allow-Origin</c>: to the value as configured, or to the one of several that asks.</summary>
    public void SetHeaders(HttpContext context)
    {
        var several = _allowed.Length > 1;
        if (several)
        {
            context.Response.Headers.Vary = "Origin";
        }

        var asking = context.Request.Headers.Origin;
        if ((several ? Array.Find(_allowed, allowed => Same(allowed, asking)) : _allowed.FirstOrDefault()) is { } origin)
        {
            context.Response.Headers.AccessControlAllowOrigin = origin;
        }
    }

    /// <summary>Why a request is refused; null if it may go on.</summary>
    public string? Refusal(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        var site = request.Headers["Sec-Fetch-Site"];
        if ((origin.Count == 0 && site.Count == 0 && !NamesBrowser(request)) || Allows(origin))
        {
            return null;
        }

        if (origin.Count > 0 ? !SameOrigin(origin.ToString(), request.Host.Value) : IsForeign(site.ToString()) && !IsLink(request))
        {
            var from = origin.Count > 0 ? $"the origin {origin}" : "another origin";
            return $"a page of {from} may not use this server: name its origin in -http-allow-origin (scheme://host:port, several with commas) to allow it";
        }

        return IsOurs(request.Host)
            ? null
            : $"\"{request.Host.Host}\" is not a name of this server: a browser must use an address, a name of -http-addr or -http-adv-addr, "
                + "or an origin that -http-allow-origin names";
    }

    private bool Allows(StringValues origin) => origin.Count == 0
        ? _allowed is [Any]
        : Array.Exists(_allowed, allowed => allowed == Any || Same(allowed, origin));

    private static bool Same(string allowed, StringValues origin) =>
        origin.Count == 1 && string.Equals(allowed, origin[0], StringComparison.OrdinalIgnoreCase);

    private static bool SameOrigin(string origin, string? host)
    {
        var authority = origin.IndexOf("://", StringComparison.Ordinal);
        return authority > 0 && !string.IsNullOrEmpty(host)
            && origin.AsSpan(authority + 3).Equals(host, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsForeign(string site) => site is not ("" or "same-origin" or "none");

    /// <summary>A link that the user follows, for instance to <c>/status</c>: its page does not see the answer.</summary>
    private static bool IsLink(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document"
        && !request.Path.StartsWithSegments("/db", StringComparison.OrdinalIgnoreCase);

    /// <summary>All browsers begin this header so. Without encryption they leave out Sec-Fetch-Site, and Origin when they only read.</summary>
    private static bool NamesBrowser(HttpRequest request) =>
        request.Headers.UserAgent.ToString().StartsWith("Mozilla/", StringComparison.OrdinalIgnoreCase);

    private bool IsOurs(HostString host)
    {
        var name = host.Host.TrimEnd('.');
        return IPAddress.TryParse(name.Trim('[', ']'), out _) || _names.Contains(name) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }
}
