using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <content>Reads that have to wait, to run on another node, or to pass through the log.</content>
internal sealed partial class ClusterDatabase
{
    private static readonly ApplyCommand s_barrier = new(default, new([], BatchOptions.None));

    /// <exception cref="ClusterException"><see cref="ClusterError.Busy"/>: all readers are in use.</exception>
    private async ValueTask<ReaderLease> RentReaderAsync(TimeSpan? limit, CancellationToken token)
    {
        try
        {
            return await _storage.RentReaderAsync(limit, token).ConfigureAwait(false);
        }
        catch (ReadersBusyException e)
        {
            throw new ClusterException(e.TimedOut ? ClusterError.Timeout : ClusterError.Busy, e.Message, inner: e);
        }
    }

    private ClusterException SchemaMovedHere() => ClusterException.SchemaMoved(_storage.SeenIndex);

    private async ValueTask<LocalQuery> QueryHereAsync(StatementBatch batch, ReadOptions read, CancellationToken token)
    {
        var index = 0L;
        var lease = await RentReaderAsync(read.StatementTimeout, token).ConfigureAwait(false);
        try
        {
            lease.UnixMicroseconds = read.UnixMicroseconds;
            lease.Caller = batch.Caller;
            lease.Expect(batch.SchemaVersion, SchemaMovedHere);
            if (batch.Atomic)
            {
                lease.BeginSnapshot();
                index = _storage.SeenIndex;
            }

            return new LocalQuery(lease, batch, read.StatementTimeout, _storage, index);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    private async ValueTask<BatchResult> QueryAtOnceAsync(StatementBatch batch, ReadOptions read, CancellationToken token)
    {
        var result = await QueryHereAsync(batch, read, token).ConfigureAwait(false);
        try
        {
            await result.BeginAsync(token).ConfigureAwait(false);
            if (_barrier.StillOpen(read))
            {
                return result;
            }
        }
        catch
        {
            await result.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await result.DisposeAsync().ConfigureAwait(false);
        return await QuerySlowlyAsync(batch, read, token).ConfigureAwait(false);
    }

    /// <summary>Waits for the first row; false, with the cursor disposed, if the row was read too late for the barrier.</summary>
    private async ValueTask<bool> IsGoodAsync(RowCursor cursor, ReadOptions read, CancellationToken token)
    {
        try
        {
            await cursor.WaitToReadAsync(token).ConfigureAwait(false);
            if (_barrier.StillOpen(read))
            {
                return true;
            }
        }
        catch
        {
            await cursor.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await cursor.DisposeAsync().ConfigureAwait(false);
        return false;
    }

    private async ValueTask<BatchResult> QuerySlowlyAsync(StatementBatch batch, ReadOptions read, CancellationToken token)
    {
        try
        {
            return await QueryWhereItMayAsync(batch, read, token).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Error == ClusterError.Timeout && read.MinIndex > _log.AppliedIndex)
        {
            throw new ClusterException(
                ClusterError.Timeout, $"timed out waiting for index {read.MinIndex} (applied index {_log.AppliedIndex})", _log.Leader, e);
        }
    }

    private async ValueTask<BatchResult> QueryWhereItMayAsync(StatementBatch batch, ReadOptions read, CancellationToken token)
    {
        var level = _barrier.Resolve(read.Consistency);
        if (level is ReadConsistency.Weak or ReadConsistency.Strong)
        {
            level = await NodeUseAsync(batch, read, token).ConfigureAwait(false) switch
            {
                // A question about a node can be answered by that node alone, and data in the same answer must not be staler for that.
                NodeUse.Only => ReadConsistency.None,
                NodeUse.WithTables => ReadConsistency.Linearizable,
                _ => level,
            };
        }

        if (level is ReadConsistency.None or ReadConsistency.Linearizable)
        {
            await WaitAsync(read.Timeout, t => OpenAsync(level == ReadConsistency.None, read, t), token).ConfigureAwait(false);
            return await QueryHereAsync(batch, read, token).ConfigureAwait(false);
        }

        // The deadline limits the wait for the first rows, not their reading: the rows are read under the caller's own token.
        Func<TimeSpan, CancellationToken, ValueTask<BatchResult>> here = level == ReadConsistency.Strong
            ? async (left, t) =>
            {
                await _barrier.WaitForIndexAsync(read.MinIndex, t).ConfigureAwait(false);
                var index = await PassBarrierAsync(left, t).ConfigureAwait(false);
                var result = await QueryHereAsync(batch, read, token).ConfigureAwait(false);
                result.Barrier = index;
                return result;
            }
            : async (_, t) =>
            {
                await _barrier.WaitForTermAsync(t).ConfigureAwait(false);
                await _barrier.WaitForQuorumAsync(t).ConfigureAwait(false);
                await _barrier.WaitForIndexAsync(read.MinIndex, t).ConfigureAwait(false);
                return await QueryHereAsync(batch, read, token).ConfigureAwait(false);
            };
        if (read.Forward)
        {
            var request = new ForwardedRequest(ForwardedMode.Query, default, read.Timeout, read with { Consistency = level }, batch);
            return await _route.RunAsync(
                write: false, read.Timeout, here, (leader, left, t) => SendAsync(leader, request with { Timeout = left }, t), token)
                .ConfigureAwait(false);
        }

        if (!_log.IsLeader)
        {
            throw NotLeader();
        }

        BatchResult? result = null;
        await WaitAsync(read.Timeout, async t => result = await here(read.Timeout, t).ConfigureAwait(false), token).ConfigureAwait(false);
        return result!;
    }

    /// <summary>Waits until a read may run on this node.</summary>
    /// <param name="any">Any state that has the asked index will do; otherwise the state must include the leader's present commits.</param>
    private async ValueTask OpenAsync(bool any, ReadOptions read, CancellationToken token)
    {
        if (!any)
        {
            await _barrier.WaitForLeaderAsync(token).ConfigureAwait(false);
        }

        await _barrier.WaitForIndexAsync(read.MinIndex, token).ConfigureAwait(false);
        if (any)
        {
            if (_barrier.Resolve(read.Consistency) == ReadConsistency.None)
            {
                _barrier.RequireDatabase();
            }

            _barrier.CheckFreshness(read);
        }
    }

    /// <summary>
    /// Passes the barrier of a strong read, on the leader: an entry without statements goes through the log. The read itself runs on a reader,
    /// so no replica ever runs it.
    /// </summary>
    private async ValueTask<long> PassBarrierAsync(TimeSpan timeout, CancellationToken token)
    {
        try
        {
            return (await _proposals.ProposeAsync(s_barrier, timeout, null, null, token).ConfigureAwait(false)).Index;
        }
        catch (ClusterException e) when (e.Error == ClusterError.OutcomeUnknown)
        {
            // A barrier has no effects: whether it passed does not matter to the caller.
            token.ThrowIfCancellationRequested();
            throw _log.IsLeader
                ? new ClusterException(ClusterError.Timeout, "timed out waiting for the read to pass through the log", inner: e)
                : new ClusterException(ClusterError.NoLeader, "leadership lost during the read", _log.Leader, e);
        }
    }

    private static async ValueTask<bool> OnlyReadsAsync(
        ReaderLease lease, ReadOnlyMemory<byte> sql, BatchOptions options, TimeSpan? timeout, CancellationToken token)
    {
        while (true)
        {
            var shape = await lease.DescribeAsync(sql, options, timeout, token).ConfigureAwait(false);
            if (shape.Error is { } error)
            {
                RequireLooked(error);
            }

            // SQLite reports an EXPLAIN of a write as a write, though it only reads.
            if (shape.Error is not null || (!shape.ReadOnly && !shape.Explain && !shape.Empty))
            {
                return false;
            }

            if (shape.TailOffset <= 0 || shape.TailOffset >= sql.Length)
            {
                return true;
            }

            sql = sql[shape.TailOffset..];
        }
    }

    /// <summary>Throws if a description was ended before its end: the statement is then not known to be at fault.</summary>
    private static void RequireLooked(StatementError error)
    {
        const int Interrupted = 9;
        if (error.ResultCode == Interrupted)
        {
            throw new ClusterException(ClusterError.Timeout, error.Message);
        }

        if (error.SqlState == "53400")
        {
            throw new ClusterException(ClusterError.Busy, error.Message);
        }
    }

    /// <summary>True if SQLite reports every statement as read-only; a statement that it cannot prepare counts as a write.</summary>
    private async ValueTask<bool> OnlyReadsAsync(StatementBatch batch, ReadOptions read, CancellationToken token)
    {
        var limit = ShorterOf(read.StatementTimeout, read.Timeout);
        using var lease = await RentReaderAsync(limit, token).ConfigureAwait(false);
        foreach (var statement in batch.Statements)
        {
            if (statement.Steps.Count > 0 || !await OnlyReadsAsync(lease, statement.Sql, batch.Options, limit, token).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask<NodeUse> NodeUseAsync(StatementBatch batch, ReadOptions read, CancellationToken token)
    {
        var asks = false;
        var reads = false;
        var limit = ShorterOf(read.StatementTimeout, read.Timeout);
        using var lease = await RentReaderAsync(limit, token).ConfigureAwait(false);
        foreach (var statement in batch.Statements)
        {
            var shape = await lease.DescribeAsync(statement.Sql, batch.Options, limit, token).ConfigureAwait(false);
            if (shape.Error is { } error)
            {
                RequireLooked(error);
            }

            asks |= shape.NodeUse != NodeUse.None;
            reads |= shape.NodeUse != NodeUse.Only;
        }

        return !asks ? NodeUse.None : reads ? NodeUse.WithTables : NodeUse.Only;
    }

    private static TimeSpan? ShorterOf(TimeSpan? statement, TimeSpan request) =>
        request == Timeout.InfiniteTimeSpan || statement < request ? statement : request;

    private async ValueTask<StatementShape> DescribeHereAsync(Statement statement, BatchOptions options, CancellationToken token)
    {
        using var lease = await RentReaderAsync(null, token).ConfigureAwait(false);
        var shape = await lease.DescribeAsync(statement.Sql, options, null, token).ConfigureAwait(false);
        if (shape.Error is { } error)
        {
            RequireLooked(error);
        }

        return shape;
    }

    /// <summary>
    /// Asks the leader for a description, since it may know a table that has not arrived here; without an answer this node's own description
    /// stands.
    /// </summary>
    private async ValueTask<StatementShape> DescribeThereAsync(
        Statement statement, BatchOptions options, StatementShape own, CancellationToken token)
    {
        if (_log.Leader is not { } leader || leader.Id == _log.Self.Id)
        {
            return own;
        }

        using var deadline = new Deadline(DescribeTimeout, _time, token);
        try
        {
            var body = new ArrayBufferWriter<byte>();
            ShapeEncoding.WriteRequest(body, statement.Sql.Span, options);
            var response = await _peers.SendAsync(leader.RaftAddress, NodeRequestKind.Describe, body.WrittenMemory, deadline.Token)
                .ConfigureAwait(false);
            await using (response.ConfigureAwait(false))
            {
                return await ForwardedBlocks.ReadAsync(response, deadline.Token).ConfigureAwait(false) is { } answer
                    ? ShapeEncoding.ReadShape(answer)
                    : own;
            }
        }
        catch (Exception e) when (e is ClusterException or InvalidDataException
            || (e is OperationCanceledException && !token.IsCancellationRequested))
        {
            return own;
        }
    }
}
