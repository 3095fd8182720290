using System.Net;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Notifications from one session to another, and the sessions that cannot have them all.</summary>
public sealed class NotifyTests
{
    [Fact]
    public async Task An_idle_session_is_told_at_once_and_one_in_a_block_behind_it()
    {
        await using var server = new MemoryServer();
        await using var idle = await StartAsync(server);
        await using var busy = await StartAsync(server);
        await using var sender = await StartAsync(server);
        await QueryAsync(idle, "listen c");
        await QueryAsync(busy, "listen c");
        await QueryAsync(busy, "begin");
        await QueryAsync(sender, "notify c, 'one'");
        Assert.Equal(["A c|one|"], Texts(await idle.ReadAsync(frames => frames.Count > 0)));
        Assert.Equal(["T a:23/4/-1/0", "D 1", "C SELECT 1", "Z T"], await QueryAsync(busy, "select 1 as a"));
        Assert.Equal(["C COMMIT", "A c|one|", "Z I"], await QueryAsync(busy, "commit"));
        foreach (var client in (WireClient[])[idle, busy, sender])
        {
            await client.EndAsync();
        }
    }

    [Fact]
    public async Task A_session_between_Execute_and_Sync_is_told_behind_the_Sync()
    {
        await using var server = new MemoryServer();
        await using var client = await StartAsync(server);
        await using var sender = await StartAsync(server);
        await QueryAsync(client, "listen c");
        await client.SendAsync(new ClientMessages().Parse("", "select 1 as a").Bind("", "").Execute().Flush().Bytes);
        Assert.Equal(["1", "2", "D 1", "C SELECT 1"], Texts(await client.ReadAsync(frames => frames.Count == 4)));
        await QueryAsync(sender, "notify c, 'x'");
        await client.SendAsync(new ClientMessages().Sync().Bytes);
        Assert.Equal(["A c|x|", "Z I"], Texts(await client.ReadUntilReadyAsync(1)));
        await client.EndAsync();
        await sender.EndAsync();
    }

    [Fact]
    public async Task A_session_that_more_waits_for_than_may_is_ended()
    {
        await using var server = new MemoryServer(new WireOptions { Dialect = "sqlite", EndPoint = new IPEndPoint(IPAddress.Loopback, 0), NotificationsMax = 10 });
        await using var client = await StartAsync(server);
        await using var sender = await StartAsync(server);
        await QueryAsync(client, "listen c");
        await QueryAsync(client, "begin");
        for (var i = 0; i < 11; i++)
        {
            await QueryAsync(sender, $"notify c, '{i}'");
        }

        Assert.Contains("E FATAL 53400 terminating connection because too many notifications wait for it", Texts(await client.ReadUntilClosedAsync()));
        await sender.EndAsync();
    }

    [Fact]
    public async Task Sessions_that_listen_end_when_their_node_takes_over_a_copy_and_others_stay()
    {
        await using var other = Support.StandaloneDatabase.Open();
        await ExecuteAsync(other.Database, "CREATE TABLE t(a)");
        using var copy = new MemoryStream();
        await other.Storage.WriteCopyAsync(copy, default);
        copy.Position = 0;
        await using var database = Support.StandaloneDatabase.Open();
        await using var server = new MemoryServer(decorate: _ => database.Database);
        await using var listening = await StartAsync(server);
        await using var stopped = await StartAsync(server);
        await QueryAsync(listening, "listen c");
        await QueryAsync(stopped, "listen c; unlisten c");
        database.Storage.Install(await database.Storage.ReceiveCopyAsync(copy, default));
        Assert.Equal(
            ["E FATAL 57P01 terminating connection because this node has missed notifications while it took over a copy of the database"],
            Texts(await listening.ReadUntilClosedAsync()));
        Assert.Equal("C SELECT 0", (await QueryAsync(stopped, "select a from t"))[^2]);
        await stopped.EndAsync();
    }

    [Fact]
    public async Task A_node_without_notifications_refuses_LISTEN()
    {
        await using var server = new MemoryServer(decorate: new CountingDatabase().Over);
        await using var client = await StartAsync(server);
        Assert.Equal(["E ERROR 0A000 LISTEN is not supported here", "Z I"], await QueryAsync(client, "listen c"));
        await client.EndAsync();
    }

    [Fact]
    public async Task A_session_answers_out_of_its_own_block_of_a_sequence_without_asking()
    {
        var counting = new CountingDatabase();
        await using var server = new MemoryServer(decorate: counting.Over);
        await using var first = await StartAsync(server);
        await using var second = await StartAsync(server);
        await QueryAsync(first, "create sequence s cache 5");
        var before = counting.Batches;
        for (var i = 1; i <= 4; i++)
        {
            Assert.Contains($"D {i}", await QueryAsync(first, "select nextval('s') as v"));
        }

        await first.SendAsync(new ClientMessages().Parse("", "select nextval('s') as v").Bind("", "").Describe('P', "").Execute().Sync().Bytes);
        Assert.Equal(["1", "2", "T v:20/8/-1/0", "D 5", "C SELECT 1", "Z I"], Texts(await first.ReadUntilReadyAsync(1)));
        Assert.Equal(before + 1, counting.Batches);
        Assert.Contains("D 6", await QueryAsync(second, "select nextval('s') as v"));
        Assert.Contains("D 11|11|11", await QueryAsync(first, "select nextval('s') as a, currval('s') as b, lastval() as c"));
        Assert.Contains("D 12", await QueryAsync(first, "select nextval('s')"));
        Assert.Contains("D 12|12", await QueryAsync(first, "select currval('s') as b, lastval() as c"));
        await QueryAsync(first, "begin");
        Assert.Contains("D 13", await QueryAsync(first, "select nextval('s')"));
        await QueryAsync(first, "rollback");
        Assert.Contains("D 14", await QueryAsync(first, "select nextval('s')"));
        Assert.Contains("D 7", await QueryAsync(second, "select nextval('s')"));
        await first.EndAsync();
        await second.EndAsync();
    }

    [Fact]
    public async Task Who_repeats_a_named_write_gets_its_answer_and_not_what_its_session_has_left_of_a_sequence()
    {
        await using var server = new MemoryServer();
        await using var first = await StartAsync(server);
        await using var second = await StartAsync(server);
        await QueryAsync(first, "create sequence s cache 5");
        foreach (var client in new[] { first, second, first })
        {
            await QueryAsync(client, "set rqlite.idempotency_key = 'k'");
            Assert.Contains("D 1|1", await QueryAsync(client, "select nextval('s') as a, currval('s') as b"));
        }

        var given = new HashSet<string>();
        for (var i = 0; i < 6; i++)
        {
            Assert.True(given.Add(Assert.Single(await QueryAsync(first, "select nextval('s')"), text => text.StartsWith("D ", StringComparison.Ordinal))));
            Assert.True(given.Add(Assert.Single(await QueryAsync(second, "select nextval('s')"), text => text.StartsWith("D ", StringComparison.Ordinal))));
        }

        Assert.DoesNotContain("D 1", given);
        await first.EndAsync();
        await second.EndAsync();
    }

    [Fact]
    public async Task Values_drawn_by_a_portal_that_is_not_read_to_its_end_are_not_answered_again()
    {
        await using var server = new MemoryServer();
        await using var client = await StartAsync(server);
        await QueryAsync(client, "create sequence s cache 20");
        await QueryAsync(client, "create table two(a); insert into two values(1),(2)");
        Assert.Contains("D 1", await QueryAsync(client, "select nextval('s')"));
        await QueryAsync(client, "begin");
        await client.SendAsync(new ClientMessages().Parse("", "select nextval('s') as v from two").Bind("", "").Execute(max: 1).Sync().Bytes);
        Assert.Contains("D 2", Texts(await client.ReadUntilReadyAsync(1)));
        await QueryAsync(client, "commit");
        var next = Assert.Single(await QueryAsync(client, "select nextval('s')"), text => text.StartsWith("D ", StringComparison.Ordinal));
        Assert.DoesNotContain(next, new[] { "D 1", "D 2", "D 3" });
        await client.EndAsync();
    }

    private static async Task<WireClient> StartAsync(MemoryServer server)
    {
        var client = server.Connect();
        await client.SendAsync(new ClientMessages().Startup(196608, ("user", "tester")).Bytes);
        await client.ReadUntilReadyAsync(1);
        return client;
    }

    private static async Task<string[]> QueryAsync(WireClient client, string sql)
    {
        await client.SendAsync(new ClientMessages().Query(sql).Bytes);
        return Texts(await client.ReadUntilReadyAsync(1));
    }

    private static string[] Texts(List<ServerFrame> frames) => [.. frames.Select(f => f.ToString())];

    private static async Task ExecuteAsync(IDatabase database, string sql)
    {
        var batch = new StatementBatch([new Statement(System.Text.Encoding.UTF8.GetBytes(sql), default)], BatchOptions.None);
        await using var result = await database.ExecuteAsync(batch, WriteOptions.Default, default);
    }
}
