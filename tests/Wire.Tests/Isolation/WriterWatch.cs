using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Tests.Isolation;

/// <summary>Knows whether the one session that uses it has asked for the writer and has had no answer.</summary>
internal sealed class WriterWatch(IDatabase inner) : IDatabase
{
    private int _asked;
    private int _answered;

    public int Asked => Volatile.Read(ref _asked);

    public int Answered => Volatile.Read(ref _answered);

    public bool Asking => Answered != Asked;

    public ValueTask<StatementShape> DescribeAsync(Statement statement, BatchOptions options, long minIndex, CancellationToken token) =>
        inner.DescribeAsync(statement, options, minIndex, token);

    public ValueTask<RowCursor> ReadAsync(Statement statement, BatchOptions options, ReadOptions read, CancellationToken token) =>
        inner.ReadAsync(statement, options, read, token);

    public ValueTask<BatchResult> QueryAsync(StatementBatch batch, ReadOptions read, CancellationToken token) =>
        inner.QueryAsync(batch, read, token);

    public ValueTask<BatchResult> ExecuteAsync(StatementBatch batch, WriteOptions write, CancellationToken token) =>
        AskAsync(() => inner.ExecuteAsync(batch, write, token));

    public ValueTask<BatchResult> RequestAsync(StatementBatch batch, ReadOptions read, WriteOptions write, CancellationToken token) =>
        AskAsync(() => inner.RequestAsync(batch, read, write, token));

    public ValueTask<T> InspectAsync<T>(Func<IConnectionSql, T> read, long minIndex, CancellationToken token) => inner.InspectAsync(read, minIndex, token);

    public ValueTask<IReadTransaction> BeginReadAsync(ReadOptions read, CancellationToken token) => inner.BeginReadAsync(read, token);

    public ValueTask<ITransaction> BeginAsync(TransactionOptions options, IReadTransaction? snapshot, CancellationToken token) =>
        AskAsync(() => inner.BeginAsync(options, snapshot, token));

    public Guid NodeId => inner.NodeId;

    public INotifications? Notifications => inner.Notifications;

    private async ValueTask<T> AskAsync<T>(Func<ValueTask<T>> ask)
    {
        Interlocked.Increment(ref _asked);
        try
        {
            return await ask();
        }
        finally
        {
            Interlocked.Increment(ref _answered);
        }
    }
}
