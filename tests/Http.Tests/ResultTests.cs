using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Http.Tests.Doubles;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http.Tests;

/// <summary>Results and failures that a real database gives seldom, over Kestrel.</summary>
public sealed class ResultTests
{
    private const string Query = "/db/query?q=SELECT%201";
    private static readonly StatementOutcome s_read = new(true, 0, 0, TimeSpan.FromMilliseconds(2), null);

    public static TheoryData<object, int, string> Failures => new()
    {
        { ClusterError.NoLeader, 503, "leader not found\n" },
        { ClusterError.NotLeader, 200, """{"results":[],"error":"not leader"}""" },
        { ClusterError.StaleRead, 200, """{"results":[],"error":"stale read"}""" },
        { ClusterError.NotReady, 200, """{"results":[],"error":"as it was said"}""" },
        { ClusterError.Timeout, 200, """{"results":[],"error":"as it was said"}""" },
        { ClusterError.Invalid, 200, """{"results":[],"error":"as it was said"}""" },
        { ClusterError.Disallowed, 200, """{"results":[],"error":"as it was said"}""" },
        { ClusterError.Unreachable, 200, """{"results":[],"error":"as it was said"}""" },
        { ClusterError.Serialization, 200, """{"results":[],"error":"as it was said"}""" },
        { ClusterError.LockTimeout, 200, """{"results":[],"error":"as it was said"}""" },
        { ClusterError.LocksLost, 200, """{"results":[],"error":"as it was said"}""" },
        { ClusterError.Withdrawn, 200, """{"results":[],"error":"as it was said"}""" },
        { ClusterError.SchemaMoved, 200, """{"results":[],"error":"as it was said"}""" },
        { ClusterError.IdleTransaction, 200, """{"results":[],"error":"as it was said"}""" },
        {
            ClusterError.OutcomeUnknown, 200,
            """{"results":[],"error":"outcome unknown, the write may or may not have been applied: as it was said"}"""
        },
        { ClusterError.Busy, 503, "as it was said\n" },
        { ClusterError.AwaitsDatabase, 503, "starting up: as it was said; try again in a moment, or ask another node\n" },
        { ClusterError.TooLarge, 413, "as it was said\n" },
        { ClusterError.DiskFull, 507, "as it was said\n" },
        { ClusterError.KeyReused, 422, "as it was said\n" },
        { ClusterError.ResultLost, 409, "as it was said\n" },
        { ClusterError.AlreadyCommitted, 409, "as it was said\n" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Every_failure_of_a_request_has_its_status_and_body(object error, int status, string body)
    {
        var database = new ScriptedDatabase(() => throw new ClusterException((ClusterError)error, "as it was said"));
        await using var server = await TestServer.StartAsync(database, new ScriptedControl());
        var answer = await server.PostJsonAsync("/db/execute", """["x"]""");
        Assert.Equal((status, body), (answer.Status, answer.Body));
    }

    [Fact]
    public void Every_reason_of_failure_is_in_the_list_above() =>
        Assert.Equal(Enum.GetValues<ClusterError>().Order(), Failures.Select(row => (ClusterError)row[0]).Order());

    [Fact]
    public async Task Redirect_is_followed_only_if_asked_for()
    {
        var database = new ScriptedDatabase(() => throw new ClusterException(ClusterError.NotLeader, "no", ScriptedControl.N3));
        await using var server = await TestServer.StartAsync(database, new ScriptedControl(), new HttpOptions { Https = true });
        var answer = await server.PostJsonAsync("/db/execute?redirect", """["DELETE FROM city"]""");
        Assert.Equal(301, answer.Status);
        Assert.Equal("https://h3:4001/db/execute?redirect", answer.Message.Headers.Location?.OriginalString);
        Assert.False(database.Write?.Forward);
    }

    [Fact]
    public async Task An_unexpected_exception_is_500_and_tells_nothing()
    {
        var database = new ScriptedDatabase(() => throw new InvalidOperationException("secret"));
        await using var server = await TestServer.StartAsync(database, new ScriptedControl());
        var answer = await server.SendAsync("GET", Query);
        Assert.Equal((500, "internal error\n"), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData(ClusterError.OutcomeUnknown, 504, "unknown", 200)]
    [InlineData(ClusterError.NoLeader, 503, "none", 503)]
    [InlineData(ClusterError.NotLeader, 503, "none", 200)]
    [InlineData(ClusterError.NotReady, 503, "none", 200)]
    [InlineData(ClusterError.Busy, 503, "none", 503)]
    [InlineData(ClusterError.Timeout, 503, "none", 200)]
    [InlineData(ClusterError.Unreachable, 503, "none", 200)]
    [InlineData(ClusterError.StaleRead, 200, null, 200)]
    [InlineData(ClusterError.TooLarge, 413, null, 413)]
    [InlineData(ClusterError.KeyReused, 422, null, 422)]
    [InlineData(ClusterError.ResultLost, 409, null, 409)]
    public async Task A_status_says_whether_it_happened_to_clients_that_ask_for_it(ClusterError error, int asked, string? outcome, int unasked)
    {
        var database = new ScriptedDatabase(() => throw new ClusterException(error, "why"));
        await using var server = await TestServer.StartAsync(database, new ScriptedControl());
        var answer = await server.PostJsonAsync("/db/execute?outcome", """["x"]""");
        Assert.Equal(asked, answer.Status);
        Assert.Equal(outcome is not null, answer.Body.EndsWith($"\"outcome\":\"{outcome}\"}}", StringComparison.Ordinal));
        Assert.Equal(asked == 503, answer.Message.Headers.RetryAfter is not null);
        var plain = await server.PostJsonAsync("/db/execute", """["x"]""");
        Assert.Equal(unasked, plain.Status);
        Assert.DoesNotContain("\"outcome\"", plain.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forwarded_answer_names_the_node_that_ran_it()
    {
        var database = new ScriptedDatabase(() => []) { ServedBy = ScriptedControl.N3, RaftIndex = 7 };
        await using var server = await TestServer.StartAsync(database, new ScriptedControl());
        var answer = await server.PostJsonAsync("/db/execute?raft_index", """["x"]""");
        Assert.Equal("""{"results":[],"raft_index":7}""", answer.Body);
        Assert.Equal("h3:4001", answer.Message.Headers.GetValues("x-rqlite-served-by").Single());
    }

    [Fact]
    public async Task Options_of_the_request_reach_the_database()
    {
        var database = new ScriptedDatabase(() => []);
        await using var server = await TestServer.StartAsync(database, new ScriptedControl(), new HttpOptions { ForeignKeys = true });
        await server.PostJsonAsync("/db/execute?transaction&timeout=3s", """["x"]""");
        Assert.Equal(
            BatchOptions.Atomic | BatchOptions.DiscardReads | BatchOptions.DoubleQuotedText | BatchOptions.ForeignKeys,
            database.Batch?.Options);
        Assert.Equal(TimeSpan.FromSeconds(3), database.Write?.Timeout);
        await server.PostJsonAsync("/db/request?level=linearizable&linearizable_timeout=4s", """["x"]""");
        Assert.Equal(BatchOptions.DoubleQuotedText | BatchOptions.ForeignKeys, database.Batch?.Options);
        Assert.Equal((ReadConsistency.Linearizable, TimeSpan.FromSeconds(4)), (database.Read!.Consistency, database.Read.Timeout));
    }

    [Theory]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public async Task Infinity_is_no_JSON(double value, string name)
    {
        var early = Rows([[1.5], [value]]);
        await using var server = await TestServer.StartAsync(early, new ScriptedControl());
        var answer = await server.SendAsync("GET", Query);
        Assert.Equal((500, $"json: unsupported value: {name}\n"), (answer.Status, answer.Body));

        var written = await server.PostJsonAsync("/db/execute", """["x"]""");
        Assert.Equal(
            (200, $$$"""{"results":[{"columns":["v"],"types":["real"],"values":[[1.5]],"error":"json: unsupported value: {{{name}}}"}]}"""),
            (written.Status, written.Body));

        var late = Rows(Enumerable.Repeat<object?[]>([new string('x', 100)], 2000).Append([value]));
        await using var second = await TestServer.StartAsync(late, new ScriptedControl());
        var streamed = await second.SendAsync("GET", Query);
        using var document = JsonDocument.Parse(streamed.Body);
        var result = document.RootElement.GetProperty("results")[0];
        Assert.Equal(2000, result.GetProperty("values").GetArrayLength());
        Assert.Equal($"json: unsupported value: {name}", result.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("&pretty")]
    [InlineData("&associative")]
    [InlineData("&associative&pretty&timings")]
    public async Task A_large_result_streams_and_stays_valid(string form)
    {
        var text = "<ü>\"" + new string('x', 50);
        var database = Rows(Enumerable.Range(0, 50_000).Select(i => new object?[] { (long)i, text }), ("i", "INTEGER"), ("t", "TEXT"));
        await using var server = await TestServer.StartAsync(database, new ScriptedControl());
        var answer = await server.SendAsync("GET", Query + form);
        Assert.True(answer.Message.Headers.TransferEncodingChunked);
        using var document = JsonDocument.Parse(answer.Body);
        var rows = document.RootElement.GetProperty("results")[0].GetProperty(form.Contains("assoc", StringComparison.Ordinal) ? "rows" : "values");
        Assert.Equal(50_000, rows.GetArrayLength());
        var last = rows[49_999].ValueKind == JsonValueKind.Array ? rows[49_999][1] : rows[49_999].GetProperty("t");
        Assert.Equal(text, last.GetString());
    }

    [Fact]
    public async Task Failures_amid_streamed_rows_leave_valid_JSON()
    {
        var many = Enumerable.Repeat<object?[]>([new string('x', 100)], 2000);
        var statement = new ScriptedDatabase(() =>
        [
            new ListCursor(ListCursor.Columns(("a", "TEXT")), many, s_read with { Error = new StatementError(9, "interrupted", -1) }),
            new ListCursor(ListCursor.Columns(("b", "TEXT")), [["y"]], s_read),
        ]);
        await using var server = await TestServer.StartAsync(statement, new ScriptedControl());
        using var first = JsonDocument.Parse((await server.SendAsync("GET", Query)).Body);
        var results = first.RootElement.GetProperty("results");
        Assert.Equal("interrupted", results[0].GetProperty("error").GetString());
        Assert.Equal(2000, results[0].GetProperty("values").GetArrayLength());
        Assert.Equal("y", results[1].GetProperty("values")[0][0].GetString());

        var request = new ScriptedDatabase(() =>
            [new ListCursor(ListCursor.Columns(("a", "TEXT")), many, s_read, new ClusterException(ClusterError.Unreachable, "leader is gone"))]);
        await using var other = await TestServer.StartAsync(request, new ScriptedControl());
        using var second = JsonDocument.Parse((await other.SendAsync("GET", Query)).Body);
        Assert.Equal("leader is gone", second.RootElement.GetProperty("error").GetString());
        Assert.Equal(2000, second.RootElement.GetProperty("results")[0].GetProperty("values").GetArrayLength());
    }

    [Fact]
    public async Task An_unexpected_exception_amid_streamed_rows_breaks_the_connection_off()
    {
        var many = Enumerable.Repeat<object?[]>([new string('x', 100)], 2000);
        var database = new ScriptedDatabase(() =>
            [new ListCursor(ListCursor.Columns(("a", "TEXT")), many, s_read, new InvalidOperationException("bug"))]);
        await using var server = await TestServer.StartAsync(database, new ScriptedControl());
        await Assert.ThrowsAsync<HttpRequestException>(() => server.SendAsync("GET", Query));
    }

    [Fact]
    public async Task A_slow_client_holds_the_rows_back()
    {
        var produced = 0;
        IEnumerable<object?[]> Endless()
        {
            while (true)
            {
                produced++;
                yield return [new string('x', 1000)];
            }
        }

        await using var server = await TestServer.StartAsync(Rows(Endless()), new ScriptedControl());
        using var client = new TcpClient { ReceiveBufferSize = 64 * 1024 };
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {Query} HTTP/1.1\r\nHost: x\r\n\r\n"));
        var before = -1;
        for (var tries = 0; tries < 200 && before != produced; tries++)
        {
            before = produced == 0 ? -1 : produced;
            await Task.Delay(50);
        }

        // Sockets of this machine buffer some megabytes; rows without end would be far beyond.
        Assert.InRange(produced, 1, 100_000);
    }

    [Fact]
    public async Task Bodies_over_the_limit_are_413_with_and_without_a_length()
    {
        var options = new HttpOptions { BodyBytesMax = 100_000 };
        await using var server = await TestServer.StartAsync(ControlPlaneTests.One(), new ScriptedControl(), options);
        var body = """["SELECT '""" + new string('x', 200_000) + """'"]""";
        foreach (var type in new[] { "application/json", "text/plain" })
        {
            var answer = await server.SendAsync("POST", "/db/execute", new StringContent(body, Encoding.UTF8, type));
            Assert.Equal((413, "request body is larger than 100000 bytes\n"), (answer.Status, answer.Body));
            using var chunked = new HttpRequestMessage(HttpMethod.Post, "/db/execute") { Content = new StringContent(body, Encoding.UTF8, type) };
            chunked.Headers.TransferEncodingChunked = true;
            using var response = await server.Client.SendAsync(chunked);
            Assert.Equal(413, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task A_huge_string_is_read_in_linear_time_and_arrives_whole()
    {
        var database = ControlPlaneTests.One();
        await using var server = await TestServer.StartAsync(database, new ScriptedControl());
        var text = new string('x', 40_000_000);
        var answer = await server.PostJsonAsync("/db/execute", $"""[["INSERT", "{text}\n"]]""");
        Assert.Equal(200, answer.Status);
        var reader = new ParameterEncoding.Reader(database.Batch!.Statements[0].Parameters.Span);
        Assert.True(reader.Read());
        Assert.Equal(text.Length + 1, reader.Value.Bytes.Length);
    }

    [Fact]
    public async Task Half_a_body_is_never_run()
    {
        var database = ControlPlaneTests.One();
        await using var server = await TestServer.StartAsync(database, new ScriptedControl());
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(server.Address.Host, server.Address.Port);
            var stream = client.GetStream();
            await stream.WriteAsync(
                "POST /db/execute HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[\"INSERT INTO t VALUES(1)\""u8.ToArray());
            client.Client.Shutdown(SocketShutdown.Send);
            try
            {
                var rest = await new StreamReader(stream).ReadToEndAsync();
                Assert.True(rest.Length == 0 || rest.StartsWith("HTTP/1.1 400", StringComparison.Ordinal), rest);
            }
            catch (IOException)
            {
                // The server may as well break the connection off.
            }
        }

        Assert.Null(database.Batch);
    }

    [Fact]
    public async Task Two_lengths_of_one_body_are_refused()
    {
        await using var server = await TestServer.StartAsync(ControlPlaneTests.One(), new ScriptedControl());
        foreach (var headers in new[] { "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 0\r\nTransfer-Encoding: nosuch" })
        {
            using var client = new TcpClient();
            await client.ConnectAsync(server.Address.Host, server.Address.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /db/execute HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n[\"a\"]"));
            var answer = await new StreamReader(client.GetStream()).ReadToEndAsync();
            Assert.StartsWith("HTTP/1.1 4", answer, StringComparison.Ordinal);
        }
    }

    private static ScriptedDatabase Rows(IEnumerable<object?[]> rows, params (string, string?)[] columns) =>
        new(() => [new ListCursor(ListCursor.Columns(columns.Length > 0 ? columns : [("v", null)]), rows, s_read)]);
}
