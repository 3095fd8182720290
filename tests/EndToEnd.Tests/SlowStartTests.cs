using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>A node that has much to apply when it starts.</summary>
public sealed class SlowStartTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task It_tells_over_HTTP_how_far_it_is_and_can_be_stopped_meanwhile()
    {
        const string Long = "INSERT INTO t WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 30000000) SELECT count(*) FROM c";
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("n1"), Extra = ["-shutdown-timeout", "1s"] };
        var database = Path.Combine(options.Data, "db");
        using (var node = await NodeProcess.Start(options).ReadyAsync())
        {
            (await node.Api.ExecuteAsync("CREATE TABLE t (a INTEGER)")).Result();
            Assert.Equal(0, await node.TerminateAsync());
        }

        await CopyAsync(database, _folder.Sub("before"));
        using (var node = await NodeProcess.Start(options).ReadyAsync())
        {
            (await node.Api.ExecuteAsync(Long)).Result();
            await node.KillAsync();
        }

        // As after a power cut: the log has entries that the database lacks.
        Directory.Delete(database, recursive: true);
        await CopyAsync(_folder.Sub("before"), database);
        using (var node = NodeProcess.Start(options))
        {
            await Until.TrueAsync(
                "the status names the entry",
                async () => (await node.Api.GetAsync("/status?key=store.applying.statement")).Body.Contains("WITH RECURSIVE", StringComparison.Ordinal),
                () => node.Log);
            Assert.Equal(503, (await node.Api.GetAsync("/readyz")).Status);
            Assert.Equal(200, (await node.Api.GetAsync("/readyz?noleader")).Status);
            var applied = (await node.Api.GetAsync("/status?key=store.raft.applied_index")).Json.GetInt64();
            Assert.True(applied < (await node.Api.GetAsync("/status?key=store.raft.last_log_index")).Json.GetInt64());
            await node.TerminateAsync();
            Assert.DoesNotContain("Unhandled", node.Log, StringComparison.Ordinal);
        }

        using var again = await NodeProcess.Start(options).ReadyAsync();
        Assert.Equal(30_000_000, (await again.Api.QueryAsync("strong", "SELECT a FROM t")).Scalar().GetInt64());
    }

    public void Dispose() => _folder.Dispose();

    private static async Task CopyAsync(string from, string to) =>
        Assert.Equal(0, (await CommandLine.BashAsync($"cp -r '{from}' '{to}'")).ExitCode);
}
