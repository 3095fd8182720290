using System.Text;
using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Access;

namespace Rqlite.Pg.Http;

/// <summary>Checks who sends a request, and whether its sender may: HTTP Basic against the credentials file, as in rqlite.</summary>
/// <param name="store">Null if everybody may do everything.</param>
internal sealed class AccessGuard(CredentialStore? store)
{
    private const string Scheme = "Basic ";

    // Base64 of the longest names and passwords that a file can have.
    private const int ParameterMax = 4096;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>rqlite asks for a login in every answer, also in those to requests that were allowed.</summary>
    public void SetHeaders(HttpContext context)
    {
        if (store is not null)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"rqlite\"";
            context.Response.Headers.AccessControlAllowCredentials = "true";
        }
    }

    public string AllowedHeaders => store is null ? "Content-Type, Idempotency-Key" : "Content-Type, Authorization, Idempotency-Key";

    /// <summary>True if the sender may do all of this.</summary>
    /// <exception cref="RequestException">429: the login was not looked at.</exception>
    public async ValueTask<bool> AllowsAsync(HttpContext context, Permissions required)
    {
        if (store is null || required == Permissions.None || store.Current.AllowsEveryone(required))
        {
            return true;
        }

        try
        {
            if (Login(context.Request) is var (user, password)
                && await store.VerifyAsync(user, password, context.Connection.RemoteIpAddress, context.RequestAborted).ConfigureAwait(false)
                && store.Current.Allows(user, required))
            {
                RequestTrace.Of(context)?.User = user;
                return true;
            }
        }
        catch (TooManyLoginsException e)
        {
            throw RequestException.TooManyRequests($"{e.Message}. {TooManyLoginsException.Advice}", e);
        }

        store.Counters.CountDenied();
        return false;
    }

    private static (string User, string Password)? Login(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ } header] || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            || header.Length > Scheme.Length + ParameterMax)
        {
            return null;
        }

        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[Scheme.Length..].Trim(), bytes, out var length))
        {
            return null;
        }

        try
        {
            var text = s_strict.GetString(bytes.AsSpan(0, length));
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon > 0 ? (text[..colon], text[(colon + 1)..]) : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
