using Npgsql;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>After any ill treatment all doors of all nodes must answer.</summary>
internal static class StillServes
{
    /// <summary>A read through the log asked of every node goes over HTTP and, but for the leader's, over the port between nodes.</summary>
    public static async Task CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        foreach (var node in nodes)
        {
            Assert.False(node.HasExited, $"node {node.Options.Id} ended\n{node.Log}");
            Assert.Equal(1, (await node.Api.QueryAsync("strong", "SELECT 1")).Scalar().GetInt64());
            await using var connection = await OpenAsync(node);
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            Assert.Equal("1", (await command.ExecuteScalarAsync())?.ToString());
        }
    }

    /// <summary>Waits until nobody reads on the node any more: what was given up must also have stopped.</summary>
    public static Task IdleAsync(NodeProcess node) => Until.TrueAsync(
        $"node {node.Options.Id} has no reader at work",
        async () => (await node.Api.GetAsync("/status?key=store.sqlite3.conn_pool_stats.ro.in_use")).Body.Trim() == "0",
        () => node.Log);

    public static async Task<NpgsqlConnection> OpenAsync(NodeProcess node)
    {
        var connection = new NpgsqlConnection(
            $"Host=localhost;Port={node.Options.PgPort};Username=postgres;Database=postgres;Pooling=false;Server Compatibility Mode=NoTypeLoading");
        await connection.OpenAsync();
        return connection;
    }
}
