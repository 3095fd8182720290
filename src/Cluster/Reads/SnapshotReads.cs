using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>Reads of one snapshot on a reader of this node. What was read is remembered, so that a writer can ask whether it still holds.</summary>
/// <param name="index">An entry that the snapshot has at least.</param>
internal sealed class SnapshotReads(ReaderLease lease, long index) : IReadTransaction
{
    private const int ReadsMax = 1000;
    private const int AnswerBytesMax = 16 << 20;

    private readonly List<(Statement Statement, BatchOptions Options)> _reads = [];
    private bool _tooMany;

    public ValueTask<RowCursor> ReadAsync(
        Statement statement, BatchOptions options, TimeSpan? statementTimeout, CancellationToken token)
    {
        if (_reads.Count < ReadsMax)
        {
            _reads.Add((new(statement.Sql.ToArray(), statement.Parameters.ToArray()), options));
        }
        else
        {
            _tooMany = true;
        }

        return new(lease.Run(statement, options, statementTimeout, ownsLease: false, token));
    }

    public ValueTask DisposeAsync()
    {
        lease.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>True if every answer given is what the transaction would be answered now; also false if there are too many to look.</summary>
    public async ValueTask<bool> StillHoldAsync(Rehearsal rehearsal, CancellationToken token)
    {
        if (rehearsal.BaseIndex == index || _reads.Count == 0)
        {
            return true;
        }

        if (_tooMany)
        {
            return false;
        }

        foreach (var (statement, options) in _reads)
        {
            var before = lease.Run(statement, options, null, ownsLease: false, token);
            await using (before.ConfigureAwait(false))
            {
                var now = await new EncodedResults(rehearsal.Run(statement, token)).NextAsync(token).ConfigureAwait(false);
                if (rehearsal.State != RehearsalState.Open
                    || await AnswerAsync(before, token).ConfigureAwait(false) is not { } old
                    || await AnswerAsync(now!, token).ConfigureAwait(false) is not { } current
                    || !old.Span.SequenceEqual(current.Span))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Columns and rows; null if they are too large or end in an error.</summary>
    private static async ValueTask<ReadOnlyMemory<byte>?> AnswerAsync(RowCursor cursor, CancellationToken token)
    {
        var answer = new ArrayBufferWriter<byte>();
        while (await cursor.WaitToReadAsync(token).ConfigureAwait(false))
        {
            while (cursor.TryRead())
            {
                RowEncoding.WriteRow(answer, cursor, cursor.Schema.Columns.Count);
                if (answer.WrittenCount > AnswerBytesMax)
                {
                    return null;
                }
            }
        }

        RowEncoding.WriteSchema(answer, cursor.Schema);
        return cursor.Outcome.Error is null ? answer.WrittenMemory : null;
    }
}
