using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Reads of one snapshot on a reader of this node. The statements are kept, so that a transaction can check whether their answers still hold.
/// </summary>
/// <param name="index">An entry whose effects the snapshot has at least.</param>
internal sealed class SnapshotReads(ReaderLease lease, long index) : IReadTransaction
{
    private const int ReadsMax = 1000;
    private const int ReadBytesMax = 4 << 20;

    private readonly List<(Statement Statement, BatchOptions Options)> _reads = [];
    private long _bytes;
    private bool _tooMany;

    public ValueTask<RowCursor> ReadAsync(
        Statement statement, BatchOptions options, TimeSpan? statementTimeout, CancellationToken token)
    {
        _bytes += statement.Bytes;
        if (_reads.Count < ReadsMax && _bytes <= ReadBytesMax)
        {
            _reads.Add((statement.Copy(), options));
        }
        else
        {
            _tooMany = true;
        }

        return new(lease.Run(statement, options, statementTimeout, ownsLease: false, token));
    }

    public long SchemaVersion => lease.SnapshotVersion;

    public ValueTask DisposeAsync()
    {
        lease.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The time that the statements see as now, in µs since 1970.</summary>
    public long? UnixMicroseconds => lease.UnixMicroseconds;

    /// <summary>True if a read was made whose answer has to hold.</summary>
    public bool Any => _reads.Count > 0 || _tooMany;

    /// <summary>
    /// True if a transaction on top of this entry sees the snapshot's state. No writer's base is older than a snapshot that was taken before.
    /// </summary>
    public bool IsOf(long baseIndex) => baseIndex == index;

    /// <summary>Digests of the answers, made by running the reads once more; null if there is too much to run again.</summary>
    public async ValueTask<IReadOnlyList<ReadDigest>?> DigestsAsync(CancellationToken token)
    {
        if (_tooMany)
        {
            return null;
        }

        var digests = new List<ReadDigest>(_reads.Count);
        foreach (var (statement, options) in _reads)
        {
            var sources = (await lease.DescribeAsync(statement.Sql, options, null, token).ConfigureAwait(false)).Sources;
            if ((sources & AnswerSources.Tables) == 0 || (sources & AnswerSources.Random) != 0)
            {
                // The answer depends on no table that others could have changed, or differs in each run.
                continue;
            }

            if (await DigestAsync(statement, options, token).ConfigureAwait(false) is not { } digest)
            {
                return null;
            }

            digests.Add(new(statement, digest));
        }

        return digests;
    }

    private async ValueTask<UInt128?> DigestAsync(Statement statement, BatchOptions options, CancellationToken token)
    {
        var cursor = lease.Run(statement, options, null, ownsLease: false, token);
        await using (cursor.ConfigureAwait(false))
        {
            return await ReadDigest.OfAsync(cursor, token).ConfigureAwait(false);
        }
    }
}
