using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http.Tests.Doubles;

/// <summary>Storage alone behind the face of a cluster: every write is an entry of its own, and each level reads here.</summary>
internal sealed class LocalDatabase : IDatabase, IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("http-tests").FullName;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Database _database;
    private long _index;

    public LocalDatabase() =>
        _database = Database.Open(new StorageOptions { Directory = _directory }, NullLoggerFactory.Instance);

    public async ValueTask<RowCursor> ReadAsync(Statement statement, BatchOptions options, ReadOptions read, CancellationToken token)
    {
        var lease = await _database.RentReaderAsync(token);
        return lease.Run(statement, options, read.StatementTimeout, ownsLease: true, token);
    }

    public async ValueTask<BatchResult> QueryAsync(StatementBatch batch, ReadOptions read, CancellationToken token)
    {
        var lease = await _database.RentReaderAsync(token);
        if (batch.Atomic)
        {
            lease.BeginSnapshot();
        }

        var next = 0;
        return new Result(0, lease, () => ValueTask.FromResult(next < batch.Statements.Count
            ? lease.Run(batch.Statements[next++], batch.Options, read.StatementTimeout, ownsLease: false, token) : null));
    }

    public async ValueTask<BatchResult> ExecuteAsync(StatementBatch batch, WriteOptions write, CancellationToken token)
    {
        await _writing.WaitAsync(token);
        try
        {
            var stamp = new EntryStamp(++_index, 1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), (ulong)_index);
            var results = new CommandResult?[1];
            _database.Writer.Apply(stamp, [new ApplyCommand(default, batch)], results);
            var encoded = new EncodedResults(results[0]!.Encoded);
            return new Result(results[0]!.Index, null, () => encoded.NextAsync(token));
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask<BatchResult> RequestAsync(StatementBatch batch, ReadOptions read, WriteOptions write, CancellationToken token)
    {
        using var lease = await _database.RentReaderAsync(token);
        var reads = read.Consistency != ReadConsistency.Strong && batch.Statements.All(statement =>
            lease.Describe(statement.Sql.Span, batch.Options) is { Error: null } shape && (shape.ReadOnly || shape.Explain));
        return reads ? await QueryAsync(batch, read, token) : await ExecuteAsync(batch, write, token);
    }

    public ValueTask<StatementShape> DescribeAsync(Statement statement, BatchOptions options, long minIndex, CancellationToken token) =>
        throw new NotSupportedException();

    public ValueTask<IReadTransaction> BeginReadAsync(ReadOptions read, CancellationToken token) => throw new NotSupportedException();

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _writing.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private sealed class Result(long index, ReaderLease? lease, Func<ValueTask<RowCursor?>> next) : BatchResult
    {
        public override long RaftIndex => index;

        public override NodeDescription? ServedBy => null;

        public override ValueTask<RowCursor?> NextAsync(CancellationToken token) => next();

        public override ValueTask DisposeAsync()
        {
            lease?.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
