using System.Diagnostics;

namespace Rqlite.Pg.Storage.Tests;

public class SequenceTests
{
    private const BatchOptions Options = BatchOptions.ForeignKeys;

    private static readonly CallerSession s_caller = new(Guid.NewGuid(), 1, 1, [], 0);

    [Fact]
    public async Task Values_are_drawn_in_order_and_seen_in_the_same_command()
    {
        await using var db = await WithSequenceAsync();
        Assert.Equal(["1|1|1", "2|2", "3;4"], await RunAsync(
            db, s_caller, "SELECT nextval('s'), currval('s'), lastval()", "SELECT nextval('S'), currval('public.s')", "SELECT nextval('s') FROM two"));
        Assert.Equal("4|0|1", await db.QueryAsync("SELECT * FROM s"));
        Assert.Equal([Error("55000", "currval of sequence \"s\" is not yet defined in this session"),
            Error("55000", "lastval is not yet defined in this session")], await RunAsync(db, s_caller, "SELECT currval('s')", "SELECT lastval()"));
    }

    [Fact]
    public async Task What_a_session_has_drawn_comes_back_and_is_known_again()
    {
        await using var db = await WithSequenceAsync();
        var results = new CommandResult?[1];
        db.Database.Writer.Apply(db.NextStamp(), [Command(s_caller, "SELECT nextval('s')")], results);
        var cursor = await new EncodedResults(results[0]!.Encoded).NextAsync(default);
        Assert.Equal("1", await TestDatabase.TextAsync(cursor!));
        var effects = cursor!.Outcome.Effects!;
        var value = Assert.Single(effects.Sequences);
        Assert.Equal(("s", 1, 1, 1), (value.Name, value.Last, value.Cached, value.Increment));
        var next = s_caller with { Sequences = effects.Sequences, LastSequence = effects.LastSequence };
        Assert.Equal(["1|1"], await RunAsync(db, next, "SELECT currval('s'), lastval()"));
        await db.ApplyAsync("@DELETE FROM _rqlite_call WHERE _rqlite_drop_sequence('0', 's')");
        await db.ApplyAsync("@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('s', '0')");
        Assert.Equal([Error("55000", "currval of sequence \"s\" is not yet defined in this session"),
            Error("55000", "lastval is not yet defined in this session")], await RunAsync(db, next, "SELECT currval('s')", "SELECT lastval()"));
    }

    [Fact]
    public async Task A_statement_that_is_cancelled_while_its_effects_are_written_fails_and_leaves_none()
    {
        const int Sequences = 90;
        await using var db = new TestDatabase();
        await db.ApplyAsync([
            .. Enumerable.Range(0, Sequences).Select(i => $"@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('s{i}', '0')"),
            .. Enumerable.Range(0, 1000).Select(i => $"CREATE VIEW v{i} AS SELECT {i}")]);
        var names = string.Join(", ", Enumerable.Range(0, Sequences).Select(i => $"'s{i}'"));
        var statement = TestDatabase.Sql($"@DELETE FROM _rqlite_call WHERE _rqlite_drop_sequence('0', {names})");
        var whole = TimeSpan.Zero;
        for (var i = 0; i <= 20; i++)
        {
            using var rehearsal = db.Database.Writer.BeginRehearsal(5, 6, BatchOptions.None, s_caller);
            using var token = new CancellationTokenSource();
            var began = Stopwatch.GetTimestamp();
            var cancelling = i == 0 ? Task.CompletedTask : CancelAsync(token, began, whole * (i / 25.0));
            var answer = await TestDatabase.ResultsAsync(new CommandResult(rehearsal.Run(statement, token.Token), 0, duplicate: false));
            whole = i == 0 ? Stopwatch.GetElapsedTime(began) : whole;
            await cancelling;
            Assert.Matches(i == 0 ? "^changed 0" : "^(changed 0|9: interrupted|9: query cancelled)", Assert.Single(answer));
            rehearsal.Dispose();
            await db.ApplyAsync("SELECT nextval('s0')");
            Assert.Equal($"{Sequences}", await db.QueryAsync("SELECT count(*) FROM _rqlite_sequences"));
        }

        static Task CancelAsync(CancellationTokenSource token, long began, TimeSpan after) => Task.Run(() =>
        {
            SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(began) > after);
            token.Cancel();
        });
    }

    [Fact]
    public async Task A_block_belongs_to_its_session()
    {
        await using var db = await WithSequenceAsync("'cache', '3'");
        Assert.Equal(["1|2"], await RunAsync(db, s_caller, "SELECT nextval('s'), nextval('s')"));
        Assert.Equal("3|0|1", await db.QueryAsync("SELECT * FROM s"));
        var rest = s_caller with { Sequences = [new SequenceValue(await IdAsync(db), "s", 2, 3, 1)] };
        Assert.Equal(["3|4"], await RunAsync(db, rest, "SELECT nextval('s'), nextval('s')"));
        Assert.Equal("6|0|1", await db.QueryAsync("SELECT * FROM s"));
    }

    [Fact]
    public async Task Defaults_and_triggers_draw_too()
    {
        await using var db = await WithSequenceAsync();
        await db.ApplyAsync(
            "CREATE TABLE t(id BIGINT DEFAULT (nextval('s')), a)",
            "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO u VALUES(currval('s'), changes()); END", "CREATE TABLE u(b, c)");
        Assert.Equal(["1;2", "2"], await RunAsync(
            db, s_caller, "INSERT INTO t(a) VALUES('x'),('y') RETURNING id", "SELECT currval('s')"));
        Assert.Equal("1;2", await db.QueryAsync("SELECT b FROM u"));
    }

    [Fact]
    public async Task Counters_of_the_client_do_not_count_what_a_sequence_writes()
    {
        await using var db = await WithSequenceAsync();
        await db.ApplyAsync("CREATE TABLE t(a)");
        Assert.Equal(["changed 3, last 3", "1|3|3|3"], await RunAsync(
            db, s_caller, "INSERT INTO t VALUES(1),(2),(3)", "SELECT nextval('s'), changes(), total_changes(), last_insert_rowid()"));
        Assert.Equal(["changed 1, last 4", "2", "1|4"], await RunAsync(
            db, s_caller, "INSERT INTO t VALUES(1)", "SELECT nextval('s')", "SELECT changes(), last_insert_rowid()"));
    }

    [Fact]
    public async Task An_entry_whose_statements_are_undone_keeps_what_they_drew()
    {
        await using var db = await WithSequenceAsync();
        await db.ApplyAsync("CREATE TABLE t(a UNIQUE)", "INSERT INTO t VALUES(1)");
        var batch = new StatementBatch([TestDatabase.Sql("SELECT nextval('s')"), TestDatabase.Sql("INSERT INTO t VALUES(1)")], BatchOptions.Atomic);
        Assert.Equal("1", (await db.ApplyAsync(new ApplyCommand(default, batch)))[0][0]);
        Assert.Equal("1|0|1", await db.QueryAsync("SELECT * FROM s"));
        Assert.StartsWith("2067: ", (await RunAsync(db, null, "INSERT INTO t SELECT 1 WHERE nextval('s') = 2"))[0]);
        Assert.Equal(["3"], await RunAsync(db, null, "SELECT nextval('s')"));
    }

    [Theory]
    [InlineData("SELECT nextval('m')", "2200H", "nextval: reached maximum value of sequence \"m\" (2)")]
    [InlineData("SELECT setval('m', 3)", "22003", "setval: value 3 is out of bounds for sequence \"m\" (1..2)")]
    [InlineData("SELECT nextval('nope')", "42P01", "relation \"nope\" does not exist")]
    [InlineData("SELECT nextval('\"M\"')", "42P01", "relation \"M\" does not exist")]
    [InlineData("SELECT nextval('other.m')", "42P01", "relation \"other.m\" does not exist")]
    [InlineData("SELECT nextval('a.b.c.d')", "42601", "improper relation name (too many dotted names): a.b.c.d")]
    [InlineData("SELECT nextval('')", "42602", "invalid name syntax")]
    [InlineData("SELECT nextval('two')", "42809", "\"two\" is not a sequence")]
    public async Task Errors_are_PostgreSQLs(string sql, string state, string message)
    {
        await using var db = await WithSequenceAsync();
        await db.ApplyAsync("@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('m', '0', 'maxvalue', '2')", "SELECT setval('m', 2)");
        var hash = await db.Database.ContentHashAsync(default);
        Assert.Equal([Error(state, message)], await RunAsync(db, s_caller, sql));
        Assert.Equal(hash, await db.Database.ContentHashAsync(default));
    }

    [Fact]
    public async Task Bounds_and_cycles_hold_in_both_directions()
    {
        await using var db = await WithSequenceAsync();
        await db.ApplyAsync(
            "@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('d', '0', 'increment', '-1', 'minvalue', '-2', 'maxvalue', '3', 'start', '0', 'cycle', '1')",
            "@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('big', '0', 'start', '9223372036854775806', 'increment', '2')");
        Assert.Equal(
            ["0|-1|-2|3", "9223372036854775806", Error("2200H", "nextval: reached maximum value of sequence \"big\" (9223372036854775807)")],
            await RunAsync(
                db, s_caller, "SELECT nextval('d'), nextval('d'), nextval('d'), nextval('d')", "SELECT nextval('big')", "SELECT nextval('big')"));
    }

    [Fact]
    public async Task A_transaction_that_is_rolled_back_gives_nothing_back()
    {
        await using var leader = await WithSequenceAsync();
        await using var follower = await WithSequenceAsync();
        var writer = leader.Database.Writer;
        using (var lost = writer.BeginRehearsal(1, 2, Options, s_caller))
        {
            Assert.Equal("1", await RunAsync(lost, "SELECT nextval('s')"));
        }

        Assert.True(writer.HasLooseSequences);
        using var rehearsal = writer.BeginRehearsal(1, 2, Options, s_caller);
        Assert.Equal("2", await RunAsync(rehearsal, "SELECT nextval('s')"));
        rehearsal.SetSavepoint();
        Assert.Equal("3", await RunAsync(rehearsal, "SELECT nextval('s')"));
        rehearsal.RollBackTo(0);
        Assert.Equal("3|3", await RunAsync(rehearsal, "SELECT currval('s'), lastval()"));
        Assert.Equal("4|4", await RunAsync(rehearsal, "SELECT nextval('s'), currval('s')"));
        Assert.StartsWith("1: ", await RunAsync(rehearsal, "SELECT nextval('s'), abs(-9223372036854775807 - 1)"));
        rehearsal.RollBackTo(0);
        Assert.Equal("6", await RunAsync(rehearsal, "SELECT nextval('s') FROM two LIMIT 1"));
        rehearsal.RollBackTo(0);
        await CommitAsync(rehearsal, leader, follower);
        Assert.Equal("2|0|1", await follower.QueryAsync("SELECT * FROM s"));
        Assert.True(writer.HasLooseSequences);
        var settling = writer.SettleLooseSequences()!;
        await leader.ApplyAsync(new ApplyCommand(default, settling));
        await follower.ApplyAsync(new ApplyCommand(default, settling));
        Assert.False(writer.HasLooseSequences);
        Assert.Equal("6|0|1", await follower.QueryAsync("SELECT * FROM s"));
        Assert.Equal(await leader.Database.ContentHashAsync(default), await follower.Database.ContentHashAsync(default));
    }

    [Fact]
    public async Task What_a_transaction_commits_is_drawn_for_good_although_its_cache_was_filled_by_an_undone_statement()
    {
        await using var leader = await WithSequenceAsync("'cache', '20'");
        await using var follower = await WithSequenceAsync("'cache', '20'");
        using var rehearsal = leader.Database.Writer.BeginRehearsal(1, 2, Options, s_caller);
        rehearsal.SetSavepoint();
        Assert.Equal("1", await RunAsync(rehearsal, "SELECT nextval('s')"));
        rehearsal.RollBackTo(0);
        Assert.Equal("2", await RunAsync(rehearsal, "INSERT INTO two VALUES(nextval('s')) RETURNING a"));
        await CommitAsync(rehearsal, leader, follower);

        // The leader is lost before it could say what else was drawn.
        Assert.Equal(["3"], await RunAsync(follower, s_caller, "SELECT nextval('s')"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Replays_agree_and_no_value_is_given_twice(int seed)
    {
        var random = new Random(seed);
        await using var leader = await WithSequenceAsync();
        await using var follower = await WithSequenceAsync();
        await using var restarting = await WithSequenceAsync();
        TestDatabase[] all = [leader, follower, restarting];
        var given = new HashSet<string>();
        var committed = 0;
        for (var round = 0; round < 150; round++)
        {
            if (leader.Database.Writer.SettleLooseSequences() is { } settling && random.Next(2) == 0)
            {
                await ApplyAsync(new ApplyCommand(default, settling), all, seed);
            }

            if (leader.Database.Writer.HasLooseSequences || random.Next(3) > 0)
            {
                using var rehearsal = leader.Database.Writer.BeginRehearsal(round, (ulong)round, Options, s_caller);
                var entry = await RehearseAsync(rehearsal, random, given, seed);
                if (entry is not null)
                {
                    committed++;
                    var stamp = leader.NextStamp();
                    follower.NextStamp();
                    restarting.NextStamp();
                    Assert.True(leader.Database.Writer.ApplyTransaction(
                        stamp with { UnixMicroseconds = round, Seed = (ulong)round }, entry, random.Next(3) == 0 ? null : rehearsal));
                    Assert.True(follower.Database.Writer.ApplyTransaction(stamp with { UnixMicroseconds = round, Seed = (ulong)round }, entry, null));
                    Assert.True(restarting.Database.Writer.ApplyTransaction(stamp with { UnixMicroseconds = round, Seed = (ulong)round }, entry, null));
                }
            }
            else
            {
                var texts = await ApplyAsync(
                    Command(s_caller, "SELECT nextval('s')", "INSERT INTO two SELECT nextval('s') WHERE lastval() > 0", "SELECT currval('s')"), all, seed);
                Assert.True(given.Add(texts[0]), $"seed {seed}: {texts[0]} again");
                Assert.True(given.Add(texts[2]), $"seed {seed}: {texts[2]} again");
            }

            if (round % 29 == 0)
            {
                await restarting.ReopenAsync();
            }
        }

        Assert.True(committed > 20, $"seed {seed}: {committed} commits");
        Assert.Equal(await leader.Database.ContentHashAsync(default), await follower.Database.ContentHashAsync(default));
        Assert.Equal(await leader.Database.ContentHashAsync(default), await restarting.Database.ContentHashAsync(default));
    }

    private static async Task<TransactionEntry?> RehearseAsync(Rehearsal rehearsal, Random random, HashSet<string> given, int seed)
    {
        var savepoints = 0;
        for (var i = random.Next(1, 12); i > 0; i--)
        {
            switch (random.Next(6))
            {
                case 0:
                    rehearsal.SetSavepoint();
                    savepoints++;
                    break;
                case 1 when savepoints > 0:
                    var to = random.Next(savepoints);
                    rehearsal.RollBackTo(to);
                    savepoints = to + 1;
                    break;
                case 2 when savepoints > 0:
                    Assert.StartsWith("1: ", await RunAsync(rehearsal, "INSERT INTO two SELECT nextval('s') FROM two WHERE abs(-9223372036854775807 - 1)"));
                    rehearsal.RollBackTo(savepoints - 1);
                    break;
                case 3:
                    await RunAsync(rehearsal, "INSERT INTO two SELECT count(*) FROM two");
                    break;
                default:
                    var value = await RunAsync(rehearsal, "SELECT nextval('s')");
                    Assert.True(given.Add(value), $"seed {seed}: {value} again");
                    Assert.Equal($"{value}|{value}", await RunAsync(rehearsal, "SELECT currval('s'), lastval()"));
                    break;
            }
        }

        return random.Next(3) == 0 ? null : rehearsal.Seal(out _);
    }

    private static async Task<string[]> ApplyAsync(ApplyCommand command, TestDatabase[] all, int seed)
    {
        var texts = new List<string[]>();
        foreach (var db in all)
        {
            texts.Add((await db.ApplyAsync(command))[0]);
        }

        Assert.All(texts, t => Assert.True(texts[0].SequenceEqual(t), $"seed {seed}"));
        return texts[0];
    }

    [Fact]
    public async Task A_copy_brings_the_sequences_along()
    {
        await using var db = await WithSequenceAsync();
        await using var other = new TestDatabase();
        await db.ApplyAsync("SELECT nextval('s')", "SELECT nextval('s')");
        using var copy = new MemoryStream();
        await db.Database.WriteCopyAsync(copy, default);
        copy.Position = 0;
        var replaced = 0;
        other.Database.Replaced += () => replaced++;
        other.Database.Install(await other.Database.ReceiveCopyAsync(copy, default));
        Assert.Equal(1, replaced);
        Assert.Equal("2|0|1", await other.QueryAsync("SELECT * FROM s"));
        Assert.Equal(await db.Database.ContentHashAsync(default), await other.Database.ContentHashAsync(default));
    }

    [Fact]
    public async Task The_tables_behind_are_nobodys_to_change()
    {
        await using var db = await WithSequenceAsync();
        Assert.StartsWith("23: ", (await db.ApplyAsync("UPDATE _rqlite_sequences SET last_value = 9"))[0]);
        Assert.StartsWith("23: ", (await db.ApplyAsync("INSERT INTO _rqlite_call VALUES(2)"))[0]);
        Assert.StartsWith("23: ", (await db.ApplyAsync("DELETE FROM _rqlite_call"))[0]);
        Assert.StartsWith("23: ", (await db.ApplyAsync("DELETE FROM _rqlite_call WHERE nextval('s')"))[0]);
        Assert.StartsWith("1: ", (await db.ApplyAsync("CREATE TABLE s(a)"))[0]);
        Assert.StartsWith("1: ", (await db.ApplyAsync("CREATE VIEW v AS SELECT _rqlite_drop_sequence('0', 's')", "SELECT * FROM v"))[1]);
    }

    [Fact]
    public async Task What_stands_in_the_way_of_a_sequence_is_an_error_and_leaves_nothing()
    {
        await using var db = await WithSequenceAsync();
        await db.ApplyAsync("CREATE VIRTUAL TABLE f USING fts5(a, content='')", "DROP VIEW s", "CREATE TABLE s(a)");
        var before = await db.Database.ContentHashAsync(default);

        // A name that SQLite keeps for the full-text index, which has no such table.
        Assert.StartsWith("1: ", (await db.ApplyAsync("@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('f_content', '0')"))[0]);
        Assert.StartsWith("1: ", (await db.ApplyAsync("@DELETE FROM _rqlite_call WHERE _rqlite_rename_sequence('s', '0', 'f_content')"))[0]);
        foreach (var name in new[] { "sqlite_x", "_rqlite_x", "_RQLITE_X" })
        {
            Assert.Equal(
                [Error("42602", $"the name \"{name}\" is reserved")],
                await db.ApplyAsync($"@DELETE FROM _rqlite_call WHERE _rqlite_rename_sequence('s', '0', '{name}')"));
        }

        Assert.Equal(before, await db.Database.ContentHashAsync(default));
        Assert.Equal(["1"], await RunAsync(db, s_caller, "SELECT nextval('s')"));

        // What a client has given the name of the view to is the client's.
        Assert.Equal(["changed 0, last 0"], await db.ApplyAsync("@DELETE FROM _rqlite_call WHERE _rqlite_drop_sequence('0', 's')"));
        Assert.Equal("0", await db.QueryAsync("SELECT count(*) FROM s"));
        Assert.Equal([Error("42809", "\"s\" is not a sequence")], await RunAsync(db, s_caller, "SELECT nextval('s')"));
    }

    [Fact]
    public async Task A_foreign_key_to_a_table_of_ours_cannot_be_made()
    {
        await using var db = await WithSequenceAsync();
        foreach (var sql in new[]
        {
            "CREATE TABLE c(x REFERENCES _rqlite_meta(idx))", "CREATE TABLE c(x, FOREIGN KEY(x) /* */ REFERENCES\n[_Rqlite_sequences](id))",
            "ALTER TABLE two ADD COLUMN x REFERENCES \"_rqlite_requests\"", "CREATE TABLE c(x REFERENCES two(a) CHECK(x <> ';'), y REFERENCES '_rqlite_call')",
        })
        {
            Assert.StartsWith("23: ", (await db.ApplyAsync(BatchOptions.ForeignKeys, sql))[0]);
        }

        Assert.Equal(
            ["changed 0, last 0", "changed 0, last 0", "changed 1, last 1"],
            await db.ApplyAsync(
                BatchOptions.ForeignKeys, "CREATE TABLE p(a PRIMARY KEY)", "CREATE TABLE c(x DEFAULT '_rqlite_x', \"references\" REFERENCES p(a))",
                "INSERT INTO c(x) VALUES(1)"));
    }

    private static async Task CommitAsync(Rehearsal rehearsal, TestDatabase leader, TestDatabase follower)
    {
        var entry = rehearsal.Seal(out _)!;
        var stamp = leader.NextStamp() with { UnixMicroseconds = 1, Seed = 2 };
        follower.NextStamp();
        Assert.True(leader.Database.Writer.ApplyTransaction(stamp, entry, rehearsal));
        Assert.True(follower.Database.Writer.ApplyTransaction(stamp, entry, null));
        Assert.True(leader.Database.TryGetDigest(stamp.Index, out var here) && follower.Database.TryGetDigest(stamp.Index, out var there) && here == there);
    }

    private static async Task<TestDatabase> WithSequenceAsync(string options = "")
    {
        var db = new TestDatabase();
        var create = $"@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('s', '0'{(options.Length > 0 ? ", " + options : "")})";
        Assert.Equal(
            ["changed 0, last 0", "changed 0, last 0", "changed 2, last 2"],
            await db.ApplyAsync(create, "CREATE TABLE two(a)", "INSERT INTO two VALUES(1),(2)"));
        return db;
    }

    private static ApplyCommand Command(CallerSession? caller, params string[] sql) =>
        new(default, new StatementBatch([.. sql.Select(text => TestDatabase.Sql(text))], BatchOptions.None) { Caller = caller });

    private static async Task<string[]> RunAsync(TestDatabase db, CallerSession? caller, params string[] sql) =>
        (await db.ApplyAsync(Command(caller, sql)))[0];

    private static async Task<string> RunAsync(Rehearsal rehearsal, string sql)
    {
        var cursor = await new EncodedResults(rehearsal.Run(TestDatabase.Sql(sql), default)).NextAsync(default);
        return await TestDatabase.TextAsync(cursor!);
    }

    private static async Task<long> IdAsync(TestDatabase db) => long.Parse(await db.QueryAsync("SELECT id FROM _rqlite_sequences"));

    private static string Error(string state, string message) => $"{state}: {message}";
}
