using System.Text;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http.Tests.Doubles;

/// <summary>Answers batches without a database: the statement <c>bad</c> fails, <c>slow</c> makes the node refuse its batch, all others succeed.</summary>
internal sealed class QueueDatabase : IDatabase
{
    private readonly List<(StatementBatch Batch, WriteOptions Write)> _calls = [];

    /// <summary>The failures of the next calls.</summary>
    public Queue<Exception> Failures { get; } = new();

    public TaskCompletionSource Called { get; } = new();

    public IReadOnlyList<(StatementBatch Batch, WriteOptions Write)> Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    public ValueTask<BatchResult> ExecuteAsync(StatementBatch batch, WriteOptions write, CancellationToken token)
    {
        lock (_calls)
        {
            _calls.Add((batch, write));
        }

        Called.TrySetResult();
        return Failures.TryDequeue(out var failure) ? throw failure : new(new Result(Run(batch)));
    }

    private static IEnumerable<StatementOutcome> Run(StatementBatch batch)
    {
        var texts = batch.Statements.Select(statement => Encoding.UTF8.GetString(statement.Sql.Span)).ToList();
        foreach (var text in texts)
        {
            var error = text is "bad" or "slow" ? new StatementError(1, text, -1)
                : texts.Contains("slow") ? new StatementError(4, "not executed", -1) : null;
            yield return new StatementOutcome(false, 1, 1, TimeSpan.Zero, error);
            if (error is not null && batch.Atomic)
            {
                yield break;
            }
        }
    }

    public ValueTask<RowCursor> ReadAsync(Statement statement, BatchOptions options, ReadOptions read, CancellationToken token) =>
        throw new NotSupportedException();

    public ValueTask<BatchResult> QueryAsync(StatementBatch batch, ReadOptions read, CancellationToken token) => throw new NotSupportedException();

    public ValueTask<BatchResult> RequestAsync(StatementBatch batch, ReadOptions read, WriteOptions write, CancellationToken token) =>
        throw new NotSupportedException();

    public ValueTask<StatementShape> DescribeAsync(Statement statement, BatchOptions options, long minIndex, CancellationToken token) =>
        throw new NotSupportedException();

    public ValueTask<T> InspectAsync<T>(Func<IConnectionSql, T> read, long minIndex, CancellationToken token) => throw new NotSupportedException();

    public ValueTask<IReadTransaction> BeginReadAsync(ReadOptions read, CancellationToken token) => throw new NotSupportedException();

    public ValueTask<ITransaction> BeginAsync(TransactionOptions options, IReadTransaction? snapshot, CancellationToken token) =>
        throw new NotSupportedException();

    private sealed class Result(IEnumerable<StatementOutcome> outcomes) : BatchResult
    {
        private readonly IEnumerator<StatementOutcome> _outcomes = outcomes.GetEnumerator();

        public override long RaftIndex => 1;

        public override NodeDescription? ServedBy => null;

        public override ValueTask<RowCursor?> NextAsync(CancellationToken token) =>
            new(_outcomes.MoveNext() ? new ListCursor(RowSchema.Empty, [], _outcomes.Current) : null);

        public override ValueTask DisposeAsync()
        {
            _outcomes.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
