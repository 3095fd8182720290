using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Query;

/// <summary>How the session's statements get to the writer, and with which options: the block's transaction on it, row locks, entries of their own.</summary>
internal sealed class WriterAccess(PgSession session)
{
    // The database's own limit, which also ends a session that cannot get rid of its rows, comes after ours, which tells the client why.
    private static readonly TimeSpan s_idleGrace = TimeSpan.FromSeconds(5);

    // The leader judges how long a statement may take; this is what its answer may take on top.
    private static readonly TimeSpan s_outcomeGrace = TimeSpan.FromSeconds(1);

    private readonly WriteOptions _writes = new() { Timeout = session.Context.Options.RequestTimeout };

    public void RequireWritable(PreparedStatement prepared) => RequireWritable(prepared.Tag);

    /// <summary>Refuses, in a block, a statement that the database did not know when it was prepared.</summary>
    public static void RequireKnown(PreparedStatement prepared)
    {
        if (prepared.Shape is null)
        {
            throw new PgException(
                SqlState.FeatureNotSupported,
                $"cannot execute {prepared.Tag} in a transaction block: it was prepared before its tables existed", "Prepare it again.");
        }
    }

    /// <summary>How the next entry is written; it takes the key that was set for it.</summary>
    public WriteOptions TakeOptions()
    {
        var (key, wait) = (session.Settings.TakeIdempotencyKey(), session.Settings.LockTimeout);
        var limit = session.Clock.Left;
        if (key is null && wait is null && limit is null)
        {
            return _writes;
        }

        return _writes with
        {
            IdempotencyKey = key,
            LockTimeout = wait,
            Timeout = limit + s_outcomeGrace is { } most && most < _writes.Timeout ? most : _writes.Timeout,

            // This session's own timer ends it first; a leader elsewhere needs to know the limit too.
            StatementTimeout = limit,
        };
    }

    /// <summary>Takes the writer for a statement that writes in a block.</summary>
    public ValueTask TakeAsync(PreparedStatement prepared)
    {
        RequireWritable(prepared);
        return TakeAsync(prepared.Tag, session.Settings.LockTimeout);
    }

    /// <summary>Waits for the writer, unless the block has it.</summary>
    public async ValueTask TakeAsync(string tag, TimeSpan? lockTimeout)
    {
        if (session.Block.ReadOnly)
        {
            throw ReadOnly(tag);
        }

        session.Block.IdempotencyKey ??= session.Settings.TakeIdempotencyKey();
        using var limited = session.Cancellation.Within(session.Clock.Left);
        try
        {
            await session.Output.AwaitAsync(
                session.Block.WriteAsync(session.Context.Database, BlockOptions(lockTimeout), limited.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!session.Cancellation.Token.IsCancellationRequested)
        {
            throw new PgException(ErrorMapping.StatementTimeout());
        }
    }

    /// <summary>Takes the writer if nobody has it.</summary>
    /// <param name="refusal">The error's message if somebody has.</param>
    public async ValueTask TakeNowAsync(string tag, string refusal)
    {
        try
        {
            await TakeAsync(tag, TimeSpan.Zero).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Error == ClusterError.LockTimeout)
        {
            throw new PgException(SqlState.LockNotAvailable, refusal);
        }
    }

    /// <summary>Runs a statement in the block, which has the writer.</summary>
    public ValueTask<RowCursor> RunAsync(Statement bound, TimeSpan? statementTimeout) =>
        session.Output.AwaitAsync(session.Block.Writing!.RunAsync(bound, statementTimeout, session.Cancellation.Token));

    /// <summary>Locks rows in a block by taking the writer, which locks them all; SKIP LOCKED then finds none to skip.</summary>
    public ValueTask LockRowsAsync(PreparedStatement prepared, LockingClause locking) => locking.NoWait
        ? TakeNowAsync(TagOf(locking), RowNotObtained(prepared))
        : TakeAsync(TagOf(locking), session.Settings.LockTimeout);

    /// <summary>
    /// Reads with row locks outside of a block, which end with the statement: it waits for the writer, and reads what the transaction
    /// before it has committed.
    /// </summary>
    public async ValueTask<RowCursor> ReadLockedAsync(
        PreparedStatement prepared, Statement bound, LockingClause locking, TimeSpan? statementTimeout)
    {
        RequireWritable(TagOf(locking));
        using var limited = session.Cancellation.Within(session.Clock.Left);
        try
        {
            var options = BlockOptions(locking.NoWait ? TimeSpan.Zero : session.Settings.LockTimeout);
            var transaction = await session.Output.AwaitAsync(
                session.Context.Database.BeginAsync(options, null, limited.Token)).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                var rows = await session.Output.AwaitAsync(transaction.RunAsync(bound, statementTimeout, limited.Token)).ConfigureAwait(false);
                if (await rows.WaitToReadAsync(limited.Token).ConfigureAwait(false) || rows.Outcome.Error is null)
                {
                    await session.Output.AwaitAsync(transaction.CommitAsync(limited.Token)).ConfigureAwait(false);
                }

                return rows;
            }
        }
        catch (ClusterException e) when (locking.NoWait && e.Error == ClusterError.LockTimeout)
        {
            throw new PgException(SqlState.LockNotAvailable, RowNotObtained(prepared));
        }
        catch (OperationCanceledException) when (!session.Cancellation.Token.IsCancellationRequested)
        {
            throw new PgException(ErrorMapping.StatementTimeout());
        }
    }

    private TransactionOptions BlockOptions(TimeSpan? lockTimeout) => new()
    {
        Options = PgSession.Options,
        Caller = session.Values.Caller,
        LockTimeout = lockTimeout,
        IdleTimeout = session.Settings.IdleInTransactionTimeout + s_idleGrace,
        WriterSlice = session.Settings.WriterSlice,
        CommitTimeout = session.Context.Options.RequestTimeout,
        UnixMicroseconds = session.Block.UnixMicroseconds,
        IdempotencyKey = session.Block.IdempotencyKey,
    };

    private void RequireWritable(string tag)
    {
        if (session.Block.Open ? session.Block.ReadOnly : session.Settings.TransactionReadOnly)
        {
            throw ReadOnly(tag);
        }
    }

    private static PgException ReadOnly(string tag) =>
        new(SqlState.ReadOnlySqlTransaction, $"cannot execute {tag} in a read-only transaction");

    private static string TagOf(LockingClause locking) => $"SELECT FOR {locking.Strength}";

    private static string RowNotObtained(PreparedStatement prepared) =>
        prepared.Shape?.Rows.Columns.FirstOrDefault(column => column.Table is not null)?.Table is { } table
            ? $"could not obtain lock on row in relation \"{table}\""
            : "could not obtain lock on row";
}
