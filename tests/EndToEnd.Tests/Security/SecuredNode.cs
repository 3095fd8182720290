using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Npgsql;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests.Security;

/// <summary>A node with users and TLS for both doors, and what its tests need to talk to it.</summary>
public sealed class SecuredNode : IAsyncLifetime
{
    public const string UsersAtFirst = """
        [{"username":"ops","password":"s3cr3t","perms":["all"]},
         {"username":"reader","password":"reads","perms":["query"]},
         {"username":"writer","password":"writes","perms":["execute"]},
         {"username":"leaver","password":"leaves","perms":["query"]},
         {"username":"*","perms":["ready"]}]
        """;

    private readonly TempFolder _folder = new();

    public SecuredNode()
    {
        Authority = new TestAuthority(_folder.Sub("certificates"));
        (Certificate, Key) = Authority.Make("first");
        Users = Path.Combine(_folder.Sub("certificates"), "users.json");
        File.WriteAllText(Users, UsersAtFirst);
        Options = new NodeOptions
        {
            Id = "n1", Data = _folder.Sub("n1"), Extra = ["-auth", Users, "-http-cert", Certificate, "-http-key", Key],
        };
        Node = NodeProcess.Start(Options);
    }

    public TestAuthority Authority { get; }

    public string Certificate { get; }

    public string Key { get; }

    public string Users { get; }

    public NodeOptions Options { get; }

    public NodeProcess Node { get; }

    public Task InitializeAsync() => Node.LineAsync("node n1 runs");

    public Task DisposeAsync()
    {
        Node.Dispose();
        Authority.Dispose();
        _folder.Dispose();
        return Task.CompletedTask;
    }

    public string Conninfo(string user, string more) =>
        $"host=localhost port={Options.PgPort} user={user} dbname=rqlite sslrootcert={Authority.File} {more}";

    public Task<CommandResult> PsqlAsync(string user, string password, string sql, string more = "sslmode=verify-full channel_binding=require") =>
        CommandLine.BashAsync($"PGPASSWORD='{password}' {CommandLine.Find("psql")} -XAtq '{Conninfo(user, more)}' -v VERBOSITY=verbose -c \"{sql}\"");

    public async Task<NpgsqlConnection> OpenAsync(string user, string password, string more = "")
    {
        var connection = new NpgsqlConnection(
            $"Host=localhost;Port={Options.PgPort};Username={user};Password={password};Database=rqlite;SSL Mode=VerifyFull;Root Certificate={Authority.File};"
            + $"Pooling=false;Timeout=60;{more}");
        await connection.OpenAsync();
        return connection;
    }

    public async Task<(int Status, string Body)> GetAsync(string target, string? login)
    {
        using var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = Authority.Policy() } };
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{Options.HttpPort}") };
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        if (login is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login)));
        }

        using var response = await http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The subject of the certificate that a port shows to a new connection.</summary>
    public async Task<string> SubjectAsync(int port, string? alpn)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("localhost", port);
        await using var tls = await HandshakeAsync(client.GetStream(), alpn);
        return tls.RemoteCertificate!.Subject;
    }

    /// <exception cref="AuthenticationException">There is no agreement.</exception>
    public async Task<SslStream> HandshakeAsync(Stream inner, string? alpn)
    {
        var tls = new SslStream(inner);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost", CertificateChainPolicy = Authority.Policy(), ApplicationProtocols = alpn is null ? null : [new SslApplicationProtocol(alpn)],
        });
        return tls;
    }
}
