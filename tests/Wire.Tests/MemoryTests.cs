using System.Net;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>What clients make sessions keep is bounded in bytes, for a session and for the node, and given back with it.</summary>
public sealed class MemoryTests
{
    private const string OutOfMemory = "53200";

    private readonly MemoryBudget _node = new(4 << 20);

    private static ClientMessages Start() => new ClientMessages().Startup(196608, ("user", "u"));

    private WireOptions Options(long session = 1 << 20) =>
        new() { Dialect = "sqlite", EndPoint = new(IPAddress.Loopback, 0), Memory = _node, SessionBytesMax = session };

    [Fact]
    public async Task Prepared_statements_are_bounded_and_the_session_goes_on()
    {
        var messages = Start();
        for (var i = 0; i < 100; i++)
        {
            messages.Parse($"s{i}", "select 1 -- " + new string('x', 10_000)).Sync();
        }

        var frames = await TalkAsync(messages.Query("deallocate all").Parse("again", "select 2").Sync().Terminate(), Options());
        Assert.Contains(frames, f => f.Code == 'E');
        Assert.All(frames.Where(f => f.Code == 'E'), f => Assert.Equal(OutOfMemory, f.Field('C')));
        Assert.InRange(frames.Count(f => f.Code == '1'), 20, 60);
        Assert.Equal(["C DEALLOCATE ALL", "Z I", "1", "Z I"], frames.TakeLast(4).Select(f => f.ToString()));
        Assert.Equal(0, _node.Used);
    }

    [Fact]
    public async Task Sessions_that_keep_much_do_not_keep_others_out()
    {
        var node = new MemoryBudget(1 << 20) { SmallBytesMin = 128 << 10 };
        await using var server = new MemoryServer(Options() with { Memory = node });
        await using var hoarder = server.Connect();
        var messages = Start();
        var count = 2;
        foreach (var bytes in new[] { 10_000, 1_000, 10 })
        {
            for (var i = 0; i < 200; i++, count++)
            {
                messages.Parse($"s{bytes}_{i}", "select 1 -- " + new string('x', bytes)).Sync();
            }
        }

        var reading = hoarder.ReadUntilReadyAsync(count - 1);
        await hoarder.SendAsync(messages.Bytes);
        Assert.Equal(OutOfMemory, (await reading).Last(f => f.Code == 'E').Field('C'));

        await using var other = server.Connect();
        await other.SendAsync(Start()
            .Query("create table t (a int)")
            .Parse("s", "insert into t values ($1)").Bind("", "s", "1").Execute().Sync().Bytes);
        Assert.DoesNotContain(await other.ReadUntilReadyAsync(3), f => f.Code == 'E');
    }

    [Fact]
    public async Task Statements_of_one_text_count_it_once_and_as_long_as_one_is_there()
    {
        var text = string.Concat(Enumerable.Range(0, 50).Select(i => $"prepare s{i} as select {i};")) + "/*" + new string('x', 200_000) + "*/";
        var frames = await TalkAsync(Start().Query(text).Terminate(), Options());
        Assert.Equal(50, frames.Count(f => f.Code == 'C'));

        // Each text is there as long as one of its statements is.
        var messages = Start();
        for (var i = 0; i < 10; i++)
        {
            messages.Query($"prepare a{i} as select 1; prepare b{i} as select 1; /*{new string((char)('a' + i), 200_000)}*/").Query($"deallocate a{i}");
        }

        frames = await TalkAsync(messages.Terminate(), Options());
        Assert.Contains(frames, f => f.Code == 'E' && f.Field('C') == OutOfMemory);
        Assert.Equal(0, _node.Used);
    }

    [Fact]
    public async Task Portals_are_bounded_by_what_is_bound()
    {
        var value = new byte[50_000];
        Array.Fill(value, (byte)'x');
        var messages = Start().Query("begin").Parse("s", "select $1::text");
        for (var i = 0; i < 50; i++)
        {
            messages.Bind($"p{i}", "s", [], [value]);
        }

        var frames = await TalkAsync(messages.Sync().Query("rollback").Bind("p", "s", [], [value]).Execute("p").Sync().Terminate(), Options());
        Assert.Equal(OutOfMemory, Assert.Single(frames, f => f.Code == 'E').Field('C'));
        Assert.InRange(frames.Count(f => f.Code == '2'), 10, 25);
        Assert.Equal("Z I", frames[^1].ToString());
        Assert.Single(frames, f => f.Code == 'D');
        Assert.Equal(0, _node.Used);
    }

    [Fact]
    public async Task A_statement_that_only_portals_hold_is_counted()
    {
        var messages = Start().Query("begin");
        for (var i = 0; i < 20; i++)
        {
            messages.Parse("", $"select {i} -- {new string('x', 100_000)}").Bind($"p{i}", "");
        }

        var frames = await TalkAsync(messages.Sync().Terminate(), Options());
        Assert.Equal(OutOfMemory, Assert.Single(frames, f => f.Code == 'E').Field('C'));
        Assert.Equal(0, _node.Used);
    }

    [Fact]
    public async Task What_is_gathered_and_held_back_is_bounded()
    {
        var columns = string.Join(", ", Enumerable.Range(0, 200).Select(i => $"column_{i} int"));
        var messages = Start().Query($"create table wide ({columns}); create table t (a text)")
            .Parse("d", "select * from wide").Parse("i", "insert into t values ('x')").Sync()
            .Bind("", "i").Execute();
        for (var i = 0; i < 1_000; i++)
        {
            messages.Describe('S', "d");
        }

        var frames = await TalkAsync(messages.Sync().Query("select count(*) from t").Terminate(), Options());
        Assert.Equal(OutOfMemory, Assert.Single(frames, f => f.Code == 'E').Field('C'));
        Assert.Equal("D 0", Assert.Single(frames, f => f.Code == 'D').ToString());
        Assert.Equal(0, _node.Used);
    }

    [Fact]
    public async Task Rows_that_a_limit_leaves_over_are_counted()
    {
        var frames = await TalkAsync(
            Start().Query("create table t (a text)")
                .Parse("", "insert into t select printf('%.*c', 10000, 'x') from (with recursive n(i) as (select 1 union all select i + 1 from n limit 300) select i from n) returning a")
                .Bind("", "").Execute(max: 1).Sync().Query("select 1 as one").Terminate(),
            Options());
        Assert.Equal(OutOfMemory, Assert.Single(frames, f => f.Code == 'E').Field('C'));
        Assert.Equal("Z I", frames[^1].ToString());
        Assert.Equal(0, _node.Used);
    }

    [Fact]
    public async Task Settings_savepoints_and_channels_are_bounded()
    {
        var messages = Start().Query("begin");
        for (var i = 0; i < 60; i++)
        {
            messages.Query($"set my.x = '{new string((char)('a' + (i % 26)), 20_000)}'; savepoint a");
        }

        var frames = await TalkAsync(messages.Query("rollback").Query("set my.x = 'y'").Query("show my.x").Terminate(), Options());
        Assert.Contains(frames, f => f.Code == 'E' && f.Field('C') == OutOfMemory);
        Assert.Equal("D y", frames.Last(f => f.Code == 'D').ToString());
        Assert.Equal(0, _node.Used);
    }

    [Fact]
    public async Task A_message_that_is_too_much_for_the_node_is_skipped_and_the_session_goes_on()
    {
        var large = "select length('" + new string('x', 3 << 20) + "')";
        var frames = await TalkAsync(
            Start().Query(large).Query("select 1 as one").Parse("", large).Bind("", "").Sync().Query("select 2 as two").Terminate(), Options());
        Assert.Equal(
            ["E", "Z", "T", "D", "C", "Z", "E", "Z", "T", "D", "C", "Z"],
            frames.SkipWhile(f => f.Code != 'Z').Skip(1).Select(f => f.Code.ToString()));
        Assert.All(frames.Where(f => f.Code == 'E'), f => Assert.Equal(OutOfMemory, f.Field('C')));
        Assert.Equal(0, _node.Used);
    }

    [Fact]
    public async Task Sessions_share_what_the_node_has()
    {
        await using var server = new MemoryServer(Options(session: 4 << 20));
        var clients = new List<WireClient>();
        var refused = 0;
        for (var i = 0; i < 4; i++)
        {
            var client = server.Connect();
            clients.Add(client);
            await client.SendAsync(Start().Parse("s", "select 1 -- " + new string('x', 300_000)).Parse("t", "select 1 -- " + new string('x', 300_000)).Sync().Bytes);
            refused += (await client.ReadUntilReadyAsync(2)).Count(f => f.Code == 'E' && f.Field('C') == OutOfMemory);
        }

        Assert.InRange(refused, 1, 3);
        foreach (var client in clients)
        {
            await client.SendAsync(new ClientMessages().Terminate().Bytes);
            await client.ReadUntilClosedAsync();
        }

        await using var last = server.Connect();
        await last.SendAsync(Start().Parse("s", "select 1 -- " + new string('x', 300_000)).Sync().Terminate().Bytes);
        Assert.DoesNotContain(await last.ReadUntilClosedAsync(), f => f.Code == 'E');
    }

    [Fact]
    public async Task A_text_of_more_statements_than_one_may_hold_is_refused_before_it_is_read_to_its_end()
    {
        var text = string.Concat(Enumerable.Repeat("END;", 1_001)) + "'";
        var frames = await TalkAsync(Start().Query(text).Terminate(), Options() with { PipelineStatementsMax = 1_000 });
        Assert.Equal("54000", Assert.Single(frames, f => f.Code == 'E').Field('C'));
    }

    private static async Task<List<ServerFrame>> TalkAsync(ClientMessages messages, WireOptions options)
    {
        await using var server = new MemoryServer(options);
        await using var client = server.Connect();
        var reading = client.ReadUntilClosedAsync();
        await client.SendAsync(messages.Bytes);
        return await reading;
    }
}
