using Xunit.Abstractions;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Who stops waiting for the writer in the moment in which it comes has it or leaves it to the next.</summary>
public sealed class WriterQueueRaceTests(ITestOutputHelper output)
{
    private const int Rounds = 500;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(7);
    private static readonly TransactionOptions Patient = new() { WriterSlice = TimeSpan.Zero };

    public enum Moment
    {
        /// <summary>Its turn has come, its rehearsal has not begun.</summary>
        Begins,

        /// <summary>Its lease has been granted, and it has not been told.</summary>
        Granted,

        /// <summary>It has been told.</summary>
        Told,
    }

    [Theory]
    [InlineData(Moment.Begins, false)]
    [InlineData(Moment.Begins, true)]
    [InlineData(Moment.Granted, false)]
    [InlineData(Moment.Granted, true)]
    [InlineData(Moment.Told, false)]
    [InlineData(Moment.Told, true)]
    public async Task A_wait_that_ends_in_the_midst_of_its_grant_has_the_writer_or_leaves_it_to_the_next(Moment moment, bool vanishes)
    {
        var time = new HookedTime();
        await using var cluster = new FakeCluster(1, time: time);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(a)");
        var holder = await database.BeginAsync(Patient, null, default);
        using var gone = new CancellationTokenSource();
        var first = database.BeginAsync(vanishes ? Patient : Patient with { LockTimeout = Limit }, null, gone.Token).AsTask();
        var second = database.BeginAsync(Patient, null, default).AsTask();
        var at = 0;
        void End()
        {
            if (vanishes)
            {
                gone.Cancel();
            }
            else
            {
                time.End(Limit);
            }
        }

        time.Dated = () => OnceIf(moment == Moment.Begins);
        time.Stamped = () => OnceIf(moment == Moment.Granted || (moment == Moment.Told && at > 1));
        void OnceIf(bool now)
        {
            at++;
            if (now)
            {
                (time.Dated, time.Stamped) = (null, null);
                End();
            }
        }

        await holder.DisposeAsync();
        var outcome = await Record.ExceptionAsync(() => first).WaitAsync(Bound);
        Assert.True(time.Stamped is null, "the moment did not come");
        if (moment == Moment.Told)
        {
            Assert.Null(outcome);
            Assert.False(second.IsCompleted);
            await using var transaction = await first;
            await RunAsync(transaction, "INSERT INTO t VALUES(1)");
            Assert.True((await transaction.CommitAsync(default)).Index > 0);
        }
        else if (vanishes)
        {
            Assert.IsAssignableFrom<OperationCanceledException>(outcome);
        }
        else
        {
            Assert.Equal(ClusterError.LockTimeout, Assert.IsType<ClusterException>(outcome).Error);
        }

        await using (var next = await second.WaitAsync(Bound))
        {
            await RunAsync(next, "INSERT INTO t VALUES(2)");
            Assert.True((await next.CommitAsync(default)).Index > 0);
        }

        await database.ExecuteAsync("INSERT INTO t VALUES(3)").WaitAsync(Bound);
        Assert.Equal(moment == Moment.Told ? "1;2;3" : "2;3", await database.ReadAsync("SELECT a FROM t"));
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public async Task Waits_that_end_while_the_writer_goes_round_never_give_it_to_two_or_to_nobody(int seed)
    {
        var random = new Random(seed);
        var time = new HookedTime();
        await using var cluster = new FakeCluster(1, time: time);
        var database = cluster.Nodes[0].Database;
        await database.ExecuteAsync("CREATE TABLE t(a)");
        var (holders, had, gaveUp) = (0, 0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var holder = await database.BeginAsync(Patient, null, default).AsTask().WaitAsync(Bound);
            using var gone = new CancellationTokenSource();
            var waits = new[]
            {
                UseAsync(database.BeginAsync(Patient with { LockTimeout = Limit }, null, default)),
                UseAsync(database.BeginAsync(Patient, null, gone.Token)),
                UseAsync(database.BeginAsync(Patient with { LockTimeout = Limit }, null, default)),
                UseAsync(database.BeginAsync(Patient, null, default)),
            };
            using var start = new Barrier(3);
            await Task.WhenAll(
                At(start, random.Next(2000), () => holder.DisposeAsync().AsTask()),
                At(start, random.Next(2000), () => End(() => time.End(Limit))),
                At(start, random.Next(2000), () => End(gone.Cancel))).WaitAsync(Bound);
            var told = await Task.WhenAll(waits).WaitAsync(Bound);
            Assert.True(told[3], $"seed {seed}, round {round}: who waits without a limit did not get the writer");
            had += told.Count(has => has);
            gaveUp += told.Count(has => !has);
        }

        output.WriteLine($"seed {seed}: {had} had the writer, {gaveUp} gave up");
        await database.ExecuteAsync("INSERT INTO t VALUES(0)").WaitAsync(Bound);
        Assert.Equal($"{had + 1}", await database.ReadAsync("SELECT count(*) FROM t"));

        async Task<bool> UseAsync(ValueTask<ITransaction> begun)
        {
            try
            {
                await using var transaction = await begun;
                Assert.Equal(1, Interlocked.Increment(ref holders));
                await RunAsync(transaction, "INSERT INTO t VALUES(1)");
                Interlocked.Decrement(ref holders);
                Assert.True((await transaction.CommitAsync(default)).Index > 0);
                return true;
            }
            catch (Exception e) when (e is OperationCanceledException or ClusterException { Error: ClusterError.LockTimeout })
            {
                return false;
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_vanishes_behind_its_commit_leaves_the_entry_to_decide(bool agreed)
    {
        await using var node = new ScriptedNode();
        await node.Database.ExecuteAsync("CREATE TABLE t(a)");
        node.Log.Agrees = false;
        var transaction = await node.Database.BeginAsync(Patient, null, default);
        await RunAsync(transaction, "INSERT INTO t VALUES(1)");
        using var gone = new CancellationTokenSource();
        var committing = await node.CommittingAsync(transaction, gone.Token);
        await gone.CancelAsync();
        Assert.Equal(ClusterError.OutcomeUnknown, (await Assert.ThrowsAsync<ClusterException>(() => committing).WaitAsync(Bound)).Error);
        await transaction.DisposeAsync();
        if (agreed)
        {
            node.Log.Agree();
        }
        else
        {
            node.Log.Lose(keeps: 1);
            node.Log.AppendForeign("INSERT INTO t VALUES(9)");
            node.Log.Win();
        }

        Assert.Equal(agreed ? "1" : "9", await node.Database.ReadAsync("SELECT a FROM t"));
        await using (var next = await node.Database.BeginAsync(Patient, null, default).AsTask().WaitAsync(Bound))
        {
            Assert.Equal(agreed ? "1" : "9", await RunAsync(next, "SELECT a FROM t"));
        }

        await node.CheckAgainstReplayAsync("vanished");
    }

    [Fact]
    public async Task Who_does_not_want_to_wait_is_refused_at_once_by_a_transaction_and_waits_for_what_ends_by_itself()
    {
        // No time passes here: whoever waits is seen to wait.
        await using var cluster = new FakeCluster(1, time: new HookedTime());
        var database = cluster.Nodes[0].Database;
        var impatient = Patient with { LockTimeout = TimeSpan.Zero };
        await database.ExecuteAsync("CREATE TABLE t(a)");
        await using (await database.BeginAsync(Patient, null, default))
        {
            await RefusedAsync();
        }

        var log = cluster.Nodes[0].Log;
        log.Hold();
        var write = database.ExecuteAsync("INSERT INTO t VALUES(1)");
        var begun = database.BeginAsync(impatient, null, default).AsTask();
        Assert.False(begun.IsCompleted);
        await RefusedAsync();
        log.Release();
        await write.WaitAsync(Bound);
        await using (var transaction = await begun.WaitAsync(Bound))
        {
            Assert.Equal("1", await RunAsync(transaction, "SELECT a FROM t"));
            await RefusedAsync();
        }

        await (await database.BeginAsync(impatient, null, default).AsTask().WaitAsync(Bound)).DisposeAsync();

        async Task RefusedAsync()
        {
            var refused = await Assert.ThrowsAsync<ClusterException>(() => database.BeginAsync(impatient, null, default).AsTask()).WaitAsync(Bound);
            Assert.Equal(ClusterError.LockTimeout, refused.Error);
        }
    }

    private static Task At(Barrier start, int spins, Func<Task> action) => Task.Factory.StartNew(
        async () =>
        {
            start.SignalAndWait(Bound);
            Thread.SpinWait(spins);
            await action();
        },
        default, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private static Task End(Action end)
    {
        end();
        return Task.CompletedTask;
    }

    private static async Task<string> RunAsync(ITransaction transaction, string sql)
    {
        await using var cursor = await transaction.RunAsync(Sql.Statement(sql), null, default);
        return await Sql.TextAsync(cursor);
    }
}
