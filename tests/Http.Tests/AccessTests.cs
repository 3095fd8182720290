using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Access;
using Rqlite.Pg.Http.Tests.Doubles;

namespace Rqlite.Pg.Http.Tests;

/// <summary>Every endpoint asks for the permission that rqlite asks for there, and answers as rqlite does.</summary>
public sealed class AccessTests : IDisposable
{
    private static readonly string[] s_all = ["execute", "query", "status", "ready", "leader-ops", "remove", "backup", "load", "snapshot", "ui", "join", "join-read-only"];
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"rqlite-users-{Guid.NewGuid():n}");

    public void Dispose() => File.Delete(_path);

    public static TheoryData<string, string, string[]> Endpoints => new()
    {
        { "POST", "/db/execute", ["execute"] },
        { "POST", "/db/executeXYZ", ["execute"] },
        { "GET", "/db/query?q=SELECT+1", ["query"] },
        { "POST", "/db/query", ["query"] },
        { "POST", "/db/request", ["query", "execute"] },
        { "DELETE", "/remove", ["remove"] },
        { "GET", "/status", ["status"] },
        { "GET", "/status?key=http", ["status"] },
        { "GET", "/nodes", ["status"] },
        { "GET", "/metrics", ["status"] },
        { "GET", "/debug/vars", ["status"] },
        { "GET", "/leader", ["leader-ops"] },
        { "POST", "/leader", ["leader-ops"] },
        { "GET", "/readyz", ["ready"] },
    };

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task An_endpoint_is_open_to_its_permission_and_to_all_alone(string method, string target, string[] needed)
    {
        using var users = Users([.. s_all.Except(needed)], needed);
        await using var server = await StartAsync(users);
        Assert.Equal((401, ""), await SendAsync(server, method, target, null));
        Assert.Equal((401, ""), await SendAsync(server, method, target, "others:pw"));
        Assert.Equal((401, ""), await SendAsync(server, method, target, "one:wrong"));
        Assert.Equal((401, ""), await SendAsync(server, method, target, "nobody:pw"));
        Assert.NotEqual(401, (await SendAsync(server, method, target, "one:pw")).Status);
        Assert.NotEqual(401, (await SendAsync(server, method, target, "ops:pw")).Status);
        foreach (var single in needed.Where(_ => needed.Length > 1))
        {
            File.WriteAllText(_path, $$"""[{"username":"half","password":"pw","perms":["{{single}}"]}]""");
            using var half = Open();
            await using var other = await StartAsync(half);
            Assert.Equal((401, ""), await SendAsync(other, method, target, "half:pw"));
        }
    }

    [Fact]
    public async Task The_permission_is_looked_at_before_the_method_and_before_what_is_there()
    {
        using var users = Users([], ["status"]);
        await using var server = await StartAsync(users);
        Assert.Equal(401, (await SendAsync(server, "PUT", "/db/execute", "one:pw")).Status);
        Assert.Equal(405, (await SendAsync(server, "PUT", "/status", "one:pw")).Status);
        Assert.Equal(404, (await SendAsync(server, "GET", "/nowhere", null)).Status);
        Assert.Equal(200, (await SendAsync(server, "OPTIONS", "/db/execute", null)).Status);
        Assert.Equal(400, (await SendAsync(server, "GET", "/status?timeout=5", null)).Status);
    }

    [Fact]
    public async Task A_login_that_is_refused_unseen_is_not_told_that_its_password_is_wrong()
    {
        using var users = Users([], ["status"]);
        await using var server = await StartAsync(users);
        var wrong = Enumerable.Range(0, 60).Select(_ => SendMessageAsync(server, "GET", "/status", "one:wrong")).ToList();
        HttpResponseMessage response;
        do
        {
            var answered = await Task.WhenAny(wrong);
            wrong.Remove(answered);
            response = await answered;
        }
        while (response.StatusCode == HttpStatusCode.Unauthorized);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal(
            "too many failed logins of this user or from this address. The password was not looked at. Try again in a few seconds.\n",
            await response.Content.ReadAsStringAsync());
        await Task.WhenAll(wrong);
    }

    [Fact]
    public async Task Every_answer_asks_for_a_login_and_allows_it_to_pages()
    {
        using var users = Users([], ["status"]);
        await using var server = await StartAsync(users);
        foreach (var (target, login) in new[] { ("/status", "one:pw"), ("/status", null), ("/nowhere", null) })
        {
            var response = await SendMessageAsync(server, "GET", target, login);
            Assert.Equal("Basic realm=\"rqlite\"", response.Headers.WwwAuthenticate.Single().ToString());
            Assert.Equal("true", response.Headers.GetValues("Access-Control-Allow-Credentials").Single());
            Assert.Contains("Authorization", response.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_users_no_login_is_asked_for()
    {
        await using var server = await StartAsync(null);
        var response = await SendMessageAsync(server, "GET", "/status", null);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Empty(response.Headers.WwwAuthenticate);
    }

    [Fact]
    public async Task The_star_s_permissions_are_everybody_s_whatever_login_comes_along()
    {
        File.WriteAllText(_path, """[{"username":"a","password":"pw","perms":["query"]},{"username":"*","perms":["ready"]}]""");
        using var users = Open();
        await using var server = await StartAsync(users);
        foreach (var login in new[] { null, "a:pw", "a:wrong", "nobody:x" })
        {
            Assert.Equal(200, (await SendAsync(server, "GET", "/readyz?noleader", login)).Status);
        }

        Assert.Equal(401, (await SendAsync(server, "GET", "/status", "*:")).Status);
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic !!!!")]
    [InlineData("Basic b25l")]
    [InlineData("Basic OnB3")]
    [InlineData("Basic /zpwdw==")]
    [InlineData("Bearer b25lOnB3")]
    public async Task A_header_that_is_no_login_is_401(string header)
    {
        using var users = Users([], ["status"]);
        await using var server = await StartAsync(users);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/status");
        request.Headers.TryAddWithoutValidation("Authorization", header);
        Assert.Equal(401, (int)(await server.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task The_status_counts_logins_and_tells_no_secret()
    {
        using var users = Users([], ["status"]);
        await using var server = await StartAsync(users);
        await SendAsync(server, "GET", "/status", "one:wrong");
        var (status, body) = await SendAsync(server, "GET", "/status?key=http", "one:pw");
        Assert.Equal(200, status);
        Assert.Contains("\"auth\":\"enabled\"", body, StringComparison.Ordinal);
        Assert.Contains("\"failed\":1", body, StringComparison.Ordinal);
        Assert.Contains("\"denied\":1", body, StringComparison.Ordinal);
        Assert.DoesNotContain("pw", body, StringComparison.Ordinal);
        Assert.DoesNotContain("SCRAM", body, StringComparison.Ordinal);
    }

    private static Task<TestServer> StartAsync(CredentialStore? users) => TestServer.StartAsync(
        new ScriptedDatabase(static () => []), new ScriptedControl(), new HttpOptions { Version = "v1", Credentials = users });

    private static async Task<(int Status, string Body)> SendAsync(TestServer server, string method, string target, string? login)
    {
        var response = await SendMessageAsync(server, method, target, login);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<HttpResponseMessage> SendMessageAsync(TestServer server, string method, string target, string? login)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        if (login is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login)));
        }

        return await server.Client.SendAsync(request);
    }

    private CredentialStore Users(string[] others, string[] needed)
    {
        File.WriteAllText(_path, $$"""
            [{"username":"ops","password":"pw","perms":["all"]},
             {"username":"one","password":"pw","perms":[{{Quoted(needed)}}]},
             {"username":"others","password":"pw","perms":[{{Quoted(others)}}]}]
            """);
        return Open();

        static string Quoted(string[] names) => string.Join(',', names.Select(static name => $"\"{name}\""));
    }

    private CredentialStore Open() => CredentialStore.Open(_path, new byte[32], TimeProvider.System, NullLogger.Instance);
}
