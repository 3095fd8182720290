using Microsoft.AspNetCore.Http;

namespace Rqlite.Pg.Http;

/// <summary><c>GET /licenses</c>: the notices of the packages that the program ships with.</summary>
internal static class LicensesEndpoint
{
    private const string Resource = "Rqlite.Pg.Http.ThirdPartyNotices.txt";

    public static async Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        using var notices = typeof(LicensesEndpoint).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The program was built without {Resource}.");
        context.Response.ContentType = "text/plain; charset=utf-8";
        await notices.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }
}
