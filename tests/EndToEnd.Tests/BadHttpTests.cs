using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>HTTP requests that cannot go well: each has a clear answer, and the cluster goes on.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class BadHttpTests(ThreeNodes three)
{
    private NodeProcess Node => three.Cluster.Nodes[0];

    [Theory]
    [InlineData("Content-Length: 2147483648", "[\"SELECT 1\"]", "413", "larger than")]
    [InlineData("Content-Length: 100", "[\"SELECT", "408", "")]
    [InlineData("Transfer-Encoding: chunked", "8\r\n[\"SEL", "408", "")]
    public async Task A_body_that_is_half_or_announces_2_GB_is_refused(string header, string body, string status, string says)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("localhost", Node.Options.HttpPort);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /db/execute HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n{header}\r\n\r\n{body}"));
        using var stream = new NetworkStream(socket);
        using var bound = new CancellationTokenSource(Until.Bound);
        var answer = "";
        var buffer = new byte[4096];
        while (!answer.Contains("\r\n\r\n", StringComparison.Ordinal) || !answer.Contains(says, StringComparison.Ordinal))
        {
            // Not to the end: what is announced and never comes makes the server end the connection the hard way.
            var read = await stream.ReadAsync(buffer, bound.Token);
            Assert.True(read > 0, answer);
            answer += Encoding.ASCII.GetString(buffer, 0, read);
        }

        Assert.StartsWith($"HTTP/1.1 {status}", answer, StringComparison.Ordinal);
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    [Theory]
    [InlineData("application/json", "[\"SELECT '", "invalid JSON")]
    [InlineData("text/plain", "SELECT '", "UTF-8")]
    public async Task Invalid_UTF8_is_refused(string type, string start, string says)
    {
        var (status, body) = await PostAsync(
            type == "text/plain" ? "/db/query" : "/db/execute", [.. Encoding.ASCII.GetBytes(start), 0xC3, 0x28, .. "'\"]"u8], type);
        Assert.Equal(400, status);
        Assert.Contains(says, body, StringComparison.Ordinal);
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1 << 20)]
    public async Task Raw_UTF8_in_a_request_line_is_taken(int piece)
    {
        // A request that is sent behind a raw one, one behind a body that looks like a request line, and one that only ends with the line.
        const string Body = "[\"SELECT 'GET /äöü'\"]";
        var raw = "GET /db/query?q=SELECT%20'ä€😀'%20AS%20ö HTTP/1.1\r\nHost: x\r\n\r\n";
        var bytes = Encoding.UTF8.GetBytes(
            raw + raw + $"POST /db/query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(Body)}\r\n\r\n{Body}"
            + raw.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal));
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync("localhost", Node.Options.HttpPort);
        using var bound = new CancellationTokenSource(Until.Bound);
        var stream = client.GetStream();
        foreach (var part in bytes.Chunk(piece))
        {
            await stream.WriteAsync(part, bound.Token);
        }

        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answers = await reader.ReadToEndAsync(bound.Token);
        Assert.Equal(3, answers.Split("{\"columns\":[\"ö\"],\"types\":[\"text\"],\"values\":[[\"ä€😀\"]]}").Length - 1);
        Assert.Contains("[[\"GET /äöü\"]]", answers, StringComparison.Ordinal);
    }

    /// <summary>Kestrel skips a body that nobody has read; bytes of it must neither be changed nor become a request.</summary>
    [Theory]
    [InlineData("GET /status?key=build", "Content-Length: 11", "äöü\näö", 200)]
    [InlineData("GET /status?key=build", "Transfer-Encoding: chunked", "b\r\näöü\näö\r\n0\r\n\r\n", 200)]
    [InlineData("GET /nothing", "X-Y: z", "", 404)]
    [InlineData("POST /status", "Content-Length: 11", "äöü\näö", 405)]
    [InlineData("POST /db/execute", "Content-Length: 11", "äöü\näö", 400)]
    [InlineData("POST /db/query", "Content-Length: 12", "[\"SELECT 1\"]\r\n", 200)]
    public async Task Behind_a_body_that_nobody_reads_comes_a_request_line(string start, string header, string body, int status)
    {
        foreach (var apart in new[] { true, false })
        {
            using var client = new TcpClient { NoDelay = true };
            await client.ConnectAsync("localhost", Node.Options.HttpPort);
            using var bound = new CancellationTokenSource(Until.Bound);
            var stream = client.GetStream();
            var buffer = new byte[1 << 16];
            var head = Encoding.UTF8.GetBytes($"{start} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{header}\r\n\r\n");
            if (apart)
            {
                await stream.WriteAsync(head, bound.Token);
                await Task.Delay(100, bound.Token);
                await stream.WriteAsync(Encoding.UTF8.GetBytes(body), bound.Token);
                var read = await stream.ReadAsync(buffer, bound.Token);
                Assert.StartsWith($"HTTP/1.1 {status} ", Encoding.UTF8.GetString(buffer, 0, read), StringComparison.Ordinal);
            }
            else
            {
                await stream.WriteAsync((byte[])[.. head, .. Encoding.UTF8.GetBytes(body)], bound.Token);
            }

            // Behind a body that comes after its answer a line is left as it is.
            var letter = apart ? "%C3%A4" : "ä";
            await stream.WriteAsync(
                Encoding.UTF8.GetBytes($"GET /db/query?q=SELECT%20'{letter}' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), bound.Token);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var answers = await reader.ReadToEndAsync(bound.Token);
            Assert.Contains("[[\"ä\"]]", answers, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Long_request_lines_of_many_are_refused_beyond_the_memory_of_the_node()
    {
        var line = new byte[1_000_000];
        line.AsSpan().Fill((byte)'a');
        "GET /"u8.CopyTo(line);
        using var bound = new CancellationTokenSource(Until.Bound);
        var clients = new List<Socket>();
        try
        {
            // Half a request each, which the node has to keep: more than the 2 GB that all requests may hold at most.
            for (var i = 0; i < 300; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                clients.Add(socket);
                await socket.ConnectAsync("localhost", Node.Options.HttpPort, bound.Token);
                try
                {
                    await socket.SendAsync(line, bound.Token);
                }
                catch (SocketException)
                {
                    // It was refused before all was sent.
                }
            }

            var answer = new byte[12];
            var refused = await Task.WhenAny(clients.Select(async client => await client.ReceiveAsync(answer, bound.Token)));
            Assert.Equal(answer.Length, await refused);
            Assert.Equal("HTTP/1.1 503", Encoding.ASCII.GetString(answer));
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    [Fact]
    public async Task Too_many_parameters_are_refused()
    {
        var statement = new object?[40_001];
        Array.Fill(statement, 1);
        statement[0] = $"SELECT {string.Join("+", Enumerable.Repeat("?", 40_000))}";
        var (status, body) = await PostAsync("/db/query", JsonSerializer.SerializeToUtf8Bytes(new object[] { statement }), "application/json");
        Assert.Equal(400, status);
        Assert.Contains("more than 32766 parameters", body, StringComparison.Ordinal);
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    /// <summary>The refusal must arrive also at a client that first sends all it has.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_statement_of_100_MB_is_refused(bool lengthKnown)
    {
        byte[] body = [.. "[\"SELECT '"u8, .. Enumerable.Repeat((byte)'x', 100 << 20), .. "'\"]"u8];
        var (status, text) = await PostAsync("/db/execute", body, "application/json", lengthKnown);
        Assert.Equal(413, status);
        Assert.Contains("larger than", text, StringComparison.Ordinal);
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    [Fact]
    public async Task A_result_larger_than_memory_streams_until_its_reader_leaves()
    {
        using (var http = new HttpClient())
        {
            var sql = Uri.EscapeDataString(
                "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x, hex(zeroblob(500)) FROM c LIMIT 100000000");
            using var response = await http.GetAsync(
                $"http://localhost:{Node.Options.HttpPort}/db/query?level=none&q={sql}", HttpCompletionOption.ResponseHeadersRead);
            var stream = await response.Content.ReadAsStreamAsync();
            await stream.ReadExactlyAsync(new byte[50 << 20]);
        }

        await StillServes.IdleAsync(Node);
        Assert.True(Node.ResidentBytes() < 1L << 30, $"{Node.ResidentBytes()} bytes resident");
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    [Fact]
    public async Task A_result_that_must_be_held_whole_has_a_limit()
    {
        const string Rows = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 200000) SELECT hex(zeroblob(500))";
        var table = $"held{Random.Shared.Next()}";
        (await Node.Api.ExecuteAsync($"CREATE TABLE {table} (a TEXT)")).Result();
        var write = await Node.Api.PostAsync("/db/request", [$"INSERT INTO {table} {Rows} FROM c RETURNING a"]);
        Assert.Contains("larger than", write.Json.GetProperty("results")[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await Node.Api.QueryAsync("strong", $"SELECT count(*) FROM {table}")).Scalar().GetInt64());
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    [Fact]
    public async Task A_recursion_without_end_stops_at_its_time_or_when_the_client_leaves()
    {
        const string Endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
        var reply = await Node.Api.PostAsync("/db/query?level=none&db_timeout=300ms", [Endless]);
        Assert.Contains("timeout", reply.Body, StringComparison.OrdinalIgnoreCase);
        using (var leave = new CancellationTokenSource())
        {
            var abandoned = Node.Api.PostAsync("/db/query?level=none", [Endless], leave.Token);
            await Until.TrueAsync(
                "the statement runs",
                async () => (await Node.Api.GetAsync("/status?key=store.sqlite3.conn_pool_stats.ro.in_use")).Body.Trim() != "0");
            await leave.CancelAsync();
            Assert.False((await abandoned).Ok);
        }

        await StillServes.IdleAsync(Node);
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    private async Task<(int Status, string Body)> PostAsync(string path, byte[] body, string type, bool lengthKnown = true)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://localhost:{Node.Options.HttpPort}{path}");
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Headers.TransferEncodingChunked = !lengthKnown;
        using var response = await http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
