using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Http.Tests.Doubles;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http.Tests;

public sealed class WriteQueueTests
{
    private static readonly WriteQueueOptions s_patient = new() { Timeout = TimeSpan.FromHours(1) };

    private readonly QueueDatabase _database = new();
    private readonly MemoryBudget _memory = new(1 << 20);

    [Fact]
    public async Task A_batch_is_run_when_enough_requests_wait()
    {
        await using var queue = Queue(s_patient with { BatchSize = 3 });
        QueuedWrite[] requests = [await AddAsync(queue, "a", "b"), await AddAsync(queue, "c")];
        Assert.Empty(_database.Calls);
        await Task.WhenAll([(await AddAsync(queue, "d")).Done, .. requests.Select(request => request.Done)]);
        var (batch, write) = Assert.Single(_database.Calls);
        Assert.Equal(["a", "b", "c", "d"], Texts(batch));
        Assert.Equal(BatchOptions.DiscardReads, batch.Options);
        Assert.True(write.Forward);
        Assert.Equal(0, _memory.Used);
    }

    [Fact]
    public async Task A_batch_is_run_when_its_first_request_has_waited_long_enough()
    {
        await using var queue = Queue(new WriteQueueOptions { Timeout = TimeSpan.FromMilliseconds(1) });
        var request = await AddAsync(queue, "a");
        await request.Done;
        Assert.Single(_database.Calls);
        Assert.Equal(1, queue.Counters.TimedOut);
    }

    [Fact]
    public async Task Sequence_numbers_count_requests_up_from_the_time_of_the_start()
    {
        var before = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;
        await using var queue = Queue(s_patient);
        var first = await AddAsync(queue, "a");
        Assert.True(first.Sequence > before);
        Assert.Equal(first.Sequence + 1, (await AddAsync(queue, "b")).Sequence);
        Assert.Equal(first.Sequence + 1, queue.Sequence);
    }

    [Fact]
    public async Task A_batch_whose_outcome_is_unknown_is_sent_again_under_its_key()
    {
        _database.Failures.Enqueue(new ClusterException(ClusterError.NoLeader, "leader not found"));
        _database.Failures.Enqueue(new ClusterException(ClusterError.OutcomeUnknown, "lost"));
        await using var queue = Queue(s_patient with { BatchSize = 1 });
        var outcome = await (await AddAsync(queue, "a")).Done;
        Assert.Null(outcome.Failure);
        Assert.Equal(3, _database.Calls.Count);
        Assert.Single(_database.Calls.Select(call => call.Write.IdempotencyKey).Distinct());
        await (await AddAsync(queue, "b")).Done;
        Assert.Equal(2, _database.Calls.Select(call => call.Write.IdempotencyKey).Distinct().Count());
        Assert.Equal(2, queue.Counters.Retries);
    }

    [Fact]
    public async Task A_batch_that_is_given_up_after_an_unknown_try_is_called_unknown()
    {
        _database.Failures.Enqueue(new ClusterException(ClusterError.OutcomeUnknown, "lost"));
        await using var queue = Queue(s_patient with { BatchSize = 1 }, unknownRetryMax: TimeSpan.Zero);
        var outcome = await (await AddAsync(queue, "a")).Done;
        Assert.Equal(ClusterError.OutcomeUnknown, Assert.IsType<ClusterException>(outcome.Failure).Error);
        Assert.Equal(1, queue.Counters.RequestsUnknown);
        Assert.Single(_database.Calls);
    }

    [Fact]
    public async Task An_error_that_cannot_pass_is_not_tried_again()
    {
        _database.Failures.Enqueue(new ClusterException(ClusterError.Invalid, "no"));
        await using var queue = Queue(s_patient with { BatchSize = 1 });
        var outcome = await (await AddAsync(queue, "a")).Done;
        Assert.Equal(ClusterError.Invalid, Assert.IsType<ClusterException>(outcome.Failure).Error);
        Assert.Equal(1, queue.Counters.RequestsFailed);
        Assert.Null((await (await AddAsync(queue, "b")).Done).Failure);
    }

    [Fact]
    public async Task An_error_nobody_expects_fails_its_batch_alone()
    {
        _database.Failures.Enqueue(new NotSupportedException("never"));
        await using var queue = Queue(s_patient with { BatchSize = 1 });
        Assert.IsType<NotSupportedException>((await (await AddAsync(queue, "a")).Done).Failure);
        Assert.Null((await (await AddAsync(queue, "b")).Done).Failure);
        Assert.Equal(0, _memory.Used);
    }

    [Fact]
    public async Task An_error_of_a_statement_is_that_of_its_request()
    {
        await using var queue = Queue(s_patient with { BatchSize = 3 });
        QueuedWrite[] requests = [await AddAsync(queue, "a"), await AddAsync(queue, "b", "bad"), await AddAsync(queue, "c")];
        var outcomes = await Task.WhenAll(requests.Select(request => request.Done));
        Assert.Equal([-1, 1, -1], outcomes.Select(outcome => outcome.FailedStatement));
        Assert.Equal("bad", outcomes[1].Statements[1].Error!.Message);
        Assert.Equal(1, queue.Counters.StatementsFailed);
    }

    [Fact]
    public async Task A_transaction_that_fails_is_told_to_all_its_requests()
    {
        await using var queue = Queue(s_patient with { BatchSize = 3, Transaction = true });
        QueuedWrite[] requests = [await AddAsync(queue, "a"), await AddAsync(queue, "bad"), await AddAsync(queue, "c")];
        var outcomes = await Task.WhenAll(requests.Select(request => request.Done));
        Assert.Equal(BatchOptions.DiscardReads | BatchOptions.Atomic, _database.Calls.Single().Batch.Options);
        Assert.Equal("the transaction of the batch was rolled back: bad", outcomes[0].Error);
        Assert.Equal(0, outcomes[1].FailedStatement);
        Assert.Equal("the transaction of the batch was rolled back: bad", outcomes[2].Error);
        Assert.Equal(3, queue.Counters.RequestsUndone);
    }

    [Fact]
    public async Task Requests_of_a_batch_that_the_node_refuses_are_run_one_by_one()
    {
        await using var queue = Queue(s_patient with { BatchSize = 3 });
        QueuedWrite[] requests = [await AddAsync(queue, "a"), await AddAsync(queue, "slow"), await AddAsync(queue, "c")];
        var outcomes = await Task.WhenAll(requests.Select(request => request.Done));
        Assert.Equal([-1, 0, -1], outcomes.Select(outcome => outcome.FailedStatement));
        Assert.Equal([["a", "slow", "c"], ["a"], ["slow"], ["c"]], _database.Calls.Select(call => Texts(call.Batch)));
        Assert.Equal(4, _database.Calls.Select(call => call.Write.IdempotencyKey).Distinct().Count());
    }

    [Fact]
    public async Task A_request_with_a_key_or_a_transaction_of_its_own_shares_no_batch()
    {
        await using var queue = Queue(s_patient with { BatchSize = 4 });
        QueuedWrite[] requests =
        [
            await AddAsync(queue, "a"), await AddAsync(queue, new WriteOptions { IdempotencyKey = "mine" }, false, "b"),
            await AddAsync(queue, WriteOptions.Default, true, "c", "c2"), await AddAsync(queue, "d"),
        ];
        await queue.DrainAsync(default);
        Assert.All(requests, request => Assert.True(request.Done.IsCompletedSuccessfully));
        Assert.Equal([["a"], ["b"], ["c", "c2"], ["d"]], _database.Calls.Select(call => Texts(call.Batch)));
        Assert.Equal("mine", _database.Calls[1].Write.IdempotencyKey);
        Assert.Equal([false, false, true, false], _database.Calls.Select(call => call.Batch.Atomic));
    }

    [Fact]
    public async Task A_transaction_of_one_statement_shares_a_batch()
    {
        await using var queue = Queue(s_patient with { BatchSize = 2 });
        await Task.WhenAll(
            (await AddAsync(queue, WriteOptions.Default, true, "a")).Done, (await AddAsync(queue, WriteOptions.Default, true, "b;")).Done);
        var batch = Assert.Single(_database.Calls).Batch;
        Assert.Equal(["a", "b;"], Texts(batch));
        Assert.False(batch.Atomic);
    }

    [Fact]
    public async Task What_does_not_fit_into_memory_is_refused()
    {
        await using var queue = Queue(s_patient with { BatchSize = 2 });
        var refused = await Assert.ThrowsAsync<RequestException>(() => AddAsync(queue, new string('x', 1 << 18)).AsTask());
        Assert.Equal(503, refused.StatusCode);
        Assert.Equal(0, _memory.Used);
        var held = await AddAsync(queue, new string('x', 1 << 15));
        Assert.True(_memory.Used > 1 << 15);
        await Task.WhenAll((await AddAsync(queue, "b")).Done, held.Done);
    }

    [Fact]
    public async Task A_full_queue_makes_requests_wait_and_then_refuses_them()
    {
        await using var queue = Queue(s_patient with { BatchSize = 5, Capacity = 1 });
        var first = await AddAsync(queue, "a");
        var refused = await Assert.ThrowsAsync<RequestException>(
            () => queue.AddAsync([Sql("b")], WriteOptions.Default, false, true, TimeSpan.FromMilliseconds(1), default).AsTask());
        Assert.Equal((503, "the write queue is full: 1 requests are waiting (-write-queue-capacity)"), (refused.StatusCode, refused.Message));
        var waiting = AddAsync(queue, "c").AsTask();
        Assert.False(waiting.IsCompleted);
        await queue.DrainAsync(default);
        await first.Done;

        // Its room came with the stop.
        Assert.Equal("the node is stopping", (await Assert.ThrowsAsync<RequestException>(() => waiting)).Message);
        Assert.Equal(["a"], Texts(Assert.Single(_database.Calls).Batch));
        Assert.Equal(0, _memory.Used);
    }

    [Fact]
    public async Task A_stop_runs_what_waits_and_takes_no_more()
    {
        await using var queue = Queue(s_patient);
        var request = await AddAsync(queue, "a");
        await queue.DrainAsync(default);
        Assert.Null((await request.Done).Failure);
        Assert.Equal(503, (await Assert.ThrowsAsync<RequestException>(() => AddAsync(queue, "b").AsTask())).StatusCode);
    }

    [Fact]
    public async Task A_stop_without_a_leader_ends_at_its_limit_and_says_what_was_lost()
    {
        for (var i = 0; i < 1000; i++)
        {
            _database.Failures.Enqueue(new ClusterException(ClusterError.NoLeader, "leader not found"));
        }

        await using var queue = Queue(s_patient);
        var request = await AddAsync(queue, "a");
        using var limit = new CancellationTokenSource();
        var drained = queue.DrainAsync(limit.Token);
        await _database.Called.Task;
        limit.Cancel();
        await drained;
        Assert.Equal(ClusterError.NoLeader, Assert.IsType<ClusterException>((await request.Done).Failure).Error);
        Assert.Equal(1, queue.Counters.RequestsFailed);
    }

    [Fact]
    public async Task A_large_request_makes_a_batch_of_its_own()
    {
        var memory = new MemoryBudget(1 << 30);
        await using var queue = new WriteQueue(
            _database, s_patient with { BatchSize = 4 }, BatchOptions.None, memory, TimeProvider.System, NullLogger.Instance);
        var large = new string('x', 3 << 20);
        QueuedWrite[] requests = [await AddAsync(queue, "a"), await AddAsync(queue, large), await AddAsync(queue, large), await AddAsync(queue, "d")];
        await queue.DrainAsync(default);
        await Task.WhenAll(requests.Select(request => request.Done));
        Assert.Equal([2, 2], _database.Calls.Select(call => call.Batch.Statements.Count));
    }

    [Fact]
    public async Task A_user_who_may_not_write_queues_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("rqlite-pg-");
        try
        {
            var file = Path.Combine(folder.FullName, "users.json");
            await File.WriteAllTextAsync(file, """[{"username":"r","password":"p","perms":["query"]},{"username":"w","password":"p","perms":["execute"]}]""");
            using var users = Access.CredentialStore.Open(file, new byte[32], TimeProvider.System, NullLogger.Instance);
            await using var server = await TestServer.StartAsync(_database, new ScriptedControl(), new HttpOptions { Credentials = users });
            Assert.Equal(401, await PostAsync(server, "r"));
            Assert.Empty(_database.Calls);
            Assert.Equal(200, await PostAsync(server, "w"));
            Assert.Single(_database.Calls);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<int> PostAsync(TestServer server, string user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/db/execute?queue&wait") { Content = new StringContent("[\"a\"]") };
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:p")));
        return (int)(await server.Client.SendAsync(request)).StatusCode;
    }

    private WriteQueue Queue(WriteQueueOptions options, TimeSpan? unknownRetryMax = null) =>
        new(_database, options, BatchOptions.DiscardReads, _memory, TimeProvider.System, NullLogger.Instance)
        {
            UnknownRetryMax = unknownRetryMax ?? TimeSpan.FromMinutes(1),
        };

    private static ValueTask<QueuedWrite> AddAsync(WriteQueue queue, params string[] sql) => AddAsync(queue, WriteOptions.Default, false, sql);

    private static ValueTask<QueuedWrite> AddAsync(WriteQueue queue, WriteOptions write, bool atomic, params string[] sql) =>
        queue.AddAsync([.. sql.Select(Sql)], write, atomic, awaited: true, TimeSpan.FromMinutes(1), default);

    private static Statement Sql(string text) => new(Encoding.UTF8.GetBytes(text), default);

    private static string[] Texts(StatementBatch batch) => [.. batch.Statements.Select(statement => Encoding.UTF8.GetString(statement.Sql.Span))];
}
