using System.Net.Sockets;
using System.Text;
using Npgsql;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests.Security;

/// <summary>Certificates and users change while a node runs; passwords are guessed; unencrypted clients knock.</summary>
public sealed class ChangedFilesTests : IAsyncLifetime
{
    private readonly SecuredNode _secured = new();

    public Task InitializeAsync() => _secured.InitializeAsync();

    public Task DisposeAsync() => _secured.DisposeAsync();

    [Fact]
    public async Task Certificates_are_replaced_while_the_node_runs_and_broken_ones_are_not_taken()
    {
        var (http, pg) = (_secured.Options.HttpPort, _secured.Options.PgPort);
        Assert.Equal("CN=first", await _secured.SubjectAsync(http, "http/1.1"));
        await using var before = await _secured.OpenAsync("ops", "s3cr3t", "Channel Binding=Require");

        // A key that does not belong to the certificate, as in the middle of a replacement.
        var (certificate, key) = _secured.Authority.MakeTexts("second");
        File.WriteAllText(_secured.Key, key);
        await _secured.Node.LineAsync("the former certificate stays");
        Assert.Equal("CN=first", await _secured.SubjectAsync(http, "http/1.1"));
        Assert.Equal("CN=first", await _secured.SubjectAsync(pg, "postgresql"));

        File.WriteAllText(_secured.Certificate, certificate);
        await Until.TrueAsync("the second certificate", async () => await _secured.SubjectAsync(http, "http/1.1") == "CN=second");
        await Until.TrueAsync("the second certificate", async () => await _secured.SubjectAsync(pg, "postgresql") == "CN=second");
        await using var after = await _secured.OpenAsync("ops", "s3cr3t", "Channel Binding=Require");
        Assert.Equal(1, await new NpgsqlCommand("SELECT 1", after).ExecuteScalarAsync());
        Assert.Equal(1, await new NpgsqlCommand("SELECT 1", before).ExecuteScalarAsync());
    }

    [Fact]
    public async Task Users_change_while_sessions_are_open()
    {
        await using var reader = await _secured.OpenAsync("reader", "reads");
        await using var leaver = await _secured.OpenAsync("leaver", "leaves");
        await Assert.ThrowsAsync<PostgresException>(() => DoorsTests.RunAsync(reader, "CREATE TABLE t (a integer)"));

        File.WriteAllText(_secured.Users, "[{");
        await _secured.Node.LineAsync("the former users stay");
        Assert.Equal(1, await new NpgsqlCommand("SELECT 1", leaver).ExecuteScalarAsync());

        File.WriteAllText(_secured.Users, """
            [{"username":"ops","password":"s3cr3t","perms":["all"]},{"username":"reader","password":"other","perms":["execute"]}]
            """);
        await Until.TrueAsync("the new permission", async () =>
        {
            try
            {
                await DoorsTests.RunAsync(reader, "CREATE TABLE t (a integer)");
                return true;
            }
            catch (PostgresException e) when (e.SqlState == "42501")
            {
                return false;
            }
        });
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => DoorsTests.RunAsync(reader, "SELECT a FROM t"))).SqlState);
        var gone = await Assert.ThrowsAnyAsync<NpgsqlException>(() => DoorsTests.RunAsync(leaver, "SELECT 1"));
        Assert.Equal("57P01", (gone as PostgresException ?? gone.InnerException as PostgresException)?.SqlState);
        await Assert.ThrowsAsync<PostgresException>(() => _secured.OpenAsync("reader", "reads"));
        Assert.Equal(401, (await _secured.GetAsync("/readyz", null)).Status);
    }

    [Fact]
    public async Task Guessed_passwords_are_slowed_counted_and_told_without_the_guess()
    {
        for (var i = 0; i < 4; i++)
        {
            await Assert.ThrowsAsync<PostgresException>(() => _secured.OpenAsync("reader", $"guess{i}"));
            Assert.Equal(401, (await _secured.GetAsync("/status", $"ops:guess{i}")).Status);
        }

        var (status, body) = await _secured.GetAsync("/status?key=http.logins", "ops:s3cr3t");
        Assert.Equal(200, status);
        var logins = System.Text.Json.JsonDocument.Parse(body).RootElement;
        var failed = logins.GetProperty("failed").GetInt64();

        // A driver may try more than once.
        Assert.True(failed >= 8, body);
        Assert.True(logins.GetProperty("slowed").GetInt64() >= 4, body);
        await Until.TrueAsync(
            "a line for each", () => Task.FromResult(_secured.Node.Log.Split("from 127.0.0.1 failed: wrong password").Length - 1 == failed));
        Assert.DoesNotContain("guess", _secured.Node.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", _secured.Node.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_tls_is_refused_before_it_is_asked_for_a_password()
    {
        using var folder = new TempFolder();
        var options = new NodeOptions
        {
            Id = "n2", Data = folder.Sub("n2"), Extra = ["-auth", _secured.Users, "-pg-cert", _secured.Certificate, "-pg-key", _secured.Key, "-pg-require-tls"],
        };
        using var node = NodeProcess.Start(options);
        await node.LineAsync("node n2 runs");
        using var raw = await RawPg.ConnectAsync(options.PgPort, startup: false);
        var body = Encoding.ASCII.GetBytes("user\0ops\0database\0rqlite\0\0");
        await raw.SendAsync([.. RawPg.Number(8 + body.Length), .. RawPg.Number(196608), .. body]);
        Assert.Equal("28000 TLS required: this server takes no unencrypted connections", await raw.UntilAsync('E'));
        Assert.Equal("E", raw.Kinds);
        await raw.EndAsync("a client without TLS");

        // HTTP has no certificate of its own here.
        using var http = new TcpClient();
        await http.ConnectAsync("localhost", options.HttpPort);
        await http.GetStream().WriteAsync("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray());
        Assert.StartsWith("HTTP/1.1 200 OK", await new StreamReader(http.GetStream()).ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-http-cert and -http-key go together", "-http-cert", "x")]
    [InlineData("-http-verify-client needs -http-cert", "-http-verify-client")]
    [InlineData("-pg-require-tls needs -pg-cert or -http-cert", "-pg-require-tls")]
    [InlineData("-pg-auth scram needs -auth", "-pg-auth", "scram")]
    [InlineData("-pg-auth must be scram or trust", "-pg-auth", "md5")]
    [InlineData("-node-verify-client and -node-verify-server-name need -node-cert", "-node-verify-client")]
    [InlineData("-join-as needs -auth", "-join-as", "x")]
    [InlineData("-auth: there is no file /nowhere", "-auth", "/nowhere")]
    [InlineData("-http-cert: there is no file /nowhere", "-http-cert", "/nowhere", "-http-key", "/dev/null")]
    public async Task Flags_that_do_not_fit_are_refused_before_anything_is_made(string message, params string[] flags)
    {
        using var folder = new TempFolder();
        var data = folder.Sub("none");
        var result = await NodeProcess.RunAsync([.. flags, "-http-addr", $"localhost:{Ports.Take()}", "-raft-addr", $"localhost:{Ports.Take()}", data]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(data, "db")));
    }

    [Fact]
    public async Task A_hash_is_made_from_standard_input()
    {
        var rqlited = Binaries.Rqlited();
        rqlited.ArgumentList.Add("-hash-password");
        var made = await CommandLine.RunAsync(rqlited, "s3cr3t\n");
        Assert.Equal(0, made.ExitCode);
        Assert.Matches(@"^SCRAM-SHA-256\$4096:[A-Za-z0-9+/=]{24}\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}\n$", made.Output);
        File.WriteAllText(_secured.Users, $$"""[{"username":"hashed","password":"{{made.Output.Trim()}}","perms":["all"]}]""");
        await Until.TrueAsync("the user with the hash", async () => (await _secured.GetAsync("/status", "hashed:s3cr3t")).Status == 200);
        await using var connection = await _secured.OpenAsync("hashed", "s3cr3t", "Channel Binding=Require");
        Assert.Equal(401, (await _secured.GetAsync("/status", $"hashed:{made.Output.Trim()}")).Status);
    }
}
