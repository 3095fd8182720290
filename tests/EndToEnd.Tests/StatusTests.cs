using System.Text.Json;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

public sealed class StatusTests
{
    /// <summary>The keys of a real rqlited's status, without those that docs/COMPATIBILITY.md says are left out.</summary>
    private static readonly string[] s_keys =
    [
        "build.compiler_toolchain",
        "build.version",
        "cluster.addr",
        "cluster.api_addr",
        "cluster.https",
        "http.auth",
        "http.bind_addr",
        "http.cluster.local_node_addr",
        "http.cluster.timeout",
        "http.queue._default.batch_size",
        "http.queue._default.max_size",
        "http.queue._default.sequence_number",
        "http.queue._default.timeout",
        "http.tls.enabled",
        "mux.addr",
        "mux.timeout",
        "mux.tls",
        "node.current_time",
        "node.start_time",
        "node.uptime",
        "os.executable",
        "os.hostname",
        "os.page_size",
        "os.pid",
        "runtime.GOARCH",
        "runtime.GOMAXPROCS",
        "runtime.GOOS",
        "runtime.num_cpu",
        "runtime.version",
        "store.addr",
        "store.apply_timeout",
        "store.db_applied_index",
        "store.db_conf.fk_constraints",
        "store.dir",
        "store.dir_size",
        "store.dir_size_friendly",
        "store.election_timeout",
        "store.fsm_index",
        "store.fsm_term",
        "store.heartbeat_timeout",
        "store.leader.addr",
        "store.leader.node_id",
        "store.node_id",
        "store.nodes.0.addr",
        "store.nodes.0.id",
        "store.nodes.0.suffrage",
        "store.open",
        "store.raft.applied_index",
        "store.raft.commit_index",
        "store.raft.fsm_pending",
        "store.raft.last_contact",
        "store.raft.last_log_index",
        "store.raft.last_snapshot_index",
        "store.raft.last_snapshot_term",
        "store.raft.latest_configuration",
        "store.raft.latest_configuration_index",
        "store.raft.log_size",
        "store.raft.num_peers",
        "store.raft.state",
        "store.raft.term",
        "store.raft.voter",
        "store.ready",
        "store.snapshot_interval",
        "store.snapshot_threshold",
        "store.sqlite3.compile_options",
        "store.sqlite3.conn_pool_stats.ro.idle",
        "store.sqlite3.conn_pool_stats.ro.in_use",
        "store.sqlite3.conn_pool_stats.ro.max_open_connections",
        "store.sqlite3.conn_pool_stats.ro.open_connections",
        "store.sqlite3.conn_pool_stats.rw.idle",
        "store.sqlite3.conn_pool_stats.rw.in_use",
        "store.sqlite3.conn_pool_stats.rw.max_open_connections",
        "store.sqlite3.conn_pool_stats.rw.open_connections",
        "store.sqlite3.db_size",
        "store.sqlite3.db_size_friendly",
        "store.sqlite3.last_modified",
        "store.sqlite3.mem_stats.cache_size",
        "store.sqlite3.mem_stats.freelist_count",
        "store.sqlite3.mem_stats.hard_heap_limit",
        "store.sqlite3.mem_stats.max_page_count",
        "store.sqlite3.mem_stats.page_count",
        "store.sqlite3.mem_stats.page_size",
        "store.sqlite3.mem_stats.soft_heap_limit",
        "store.sqlite3.path",
        "store.sqlite3.pragmas.ro.busy_timeout",
        "store.sqlite3.pragmas.ro.foreign_keys",
        "store.sqlite3.pragmas.ro.journal_mode",
        "store.sqlite3.pragmas.ro.synchronous",
        "store.sqlite3.pragmas.ro.wal_autocheckpoint",
        "store.sqlite3.pragmas.rw.busy_timeout",
        "store.sqlite3.pragmas.rw.foreign_keys",
        "store.sqlite3.pragmas.rw.journal_mode",
        "store.sqlite3.pragmas.rw.synchronous",
        "store.sqlite3.pragmas.rw.wal_autocheckpoint",
        "store.sqlite3.size",
        "store.sqlite3.version",
        "store.sqlite3.wal_size",
        "store.trailing_logs",
    ];

    [Fact]
    public async Task The_status_has_rqlite_s_keys_with_values_of_this_node()
    {
        using var cluster = await TestCluster.StartAsync(1);
        var node = cluster.Nodes[0];
        (await node.Api.ExecuteAsync("CREATE TABLE t (a)")).Result();
        var status = (await node.Api.GetAsync("/status")).Json;
        Assert.All(s_keys, key => Assert.NotEqual(JsonValueKind.Undefined, Find(status, key).ValueKind));
        Assert.Equal(node.Id, Find(status, "os.pid").GetInt32());
        Assert.Equal($"localhost:{node.Options.RaftPort}", Find(status, "http.cluster.local_node_addr").GetString());
        Assert.Equal("30s", Find(status, "http.cluster.timeout").GetString());
        Assert.Equal("disabled", Find(status, "mux.tls").GetString());
        Assert.False(Find(status, "store.db_conf.fk_constraints").GetBoolean());
        Assert.True(Find(status, "store.dir_size").GetInt64() >= Find(status, "store.sqlite3.size").GetInt64() + Find(status, "store.raft.log_size").GetInt64());
        Assert.True(Find(status, "store.raft.log_size").GetInt64() > 0);
    }

    private static JsonElement Find(JsonElement root, string path)
    {
        foreach (var key in path.Split('.'))
        {
            root = root.ValueKind switch
            {
                JsonValueKind.Array => root[int.Parse(key)],
                JsonValueKind.Object when root.TryGetProperty(key, out var value) => value,
                _ => default,
            };
        }

        return root;
    }
}
