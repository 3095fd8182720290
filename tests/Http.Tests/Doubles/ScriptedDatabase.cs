using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http.Tests.Doubles;

/// <summary>Answers what a test tells it, and remembers what it was asked.</summary>
internal sealed class ScriptedDatabase(Func<IEnumerable<RowCursor>> answer) : IDatabase
{
    public StatementBatch? Batch { get; private set; }

    public ReadOptions? Read { get; private set; }

    public WriteOptions? Write { get; private set; }

    public IDatabaseFiles? Files { get; init; }

    public long RaftIndex { get; init; }

    public NodeDescription? ServedBy { get; init; }

    public ValueTask<BatchResult> QueryAsync(StatementBatch batch, ReadOptions read, CancellationToken token)
    {
        (Batch, Read) = (batch, read);
        return ValueTask.FromResult<BatchResult>(new Result(this, answer()));
    }

    public ValueTask<BatchResult> ExecuteAsync(StatementBatch batch, WriteOptions write, CancellationToken token)
    {
        (Batch, Write) = (batch, write);
        return ValueTask.FromResult<BatchResult>(new Result(this, answer()));
    }

    public ValueTask<BatchResult> RequestAsync(StatementBatch batch, ReadOptions read, WriteOptions write, CancellationToken token)
    {
        (Batch, Read, Write) = (batch, read, write);
        return ValueTask.FromResult<BatchResult>(new Result(this, answer()));
    }

    public ValueTask<RowCursor> ReadAsync(Statement statement, BatchOptions options, ReadOptions read, CancellationToken token) =>
        ValueTask.FromResult(answer().First());

    public ValueTask<StatementShape> DescribeAsync(Statement statement, BatchOptions options, long minIndex, CancellationToken token) =>
        throw new NotSupportedException();

    public ValueTask<T> InspectAsync<T>(Func<IConnectionSql, T> read, long minIndex, CancellationToken token) => throw new NotSupportedException();

    public ValueTask<IReadTransaction> BeginReadAsync(ReadOptions read, CancellationToken token) => throw new NotSupportedException();

    public ValueTask<ITransaction> BeginAsync(TransactionOptions options, IReadTransaction? snapshot, CancellationToken token) =>
        throw new NotSupportedException();

    private sealed class Result(ScriptedDatabase database, IEnumerable<RowCursor> cursors) : BatchResult
    {
        private readonly IEnumerator<RowCursor> _cursors = cursors.GetEnumerator();

        public override long RaftIndex => database.RaftIndex;

        public override NodeDescription? ServedBy => database.ServedBy;

        public override ValueTask<RowCursor?> NextAsync(CancellationToken token) =>
            ValueTask.FromResult(_cursors.MoveNext() ? _cursors.Current : null);

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
