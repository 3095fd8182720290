using System.Diagnostics;
using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;
using Rqlite.Pg.Histories;
using Xunit.Abstractions;

namespace Rqlite.Pg.EndToEnd.Tests;

public sealed class OneNodeTests(ITestOutputHelper output) : IDisposable
{
    private readonly TempFolder _folder = new();

    [ClientFact("psql", "curl")]
    public async Task A_node_on_an_empty_folder_prints_lines_that_work_as_pasted()
    {
        using var node = await NodeProcess.Start(New()).ReadyAsync();
        foreach (var client in new[] { "psql ", "curl " })
        {
            var line = await node.LineAsync(client);
            var command = line[line.IndexOf(client, StringComparison.Ordinal)..].Trim();
            output.WriteLine(command);
            // psql without a command of its own reads what a user would type.
            var result = await CommandLine.RunAsync(
                new ProcessStartInfo("bash") { ArgumentList = { "-c", command } }, client == "psql " ? "SELECT 6 * 7;\n" : null);
            Assert.True(result.ExitCode == 0, $"{command}\n{result}\n{node.Log}");
            Assert.NotEqual("", result.Output.Trim());
        }
    }

    [Fact]
    public async Task A_restart_keeps_the_data()
    {
        var options = New();
        using (var node = await NodeProcess.Start(options).ReadyAsync())
        {
            (await node.Api.ExecuteAsync("CREATE TABLE t (a TEXT)")).Result();
            (await node.Api.ExecuteAsync("INSERT INTO t VALUES ('kept')")).Result();
            Assert.Equal(0, await node.TerminateAsync());
        }

        using var again = await NodeProcess.Start(options).ReadyAsync();
        Assert.Equal("kept", (await again.Api.QueryAsync("none", "SELECT a FROM t")).Scalar().GetString());
        (await again.Api.ExecuteAsync("INSERT INTO t VALUES ('more')")).Result();
        Assert.Equal(2, (await again.Api.QueryAsync("strong", "SELECT count(*) FROM t")).Scalar().GetInt64());
    }

    [Fact]
    public async Task A_request_without_an_end_does_not_keep_a_node_from_stopping()
    {
        const string Endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT count(*) FROM c";
        using var node = await NodeProcess.Start(New()).ReadyAsync();
        using var api = new Api(node.Options.HttpPort, Until.Bound);
        var reading = Record.ExceptionAsync(() => api.QueryAsync("none", Endless));
        await Task.Delay(200);
        Assert.False(reading.IsCompleted);
        Assert.Equal(0, await node.TerminateAsync());
        await reading;
    }

    [Fact]
    public async Task Killed_under_load_and_started_again_a_node_has_every_acknowledged_write()
    {
        var options = New();
        var node = await NodeProcess.Start(options).ReadyAsync();
        var outcomes = new Dictionary<long, Outcome>();
        try
        {
            await IdInserts.CreateTableAsync(node.Api);
            for (var round = 0; round < 4; round++)
            {
                await using var inserts = IdInserts.Start([options], clients: 6, seed: round, firstId: 1 + (round * 1_000_000));
                await inserts.MoreAsync(150 + (round * 37), () => node.Log);
                await node.KillAsync();
                await inserts.StopAsync();
                foreach (var (id, outcome) in inserts.Outcomes)
                {
                    outcomes[id] = outcome;
                }

                node.Dispose();
                node = await NodeProcess.Start(options).ReadyAsync();
                var verdict = await Contents.CheckAsync([node], outcomes);
                Assert.True(verdict.Passed, $"round {round}: {verdict.Explanation}\n{node.Log}");
            }

            output.WriteLine($"{outcomes.Values.Count(o => o == Outcome.Ok)} acknowledged of {outcomes.Count}");
        }
        finally
        {
            node.Dispose();
        }
    }

    [Fact]
    public Task A_database_of_200_MB_survives_a_restart_and_a_kill() => LargeDatabaseAsync(200);

    [LongFact]
    public Task A_database_of_1_GB_survives_a_restart_and_a_kill() => LargeDatabaseAsync(1000);

    public void Dispose() => _folder.Dispose();

    private async Task LargeDatabaseAsync(int megabytes)
    {
        const string Look = "SELECT count(*), sum(id), sum(length(b)), sum(unicode(substr(hex(b), 17, 1))) FROM big";
        var options = New();
        var node = await NodeProcess.Start(options).ReadyAsync();
        try
        {
            (await node.Api.ExecuteAsync("CREATE TABLE big (id INTEGER PRIMARY KEY, b BLOB)")).Result();
            for (var done = 0; done < megabytes; done += 20)
            {
                (await node.Api.ExecuteAsync(
                    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 20000) " +
                    "INSERT INTO big(b) SELECT randomblob(1000) FROM c")).Result();
            }

            var before = (await node.Api.QueryAsync("strong", Look)).Result().ToString();
            Assert.Equal(0, await node.TerminateAsync());
            node = await AgainAsync("a clean stop", node);
            Assert.Equal(before, (await node.Api.QueryAsync("none", Look)).Result().ToString());

            (await node.Api.ExecuteAsync("UPDATE big SET b = randomblob(1000) WHERE id % 50 = 0")).Result();
            before = (await node.Api.QueryAsync("strong", Look)).Result().ToString();
            await node.KillAsync();
            node = await AgainAsync("kill -9", node);
            Assert.Equal(before, (await node.Api.QueryAsync("none", Look)).Result().ToString());
            Assert.Equal("ok", (await node.Api.QueryAsync("none", "PRAGMA integrity_check")).Scalar().GetString());
        }
        finally
        {
            node.Dispose();
        }

        async Task<NodeProcess> AgainAsync(string after, NodeProcess ended)
        {
            ended.Dispose();
            var clock = Stopwatch.StartNew();
            var started = NodeProcess.Start(options);
            await Until.TrueAsync(
                "the first answer", async () => (await started.Api.QueryAsync("none", "SELECT max(id) FROM big")).Ok, () => started.Log,
                TimeSpan.FromMinutes(5));
            var answered = clock.Elapsed;
            var processor = started.ProcessorTime();
            await started.ReadyAsync(TimeSpan.FromMinutes(5));
            output.WriteLine($"{megabytes} MB, after {after}: first answer {answered.TotalSeconds:0.00} s after the start "
                + $"({processor.TotalSeconds:0.00} s of processor time), ready after {clock.Elapsed.TotalSeconds:0.00} s");
            return started;
        }
    }

    private NodeOptions New() => new() { Id = "n1", Data = _folder.Sub("data") };
}
