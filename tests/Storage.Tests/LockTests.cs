namespace Rqlite.Pg.Storage.Tests;

public class LockTests
{
    private static readonly Guid s_node = Guid.Parse("11111111-1111-1111-1111-111111111111");
    private static readonly Guid s_other = Guid.Parse("22222222-2222-2222-2222-222222222222");

    [Fact]
    public async Task Locks_are_given_in_the_order_of_asking_and_shared_ones_together()
    {
        await using var db = new LockDatabase();
        Assert.Empty((await db.RunAsync(1, "pg_advisory_lock(7)")).Waiting);
        var (a, b, c, d) = (await db.WaitAsync(2, "pg_advisory_lock_shared(7)"), await db.WaitAsync(3, "pg_advisory_lock_shared(7)"),
            await db.WaitAsync(4, "pg_advisory_lock(7)"), await db.WaitAsync(5, "pg_advisory_lock_shared(7)"));
        Assert.Equal("0", await db.AskAsync(6, "pg_try_advisory_lock_shared(7)"));
        Assert.Equal("1", await db.AskAsync(1, "pg_advisory_unlock(7)"));
        Assert.Equal([(2L, a), (3L, b)], db.TakeGrants());

        // Somebody waits who could not share it, so nobody goes in between.
        Assert.Equal("0", await db.AskAsync(6, "pg_try_advisory_lock_shared(7)"));
        await db.AskAsync(2, "pg_advisory_unlock_shared(7)");
        Assert.Empty(db.TakeGrants());
        await db.AskAsync(3, "pg_advisory_unlock_shared(7)");
        Assert.Equal([(4L, c)], db.TakeGrants());
        await db.AskAsync(4, "pg_advisory_unlock(7)");
        Assert.Equal([(5L, d)], db.TakeGrants());
        await db.AskAsync(5, "pg_advisory_unlock_shared(7)");
        await db.IsEmptyAsync();
    }

    [Fact]
    public async Task Holds_are_counted_and_kinds_of_keys_and_levels_are_apart()
    {
        await using var db = new LockDatabase();
        await db.RunAsync(1, "pg_advisory_lock(1), pg_advisory_lock(1), pg_advisory_xact_lock(1), pg_advisory_lock_shared(1)");
        Assert.Equal("1|1", await db.AskAsync(2, "pg_try_advisory_lock(0, 1), pg_try_advisory_lock(4294967296)"));
        Assert.Equal("0", await db.AskAsync(2, "pg_try_advisory_lock(1)"));
        Assert.Equal("1|1|0|1|0", await db.AskAsync(
            1, "pg_advisory_unlock(1), pg_advisory_unlock(1), pg_advisory_unlock(1), pg_advisory_unlock_shared(1), pg_advisory_unlock_shared(1)"));
        Assert.Equal("0", await db.AskAsync(2, "pg_try_advisory_lock(1)"));
        await db.CommandAsync(LockCommand.EndTransaction(1, long.MaxValue));
        Assert.Equal("1", await db.AskAsync(2, "pg_try_advisory_lock(1)"));
        await db.RunAsync(2, "pg_advisory_unlock_all()");
        await db.IsEmptyAsync();
    }

    [Fact]
    public async Task Unlocking_what_is_not_held_warns()
    {
        await using var db = new LockDatabase();
        var effects = await db.RunAsync(1, "pg_advisory_unlock(1), pg_advisory_unlock_shared(2)");
        Assert.Equal(["you don't own a lock of type ExclusiveLock", "you don't own a lock of type ShareLock"], effects.Warnings);
    }

    [Fact]
    public async Task Who_shares_a_lock_may_take_it_alone_before_those_who_wait()
    {
        await using var db = new LockDatabase();
        await db.RunAsync(1, "pg_advisory_lock_shared(1)");
        await db.RunAsync(2, "pg_advisory_lock_shared(1)");
        var third = await db.WaitAsync(3, "pg_advisory_lock(1)");
        var first = await db.WaitAsync(1, "pg_advisory_lock(1)");
        Assert.Equal("1", await db.AskAsync(2, "pg_advisory_unlock_shared(1)"));
        Assert.Equal([(1L, first)], db.TakeGrants());
        await db.RunAsync(1, "pg_advisory_unlock_all()");
        Assert.Equal([(3L, third)], db.TakeGrants());
    }

    [Fact]
    public async Task A_circle_of_waits_is_refused_to_the_one_who_would_close_it()
    {
        await using var db = new LockDatabase();
        foreach (var session in (int[])[1, 2, 3])
        {
            await db.RunAsync(session, $"pg_advisory_lock({session})");
        }

        await db.WaitAsync(1, "pg_advisory_lock(2)");
        var second = await db.WaitAsync(2, "pg_advisory_lock(3)");
        await db.FailsAsync(3, "40P01", "pg_advisory_lock(1)");
        Assert.Equal("1", await db.AskAsync(3, "pg_advisory_unlock(3)"));
        Assert.Equal([(2L, second)], db.TakeGrants());
    }

    [Fact]
    public async Task Two_who_share_a_lock_cannot_both_wait_to_have_it_alone()
    {
        await using var db = new LockDatabase();
        await db.RunAsync(1, "pg_advisory_lock_shared(1)");
        await db.RunAsync(2, "pg_advisory_lock_shared(1)");
        await db.WaitAsync(1, "pg_advisory_lock(1)");
        await db.FailsAsync(2, "40P01", "pg_advisory_lock(1)");
    }

    [Fact]
    public async Task Who_waits_behind_a_waiter_for_the_own_lock_closes_a_circle_too()
    {
        await using var db = new LockDatabase();
        await db.RunAsync(1, "pg_advisory_lock(1)");
        await db.RunAsync(2, "pg_advisory_lock(2)");
        await db.RunAsync(9, "pg_advisory_lock_shared(5)");

        // Two waits for one (its wait for 5 stands before the shared one of 1), and one waits for two's key behind three.
        await db.WaitAsync(3, "pg_advisory_lock(5)");
        await db.WaitAsync(2, "pg_advisory_lock(1)");
        await db.WaitAsync(4, "pg_advisory_lock(2)");
        await db.WaitAsync(1, "pg_advisory_lock_shared(5)");
        await db.FailsAsync(9, "40P01", "pg_advisory_lock(2)");
    }

    [Fact]
    public async Task Waits_that_are_given_up_leave_nothing_and_let_others_pass()
    {
        await using var db = new LockDatabase();
        await db.RunAsync(1, "pg_advisory_lock_shared(1)");
        var second = await db.WaitAsync(2, "pg_advisory_lock(1)");
        var third = await db.WaitAsync(3, "pg_advisory_lock_shared(1)");
        await db.CommandAsync(LockCommand.Abandon(2, [second]));
        Assert.Equal([(3L, third)], db.TakeGrants());

        // Given up after it had come: the lock goes too.
        await db.CommandAsync(LockCommand.Abandon(3, [third]));
        await db.CommandAsync(LockCommand.EndSessions([1]));
        await db.IsEmptyAsync();
    }

    [Fact]
    public async Task A_failed_statement_keeps_what_it_has_got_but_waits_for_nothing()
    {
        await using var db = new LockDatabase();
        await db.RunAsync(1, "pg_advisory_lock(1)");
        var failed = await db.RunAsync(2, "pg_advisory_lock(2), pg_advisory_lock(1), abs(-9223372036854775807 - 1)");
        Assert.Equal((1, 0), (failed.OfSession, failed.Waiting.Count));
        Assert.Single(await db.RowsAsync(s_node), row => row.Session == 2);
    }

    [Fact]
    public async Task An_ended_transaction_does_not_end_the_locks_of_the_next_one()
    {
        await using var db = new LockDatabase();
        var last = (await db.RunAsync(1, "pg_advisory_xact_lock(1)")).LastTicket;
        await db.CommandAsync(LockCommand.EndTransaction(1, last));
        await db.RunAsync(1, "pg_advisory_xact_lock(1)");
        await db.CommandAsync(LockCommand.EndTransaction(1, last));
        Assert.Equal("0", await db.AskAsync(2, "pg_try_advisory_lock(1)"));
    }

    [Fact]
    public async Task A_return_to_a_savepoint_ends_what_the_transaction_took_behind_it_and_nothing_else()
    {
        await using var db = new LockDatabase();
        var kept = (await db.RunAsync(1, "pg_advisory_xact_lock(1)")).LastTicket;
        var last = (await db.RunAsync(1, "pg_advisory_xact_lock(1), pg_advisory_xact_lock(2), pg_advisory_lock(3)")).LastTicket;
        var ticket = await db.WaitAsync(2, "pg_advisory_lock(2)");
        await db.CommandAsync(LockCommand.RollBack(1, kept, last));
        Assert.Equal([(2L, ticket)], db.TakeGrants());
        Assert.Equal(("0", "0"), (await db.AskAsync(3, "pg_try_advisory_lock(1)"), await db.AskAsync(3, "pg_try_advisory_lock(3)")));

        // What is taken afterwards is not meant by a command that comes late.
        await db.RunAsync(1, "pg_advisory_xact_lock(4)");
        await db.CommandAsync(LockCommand.RollBack(1, kept, last));
        Assert.Equal("0", await db.AskAsync(3, "pg_try_advisory_lock(4)"));
    }

    [Fact]
    public async Task Runs_and_nodes_that_are_gone_lose_their_locks()
    {
        await using var db = new LockDatabase();
        await db.RunAsync(1 | (5L << 32), "pg_advisory_lock(1)");
        await db.RunAsync(1 | (6L << 32), "pg_advisory_lock(2)");
        await db.RunAsync(3, "pg_advisory_lock(3)", s_other);
        await db.CommandAsync(LockCommand.EndRuns([5]));
        Assert.Equal([1 | (6L << 32)], (await db.RowsAsync(s_node)).Select(row => row.Session));
        Assert.Equal([s_node, s_other], await db.NodesAsync());

        // In an entry of another term it says nothing: the leader of that term may have heard of the node.
        await db.CommandAsync(LockCommand.EndNode(s_other, term: 2));
        Assert.Single(await db.RowsAsync(s_other));
        await db.CommandAsync(LockCommand.EndNode(s_other, term: 1));
        Assert.Empty(await db.RowsAsync(s_other));
    }

    [Fact]
    public async Task Nobody_but_a_session_or_its_node_can_use_them()
    {
        await using var db = new LockDatabase();
        const string Refused = "advisory locks belong to a session of the PostgreSQL protocol and cannot be used here";
        Assert.Equal([$"0A000: {Refused}"], await db.Inner.ApplyAsync("SELECT pg_advisory_lock(1)"));
        Assert.StartsWith("8: ", await db.Inner.QueryAsync("SELECT pg_advisory_lock(1)"));
        Assert.Equal("", await db.Inner.QueryAsync("SELECT pg_advisory_unlock_all()"));
        Assert.Equal([""], await db.Inner.ApplyAsync("SELECT pg_advisory_unlock_all()"));
        Assert.StartsWith("23: ", (await db.Inner.ApplyAsync("SELECT _rqlite_lock_command(5, zeroblob(24))"))[0]);
        await db.FailsAsync(1, "42883", "_rqlite_lock_command(5, zeroblob(24))", "@SELECT ");
        await db.FailsAsync(1, "0A000", "pg_advisory_lock(1)", "INSERT INTO t SELECT ");
        Assert.StartsWith("23: ", (await db.Inner.ApplyAsync("DELETE FROM _rqlite_locks"))[0]);
        await db.IsEmptyAsync();
    }

    [Fact]
    public async Task Arguments_are_numbers()
    {
        await using var db = new LockDatabase();
        await db.FailsAsync(1, "22P02", "pg_advisory_lock('x')");
        await db.FailsAsync(1, "42883", "pg_advisory_lock(1.5)");
        await db.FailsAsync(1, "22003", "pg_advisory_lock(1, 2147483648)");
        Assert.Equal("1|NULL", await db.AskAsync(1, "pg_try_advisory_lock('-5'), pg_try_advisory_lock(NULL)"));
        Assert.Equal("0", await db.AskAsync(2, "pg_try_advisory_lock(-5)"));
    }

    [Fact]
    public async Task There_is_a_limit()
    {
        await using var db = new LockDatabase();
        await db.RunAsync(1, "count(pg_try_advisory_lock(n)) FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100000) SELECT n FROM c)");
        await db.FailsAsync(1, "53200", "pg_advisory_lock(0)");
        Assert.Equal("1", await db.AskAsync(1, "pg_advisory_unlock(1)"));
        Assert.Equal("1", await db.AskAsync(1, "pg_try_advisory_lock(0)"));
        await db.CommandAsync(LockCommand.EndSessions([1]));
        await db.IsEmptyAsync();
        Assert.Equal("1", await db.AskAsync(1, "pg_try_advisory_lock(0)"));
    }

    [Fact]
    public async Task Random_uses_never_give_a_lock_to_two_and_leave_the_same_on_every_replica()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var db = new LockDatabase();
        await using var replica = new LockDatabase();
        var waiting = new Dictionary<long, HashSet<long>>();
        for (var step = 0; step < 2000; step++)
        {
            var session = random.Next(1, 9);
            var command = RandomCommand(random, session, waiting.GetValueOrDefault(session) is { Count: > 0 } tickets ? tickets.ToArray() : []);
            var effects = await db.ApplyAsync(command);
            await replica.ApplyAsync(command);
            Assert.True(db.Digest == replica.Digest, $"Seed {seed}, step {step}: the digests differ.");
            waiting[session] = [.. effects?.Waiting ?? []];
            foreach (var (granted, ticket) in db.TakeGrants())
            {
                waiting.GetValueOrDefault(granted)?.Remove(ticket);
            }

            Assert.True(await db.ConflictsAsync() == 0, $"Seed {seed}, step {step}: two hold one lock.");
            Assert.True(waiting.Count < 8 || waiting.Values.Any(t => t.Count == 0), $"Seed {seed}, step {step}: everybody waits.");
        }
    }

    private static ApplyCommand RandomCommand(Random random, long session, long[] waiting)
    {
        if (waiting.Length > 0)
        {
            // One who waits can only give up or vanish.
            return LockDatabase.Of(s_node, random.Next(4) > 0 ? LockCommand.Abandon(session, waiting) : LockCommand.EndSessions([session]));
        }

        var call = random.Next(10) switch
        {
            0 => "pg_advisory_unlock_all()",
            1 or 2 => $"pg_advisory_unlock({random.Next(4)})",
            3 => $"pg_advisory_unlock_shared({random.Next(4)})",
            4 => $"pg_try_advisory_lock({random.Next(4)})",
            5 => $"pg_advisory_lock_shared({random.Next(4)})",
            6 => $"pg_advisory_xact_lock({random.Next(4)})",
            7 => $"pg_advisory_lock({random.Next(4)}), pg_advisory_lock_shared({random.Next(4)})",
            _ => $"pg_advisory_lock({random.Next(4)})",
        };
        return random.Next(8) == 0
            ? LockDatabase.Of(s_node, LockCommand.EndTransaction(session, long.MaxValue))
            : LockDatabase.Of(new CallerSession(s_node, session, 0, [], 0), TestDatabase.Sql("SELECT " + call));
    }

    /// <summary>A database whose statements come from sessions.</summary>
    [Theory]
    [InlineData("pg_try_advisory_lock(n % 3)")]
    [InlineData("pg_advisory_unlock(1)")]
    public async Task A_call_that_is_interrupted_leaves_the_table_usable(string call)
    {
        await using var db = new LockDatabase();
        await db.RunAsync(2, "pg_advisory_lock(1)");
        var writer = db.Inner.Database.Writer;
        var endless = TestDatabase.Sql($"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT count({call}) FROM c");
        for (var i = 0; i < 20; i++)
        {
            var run = new LeaderRun(LockDatabase.Of(new CallerSession(s_node, 1, 0, [], 0), endless));
            var running = Task.Run(() => Assert.Throws<RehearsalLostException>(() => writer.RehearseBatch(1, 5, 6, [run], out _, out _)));
            while (!running.IsCompleted)
            {
                writer.DropRehearsals();
            }

            await running;
            Assert.Equal("0", await db.AskAsync(1, "pg_try_advisory_lock(1)"));
        }
    }

    private sealed class LockDatabase : IAsyncDisposable
    {
        private readonly List<(long Session, long Ticket)> _grants = [];
        private long _index;

        public LockDatabase()
        {
            Inner.ApplyAsync("CREATE TABLE t(a)").GetAwaiter().GetResult();
            _index = Inner.Database.AppliedIndex;
            Inner.Database.LocksGranted += grants => _grants.AddRange(grants.Select(g => (g.Session, g.Ticket)));
        }

        public TestDatabase Inner { get; } = new();

        public ulong Digest
        {
            get
            {
                Assert.True(Inner.Database.TryGetDigest(_index, out var digest));
                return digest;
            }
        }

        public static ApplyCommand Of(Guid node, Statement statement) => Of(LockCommand.Sender(node), statement);

        public static ApplyCommand Of(CallerSession caller, Statement statement) =>
            new(default, new StatementBatch([statement], BatchOptions.AdvisoryLocks) { Caller = caller });

        public List<(long Session, long Ticket)> TakeGrants()
        {
            var grants = new List<(long, long)>(_grants);
            _grants.Clear();
            return grants;
        }

        public async Task<LockEffects> RunAsync(long session, string call, Guid? node = null) =>
            (await ApplyAsync(Of(new CallerSession(node ?? s_node, session, 0, [], 0), TestDatabase.Sql("SELECT " + call))))!;

        public async Task<long> WaitAsync(long session, string call) => Assert.Single((await RunAsync(session, call)).Waiting);

        public async Task<string> AskAsync(long session, string call) =>
            (await Inner.ApplyAsync(Of(new CallerSession(s_node, session, 0, [], 0), TestDatabase.Sql("SELECT " + call))))[0][0];

        public async Task FailsAsync(long session, string state, string call, string before = "SELECT ")
        {
            var caller = new CallerSession(s_node, session, 0, [], 0);
            Assert.StartsWith($"{state}: ", (await Inner.ApplyAsync(Of(caller, TestDatabase.Sql(before + call))))[0][0]);
        }

        public async Task CommandAsync(Statement command) => Assert.Equal([[""]], await Inner.ApplyAsync(Of(s_node, command)));

        public async Task<LockEffects?> ApplyAsync(ApplyCommand command)
        {
            var results = new CommandResult?[1];
            var stamp = Inner.NextStamp();
            _index = stamp.Index;
            Inner.Database.Writer.Apply(stamp, [command], results);
            await using var cursor = await new EncodedResults(results[0]!.Encoded).NextAsync(default);
            while (await cursor!.WaitToReadAsync(default))
            {
                while (cursor.TryRead())
                {
                }
            }

            return cursor.Outcome.Effects?.Locks;
        }

        public ValueTask<IReadOnlyList<LockRow>> RowsAsync(Guid node) => Inner.Database.LocksOfAsync(node, default);

        public ValueTask<IReadOnlyList<Guid>> NodesAsync() => Inner.Database.LockingNodesAsync(default);

        public async Task IsEmptyAsync()
        {
            Assert.Empty(await NodesAsync());
            using var lease = await Inner.Database.RentReaderAsync(default);
            lease.BeginSnapshot();
            Assert.Equal(0, lease.Keep().Connection.ScalarInteger("SELECT held FROM _rqlite_lock_tickets"));
        }

        public async Task<long?> ConflictsAsync()
        {
            using var lease = await Inner.Database.RentReaderAsync(default);
            lease.BeginSnapshot();
            return lease.Keep().Connection.ScalarInteger(
                "SELECT count(*) FROM _rqlite_locks a JOIN _rqlite_locks b ON a.space=b.space AND a.key=b.key AND a.session<>b.session"
                + " WHERE a.granted AND b.granted AND (a.mode=2 OR b.mode=2)");
        }

        public ValueTask DisposeAsync() => Inner.DisposeAsync();
    }
}
