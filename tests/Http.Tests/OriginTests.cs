using System.Net.Http.Headers;
using Rqlite.Pg.Http.Tests.Doubles;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http.Tests;

/// <summary>Pages of other origins in a user's browser are refused; programs that are no browsers are not.</summary>
public sealed class OriginTests
{
    private const string Browser = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0";

    /// <summary>What each kind of page sends, by the Fetch standard.</summary>
    [Theory]
    [InlineData("POST", "localhost:4001", "http://evil.example", "cross-site", "evil.example")]
    [InlineData("POST", "localhost:4001", "http://evil.example", null, "evil.example")]
    [InlineData("POST", "localhost:4001", "http://localhost:3000", "same-site", "localhost:3000")]
    [InlineData("POST", "localhost:4001", "http://localhost:40010", null, "localhost:40010")]
    [InlineData("POST", "localhost:4001", "null", "cross-site", "null")]
    [InlineData("POST", "localhost:4001", "chrome-extension://abcdef", "none", "chrome-extension")]
    [InlineData("POST", "evil.example:4001", "http://evil.example:4001", "same-origin", "\"evil.example\" is not a name")]
    [InlineData("POST", "evil.example:4001", "http://evil.example:4001", null, "\"evil.example\" is not a name")]
    [InlineData("GET", "evil.example:4001", null, "same-origin", "\"evil.example\" is not a name")]
    [InlineData("GET", "evil.example:4001", null, null, "\"evil.example\" is not a name")]
    [InlineData("GET", "localhost:4001", null, "cross-site", "another origin")]
    [InlineData("GET", "localhost:4001", null, "same-site", "another origin")]
    [InlineData("OPTIONS", "localhost:4001", "http://evil.example", "cross-site", "evil.example")]
    public async Task A_page_of_another_origin_is_refused(string method, string host, string? origin, string? site, string says)
    {
        await using var server = await TestServer.StartAsync(One(), new ScriptedControl());
        var (status, body) = await SendAsync(server, method, "/db/query?q=SELECT%201", host, origin, site, Browser);
        Assert.Equal(403, status);
        Assert.Contains(says, body, StringComparison.Ordinal);
        Assert.Contains("-http-allow-origin", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "localhost:4001", "http://localhost:4001", "same-origin")]
    [InlineData("POST", "127.0.0.1:4001", "http://127.0.0.1:4001", "same-origin")]
    [InlineData("POST", "[::1]:4001", "http://[::1]:4001", null)]
    [InlineData("POST", "Node1.internal:4001", "https://node1.internal:4001", "same-origin")]
    [InlineData("GET", "localhost:4001", null, "none")]
    [InlineData("GET", "node1.internal", null, null)]
    public async Task A_browser_on_a_page_of_the_server_itself_is_served(string method, string host, string? origin, string? site)
    {
        await using var server = await TestServer.StartAsync(One(), new ScriptedControl(), new HttpOptions { HostNames = ["node1.internal"] });
        Assert.Equal(200, (await SendAsync(server, method, "/db/query?q=SELECT%201", host, origin, site, Browser)).Status);
    }

    [Theory]
    [InlineData("localhost:4001", "curl/8.5.0")]
    [InlineData("rqlite.default.svc.cluster.local", "Go-http-client/1.1")]
    [InlineData("any.name.example", "python-requests/2.32")]
    [InlineData("any.name.example", null)]
    public async Task A_program_that_is_no_browser_is_served_by_any_name(string host, string? agent)
    {
        await using var server = await TestServer.StartAsync(One(), new ScriptedControl());
        Assert.Equal(200, (await SendAsync(server, "POST", "/db/query", host, null, null, agent)).Status);
    }

    [Theory]
    [InlineData("https://a.example", "https://a.example", "https://a.example")]
    [InlineData("https://a.example, https://b.example:8443", "https://b.example:8443", "https://b.example:8443")]
    [InlineData("https://a.example,null", "null", "null")]
    [InlineData("*", "https://any.example", "*")]
    public async Task An_origin_that_is_named_is_served_and_told_so(string allowed, string origin, string told)
    {
        await using var server = await TestServer.StartAsync(One(), new ScriptedControl(), new HttpOptions { AllowOrigin = allowed });
        using var request = Request("OPTIONS", server, "/db/query", "localhost:4001", origin, "cross-site", Browser);
        using var preflight = await server.Client.SendAsync(request);
        Assert.Equal(200, (int)preflight.StatusCode);
        Assert.Equal(told, preflight.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal(200, (await SendAsync(server, "POST", "/db/query", "localhost:4001", origin, "cross-site", Browser)).Status);
        if (allowed != "*")
        {
            Assert.Equal(403, (await SendAsync(server, "POST", "/db/query", "localhost:4001", "https://c.example", "cross-site", Browser)).Status);
        }
    }

    [Fact]
    public async Task A_proxy_under_a_named_origin_is_served()
    {
        await using var server = await TestServer.StartAsync(One(), new ScriptedControl(), new HttpOptions { AllowOrigin = "https://db.example" });
        Assert.Equal(200, (await SendAsync(server, "POST", "/db/query", "db.example", "https://db.example", "same-origin", Browser)).Status);
        Assert.Equal(200, (await SendAsync(server, "GET", "/status", "db.example", null, "same-origin", Browser)).Status);
    }

    [Theory]
    [InlineData("/status", 200)]
    [InlineData("/db/query?q=SELECT%201", 403)]
    public async Task A_link_may_lead_to_what_only_shows_the_node(string path, int status)
    {
        await using var server = await TestServer.StartAsync(One(), new ScriptedControl());
        using var request = Request("GET", server, path, "localhost:4001", null, "cross-site", Browser);
        request.Headers.Add("Sec-Fetch-Mode", "navigate");
        request.Headers.Add("Sec-Fetch-Dest", "document");
        using var response = await server.Client.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("a.example")]
    [InlineData("https://a.example/")]
    [InlineData("https://a.example/path")]
    [InlineData("https://a.example https://b.example")]
    [InlineData("https://a\u0007.example")]
    [InlineData("*,https://a.example")]
    [InlineData("https://")]
    public void What_is_no_origin_is_refused_by_the_flags_name(string value)
    {
        var error = Assert.Throws<ArgumentException>(() => new HttpOptions { AllowOrigin = value }.Validate());
        Assert.StartsWith("-http-allow-origin", error.Message, StringComparison.Ordinal);
    }

    private static ScriptedDatabase One() => new(() =>
    [
        new ListCursor(ListCursor.Columns(("1", null)), [[1L]], new StatementOutcome(true, 0, 0, TimeSpan.Zero, null)),
    ]);

    private static async Task<(int Status, string Body)> SendAsync(
        TestServer server, string method, string path, string host, string? origin, string? site, string? agent)
    {
        using var request = Request(method, server, path, host, origin, site, agent);
        using var response = await server.Client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static HttpRequestMessage Request(
        string method, TestServer server, string path, string host, string? origin, string? site, string? agent)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Address, path));
        request.Headers.Host = host;
        if (method == "POST")
        {
            request.Content = new ByteArrayContent("[\"SELECT 1\"]"u8.ToArray());
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        }

        foreach (var (name, value) in new[] { ("Origin", origin), ("Sec-Fetch-Site", site), ("User-Agent", agent) })
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }
}
