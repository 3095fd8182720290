using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Flags from the environment and from a file, and what becomes of each of rqlite's flags.</summary>
public sealed class ConfigurationTests : IDisposable
{
    /// <summary>All flags of rqlite's 10.3 with their defaults there.</summary>
    private static readonly (string Name, string Default)[] s_rqlite =
    [
        ("node-id", "n1"), ("http-addr", ""), ("http-adv-addr", ""), ("http-allow-origin", ""), ("http-cert", ""), ("http-key", ""), ("http-ca-cert", ""),
        ("http-verify-client", "false"), ("http-verify-common-name", ""), ("auth", ""), ("raft-addr", ""), ("raft-adv-addr", ""), ("node-cert", ""),
        ("node-key", ""), ("node-ca-cert", ""), ("node-no-verify", "false"), ("node-verify-client", "false"), ("node-verify-server-name", ""),
        ("node-verify-common-name", ""), ("join", ""), ("join-attempts", "5"), ("join-interval", "3s"), ("join-as", ""), ("bootstrap-expect", "0"),
        ("bootstrap-expect-timeout", "120s"), ("disco-mode", ""), ("disco-key", "rqlite"), ("disco-config", ""), ("raft-non-voter", "false"),
        ("cluster-connect-timeout", "30s"), ("compress-snap-transport", "false"), ("raft-log-level", "WARN"), ("raft-snap", "8192"),
        ("raft-snap-wal-size", "4194304"), ("raft-snap-int", "10s"), ("raft-leader-lease-timeout", "0s"), ("raft-heartbeat-timeout", "1s"),
        ("raft-election-timeout", "1s"), ("raft-commit-timeout", "50ms"), ("raft-apply-timeout", "10s"), ("raft-remove-shutdown", "false"),
        ("raft-cluster-remove-shutdown", "false"), ("raft-shutdown-stepdown", "true"), ("raft-reap-node-timeout", "1h"),
        ("raft-reap-read-only-node-timeout", "1h"), ("fk", "false"), ("db-max-ro-conns", "256"), ("auto-vacuum-int", "0s"), ("auto-optimize-int", "24h"),
        ("extensions-path", ""), ("write-queue-capacity", "1024"), ("write-queue-batch-size", "128"), ("write-queue-timeout", "50ms"),
        ("write-queue-tx", "false"), ("auto-backup", ""), ("auto-restore", ""), ("cdc-config", ""), ("otlp-endpoint", ""), ("otlp-interval", "30s"),
        ("otlp-insecure", "false"), ("otlp-no-verify", "false"), ("otlp-ca-cert", ""), ("otlp-cert", ""), ("otlp-key", ""), ("cpu-profile", ""),
        ("mem-profile", ""), ("trace-profile", ""),
    ];

    private static readonly string[] s_addresses = ["http-addr", "raft-addr", "pg-addr"];

    private readonly TempFolder _folder = new();

    /// <summary>A file in the place of the folder is the last thing that a start looks at, so all flags have been taken when it is named.</summary>
    [Fact]
    public async Task Each_of_rqlites_flags_is_taken_with_its_default_or_refused_by_name()
    {
        var data = _folder.Sub("a-file");
        await File.WriteAllTextAsync(data, "");
        var help = (await NodeProcess.RunAsync("-help")).Output;
        foreach (var (name, initial) in s_rqlite.Where(flag => !s_addresses.Contains(flag.Name)))
        {
            var result = await NodeProcess.RunAsync([.. Addresses(), $"-{name}={initial}", data]);
            var fatal = Fatal(result);
            if (help.Contains($"  -{name} ", StringComparison.Ordinal))
            {
                Assert.Contains("is not a folder", fatal, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal($"rqlite's flag -{name} is not supported by this version", fatal.Split(':')[0].TrimEnd());
            }
        }
    }

    [Fact]
    public async Task The_command_line_counts_before_the_environment_and_that_before_the_file()
    {
        var file = await WriteAsync("""
            {
              // The widest of the three.
              "node-id": "file", "raft-snap": 100, "fk": true,
              "raft-apply-timeout": "7s",
            }
            """);
        var options = new NodeOptions
        {
            Id = "line", Data = _folder.Sub("n1"),
            Environment = new Dictionary<string, string>
            {
                ["RQLITED_CONFIG"] = file, ["RQLITED_NODE_ID"] = "environment", ["RQLITED_RAFT_SNAP"] = "200", ["RQLITED_RAFT_SNAP_INT"] = "2s",
                ["RQLITED_SERVICE_HOST"] = "10.0.0.1", ["RQLITED_PORT_4001_TCP_ADDR"] = "10.0.0.1",
            },
        };
        using var node = await NodeProcess.Start(options).ReadyAsync();
        var store = (await node.Api.GetAsync("/status?key=store")).Json;
        Assert.Equal("line", store.GetProperty("node_id").GetString());
        Assert.Equal(200, store.GetProperty("snapshot_threshold").GetInt64());
        Assert.Equal("2s", store.GetProperty("snapshot_interval").GetString());
        Assert.Equal("7s", store.GetProperty("apply_timeout").GetString());
        (await node.Api.ExecuteAsync("CREATE TABLE p(id INTEGER PRIMARY KEY)")).Result();
        (await node.Api.ExecuteAsync("CREATE TABLE c(p REFERENCES p)")).Result();
        Assert.Contains("FOREIGN KEY", (await node.Api.ExecuteAsync("INSERT INTO c VALUES(1)")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n\"nodeid\": \"x\"}", "line 2: there is no flag -nodeid")]
    [InlineData("{\"node-id\": \"x\",\n\n\"node-id\": \"y\"}", "line 3: node-id is there more than once")]
    [InlineData("{\"fk\": [true]}", "line 1: fk must be a string, a number, true or false")]
    [InlineData("{\"fk\": null}", "line 1: fk must be")]
    [InlineData("{\"fk\": true} x", "line 1: not JSON")]
    [InlineData("{\n\"fk\": true", "line 2: not JSON")]
    [InlineData("", "not JSON")]
    [InlineData("[]", "line 1: the file must be one object")]
    [InlineData("{\"config\": \"x\"}", "config cannot name another file")]
    [InlineData("{\"version\": true}", "-version can be given on the command line only")]
    [InlineData("{\n\n\n\"cdc-config\": \"stdout\"}", "line 4: rqlite's flag -cdc-config is not supported")]
    [InlineData("{\n\"raft-snap\": 1.5}", "invalid value \"1.5\" for flag -raft-snap", "line 2")]
    [InlineData("{\"fk\": \"maybe\"}", "for flag -fk: it must be true or false", "line 1")]
    [InlineData("{\n\"http-cert\": \"x\"}", "-http-cert and -http-key go together", "-http-cert comes from", "line 2")]
    [InlineData("{\n\"auth\": \"/no/such/file\"}", "/no/such/file", "-auth comes from", "line 2")]
    public async Task What_is_wrong_in_the_file_is_told_with_its_line(string content, params string[] told)
    {
        var data = _folder.Sub("data");
        var result = await NodeProcess.RunAsync([.. Addresses(), "-config", await WriteAsync(content), data]);
        var fatal = Fatal(result);
        Assert.All(told, text => Assert.Contains(text, fatal, StringComparison.Ordinal));
        Assert.False(Path.Exists(data));
    }

    [Theory]
    [InlineData("RQLITED_AUHT", "x", "environment variable RQLITED_AUHT: there is no flag -auht")]
    [InlineData("RQLITED_FK", "maybe", "invalid value \"maybe\" for flag -fk: it must be true or false (it comes from the environment variable RQLITED_FK)")]
    [InlineData("RQLITED_CDC_CONFIG", "", "environment variable RQLITED_CDC_CONFIG: rqlite's flag -cdc-config is not supported")]
    [InlineData("RQLITED_VERSION", "1", "-version can be given on the command line only")]
    [InlineData("RQLITED_CONFIG", "/no/such/file", "/no/such/file")]
    [InlineData("RQLITED_CONFIG", "", "names no file")]
    [InlineData("RQLITED_JOIN", ",", "-join comes from the environment variable RQLITED_JOIN")]
    public async Task What_is_wrong_in_the_environment_is_told_by_the_variables_name(string variable, string value, string told)
    {
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("data"), Environment = new Dictionary<string, string> { [variable] = value } };
        using var node = NodeProcess.Start(options);
        Assert.Equal(1, await node.ExitAsync());
        await node.LineAsync("fatal: ");
        Assert.Contains(told, node.Log, StringComparison.Ordinal);
        Assert.False(Path.Exists(options.Data));
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Addresses() => [.. s_addresses.SelectMany(static name => new[] { $"-{name}", $"localhost:{Ports.Take()}" })];

    private static string Fatal(CommandResult result)
    {
        Assert.True(result.ExitCode == 1, result.ToString());
        return result.Errors.Split("fatal: ")[1].Split('\n')[0];
    }

    private async Task<string> WriteAsync(string content)
    {
        var path = _folder.Sub("config.json");
        await File.WriteAllTextAsync(path, content);
        return path;
    }
}
