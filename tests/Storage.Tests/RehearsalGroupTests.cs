using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage.Tests;

public class RehearsalGroupTests
{
    private const BatchOptions Options = BatchOptions.ForeignKeys;

    [Fact]
    public async Task A_group_that_is_dropped_while_the_node_stops_is_left_to_the_next_start()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        var writer = db.Database.Writer;
        var stamp = new EntryStamp(2, 1, 5, 6);
        using var member = writer.BeginRehearsal(stamp.UnixMicroseconds, stamp.Seed, Options);
        member.Run(TestDatabase.Sql("INSERT INTO t VALUES(1)"), default);
        var entry = member.Seal(out _)!;
        member.Appended(stamp.Index, stamp.Term);
        using var top = writer.BeginRehearsal(5, 7, Options);
        Assert.True(writer.ApplyTransaction(stamp, entry, member));
        writer.Stop();

        // As when the lead is lost at that moment.
        writer.DropRehearsals();
        Assert.Equal(RehearsalState.Lost, top.State);
        Assert.Throws<ApplyStoppedException>(() => writer.Apply(new(3, 1, 5, 8), [TestDatabase.Command(BatchOptions.None, "SELECT 1")], null));
        await db.ReopenAsync();
        Assert.Equal(1, db.Database.AppliedIndex);
        Assert.True(db.Database.Writer.ApplyTransaction(stamp, entry, null));
        Assert.Equal("1", await db.QueryAsync("SELECT a FROM t"));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public async Task A_replica_that_replays_holds_what_a_group_made(int seed)
    {
        var random = new Random(seed);
        var generator = new EntryGenerator(seed, virtualTables: false);
        await using var leader = new TestDatabase();
        await using var follower = new TestDatabase();
        var (index, groups) = (0L, 0);
        while (index < 300)
        {
            var members = new List<(EntryStamp Stamp, TransactionEntry Entry, Rehearsal Rehearsal)>();
            for (var wanted = index == 0 ? 0 : random.Next(5); members.Count < wanted && Rehearse(leader, generator, random, index + 1) is { } made;)
            {
                made.Rehearsal.Appended(++index, 1);
                members.Add(made);
            }

            // Half of the groups have a batch on top, which is the last of its group.
            var batch = random.Next(2) == 0 ? generator.Next(index + 1) : default;
            var rehearsed = batch.Commands is null ? null : RehearseBatch(leader.Database.Writer, batch.Stamp with { Term = 1 }, batch.Commands);
            rehearsed?.Appended(++index, 1);
            using var top = rehearsed is null && members.Count > 0 && random.Next(2) == 0 ? Open(leader, random, generator, index) : null;
            foreach (var (stamp, entry, rehearsal) in members)
            {
                Assert.True(leader.Database.Writer.ApplyTransaction(stamp, entry, rehearsal), $"seed {seed}, entry {stamp.Index}");
                Assert.True(follower.Database.Writer.ApplyTransaction(stamp, entry, null), $"seed {seed}, entry {stamp.Index}");
            }

            if (rehearsed is not null)
            {
                var stamp = batch.Stamp with { Term = 1 };
                Assert.True(leader.Database.Writer.ApplyBatch(stamp, () => rehearsed.Entry!, rehearsed, null));
                Assert.True(follower.Database.Writer.ApplyBatch(stamp, () => rehearsed.Entry!, null, null), $"seed {seed}, entry {index}");
                Assert.Equal(RehearsalState.Committed, rehearsed.State);
            }

            if (top is not null)
            {
                Assert.Equal(members[0].Stamp.Index, leader.Database.PendingFrom);
                Finish(leader, top, random);
            }

            groups += members.Count > 1 ? 1 : 0;
            Assert.Equal((index, 0), (leader.Database.AppliedIndex, leader.Database.PendingFrom));
            var (single, commands) = generator.Next(++index);
            leader.Database.Writer.Apply(single with { Term = 1 }, commands, null);
            follower.Database.Writer.Apply(single with { Term = 1 }, commands, null);
            for (var i = Math.Max(1, index - 5); i <= index; i++)
            {
                Assert.True(Digest(follower, i) == Digest(leader, i), $"seed {seed}: entry {i} of {index}, a batch at {(rehearsed is null ? 0 : batch.Stamp.Index)}, {members.Count} members");
            }
        }

        Assert.True(groups > 10, $"seed {seed}: there were only {groups} groups");
        Assert.Equal(await follower.Database.ContentHashAsync(default), await leader.Database.ContentHashAsync(default));
    }

    /// <summary>Null if a command does not stand on a group, as ANALYZE.</summary>
    private static BatchRehearsal? RehearseBatch(Writer writer, in EntryStamp stamp, IReadOnlyList<ApplyCommand> commands)
    {
        var batch = writer.RehearseBatch(
            stamp.Term, stamp.UnixMicroseconds, stamp.Seed, [.. commands.Select(command => new LeaderRun(command))], out var kept, out _);
        if (kept == commands.Count)
        {
            return batch;
        }

        batch?.Withdraw();
        return null;
    }

    [Fact]
    public async Task A_commit_that_fails_after_the_quorum_has_agreed_ends_the_node_and_a_restart_has_the_entry()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        Exception? failed = null;
        var writer = db.Database.Writer;
        writer.Failed = error => failed = error;
        var rehearsal = writer.BeginRehearsal(1, 2, Options);
        rehearsal.Run(TestDatabase.Sql("INSERT INTO t VALUES(1)"), default);
        var entry = rehearsal.Seal(out _)!;
        rehearsal.Appended(2, 1);
        var stamp = new EntryStamp(2, 1, 1, 2);
        CommitVeto.Set(db.Database);
        Assert.Throws<StorageException>(() => writer.ApplyTransaction(stamp, entry, rehearsal));
        Assert.NotNull(failed);
        Assert.Equal(1, db.Database.AppliedIndex);
        await db.ReopenAsync();
        Assert.True(db.Database.Writer.ApplyTransaction(stamp, entry, null));
        Assert.Equal("1", await db.QueryAsync("SELECT a FROM t"));
    }

    [Fact]
    public async Task What_was_agreed_to_is_rebuilt_and_the_rest_forgotten_when_a_group_is_dropped()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)");
        var writer = db.Database.Writer;
        var shown = new List<long>();
        var first = Seal(writer, "INSERT INTO t VALUES(random())", 2, shown);
        var second = Seal(writer, "INSERT INTO t VALUES(2)", 3, shown);
        var third = writer.BeginRehearsal(1, 2, Options);
        third.Run(TestDatabase.Sql("INSERT INTO t VALUES(3)"), default);
        Assert.True(writer.ApplyTransaction(new(2, 1, 1, 2), first.Entry!, first));
        Assert.Empty(shown);
        second.Drop();
        Assert.Equal([2L], shown);
        Assert.Equal(
            (RehearsalState.Committed, RehearsalState.Lost, RehearsalState.Lost), (first.State, second.State, third.State));
        Assert.Equal("1", await db.QueryAsync("SELECT count(*) FROM t"));
        Assert.True(writer.ApplyTransaction(new(3, 1, 1, 2), second.Entry!, second));
        Assert.Equal("2", await db.QueryAsync("SELECT count(*) FROM t"));
    }

    private static Rehearsal Seal(Writer writer, string sql, long index, List<long> shown)
    {
        var rehearsal = writer.BeginRehearsal(1, 2, Options);
        rehearsal.Committed = shown.Add;
        rehearsal.Run(TestDatabase.Sql(sql), default);
        Assert.NotNull(rehearsal.Seal(out _));
        rehearsal.Appended(index, 1);
        return rehearsal;
    }

    private static (EntryStamp Stamp, TransactionEntry Entry, Rehearsal Rehearsal)? Rehearse(
        TestDatabase db, EntryGenerator generator, Random random, long index)
    {
        var rehearsal = Open(db, random, generator, index);
        if (random.Next(4) == 0 && db.Database.Writer.TryEvict(rehearsal))
        {
            // On what is there now, which may be no group any more, or on the same one.
            db.Database.Writer.Resume(rehearsal);
        }

        if (rehearsal.State == RehearsalState.Open && rehearsal.Seal(out _) is { } entry)
        {
            return (new(index, 1, rehearsal.UnixMicroseconds, rehearsal.Seed), entry, rehearsal);
        }

        rehearsal.Dispose();
        return null;
    }

    /// <summary>Opens a rehearsal and runs random statements, with savepoints.</summary>
    private static Rehearsal Open(TestDatabase db, Random random, EntryGenerator generator, long index)
    {
        var (stamp, commands) = generator.Next(index);
        var rehearsal = db.Database.Writer.BeginRehearsal(
            stamp.UnixMicroseconds, stamp.Seed, commands[0].Batch.Options & ~BatchOptions.Atomic);
        rehearsal.SetSavepoint();
        foreach (var statement in commands.SelectMany(c => c.Batch.Statements))
        {
            rehearsal.SetSavepoint();
            rehearsal.Run(statement, default);
            if (rehearsal.State == RehearsalState.Failed || random.Next(5) == 0)
            {
                rehearsal.RollBackTo(1);
            }

            rehearsal.Release(1);
        }

        return rehearsal;
    }

    private static void Finish(TestDatabase db, Rehearsal top, Random random)
    {
        if (random.Next(2) == 0 && db.Database.Writer.TryEvict(top))
        {
            try
            {
                db.Database.Writer.Resume(top);
            }
            catch (RehearsalLostException)
            {
                return;
            }
        }

        top.Dispose();
    }

    private static ulong Digest(TestDatabase db, long index) =>
        db.Database.TryGetDigest(index, out var digest) ? digest : throw new InvalidOperationException($"There is no digest of {index}.");

    private static unsafe class CommitVeto
    {
        public static void Set(Database database) => _ = sqlite3_commit_hook(database.Writer.Connection.Handle, &Veto, 0);

        [DllImport("e_sqlite3")]
        private static extern nint sqlite3_commit_hook(nint db, delegate* unmanaged[Cdecl]<nint, int> hook, nint argument);

        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        private static int Veto(nint argument) => 1;
    }
}
