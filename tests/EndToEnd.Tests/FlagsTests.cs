using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>A value that a flag cannot have is refused at start, by the flag's name and in plain words, and nothing is made on the disk.</summary>
public sealed class FlagsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("-node-id", "", "x\ny")]
    [InlineData("-http-addr", "", "localhost", ":4001", "http://localhost:4001", "localhost:0", "localhost:99999", "localhost:-1", "::1:4001", "nosuch.invalid:4001")]
    [InlineData("-http-adv-addr", "h", "http://h:4001", "0.0.0.0:4001")]
    [InlineData("-http-allow-origin", "h", "http://h/")]
    [InlineData("-raft-addr", "", "localhost", "tcp://localhost:4002", "localhost:4001", "127.0.0.1:4001", "nosuch.invalid:4002")]
    [InlineData("-raft-adv-addr", "h", "h:0", "[::]:4002")]
    [InlineData("-pg-addr", "h", "localhost:4002", "nosuch.invalid:5001")]
    [InlineData("-pg-adv-addr", "h", "h:70000")]
    [InlineData("-join", "foo", ",", "http://", "-x", "localhost:4002", "http://localhost:4001")]
    [InlineData("-join-attempts", "", "0", "-1", "x", "99999999999999999999")]
    [InlineData("-join-interval", "", "0s", "-1s", "5", "x", "999999h")]
    [InlineData("-bootstrap-expect", "", "-1", "x", "1e9", "3")]
    [InlineData("-bootstrap-expect-timeout", "", "0s", "x")]
    [InlineData("-http-verify-common-name", "x")]
    [InlineData("-node-verify-common-name", "x")]
    [InlineData("-config", "", "/no/such/file", "/tmp")]
    [InlineData("-disco-mode", "consul-kv", "etcd-kv", "x", "dns", "dns-srv")]
    [InlineData("-disco-config", "{}", "x")]
    [InlineData("-raft-reap-node-timeout", "", "-1s", "x")]
    [InlineData("-raft-reap-read-only-node-timeout", "", "-1s", "x")]
    [InlineData("-auto-optimize-int", "", "-1s", "x")]
    [InlineData("-auto-vacuum-int", "", "1h", "x")]
    [InlineData("-extensions-path", ",", "/no/such/file")]
    [InlineData("-raft-non-voter", "", "maybe")]
    [InlineData("-cluster-connect-timeout", "", "0s", "-5s", "x")]
    [InlineData("-raft-log-level", "", "LOUD")]
    [InlineData("-raft-heartbeat-timeout", "", "0s", "1ms", "-1s", "9999999h", "x")]
    [InlineData("-raft-election-timeout", "", "0s", "1ms", "x")]
    [InlineData("-raft-apply-timeout", "", "0s", "x")]
    [InlineData("-write-timeout", "", "0s", "-1s", "x")]
    [InlineData("-skip-entry", "x", "1", "1:zz", "-1:0123456789abcdef")]
    [InlineData("-raft-remove-shutdown", "2")]
    [InlineData("-raft-cluster-remove-shutdown", "yes")]
    [InlineData("-raft-shutdown-stepdown", "")]
    [InlineData("-shutdown-timeout", "", "0s", "-1s", "x")]
    [InlineData("-raft-snap", "", "-5", "0", "1.5", "9999999999")]
    [InlineData("-raft-snap-wal-size", "", "0", "-1", "99999999999")]
    [InlineData("-raft-snap-int", "", "0s", "x")]
    [InlineData("-fk", "", "maybe")]
    [InlineData("-db-max-ro-conns", "", "0", "-1", "1025", "x")]
    public async Task A_value_that_cannot_be_is_refused_by_the_flags_name(string flag, params string[] values)
    {
        foreach (var value in values)
        {
            var data = _folder.Sub("data");
            var result = await NodeProcess.RunAsync($"{flag}={value}", data);
            Assert.True(result.ExitCode == 1, $"{flag}={value}\n{result}");
            var fatal = result.Errors.Split("fatal: ")[1];
            Assert.Contains(flag, fatal, StringComparison.Ordinal);
            Assert.DoesNotContain("System.", result.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("Int32", result.Errors, StringComparison.Ordinal);
            Assert.False(Path.Exists(data), $"{flag}={value} left a folder");
        }
    }

    [Fact]
    public async Task A_flag_without_a_value_is_named()
    {
        var result = await NodeProcess.RunAsync("-raft-snap");
        Assert.Contains("-raft-snap", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_fewest_readers_serve()
    {
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("n1"), Extra = ["-db-max-ro-conns", "4", "-fk=1", "-raft-shutdown-stepdown=f"] };
        using var node = await NodeProcess.Start(options).ReadyAsync();
        Assert.Equal(1, (await node.Api.QueryAsync("none", "SELECT 1")).Scalar().GetInt64());
    }

    public void Dispose() => _folder.Dispose();
}
