using Npgsql;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Clients as they are, against any of three nodes.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class ClientsTests(ThreeNodes three)
{
    private static readonly string[] Levels = ["none", "weak", "linearizable", "strong", "auto"];

    [ClientFact("curl")]
    public async Task Curl_writes_and_reads_on_any_node()
    {
        var table = $"curl{Random.Shared.Next()}";
        await CurlAsync(0, "/db/execute", $"[\"CREATE TABLE {table} (a INTEGER)\"]");
        for (var i = 0; i < three.Cluster.Count; i++)
        {
            Assert.Contains("rows_affected", await CurlAsync(i, "/db/execute", $"[[\"INSERT INTO {table} VALUES(?)\", {i}]]"), StringComparison.Ordinal);
            foreach (var level in new[] { "weak", "linearizable", "strong" })
            {
                var answer = await CurlAsync(i, $"/db/query?level={level}", $"[\"SELECT count(*) FROM {table}\"]");
                Assert.Contains($"[[{i + 1}]]", answer, StringComparison.Ordinal);
            }
        }
    }

    [ClientFact("node", "npm:rqlite-js", "npm:@babel/runtime")]
    public async Task Rqlite_js_writes_and_reads_by_way_of_any_node()
    {
        // The same lines as from rqlite.
        const string Rows = """[{"id":1,"name":"ä <&> \"q\"","price":1.5},{"id":2,"name":"named","price":2},{"id":10,"name":null,"price":null},{"id":11,"name":null,"price":null}]""";
        for (var i = 0; i < three.Cluster.Count; i++)
        {
            var table = $"js{Random.Shared.Next()}";
            var hosts = three.Cluster.Options.Skip(i).Concat(three.Cluster.Options.Take(i)).Select(node => $"http://localhost:{node.HttpPort}");
            var result = await CommandLine.BashAsync(
                $"NODE_PATH={ClientFactAttribute.NodePath} node {Path.Combine(AppContext.BaseDirectory, "Clients", "rqlite.js")} {table} {string.Join(',', hosts)}");
            Assert.Equal(
                [
                    "create [{}]", "insert [{}]", "named [{}]", "both [{},{}]", $"undone error: UNIQUE constraint failed: {table}.id",
                    $"weak {Rows}", $"strong {Rows}", $"linearizable {Rows}", """parameter [{"name":"named"}]""", "missing error: no such table: nosuch",
                    "ready true", "dump true",
                ],
                (result.Output + result.Errors).TrimEnd().Split('\n'));
        }
    }

    [ClientFact("psql")]
    public async Task Psql_writes_and_reads_on_any_node_at_every_level()
    {
        var table = $"psql{Random.Shared.Next()}";
        await PsqlAsync(0, $"CREATE TABLE {table} (a integer, b text);");
        for (var i = 0; i < three.Cluster.Count; i++)
        {
            await PsqlAsync(i, $"INSERT INTO {table} VALUES ({i}, 'from node {i}');");
            foreach (var level in new[] { "weak", "linearizable", "strong" })
            {
                var answer = await PsqlAsync(i, $"SET rqlite.consistency = '{level}'; SELECT count(*) FROM {table};");
                Assert.Equal((i + 1).ToString(), answer.Trim().Split('\n')[^1]);
            }

            await Until.TrueAsync(
                "the row at level none",
                async () => (await PsqlAsync(i, $"SET rqlite.consistency = 'none'; SELECT b FROM {table} ORDER BY a;")).Contains($"from node {i}", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Npgsql_writes_and_reads_on_any_node_at_every_level()
    {
        var table = $"npgsql{Random.Shared.Next()}";
        await using (var first = await OpenAsync(0))
        {
            await new NpgsqlCommand($"CREATE TABLE {table} (a integer PRIMARY KEY, b text)", first).ExecuteNonQueryAsync();
        }

        for (var i = 0; i < three.Cluster.Count; i++)
        {
            await using var connection = await OpenAsync(i);
            await using var insert = new NpgsqlCommand($"INSERT INTO {table} VALUES ($1, $2)", connection)
            {
                Parameters = { new() { Value = i }, new() { Value = $"row {i}" } },
            };
            Assert.Equal(1, await insert.ExecuteNonQueryAsync());
            foreach (var level in Levels)
            {
                await new NpgsqlCommand($"SET rqlite.consistency = '{level}'", connection).ExecuteNonQueryAsync();
                await Until.TrueAsync($"row {i} at level {level}", async () =>
                {
                    await using var select = new NpgsqlCommand($"SELECT b FROM {table} WHERE a = $1", connection) { Parameters = { new() { Value = i } } };
                    return (string?)await select.ExecuteScalarAsync() == $"row {i}";
                });
            }
        }
    }

    [Fact]
    public async Task What_one_door_wrote_the_other_reads_at_once()
    {
        var table = $"doors{Random.Shared.Next()}";
        (await three.Cluster.Nodes[1].Api.ExecuteAsync($"CREATE TABLE {table} (a INTEGER)")).Result();
        await using var connection = await OpenAsync(2);
        for (var i = 1; i <= 20; i++)
        {
            (await three.Cluster.Nodes[i % 3].Api.ExecuteAsync($"INSERT INTO {table} VALUES(?)", i)).Result();
            await new NpgsqlCommand("SET rqlite.consistency = 'linearizable'", connection).ExecuteNonQueryAsync();
            await using var count = new NpgsqlCommand($"SELECT count(*) FROM {table}", connection);
            Assert.Equal((long)i, await count.ExecuteScalarAsync());
        }
    }

    [Fact]
    public async Task A_read_with_a_minimum_index_sees_the_write_on_any_node()
    {
        var table = $"minimum{Random.Shared.Next()}";
        (await three.Cluster.Nodes[0].Api.ExecuteAsync($"CREATE TABLE {table} (a INTEGER)")).Result();
        for (var i = 1; i <= 30; i++)
        {
            var write = await three.Cluster.Nodes[i % 3].Api.PostAsync("/db/execute?raft_index", [new object[] { $"INSERT INTO {table} VALUES(?)", i }]);
            var index = write.RaftIndex ?? throw new InvalidOperationException(write.ToString());
            var read = await three.Cluster.Nodes[(i + 1) % 3].Api.PostAsync($"/db/query?level=none&min_index={index}", [$"SELECT count(*) FROM {table}"]);
            Assert.Equal(i, read.Scalar().GetInt64());
        }
    }

    private async Task<string> CurlAsync(int node, string path, string body)
    {
        var url = $"localhost:{three.Cluster.Options[node].HttpPort}{path}";
        var result = await CommandLine.BashAsync($"curl -sS --fail-with-body -XPOST '{url}' -H 'Content-Type: application/json' -d '{body.Replace("'", "'\\''", StringComparison.Ordinal)}'");
        Assert.True(result.ExitCode == 0 && !result.Output.Contains("error", StringComparison.Ordinal), $"{url}\n{result}\n{three.Cluster.Logs()}");
        return result.Output;
    }

    private async Task<string> PsqlAsync(int node, string sql)
    {
        var result = await CommandLine.BashAsync(
            $"psql -X -A -t -v ON_ERROR_STOP=1 -h localhost -p {three.Cluster.Options[node].PgPort} -U postgres -d postgres <<'SQL'\n{sql}\nSQL");
        Assert.True(result.ExitCode == 0, $"node {node}: {sql}\n{result}\n{three.Cluster.Logs()}");
        return result.Output;
    }

    private Task<NpgsqlConnection> OpenAsync(int node) => OpenAsync(three, node);

    internal static async Task<NpgsqlConnection> OpenAsync(ThreeNodes three, int node)
    {
        var connection = new NpgsqlConnection(
            $"Host=localhost;Port={three.Cluster.Options[node].PgPort};Username=postgres;Database=postgres;Pooling=false;Server Compatibility Mode=NoTypeLoading;Timeout=30;Command Timeout=60");
        await connection.OpenAsync();
        return connection;
    }
}
