using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Tells a test how often and when the database is asked.</summary>
internal sealed class CountingDatabase : IDatabase
{
    private readonly SemaphoreSlim _reads = new(0);
    private IDatabase _inner = null!;
    private long _rows;

    public int Batches { get; private set; }

    /// <summary>Rows taken of reads, of all sessions together.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    public long SequenceChanges => _inner.SequenceChanges;

    public IDatabase Over(IDatabase inner)
    {
        _inner = inner;
        return this;
    }

    /// <summary>Waits until so many reads have been asked for.</summary>
    public async Task Reading(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(await _reads.WaitAsync(TimeSpan.FromMinutes(1)));
        }
    }

    public ValueTask<StatementShape> DescribeAsync(Statement statement, BatchOptions options, long minIndex, CancellationToken token) =>
        _inner.DescribeAsync(statement, options, minIndex, token);

    public async ValueTask<RowCursor> ReadAsync(Statement statement, BatchOptions options, ReadOptions read, CancellationToken token)
    {
        _reads.Release();
        return new CountingCursor(await _inner.ReadAsync(statement, options, read, token), () => Interlocked.Increment(ref _rows));
    }

    public ValueTask<BatchResult> QueryAsync(StatementBatch batch, ReadOptions read, CancellationToken token) =>
        _inner.QueryAsync(batch, read, token);

    public ValueTask<BatchResult> ExecuteAsync(StatementBatch batch, WriteOptions write, CancellationToken token)
    {
        Batches++;
        return _inner.ExecuteAsync(batch, write, token);
    }

    public ValueTask<BatchResult> RequestAsync(StatementBatch batch, ReadOptions read, WriteOptions write, CancellationToken token)
    {
        Batches++;
        return _inner.RequestAsync(batch, read, write, token);
    }

    public ValueTask<T> InspectAsync<T>(Func<IConnectionSql, T> read, long minIndex, CancellationToken token) => _inner.InspectAsync(read, minIndex, token);

    public ValueTask<IReadTransaction> BeginReadAsync(ReadOptions read, CancellationToken token) => _inner.BeginReadAsync(read, token);

    public ValueTask<ITransaction> BeginAsync(TransactionOptions options, IReadTransaction? snapshot, CancellationToken token) =>
        _inner.BeginAsync(options, snapshot, token);
}
