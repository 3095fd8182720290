using System.Buffers.Binary;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>What cannot be said in a transcript: bad bytes, cancel requests, leadership, and how often the log is asked.</summary>
public sealed class SessionTests
{
    private static ClientMessages Start() => new ClientMessages().Startup(196608, ("user", "u"));

    [Theory]
    [InlineData("5100000003")]
    [InlineData("51FFFFFFFF")]
    [InlineData("5180000000")]
    [InlineData("7900000004")]
    [InlineData("7000000004")]
    public async Task A_frame_that_cannot_be_is_fatal(string hex)
    {
        var frames = await TalkAsync(Start().Raw(Convert.FromHexString(hex)));
        Assert.Equal(("FATAL", "08P01"), (frames[^1].Field('S'), frames[^1].Field('C')));
    }

    [Fact]
    public async Task A_frame_over_the_limit_is_skipped_and_refused()
    {
        var options = new WireOptions { Dialect = "sqlite", EndPoint = new(System.Net.IPAddress.Loopback, 0), MessageBytesMax = 1 << 16 };
        var messages = Start().Query(new string(' ', 1 << 20)).Sync();
        var frames = await TalkAsync(messages, options);
        Assert.Equal(("FATAL", "54000"), (frames[^1].Field('S'), frames[^1].Field('C')));
    }

    [Theory]
    [InlineData("0000000000030000")]
    [InlineData("0000000700030000")]
    [InlineData("7FFFFFFF00030000")]
    [InlineData("FFFFFFFF00030000")]
    [InlineData("0000271100030000")]
    public async Task A_startup_packet_of_impossible_length_is_refused(string hex)
    {
        var frames = await TalkAsync(new ClientMessages().Raw(Convert.FromHexString(hex)));
        Assert.Equal("08P01", Assert.Single(frames).Field('C'));
    }

    [Theory]
    [InlineData(80877103)]
    [InlineData(80877104)]
    public async Task Bytes_behind_a_request_for_encryption_are_not_heard(int code)
    {
        var frames = await TalkAsync(new ClientMessages().CodePacket(code).Startup(196608, ("user", "u")).Query("select 1"));
        Assert.Equal("08P01", Assert.Single(frames).Field('C'));
    }

    [Theory]
    [InlineData(80877103, 80877104)]
    [InlineData(80877104, 80877103)]
    public async Task Encryption_is_declined_and_the_session_starts(int first, int second)
    {
        await using var server = new MemoryServer();
        await using var client = server.Connect();
        foreach (var code in new[] { first, second })
        {
            await client.SendAsync(new ClientMessages().CodePacket(code).Bytes);
            Assert.Equal((byte)'N', await client.ReadByteAsync());
        }

        await client.SendAsync(Start().Bytes);
        Assert.Equal('Z', (await client.ReadUntilReadyAsync(1))[^1].Code);
    }

    [Theory]
    [InlineData(196608, null, 8)]
    [InlineData(196609, null, 8)]
    [InlineData(196610, null, 36)]
    [InlineData(196608 + 9999, "v 0003000200000000", 36)]
    public async Task Versions_are_negotiated(int version, string? negotiation, int keyLength)
    {
        var frames = await TalkAsync(new ClientMessages().Startup(version, ("user", "u")).Terminate());
        Assert.Equal(negotiation, frames.SingleOrDefault(f => f.Code == 'v')?.ToString().Trim());
        Assert.Equal(keyLength, frames.Single(f => f.Code == 'K').Body.Length);
    }

    [Fact]
    public async Task Unknown_protocol_options_are_named_and_other_majors_refused()
    {
        var frames = await TalkAsync(new ClientMessages().Startup(196608, ("user", "u"), ("_pq_.x", "1")).Terminate());
        Assert.Equal("v 0003000000000001 _pq_.x", frames[0].ToString());
        var refused = await TalkAsync(new ClientMessages().Startup(4 << 16, ("user", "u")));
        Assert.Equal("0A000", Assert.Single(refused).Field('C'));
    }

    [Fact]
    public async Task An_unknown_setting_at_startup_is_fatal_after_authentication()
    {
        var frames = await TalkAsync(new ClientMessages().Startup(196608, ("user", "u"), ("nope", "1")));
        Assert.Equal(["R 0", "E FATAL 42704 unrecognized configuration parameter \"nope\""], frames.Select(f => f.ToString()));
    }

    [Theory]
    [InlineData("DateStyle", "SQL, DMY", "SQL, DMY")]
    [InlineData("DateStyle", "German", "German, DMY")]
    [InlineData("client_encoding", "iso-8859-1", "LATIN1")]
    [InlineData("client_encoding", "sql_ascii", "SQL_ASCII")]
    [InlineData("client_encoding", "win-1252", "UTF8")]
    [InlineData("client_encoding", "'utf-8'", "UTF8")]
    public async Task Styles_and_encodings_are_taken_at_the_start_or_named_and_the_session_starts(string name, string asked, string given)
    {
        foreach (var parameter in new[] { (name, asked), ("options", $"-c {name}={asked.Replace(" ", "\\ ", StringComparison.Ordinal)}") })
        {
            var frames = await TalkAsync(new ClientMessages().Startup(196608, ("user", "u"), parameter).Query($"show {name}").Terminate());
            Assert.Contains($"S {name}={given}", frames.Select(f => f.ToString()));
            Assert.Equal($"D {given}", frames.Single(f => f.Code == 'D').ToString());
            var notices = frames.Where(f => f.Code == 'N').Select(f => (f.Field('S'), f.Field('C')));
            Assert.Equal(asked == "win-1252" ? [("WARNING", "0A000")] : [], notices);
        }
    }

    [Theory]
    [InlineData("DateStyle", "nonsense")]
    [InlineData("client_encoding", "LATIN99")]
    public async Task What_no_server_knows_is_fatal_at_the_start(string name, string asked)
    {
        var frames = await TalkAsync(new ClientMessages().Startup(196608, ("user", "u"), (name, asked)));
        Assert.Equal(("FATAL", "22023"), (frames[^1].Field('S'), frames[^1].Field('C')));
    }

    [Theory]
    [InlineData("ISO, MDY", "01/02/2000", "2000-01-02")]
    [InlineData("ISO, DMY", "01/02/2000", "2000-02-01")]
    [InlineData("ISO, YMD", "01/02/03", "2001-02-03")]
    public async Task Dates_are_read_in_the_order_of_DateStyle(string style, string sent, string date)
    {
        var frames = await TalkAsync(Start().Query($"set datestyle = '{style}'")
            .Parse("", "select $1::date as d", 1082).Bind("", "", sent).Execute().Sync().Terminate());
        Assert.Equal($"D {date}", frames.Single(f => f.Code == 'D').ToString());
    }

    [Theory]
    [InlineData("cast(x'c328' as text)", "0xc3 0x28")]
    [InlineData("cast(x'61ff' as text)", "0xff")]
    [InlineData("cast(x'e282' as text)", "0xe2 0x82")]
    [InlineData("cast(x'6100' as text)", "0x00")]
    public async Task Stored_text_that_is_no_text_is_22021(string value, string bytes)
    {
        var frames = await TalkAsync(Start().Query($"create table t (v text); insert into t values ({value})")
            .Query("select v from t").Query("select hex(v) as h from t").Query("copy t to stdout").Terminate());
        Assert.All(frames.Where(f => f.Code == 'E'), f => Assert.Equal(
            ("22021", $"invalid byte sequence for encoding \"UTF8\": {bytes}"), (f.Field('C'), f.Field('M'))));
        Assert.Equal(2, frames.Count(f => f.Code == 'E'));
        Assert.Single(frames, f => f.Code == 'D');
    }

    [Fact]
    public async Task The_idle_limit_of_a_block_counts_from_ReadyForQuery()
    {
        await using var server = new MemoryServer();
        await using var client = server.Connect();
        await client.SendAsync(Start().Query("set idle_in_transaction_session_timeout = 200").Query("begin").Parse("", "select 1 as one").Flush().Bytes);
        Assert.Contains(await client.ReadAsync(frames => frames.Exists(f => f.Code == '1')), f => f.Code == '1');
        await Task.Delay(600);
        await client.SendAsync(new ClientMessages().Bind("", "").Execute().Sync().Bytes);
        var frames = await client.ReadUntilClosedAsync();
        Assert.Contains(frames, f => f.Code == 'D');
        Assert.Equal("25P03", frames[^1].Field('C'));
    }

    [Theory]
    [InlineData("select n from t where n + 0 >= $1", "2", "D 2")]
    [InlineData("select n from t where n + 0 in ($1)", "2", "D 2")]
    [InlineData("select n from t where n = $1", "2", "D 2")]
    [InlineData("select n from t order by n desc limit $1", "1", "D 2")]
    [InlineData("select n from t group by n having sum(n) > $1", "1.5", "D 2")]
    [InlineData("select n from t where coalesce(n, 0) = $1", "2", "E ERROR 42P18 could not determine data type of parameter $1")]
    [InlineData("select n from t where n + 0 >= $1", "x", "E ERROR 22P02 invalid input syntax for type numeric: \"x\"")]
    public async Task A_parameter_that_is_compared_with_a_number_is_one(string sql, string value, string answer)
    {
        var frames = await TalkAsync(Start().Query("create table t (n int); insert into t values (1), (2)")
            .Parse("", sql).Bind("", "", value).Execute().Sync().Terminate());
        Assert.Equal(answer, Assert.Single(frames, f => f.Code is 'D' or 'E').ToString());
    }

    [Theory]
    [InlineData(701u, "NaN")]
    [InlineData(701u, "-0")]
    [InlineData(700u, "nan")]
    [InlineData(1700u, "1234567890.1234567")]
    [InlineData(1700u, "12345678901234567890")]
    public async Task A_value_that_the_database_would_change_is_22003(uint type, string value)
    {
        var frames = await TalkAsync(Start().Query("create table t (n numeric)")
            .Parse("", "insert into t values ($1)", type).Bind("", "", value).Execute().Sync().Query("select count(*) as n from t").Terminate());
        Assert.Equal("22003", Assert.Single(frames, f => f.Code == 'E').Field('C'));
        Assert.Equal("D 0", Assert.Single(frames, f => f.Code == 'D').ToString());
    }

    [Fact]
    public async Task A_portal_over_a_table_that_comes_in_the_same_pipeline_is_described_wherever_that_is_asked()
    {
        var frames = await TalkAsync(Start()
            .Parse("", "create table n (a int, b text)").Bind("", "").Execute()
            .Parse("s", "select b, a from n").Bind("p", "s").Bind("q", "s")
            .Describe('P', "p").Describe('P', "q").Describe('P', "p").Execute("p").Execute("q").Sync().Terminate());
        Assert.Equal(3, frames.Count(f => f.ToString() == "T b:25/-1/-1/0, a:23/4/-1/0"));
        Assert.Equal(2, frames.Count(f => f.ToString() == "C SELECT 0"));
        Assert.DoesNotContain(frames, f => f.Code == 'E');
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_statement_that_fails_behind_gathered_writes_is_answered_by_its_own_error(bool executed)
    {
        var messages = Start().Query("create table t (a int)")
            .Parse("", "insert into t values (1)").Bind("", "").Execute()
            .Parse("", "select * from nowhere").Bind("", "").Describe('P', "");
        var frames = await TalkAsync((executed ? messages.Execute() : messages).Sync().Query("select count(*) as n from t").Terminate());
        Assert.Equal("42P01", Assert.Single(frames, f => f.Code == 'E').Field('C'));
        Assert.Equal("Z I", frames[^1].ToString());
    }

    [Fact]
    public async Task Options_set_the_read_level()
    {
        var frames = await TalkAsync(new ClientMessages()
            .Startup(196608, ("user", "u"), ("options", "-c rqlite.consistency=linearizable --application_name=a\\ b"))
            .Query("show rqlite.consistency; show application_name").Terminate());
        Assert.Equal(["D linearizable", "D a b"], frames.Where(f => f.Code == 'D').Select(f => f.ToString()));
    }

    [Theory]
    [InlineData("invalid byte sequence for encoding \"UTF8\": 0xff", new byte[] { 0xff, 0 })]
    [InlineData("invalid byte sequence for encoding \"UTF8\": 0xc3 0x28", new byte[] { 0xc3, 0x28, 0 })]
    public async Task Text_that_is_not_UTF8_is_refused(string message, byte[] text)
    {
        var frames = await TalkAsync(Start().Frame('Q', body => System.Buffers.BuffersExtensions.Write<byte>(body, text)).Terminate());
        var error = frames.Single(f => f.Code == 'E');
        Assert.Equal(("22021", message), (error.Field('C'), error.Field('M')));
        Assert.Equal("Z I", frames[^1].ToString());
    }

    [Fact]
    public async Task A_NUL_in_a_text_parameter_is_refused()
    {
        var frames = await TalkAsync(Start()
            .Parse("", "select $1", 25).Bind("", "", [], [[(byte)'a', 0, (byte)'b']]).Execute().Sync().Terminate());
        Assert.Equal("22021", frames.Single(f => f.Code == 'E').Field('C'));
    }

    [Fact]
    public async Task Parameters_that_are_not_there_are_a_protocol_violation()
    {
        var frames = await TalkAsync(Start()
            .Parse("", "select 1")
            .Frame('B', body =>
            {
                ClientMessages.Text(body, "");
                ClientMessages.Text(body, "");
                ClientMessages.Int16(body, 65535);
                System.Buffers.BuffersExtensions.Write<byte>(body, [1, 2, 3]);
            })
            .Sync().Terminate());
        Assert.Equal("08P01", frames.Single(f => f.Code == 'E').Field('C'));
        Assert.Equal("Z I", frames[^1].ToString());
    }

    [Fact]
    public async Task Function_calls_are_refused_and_the_session_goes_on()
    {
        var frames = await TalkAsync(Start().Line("F").Query("select 1 as n").Terminate());
        Assert.Equal("0A000", frames.Single(f => f.Code == 'E').Field('C'));
        Assert.Contains("D 1", frames.Select(f => f.ToString()));
    }

    [Fact]
    public async Task Flush_brings_answers_without_ReadyForQuery()
    {
        await using var server = new MemoryServer();
        await using var client = server.Connect();
        await client.SendAsync(Start().Bytes);
        await client.ReadUntilReadyAsync(1);
        await client.SendAsync(new ClientMessages().Parse("", "select 1 as n").Describe('S', "").Flush().Bytes);
        var frames = await client.ReadAsync(f => f.Count == 3);
        Assert.Equal("1tT", string.Concat(frames.Select(f => f.Code)));
        await client.SendAsync(new ClientMessages().Parse("", "selec").Bytes);
        Assert.Equal('E', Assert.Single(await client.ReadAsync(f => f.Count == 1)).Code);
    }

    [Theory]
    [InlineData("parsed", "12|E 57014")]
    [InlineData("suspended", "12Ds|E 57014")]
    [InlineData("completed", "12DC|12DC")]
    public async Task The_statement_timeout_runs_on_over_Flush_until_an_Execute_has_completed(string when, string expected)
    {
        const string Three = "select 1 as n union all select 2 union all select 3";
        await using var server = new MemoryServer();
        await using var client = server.Connect();
        await client.SendAsync(Start().Query("set statement_timeout = '2s'").Bytes);
        await client.ReadUntilReadyAsync(2);
        var first = new ClientMessages().Parse("", Three).Bind("", "");
        first = when switch { "parsed" => first, "suspended" => first.Execute("", 1), _ => first.Execute("", 0) };
        await client.SendAsync(first.Flush().Bytes);
        var (before, after) = (expected[..expected.IndexOf('|')], expected[(expected.IndexOf('|') + 1)..]);
        var rows = when == "completed" ? 2 : 0;
        await client.ReadAsync(frames => frames.Count == before.Length + rows);
        await Task.Delay(2300);
        await client.SendAsync((when == "completed" ? new ClientMessages().Parse("", "select 1 as n").Bind("", "") : new ClientMessages())
            .Execute().Sync().Bytes);
        var frames = await client.ReadUntilReadyAsync(1);
        var answer = frames.TakeWhile(f => f.Code != 'Z').Select(f => f.Code == 'E' ? $"E {f.Field('C')}" : $"{f.Code}");
        Assert.Equal(after, string.Concat(answer));
    }

    [Theory]
    [InlineData("54001", "", "not ", "1", "")]
    [InlineData("54001", "", "case when 1 then ", "1", " end")]
    [InlineData("54001", "", "1 + ", "1", "")]
    [InlineData("54001", "", "(", "1", ")")]
    [InlineData("54000", "1", " union select 1", "", "")]
    [InlineData("54000", "1 from sqlite_schema", ", sqlite_schema", "", "")]
    public async Task Statements_beyond_SQLites_depth_are_refused_as_too_deep(string state, string first, string open, string inner, string close)
    {
        static string Times(string part) => string.Concat(Enumerable.Repeat(part, 20_000));
        var frames = await TalkAsync(Start().Query($"select {first}{Times(open)}{inner}{Times(close)}").Query("select 1 as n").Terminate());
        Assert.Equal(state, frames.Single(f => f.Code == 'E').Field('C'));
        Assert.Contains("D 1", frames.Select(f => f.ToString()));
    }

    [Theory]
    [InlineData("sync", "E 57014,Z")]
    [InlineData("query", "E 57014,Z")]
    [InlineData("sync behind an error", "Z")]
    public async Task The_statement_timeout_is_over_at_the_Sync_or_query_that_comes_too_late(string what, string expected)
    {
        await using var server = new MemoryServer();
        await using var client = server.Connect();
        await client.SendAsync(Start().Query("set statement_timeout = '1s'").Bytes);
        await client.ReadUntilReadyAsync(2);
        var first = new ClientMessages().Parse("", "select 1 as n").Bind("", "");
        await client.SendAsync((what == "sync behind an error" ? first.Parse("", "selec") : first.Flush()).Bytes);
        await client.ReadAsync(frames => frames.Count == (what == "sync behind an error" ? 3 : 2));
        await Task.Delay(1300);
        await client.SendAsync((what == "query" ? new ClientMessages().Query("select 1 as n") : new ClientMessages().Sync()).Bytes);
        var frames = await client.ReadUntilReadyAsync(1);
        Assert.Equal(expected, string.Join(',', frames.Select(f => f.Code == 'E' ? $"E {f.Field('C')}" : $"{f.Code}")));
    }

    [Fact]
    public async Task A_query_behind_a_pipeline_that_fails_is_skipped_up_to_Sync()
    {
        var frames = await TalkAsync(Start()
            .Query("create table t (a int primary key); insert into t values (1)")
            .Parse("", "insert into t values (1)").Bind("", "").Execute().Query("insert into t values (2)").Sync()
            .Query("select count(*) from t").Terminate());
        Assert.Equal(
            ["1", "2", "E 23505", "Z I", "T", "D 1", "C SELECT 1", "Z I"],
            frames.SkipWhile(f => f.Code != '1').Select(f => f.Code switch { 'E' => $"E {f.Field('C')}", 'T' => "T", _ => f.ToString() }));
    }

    [Fact]
    public async Task A_second_Execute_that_has_no_rows_left_commits_nothing_ahead_of_Sync()
    {
        var frames = await TalkAsync(Start()
            .Query("create table t (a int primary key)")
            .Parse("", "insert into t values (1) returning a").Bind("", "").Execute().Execute().Execute("missing").Sync()
            .Query("select count(*) from t").Terminate());
        Assert.Equal(
            ["1", "2", "D 1", "C INSERT 0 1", "C INSERT 0 0", "E 34000", "Z I", "T", "D 0", "C SELECT 1", "Z I"],
            frames.SkipWhile(f => f.Code != '1').Select(f => f.Code switch { 'E' => $"E {f.Field('C')}", 'T' => "T", _ => f.ToString() }));
    }

    [Fact]
    public async Task A_COMMIT_that_fails_within_a_query_string_ends_its_block()
    {
        const string Tables = "create table p (id int primary key); create table c (p int references p(id) deferrable initially deferred)";
        var frames = await TalkAsync(Start()
            .Query(Tables)
            .Query("begin; insert into c values (1); commit").Query("select count(*) from c").Terminate());
        Assert.Equal("23503", frames.Single(f => f.Code == 'E').Field('C'));
        Assert.Equal(["Z I", "Z I", "Z I", "Z I"], frames.Where(f => f.Code == 'Z').Select(f => f.ToString()));
        Assert.Contains("D 0", frames.Select(f => f.ToString()));
    }

    [Fact]
    public async Task A_COMMIT_without_a_block_closes_the_portals_of_its_pipeline()
    {
        var frames = await TalkAsync(Start()
            .Parse("", "select 1 as n").Bind("p", "").Execute("p", 1)
            .Parse("", "commit").Bind("", "").Execute()
            .Parse("", "select 2 as n").Bind("p", "").Execute("p").Sync().Terminate());
        Assert.DoesNotContain(frames, f => f.Code == 'E');
        Assert.Contains("D 2", frames.Select(f => f.ToString()));
    }

    [Fact]
    public async Task A_pipeline_of_writes_is_one_entry()
    {
        var counting = new CountingDatabase();
        await using var server = new MemoryServer(decorate: counting.Over);
        await using var client = server.Connect();
        var messages = Start().Query("create table t (id int primary key)").Parse("i", "insert into t values ($1)", 23);
        for (var i = 0; i < 100; i++)
        {
            messages.Bind("", "i", i.ToString(System.Globalization.CultureInfo.InvariantCulture)).Execute();
        }

        await client.SendAsync(messages.Sync().Query("select count(*) as n from t").Terminate().Bytes);
        var frames = await client.ReadUntilClosedAsync();
        Assert.Contains("D 100", frames.Select(f => f.ToString()));
        Assert.Equal(100, frames.Count(f => f.ToString() == "C INSERT 0 1"));
        Assert.Equal(2, counting.Batches);
    }

    [Fact]
    public async Task A_cancel_request_hits_what_runs_and_nothing_else()
    {
        const string Endless = "with recursive c(n) as (select 1 union all select n + 1 from c) select count(*) from c";
        var counting = new CountingDatabase();
        await using var server = new MemoryServer(decorate: counting.Over);
        await using var client = server.Connect();
        await client.SendAsync(new ClientMessages().Startup(196610, ("user", "u")).Bytes);
        var key = (await client.ReadUntilReadyAsync(1)).Single(f => f.Code == 'K').Body;
        await CancelAsync(server, key);
        await client.SendAsync(new ClientMessages().Query("select 1 as n").Bytes);
        Assert.DoesNotContain(await client.ReadUntilReadyAsync(1), f => f.Code == 'E');

        var wrong = key.ToArray();
        wrong[^1] ^= 1;
        await client.SendAsync(new ClientMessages().Query(Endless).Bytes);
        await counting.Reading(2);
        await CancelAsync(server, wrong);
        await CancelAsync(server, key);
        var frames = await client.ReadUntilReadyAsync(1);
        Assert.Equal("57014", frames.Single(f => f.Code == 'E').Field('C'));
        await client.SendAsync(new ClientMessages().Query("select 2 as n").Terminate().Bytes);
        Assert.Contains("D 2", (await client.ReadUntilClosedAsync()).Select(f => f.ToString()));
    }

    [Fact]
    public async Task A_change_of_leadership_is_told_to_an_idle_session()
    {
        var leadership = new Leadership { IsLeader = false };
        await using var server = new MemoryServer(leadership: leadership);
        await using var client = server.Connect();
        await client.SendAsync(Start().Bytes);
        Assert.Contains("S in_hot_standby=on", (await client.ReadUntilReadyAsync(1)).Select(f => f.ToString()));
        leadership.IsLeader = true;
        server.Last!.Wake();
        Assert.Equal("S in_hot_standby=off", Assert.Single(await client.ReadAsync(f => f.Count == 1)).ToString());
    }

    [Fact]
    public async Task A_stopped_session_is_told_and_closed()
    {
        await using var server = new MemoryServer();
        await using var client = server.Connect();
        await client.SendAsync(Start().Bytes);
        await client.ReadUntilReadyAsync(1);
        server.Last!.Stop();
        var frames = await client.ReadUntilClosedAsync();
        Assert.Equal(("FATAL", "57P01"), (frames[^1].Field('S'), frames[^1].Field('C')));
    }

    private static async Task CancelAsync(MemoryServer server, byte[] key)
    {
        var body = new byte[4 + key.Length];
        BinaryPrimitives.WriteInt32BigEndian(body, 80877102);
        key.CopyTo(body, 4);
        await using var canceller = server.Connect();
        await canceller.SendAsync(new ClientMessages().Packet(body).Bytes);
        Assert.Empty(await canceller.ReadUntilClosedAsync());
    }

    private static async Task<List<ServerFrame>> TalkAsync(ClientMessages messages, WireOptions? options = null)
    {
        await using var server = new MemoryServer(options);
        await using var client = server.Connect();
        var reading = client.ReadUntilClosedAsync();
        await client.SendAsync(messages.Bytes);
        return await reading;
    }

    private sealed class Leadership : ILeadership
    {
        public bool IsLeader { get; set; }

        public NodeDescription? Leader => IsLeader ? Self : null;

        public NodeDescription Self { get; } = new("n", "localhost:1", "localhost:2", "localhost:3", Voter: true);

        public event Action? Changed
        {
            add { }
            remove { }
        }
    }
}
