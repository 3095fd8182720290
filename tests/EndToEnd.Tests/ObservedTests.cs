using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>A node tells of itself by metrics, counts, and the log.</summary>
public sealed partial class ObservedTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Metrics_have_prometheus_form_and_count_what_was_done()
    {
        using var node = await NodeProcess.Start(New()).ReadyAsync();
        (await node.Api.ExecuteAsync("CREATE TABLE t (a INTEGER PRIMARY KEY)")).Result();
        for (var i = 0; i < 7; i++)
        {
            (await node.Api.ExecuteAsync("INSERT INTO t VALUES (?)", i)).Result();
        }

        await node.Api.QueryAsync("linearizable", "SELECT * FROM t");
        await node.Api.QueryAsync("none", "SELECT * FROM nowhere");
        var metrics = await MetricsAsync(node);
        Assert.Equal(8, metrics["rqlite_request_duration_seconds_count{door=\"http\",kind=\"write\"}"]);
        Assert.Equal(8, metrics["rqlite_request_duration_seconds_bucket{door=\"http\",kind=\"write\",le=\"+Inf\"}"]);
        Assert.Equal(1, metrics["rqlite_request_duration_seconds_count{door=\"http\",kind=\"read\",level=\"linearizable\"}"]);
        Assert.Equal(1, metrics["rqlite_request_errors_total{door=\"http\",code=\"statement\"}"]);
        Assert.Equal(8, metrics["rqlite_http_responses_total{endpoint=\"/db/execute\",status=\"200\"}"]);
        Assert.Equal(1, metrics["rqlite_raft_leader"]);
        Assert.Equal(1, metrics["rqlite_raft_members{suffrage=\"voter\"}"]);
        Assert.True(metrics["rqlite_raft_commit_duration_seconds_count"] >= 8);
        Assert.True(metrics["rqlite_sqlite_database_bytes"] + metrics["rqlite_sqlite_wal_bytes"] > 0);
        Assert.Equal(metrics["rqlite_raft_commit_index"], metrics["rqlite_raft_applied_index"]);

        using var vars = JsonDocument.Parse((await node.Api.GetAsync("/debug/vars")).Body);
        var http = vars.RootElement.GetProperty("http");
        Assert.Equal(8, http.GetProperty("executions").GetInt64());
        Assert.Equal(8, http.GetProperty("execute_stmts_rx").GetInt64());
        Assert.Equal(2, http.GetProperty("queries").GetInt64());
        Assert.True(vars.RootElement.GetProperty("memstats").GetProperty("HeapAlloc").GetInt64() > 0);
        Assert.StartsWith("{\n\"http\": {\"auth_fail\": 0, \"auth_ok\": ", (await node.Api.GetAsync("/debug/vars?key=http")).Body, StringComparison.Ordinal);
        Assert.Equal("{\n\n}\n", (await node.Api.GetAsync("/debug/vars?key=nowhere")).Body);
    }

    [ClientFact("psql")]
    public async Task Dashboard_and_rules_ask_for_metrics_that_a_node_has()
    {
        var users = Path.Combine(_folder.Path, "users.json");
        File.WriteAllText(users, """[{"username":"*","perms":["all"]},{"username":"me","password":"mine"}]""");
        using var node = await NodeProcess.Start(New("-auth", users, "-pg-auth", "trust")).ReadyAsync();
        (await node.Api.ExecuteAsync("CREATE TABLE t (a INTEGER PRIMARY KEY)")).Result();
        Assert.Equal(200, (await node.Api.GetAsync("/db/backup")).Status);
        Assert.Equal(200, (await node.Api.SendAsync(HttpMethod.Post, "/snapshot?trailing_logs=1", "", "text/plain")).Status);
        for (var i = 0; i < 3; i++)
        {
            (await node.Api.QueryAsync("none", "SELECT * FROM t")).Result();
        }

        Assert.Equal(0, (await PsqlAsync(node, "INSERT INTO t VALUES (1)")).ExitCode);
        Assert.Contains("does not exist", (await PsqlAsync(node, "SELECT * FROM nowhere")).Errors, StringComparison.Ordinal);
        var there = (await MetricsAsync(node)).Keys.Select(static key => key.Split('{')[0]).ToHashSet(StringComparer.Ordinal);

        // A node that leads has nothing to forward.
        there.Add("rqlite_requests_forwarded_total");
        there.Add("rqlite_pg_plan_cache_hits_total");
        var root = Binaries.RepositoryRoot;
        var texts = Directory.EnumerateFiles(Path.Combine(root, "deploy", "prometheus"), "*.yml").Select(File.ReadAllText)
            .Append(File.ReadAllText(Path.Combine(root, "deploy", "grafana", "rqlite-pg.json")));
        var asked = texts.SelectMany(static text => MetricName().Matches(text)).Select(static match => match.Value).Distinct(StringComparer.Ordinal).ToList();
        Assert.True(asked.Count > 30);
        Assert.Empty(asked.Except(there));
    }

    [ClientFact("psql")]
    public async Task Slow_statements_are_logged_as_json_with_user_and_door_and_without_parameters()
    {
        using var node = await NodeProcess.Start(New("-query-log", "0s", "-log-format", "json")).ReadyAsync();
        await node.Api.QueryAsync("none", "SELECT ?\n, 'steering \u0001'", "secret");
        await PsqlAsync(node, "SELECT 42 AS answer");
        var overHttp = await node.LineAsync("steering");
        var overPg = await node.LineAsync("42 AS answer");
        foreach (var (line, door, user) in new[] { (overHttp, "http", ""), (overPg, "pg", "me") })
        {
            using var entry = JsonDocument.Parse(line);
            var fields = entry.RootElement.GetProperty("fields");
            Assert.Equal("info", entry.RootElement.GetProperty("level").GetString());
            Assert.Equal(2100, entry.RootElement.GetProperty("event").GetInt32());
            Assert.Equal(door, fields.GetProperty("Door").GetString());
            Assert.Equal(user, fields.GetProperty("User").GetString());
            Assert.True(fields.GetProperty("Seconds").GetDouble() >= 0);
        }

        Assert.DoesNotContain("secret", node.Log, StringComparison.Ordinal);
        Assert.All(
            node.Log.Split('\n').Where(static line => line.StartsWith('{')),
            static line => Assert.NotEqual("", JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()));
    }

    [Theory]
    [InlineData("-log-format", "xml", "-log-format must be text or json")]
    [InlineData("-log-level", "LOUD", "-log-level must be ERROR, WARN, INFO or DEBUG")]
    [InlineData("-query-log", "/nowhere/query.json", "-query-log: neither stderr nor a duration nor a file")]
    [InlineData("-query-log", "-1s", "-query-log: -1s is negative")]
    public async Task A_value_that_cannot_be_is_refused(string flag, string value, string message)
    {
        var result = await NodeProcess.RunAsync($"{flag}={value}", Path.Combine(_folder.Path, "none"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "none")));
    }

    private NodeOptions New(params string[] extra) => new() { Id = "n1", Data = Path.Combine(_folder.Path, "n1"), Extra = extra };

    private static Task<CommandResult> PsqlAsync(NodeProcess node, string sql)
    {
        var start = new System.Diagnostics.ProcessStartInfo("psql")
        {
            ArgumentList = { "-h", "localhost", "-p", node.Options.PgPort.ToString(CultureInfo.InvariantCulture), "-U", "me", "-d", "rqlite", "-c", sql },
        };
        return CommandLine.RunAsync(start);
    }

    private static async Task<Dictionary<string, double>> MetricsAsync(NodeProcess node)
    {
        var answer = await node.Api.GetAsync("/metrics");
        Assert.Equal(200, answer.Status);
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        var typed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in answer.Body.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith('#'))
            {
                Assert.Matches(CommentLine(), line);
                Assert.True(typed.Add(string.Join(' ', line.Split(' ')[1..3])), $"twice: {line}");
                continue;
            }

            var match = SampleLine().Match(line);
            Assert.True(match.Success, line);
            Assert.True(values.TryAdd(match.Groups[1].Value, double.Parse(match.Groups[2].Value.Replace("+Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture)), $"twice: {line}");
        }

        return values;
    }

    [GeneratedRegex("^# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram))$")]
    private static partial Regex CommentLine();

    [GeneratedRegex("^([a-z_][a-z0-9_]*(?:\\{[a-z_]+=\"[^\"]*\"(?:,[a-z_]+=\"[^\"]*\")*\\})?) ([0-9.eE+-]+|\\+Inf|NaN)$")]
    private static partial Regex SampleLine();

    [GeneratedRegex("\\b(rqlite|process|dotnet)_[a-z_]+\\b")]
    private static partial Regex MetricName();
}
