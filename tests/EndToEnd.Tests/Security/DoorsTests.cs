using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Npgsql;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests.Security;

/// <summary>Both doors of a node with users and TLS, as clients and strangers find them.</summary>
public sealed class DoorsTests(SecuredNode secured) : IClassFixture<SecuredNode>
{
    private const int SslRequest = 80877103;

    [ClientFact("curl")]
    public async Task Curl_logs_in_over_https()
    {
        var curl = $"curl -s --cacert {secured.Authority.File} -w '%{{http_code}}' https://localhost:{secured.Options.HttpPort}";
        Assert.EndsWith("200", (await CommandLine.BashAsync($"{curl}/readyz")).Output, StringComparison.Ordinal);
        Assert.Equal("401", (await CommandLine.BashAsync($"{curl}/status")).Output);
        Assert.Equal("401", (await CommandLine.BashAsync($"{curl}/status -u ops:wrong")).Output);
        Assert.Equal("401", (await CommandLine.BashAsync($"{curl}/status -u reader:reads")).Output);
        Assert.EndsWith("200", (await CommandLine.BashAsync($"{curl}/status -u ops:s3cr3t")).Output, StringComparison.Ordinal);
        var unknown = await CommandLine.BashAsync($"curl -s https://localhost:{secured.Options.HttpPort}/readyz; echo $?");
        Assert.Equal("60\n", unknown.Output);
    }

    [Fact]
    public async Task Http_on_the_port_of_https_is_told_so()
    {
        using var client = new TcpClient();
        await client.ConnectAsync("localhost", secured.Options.HttpPort);
        await client.GetStream().WriteAsync("GET /status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic b3BzOnMzY3IzdA==\r\n\r\n"u8.ToArray());
        var answer = await new StreamReader(client.GetStream()).ReadToEndAsync();
        Assert.Equal("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", answer);
    }

    [ClientFact("psql")]
    public async Task Psql_logs_in_with_a_checked_certificate_and_channel_binding()
    {
        var right = await secured.PsqlAsync("ops", "s3cr3t", "SELECT current_user, session_user, ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
        Assert.Equal((0, "ops|ops|t|TLSv1.3\n"), (right.ExitCode, right.Output));
        var wrong = await secured.PsqlAsync("ops", "wrong", "SELECT 1");
        Assert.Contains("FATAL:  password authentication failed for user \"ops\"", wrong.Errors, StringComparison.Ordinal);
        var unknown = await secured.PsqlAsync("nobody", "wrong", "SELECT 1");
        Assert.Contains("FATAL:  password authentication failed for user \"nobody\"", unknown.Errors, StringComparison.Ordinal);
        var plain = await secured.PsqlAsync("ops", "s3cr3t", "SELECT 1", "sslmode=disable");
        Assert.Equal((0, "1\n"), (plain.ExitCode, plain.Output));
        var bound = await secured.PsqlAsync("ops", "s3cr3t", "SELECT 1", "sslmode=disable channel_binding=require");
        Assert.NotEqual(0, bound.ExitCode);
    }

    [Theory]
    [InlineData("Channel Binding=Require")]
    [InlineData("Channel Binding=Disable")]
    [InlineData("Channel Binding=Require;SSL Negotiation=Direct")]
    public async Task Npgsql_logs_in(string more)
    {
        await using var connection = await secured.OpenAsync("ops", "s3cr3t", more);
        Assert.Equal("ops", await new NpgsqlCommand("SELECT current_user", connection).ExecuteScalarAsync());
        var wrong = await Assert.ThrowsAsync<PostgresException>(() => secured.OpenAsync("ops", "wrong", more));
        Assert.Equal("28P01", wrong.SqlState);
    }

    [Fact]
    public async Task A_running_statement_can_be_cancelled()
    {
        await using var connection = await secured.OpenAsync("ops", "s3cr3t");
        await using var command = new NpgsqlCommand("SELECT pg_sleep(600)", connection) { CommandTimeout = 0 };
        var running = command.ExecuteScalarAsync();
        await Until.TrueAsync("the statement ends", () =>
        {
            command.Cancel();
            return Task.FromResult(running.IsCompleted);
        });
        var ended = await Assert.ThrowsAsync<OperationCanceledException>(() => running);
        Assert.Equal("57014", Assert.IsType<PostgresException>(ended.InnerException).SqlState);
        Assert.Equal(1, await new NpgsqlCommand("SELECT 1", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task Bytes_that_come_with_the_request_for_tls_are_refused()
    {
        using var raw = await RawPg.ConnectAsync(secured.Options.PgPort, startup: false);
        await raw.SendAsync([.. RawPg.Number(8), .. RawPg.Number(SslRequest), .. RawPg.Query("SELECT 1")]);
        Assert.Equal("08P01 received unencrypted data after SSL request", await raw.UntilAsync('E'));
        await raw.EndAsync("bytes behind SSLRequest");
    }

    [Fact]
    public async Task Plain_bytes_after_the_agreement_on_tls_end_the_connection_unread()
    {
        using var raw = await RawPg.ConnectAsync(secured.Options.PgPort, startup: false);
        await raw.SendAsync([.. RawPg.Number(8), .. RawPg.Number(SslRequest)]);
        await raw.ReadAsync(1);
        await raw.SendAsFarAsPossibleAsync(Startup("ops"));
        await raw.EndAsync("plain bytes in place of a handshake");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("h2")]
    public async Task Tls_without_a_request_for_it_must_name_the_protocol(string? alpn)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("localhost", secured.Options.PgPort);
        try
        {
            await using var tls = await secured.HandshakeAsync(client.GetStream(), alpn);
            await tls.WriteAsync(Startup("ops"));
            Assert.Equal(0, await tls.ReadAsync(new byte[1]));
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // The handshake fails where the protocols differ, and a reset is an end too.
        }
    }

    [Fact]
    public async Task Half_handshakes_hold_nobody_and_are_closed()
    {
        var silent = new List<RawPg>();
        try
        {
            for (var i = 0; i < 40; i++)
            {
                var raw = await RawPg.ConnectAsync(secured.Options.PgPort, startup: false);
                byte[] begun = i % 2 == 0 ? [.. RawPg.Number(8), .. RawPg.Number(SslRequest)] : [0x16, 3, 1];
                await raw.SendAsync(begun);
                silent.Add(raw);
            }

            await using var connection = await secured.OpenAsync("ops", "s3cr3t");
            Assert.Equal(1, await new NpgsqlCommand("SELECT 1", connection).ExecuteScalarAsync());
            foreach (var raw in silent)
            {
                await raw.EndAsync("half a handshake");
            }
        }
        finally
        {
            silent.ForEach(raw => raw.Dispose());
        }
    }

    [Theory]
    [InlineData('Q', "08P01 expected SASL response, got message type 81")]
    [InlineData('X', "08P01 expected SASL response, got message type 88")]
    public async Task Other_messages_than_those_of_a_login_end_it(char code, string error)
    {
        using var raw = await RawPg.ConnectAsync(secured.Options.PgPort, startup: false);
        await raw.SendAsync(Startup("ops"));
        await raw.UntilAsync('R');
        await raw.SendAsync(RawPg.Frame(code, [0]));
        Assert.Equal(error, await raw.UntilAsync('E'));
        await raw.EndAsync("a message before the login");
    }

    [Fact]
    public async Task A_mechanism_that_was_not_offered_is_refused()
    {
        using var raw = await RawPg.ConnectAsync(secured.Options.PgPort, startup: false);
        await raw.SendAsync(Startup("ops"));
        await raw.UntilAsync('R');

        // Without TLS there is no channel to bind to.
        var first = "p=tls-server-end-point,,n=,r=abc"u8.ToArray();
        await raw.SendAsync(RawPg.Frame('p', [.. "SCRAM-SHA-256-PLUS\0"u8, .. RawPg.Number(first.Length), .. first]));
        Assert.Equal("08P01 client selected an invalid SASL authentication mechanism", await raw.UntilAsync('E'));
    }

    [ClientFact("openssl")]
    public async Task Tls_older_than_1_2_is_refused()
    {
        foreach (var port in new[] { secured.Options.HttpPort, secured.Options.PgPort })
        {
            var old = await CommandLine.BashAsync($"openssl s_client -connect localhost:{port} -alpn postgresql,http/1.1 -tls1_1 -cipher ALL:@SECLEVEL=0 </dev/null 2>&1");
            Assert.Contains("Cipher is (NONE)", old.Output, StringComparison.Ordinal);
            var newer = await CommandLine.BashAsync($"openssl s_client -connect localhost:{port} -alpn postgresql,http/1.1 -tls1_2 </dev/null 2>&1");
            Assert.Contains("New, TLSv1.2", newer.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Statements_need_the_permissions_of_the_session_s_user()
    {
        await using var ops = await secured.OpenAsync("ops", "s3cr3t");
        await RunAsync(ops, "CREATE TABLE IF NOT EXISTS rights (a integer)");
        await using var reader = await secured.OpenAsync("reader", "reads");
        await using var writer = await secured.OpenAsync("writer", "writes", "Server Compatibility Mode=NoTypeLoading");
        foreach (var sql in new[]
        {
            "INSERT INTO rights VALUES (1)", "UPDATE rights SET a = 2", "DELETE FROM rights", "CREATE TABLE more (a integer)", "DROP TABLE rights",
            "SELECT 1; INSERT INTO rights VALUES (1)", "BEGIN; LOCK TABLE rights; COMMIT", "NOTIFY c", "SELECT a FROM rights FOR UPDATE", "SELECT pg_advisory_lock(1)",
            "INSERT INTO rights VALUES (1) RETURNING a", "TRUNCATE rights", "ANALYZE",
        })
        {
            await DeniedAsync(reader, sql);
        }

        foreach (var sql in new[] { "SELECT a FROM rights", "COPY rights TO STDOUT", "BEGIN; DECLARE c CURSOR FOR SELECT a FROM rights; COMMIT", "TABLE rights", "LISTEN c" })
        {
            await DeniedAsync(writer, sql);
        }

        Assert.Equal(true, await new NpgsqlCommand("SELECT NOT EXISTS (SELECT 1 FROM rights)", reader).ExecuteScalarAsync());
        Assert.Equal(1, await new NpgsqlCommand("INSERT INTO rights VALUES (1)", writer).ExecuteNonQueryAsync());
        Assert.Equal(
            "off query t f",
            await new NpgsqlCommand(
                "SELECT concat_ws(' ', current_setting('is_superuser'), current_setting('rqlite.permissions'), has_table_privilege('rights', 'SELECT'), "
                + "has_table_privilege('rights', 'INSERT'))", reader).ExecuteScalarAsync());

        // SQLite's dialect is no way around them.
        await RunAsync(reader, "SET rqlite.dialect = 'sqlite'");
        await RunAsync(writer, "SET rqlite.dialect = 'sqlite'");
        await DeniedAsync(reader, "INSERT INTO rights VALUES (1)");
        await DeniedAsync(reader, "BEGIN IMMEDIATE");
        await DeniedAsync(writer, "SELECT a FROM rights");
        await DeniedAsync(writer, "PRAGMA table_info(rights)");
        await RunAsync(ops, "DROP TABLE rights");
    }

    [Fact]
    public async Task Sessions_of_others_are_for_those_who_may_do_everything()
    {
        await using var ops = await secured.OpenAsync("ops", "s3cr3t");
        await using var reader = await secured.OpenAsync("reader", "reads");
        var pid = await new NpgsqlCommand("SELECT pg_backend_pid()", ops).ExecuteScalarAsync();
        foreach (var (sql, message) in new[]
        {
            ($"SELECT pg_cancel_backend({pid})", "must be a superuser to cancel superuser query"),
            ($"SELECT pg_terminate_backend({pid})", "must be a superuser to terminate superuser process"),
        })
        {
            var denied = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(reader, sql));
            Assert.Equal(("42501", message), (denied.SqlState, denied.MessageText));
        }

        var seen = await new NpgsqlCommand($"SELECT query || coalesce(state, '') || coalesce(client_addr::text, '') FROM pg_stat_activity WHERE pid = {pid}", reader).ExecuteScalarAsync();
        Assert.Equal("<insufficient privilege>", seen);
        var own = await new NpgsqlCommand("SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()", reader).ExecuteScalarAsync();
        Assert.StartsWith("SELECT query", (string?)own, StringComparison.Ordinal);
        var other = await new NpgsqlCommand("SELECT pg_backend_pid()", reader).ExecuteScalarAsync();
        Assert.Equal(true, await new NpgsqlCommand($"SELECT query <> '<insufficient privilege>' FROM pg_stat_activity WHERE pid = {other}", ops).ExecuteScalarAsync());
        Assert.Equal(true, await new NpgsqlCommand($"SELECT pg_terminate_backend({other}, 60000)", ops).ExecuteScalarAsync());
    }

    [Fact]
    public async Task Users_cannot_be_changed_by_statements()
    {
        await using var ops = await secured.OpenAsync("ops", "s3cr3t");
        foreach (var sql in new[] { "CREATE ROLE x", "CREATE USER x PASSWORD 'y'", "ALTER USER ops PASSWORD 'x'", "DROP ROLE ops", "GRANT SELECT ON pg_class TO ops" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(ops, sql));
            Assert.Equal("0A000", refused.SqlState);
            Assert.Contains("-auth", refused.Hint, StringComparison.Ordinal);
        }
    }

    internal static async Task RunAsync(NpgsqlConnection connection, string sql) => await new NpgsqlCommand(sql, connection).ExecuteNonQueryAsync();

    private static byte[] Startup(string user)
    {
        var body = Encoding.ASCII.GetBytes($"user\0{user}\0database\0rqlite\0\0");
        return [.. RawPg.Number(8 + body.Length), .. RawPg.Number(196608), .. body];
    }

    private static async Task DeniedAsync(NpgsqlConnection connection, string sql)
    {
        try
        {
            await RunAsync(connection, sql);
        }
        catch (PostgresException e)
        {
            Assert.True(e.SqlState == "42501" && e.MessageText.StartsWith("permission denied for ", StringComparison.Ordinal), $"{sql}: {e.SqlState} {e.MessageText}");
            await RunAsync(connection, "ROLLBACK");
            return;
        }

        Assert.Fail($"{sql} was not refused");
    }
}
