using System.Globalization;
using Rqlite.Pg.Harness;
using Rqlite.Pg.Harness.Workloads;
using Xunit.Abstractions;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Backups and loads as an operator does them, with curl and SQLite's shell, also while nodes die.</summary>
public sealed class BackupAndLoadTests(ITestOutputHelper output) : IDisposable
{
    private const string Rows = "SELECT count(*), sum(id), sum(length(b)) FROM big";

    private readonly TempFolder _folder = new();

    [ClientFact("curl", "sqlite3")]
    public async Task What_the_shell_dumps_loads_and_what_is_backed_up_opens_in_the_shell()
    {
        using var node = await NodeProcess.Start(new NodeOptions { Id = "1", Data = _folder.Sub("n") }).ReadyAsync();
        var url = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{node.Options.HttpPort}");
        var script = $"""
            set -e
            cd {_folder.Path}
            sqlite3 first.db "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, r REAL, x BLOB, g INT AS (id*2) STORED); CREATE INDEX ta ON t(a);
              INSERT INTO t(a,r,x) VALUES('it''s; BEGIN', 0.1, x'00ff'), ('line' || char(10) || 'two', 1e300, NULL); CREATE VIEW v AS SELECT a FROM t;
              CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET r=CASE WHEN 1 THEN 2.5 END WHERE id=NEW.id; DELETE FROM t WHERE a='none'; END; ANALYZE;"
            sqlite3 first.db .dump > first.sql
            curl -sf -XPOST {url}/db/load -H 'Content-Type: text/plain' --data-binary @first.sql > answer; grep -v error answer
            curl -sf -XPOST {url}/db/load --data-binary @first.sql | grep 'already exists'
            curl -sf {url}/db/backup -o copy.db; sqlite3 copy.db 'PRAGMA integrity_check' | grep -x ok
            curl -sf '{url}/db/backup?fmt=delete&compress' | gunzip > delete.db; sqlite3 delete.db 'PRAGMA journal_mode' | grep -x delete
            curl -sf '{url}/db/backup?vacuum' -o vacuum.db; sqlite3 vacuum.db 'PRAGMA integrity_check' | grep -x ok
            curl -sf '{url}/db/backup?fmt=sql' | sqlite3 again.db
            for f in copy delete vacuum again; do for q in 'SELECT * FROM t' 'SELECT * FROM v' 'SELECT * FROM sqlite_sequence' 'SELECT type,name,sql FROM sqlite_schema WHERE sql NOT NULL AND name NOT LIKE "sqlite%" ORDER BY name'; do
              diff <(sqlite3 first.db "$q") <(sqlite3 $f.db "$q"); done; done
            sqlite3 second.db "CREATE TABLE other(a); INSERT INTO other VALUES('loaded'); PRAGMA journal_mode=wal" > /dev/null
            curl -sf -XPOST {url}/db/load --data-binary @second.db | grep -F '"results":[]'
            curl -sf -G {url}/db/query --data-urlencode 'q=SELECT * FROM other' | grep loaded
            curl -sf -XPOST {url}/boot --upload-file copy.db
            curl -sf -G {url}/db/query --data-urlencode 'q=SELECT count(*) FROM t' | grep -F '[[2]]'
            head -c 20000 copy.db > broken.db
            curl -s -XPOST {url}/db/load --data-binary @broken.db | grep 'invalid SQLite data'
            curl -sf -XPOST '{url}/db/sql' -d '["SELECT 1","SELEC 1"]' | grep -F '"rewritten":"SELECT 1"' | grep -F 'syntax error'
            curl -sf '{url}/licenses' | grep -q NodaTime
            curl -sf -XPOST '{url}/snapshot?trailing_logs=1'
            curl -sf -XPOST '{url}/reap' | grep -E '^.."?snapshots_reaped":[0-9]+,"wals_checkpointed":[01].$'
            """;
        var result = await CommandLine.BashAsync(script);
        Assert.True(result.ExitCode == 0, $"{result}\n{node.Log}");
        Assert.DoesNotContain(Directory.GetDirectories(Path.Combine(node.Options.Data, "db")), path => Path.GetFileName(path).StartsWith("scratch-", StringComparison.Ordinal));
    }

    [ClientFact("curl", "sqlite3")]
    public async Task A_file_becomes_the_database_of_all_nodes_also_of_one_that_was_down()
    {
        await MakeAsync("big.db", 40);
        using var cluster = await TestCluster.StartAsync(3, ["-raft-snap", "10"]);
        (await cluster.Nodes[0].Api.ExecuteAsync("CREATE TABLE former (a TEXT)")).Result();
        var leader = await cluster.LeaderAsync();
        var (down, takes) = ((leader + 1) % 3, (leader + 2) % 3);
        await cluster.Nodes[down].KillAsync();
        Assert.Equal("""{"results":[]}""", await LoadAsync(cluster.Nodes[takes], "big.db"));
        cluster.Restart(down);
        await cluster.ReadyAsync();
        await CheckAsync(cluster, loaded: true);

        // A backup over a follower, while the database is written to.
        await IdInserts.CreateTableAsync(cluster.Nodes[0].Api);
        await using var inserts = IdInserts.Start(cluster.Options, clients: 2, seed: 1);
        await inserts.MoreAsync(20, cluster.Logs);
        var saved = await CommandLine.BashAsync(
            $"cd {_folder.Path} && curl -sf http://localhost:{cluster.Nodes[takes].Options.HttpPort}/db/backup -o back.db && sqlite3 back.db 'PRAGMA integrity_check' 'SELECT count(*) FROM big'");
        Assert.Equal("ok\n40000", saved.Output.Trim());
        await inserts.StopAsync();
    }

    [ClientFact("curl", "sqlite3")]
    public async Task A_leader_that_is_killed_in_the_middle_leaves_one_of_the_two_databases_on_all_nodes()
    {
        await MakeAsync("big.db", 60);
        using var cluster = await TestCluster.StartAsync(3, ["-raft-snap", "10"]);
        (await cluster.Nodes[0].Api.ExecuteAsync("CREATE TABLE former (a TEXT)")).Result();
        (await cluster.Nodes[0].Api.ExecuteAsync("INSERT INTO former VALUES ('kept')")).Result();
        foreach (var chunks in (int[])[2, 20, 50])
        {
            var leader = await cluster.LeaderAsync();
            var before = await AppliedAsync(cluster.Nodes[leader]);
            var loading = LoadAsync(cluster.Nodes[(leader + 1) % 3], "big.db");
            await Until.TrueAsync("chunks", async () => loading.IsCompleted || await AppliedAsync(cluster.Nodes[leader]) >= before + chunks, cluster.Logs);
            await cluster.Nodes[leader].KillAsync();
            var answer = await loading;
            output.WriteLine($"killed after {chunks} chunks: {answer}");
            cluster.Restart(leader);
            await cluster.ReadyAsync();
            await CheckAsync(cluster, loaded: answer == """{"results":[]}""" ? true : null);
            await RestoreFormerAsync(cluster);
        }
    }

    [ClientFact("curl", "sqlite3")]
    public async Task A_node_that_is_killed_in_the_middle_has_one_of_the_two_databases()
    {
        await MakeAsync("big.db", 30);
        var options = new NodeOptions { Id = "1", Data = _folder.Sub("n") };
        var node = await NodeProcess.Start(options).ReadyAsync();
        try
        {
            foreach (var chunks in (int[])[1, 10, 25, 29, 31, 32])
            {
                (await node.Api.ExecuteAsync("CREATE TABLE IF NOT EXISTS former (a TEXT)")).Result();
                (await node.Api.ExecuteAsync("DROP TABLE IF EXISTS big")).Result();
                var before = await AppliedAsync(node);
                var loading = LoadAsync(node, "big.db");
                await Until.TrueAsync("chunks", async () => loading.IsCompleted || await AppliedAsync(node) >= before + chunks, () => node.Log);
                await node.KillAsync();
                var answer = await loading;
                node.Dispose();
                node = await NodeProcess.Start(options).ReadyAsync();
                var former = await TablesAsync(node, "former");
                output.WriteLine($"killed after {chunks} chunks: former {former}, {answer}");
                Assert.Equal(former == 0 ? "40000" : "none", former == 0 ? await CountAsync(node) : "none");
                Assert.Equal("ok", (await node.Api.QueryAsync("none", "PRAGMA integrity_check")).Scalar().GetString());
                Assert.True(answer != """{"results":[]}""" || former == 0, $"{answer}\n{node.Log}");

                // What a dead load has left is in the way of the next one for a minute at most; a backup is not.
                Assert.Single(Directory.GetDirectories(Path.Combine(options.Data, "db")));
                if (former == 1)
                {
                    await node.KillAsync();
                    node.Dispose();
                    Directory.Delete(options.Data, recursive: true);
                    node = await NodeProcess.Start(options).ReadyAsync();
                }
            }
        }
        finally
        {
            node.Dispose();
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A file of about so many MB that do not compress, in 40,000 rows.</summary>
    private async Task MakeAsync(string name, int megabytes)
    {
        var made = await CommandLine.BashAsync(
            $"cd {_folder.Path} && rm -f {name} && sqlite3 {name} \"CREATE TABLE big(id INTEGER PRIMARY KEY, b BLOB);"
            + $" WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 40000) INSERT INTO big SELECT n, randomblob({megabytes * 25}) FROM c\"");
        Assert.True(made.ExitCode == 0, made.ToString());
    }

    private async Task<string> LoadAsync(NodeProcess node, string file) => (await CommandLine.BashAsync(
        $"curl -s -XPOST http://localhost:{node.Options.HttpPort}/db/load --data-binary @{_folder.Sub(file)}", TimeSpan.FromMinutes(5))).Output.Trim();

    private static async Task<long> AppliedAsync(NodeProcess node) =>
        long.Parse((await node.Api.GetAsync("/status?key=store.db_applied_index")).Body, CultureInfo.InvariantCulture);

    private static async Task<long> TablesAsync(NodeProcess node, string name) =>
        (await node.Api.QueryAsync("linearizable", "SELECT count(*) FROM sqlite_schema WHERE name = ?", name)).Scalar().GetInt64();

    private static async Task<string> CountAsync(NodeProcess node) =>
        (await node.Api.QueryAsync("linearizable", "SELECT count(*) FROM big")).Scalar().GetInt64().ToString(CultureInfo.InvariantCulture);

    /// <param name="loaded">Null if the answer has left open which database there is.</param>
    private static async Task CheckAsync(TestCluster cluster, bool? loaded)
    {
        foreach (var node in cluster.Nodes)
        {
            await Contents.SyncAsync(node);
        }

        var former = await TablesAsync(cluster.Nodes[0], "former");
        Assert.True(loaded is not true || former == 0, cluster.Logs());
        foreach (var node in cluster.Nodes)
        {
            Assert.Equal(former, await TablesAsync(node, "former"));
            Assert.Equal("ok", (await node.Api.QueryAsync("none", "PRAGMA integrity_check")).Scalar().GetString());
        }

        var verdict = await Contents.SameAnswerAsync(cluster.Nodes, former == 1 ? "SELECT count(*), min(a) FROM former" : Rows);
        Assert.True(verdict.Passed, $"{verdict.Explanation}\n{cluster.Logs()}");
    }

    private static async Task RestoreFormerAsync(TestCluster cluster)
    {
        var api = cluster.Nodes[0].Api;
        (await api.ExecuteAsync("CREATE TABLE IF NOT EXISTS former (a TEXT)")).Result();
        (await api.ExecuteAsync("DROP TABLE IF EXISTS big")).Result();
    }
}
