using System.Text;
using Npgsql;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Messages at the PostgreSQL port and the port between nodes that cannot go well: each has a clear answer, and the cluster goes on.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class BadPgTests(ThreeNodes three)
{
    private const string Endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";

    private NodeProcess Node => three.Cluster.Nodes[0];

    [Fact]
    public async Task A_message_of_2_GB_is_refused_without_waiting_for_it()
    {
        using (var session = await SessionAsync())
        {
            await session.SendAsync([(byte)'Q', .. RawPg.Number(int.MaxValue), .. new byte[1000]]);
            Assert.StartsWith("54000 ", await session.UntilAsync('E'), StringComparison.Ordinal);
        }

        using (var stranger = await RawPg.ConnectAsync(Node.Options.PgPort, startup: false))
        {
            await stranger.SendAsync([.. RawPg.Number(int.MaxValue), .. RawPg.Number(196608)]);
            Assert.StartsWith("08P01 ", await stranger.UntilAsync('E'), StringComparison.Ordinal);
        }

        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    [Fact]
    public async Task Half_a_message_is_nothing()
    {
        var table = $"half{Random.Shared.Next()}";
        using (var session = await SessionAsync())
        {
            await session.SendAsync(RawPg.Query($"CREATE TABLE {table} (a integer)"));
            Assert.Equal("", await session.UntilAsync('Z'));
            await session.SendAsync(RawPg.Query($"INSERT INTO {table} VALUES (1)")[..^3]);
            session.EndSending();
            await session.UntilAsync('Z');
        }

        Assert.Equal(0, (await Node.Api.QueryAsync("strong", $"SELECT count(*) FROM {table}")).Scalar().GetInt64());
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    [Fact]
    public async Task Invalid_UTF8_is_refused_and_the_session_goes_on()
    {
        using var session = await SessionAsync();
        await session.SendAsync(RawPg.Frame('Q', [.. "SELECT '"u8, 0xC3, 0x28, .. "'\0"u8]));
        Assert.StartsWith("22021 ", await session.UntilAsync('Z'), StringComparison.Ordinal);
        await session.SendAsync(RawPg.Query("SELECT 1"));
        Assert.Equal("", await session.UntilAsync('Z'));
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    [Fact]
    public async Task Too_many_parameters_are_refused_and_the_session_goes_on()
    {
        using var session = await SessionAsync();
        var sync = RawPg.Frame('S', []);
        await session.SendAsync([.. RawPg.Frame('P', [0, .. Encoding.ASCII.GetBytes("SELECT $65536\0"), 0, 0]), .. sync]);
        var error = await session.UntilAsync('Z');
        Assert.True(error.StartsWith("42P02 ", StringComparison.Ordinal) || error.StartsWith("54000 ", StringComparison.Ordinal), error);

        byte[] values = [.. Enumerable.Repeat((byte)0xFF, 4 * 65_535)];
        await session.SendAsync(
        [
            .. RawPg.Frame('P', [0, .. Encoding.ASCII.GetBytes("SELECT $1\0"), 0, 0]),
            .. RawPg.Frame('B', [0, 0, 0, 0, 0xFF, 0xFF, .. values, 0, 0]),
            .. sync,
        ]);
        Assert.StartsWith("08P01 ", await session.UntilAsync('Z'), StringComparison.Ordinal);
        await session.SendAsync(RawPg.Query("SELECT 1"));
        Assert.Equal("", await session.UntilAsync('Z'));
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    [Fact]
    public async Task A_statement_of_100_MB_is_refused()
    {
        using (var session = await SessionAsync())
        {
            var sending = session.SendAsFarAsPossibleAsync(RawPg.Query($"SELECT '{new string('x', 100 << 20)}'"));
            Assert.StartsWith("54000 ", await session.UntilAsync('E'), StringComparison.Ordinal);
            await sending;
        }

        Assert.True(Node.ResidentBytes() < 1L << 30, $"{Node.ResidentBytes()} bytes resident");
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    [Fact]
    public async Task A_result_larger_than_memory_streams_until_its_reader_leaves()
    {
        using (var session = await SessionAsync())
        {
            await session.SendAsync(RawPg.Query(
                "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x, repeat('0', 1000) FROM c LIMIT 100000000"));
            await session.ReadAsync(50 << 20);
        }

        await StillServes.IdleAsync(Node);
        Assert.True(Node.ResidentBytes() < 1L << 30, $"{Node.ResidentBytes()} bytes resident");
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    [Fact]
    public async Task A_recursion_without_end_stops_at_its_time_or_when_cancelled()
    {
        await using var connection = await StillServes.OpenAsync(Node);
        await new NpgsqlCommand("SET rqlite.consistency = 'none'; SET statement_timeout = '300ms'", connection).ExecuteNonQueryAsync();
        await using var endless = new NpgsqlCommand(Endless, connection) { CommandTimeout = 0 };
        var late = await Assert.ThrowsAsync<PostgresException>(() => endless.ExecuteScalarAsync());
        Assert.Equal("57014", late.SqlState);

        await new NpgsqlCommand("SET statement_timeout = 0", connection).ExecuteNonQueryAsync();
        var running = endless.ExecuteScalarAsync();
        await Until.TrueAsync(
            "the statement runs",
            async () => (await Node.Api.GetAsync("/status?key=store.sqlite3.conn_pool_stats.ro.in_use")).Body.Trim() != "0");
        endless.Cancel();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal("57014", (cancelled.InnerException as PostgresException)?.SqlState);
        await using var one = new NpgsqlCommand("SELECT 1", connection);
        Assert.Equal("1", (await one.ExecuteScalarAsync())?.ToString());
        await StillServes.IdleAsync(Node);
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    /// <summary>Who does not introduce itself as a node is not answered at all: the connection ends.</summary>
    [Theory]
    [InlineData("half a length", new byte[] { 0, 0 })]
    [InlineData("2 GB", new byte[] { 0xFF, 0xFF, 0xFF, 0x7F, 0x52, 0x51, 0x50, 0x4E, 1, 0, 0, 0 })]
    [InlineData("half a hello", new byte[] { 64, 0, 0, 0, 0x52, 0x51, 0x50, 0x4E, 1, 0, 0, 0 })]
    [InlineData("a newer protocol", new byte[] { 8, 0, 0, 0, 0x52, 0x51, 0x50, 0x4E, 99, 0, 0, 0 })]
    public async Task A_stranger_at_the_node_port_is_shown_the_door(string what, byte[] bytes)
    {
        using var stranger = await RawPg.ConnectAsync(Node.Options.RaftPort, startup: false);
        await stranger.SendAsync(bytes);
        await stranger.EndAsync(what);
        await StillServes.CheckAsync(three.Cluster.Nodes);
    }

    private Task<RawPg> SessionAsync() => RawPg.ConnectAsync(Node.Options.PgPort);
}
