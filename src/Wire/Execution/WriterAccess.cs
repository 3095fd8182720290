using Rqlite.Pg.Access;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>How the session's statements get to the writer, and with which options: the block's transaction on it, row locks, entries of their own.</summary>
internal sealed class WriterAccess(SessionState session, ConstraintChecks constraints)
{
    // The database's own limit, which also ends a session that cannot get rid of its rows, comes after ours, which tells the client why.
    private static readonly TimeSpan s_idleGrace = TimeSpan.FromSeconds(5);

    // The leader judges how long a statement may take; this is what its answer may take on top.
    private static readonly TimeSpan s_outcomeGrace = TimeSpan.FromSeconds(1);

    private readonly WriteOptions _writes = new() { Timeout = session.Context.Options.RequestTimeout };
    private readonly Replanning _replanning = new(session);

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

    /// <summary>Waits for the writer, unless the block has it.</summary>
    /// <param name="schemaVersion">The schema that the first statement was planned for; 0 for any.</param>
    public async ValueTask TakeAsync(string tag, TimeSpan? lockTimeout, long schemaVersion = 0)
    {
        session.Access.Require(Permissions.Execute, tag);
        if (session.Block.ReadOnly)
        {
            throw ReadOnly(tag);
        }

        if (session.Block.Writing is not null)
        {
            return;
        }

        session.Block.IdempotencyKey ??= session.Settings.TakeIdempotencyKey();
        using var limited = session.Cancellation.Within(session.Clock.Left);
        session.Wait = SessionWait.Writer;
        try
        {
            await session.Output.AwaitAsync(
                session.Block.WriteAsync(session.Database, BlockOptions(lockTimeout, schemaVersion), limited.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!session.Cancellation.Token.IsCancellationRequested)
        {
            throw new PgException(ErrorMapping.StatementTimeout());
        }
        finally
        {
            session.Wait = SessionWait.None;
        }
    }

    /// <summary>Takes the writer if nobody has it.</summary>
    /// <param name="refusal">The error's message if somebody has.</param>
    public async ValueTask TakeNowAsync(string tag, string refusal, long schemaVersion = 0)
    {
        try
        {
            await TakeAsync(tag, TimeSpan.Zero, schemaVersion).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Error == ClusterError.LockTimeout)
        {
            throw new PgException(SqlState.LockNotAvailable, refusal);
        }
    }

    /// <summary>Runs a statement of the block on the writer, which a statement that writes or locks rows waits for.</summary>
    public async ValueTask<RowCursor> RunAsync(BoundStatement bound)
    {
        var statement = session.Block.Writing is null
            ? await _replanning.RunAsync([bound], async (texts, version) =>
            {
                await TakeForAsync(bound.Plan, version).ConfigureAwait(false);
                return texts[0];
            }).ConfigureAwait(false)
            : await _replanning.AdaptAsync(bound, null).ConfigureAwait(false);
        if (bound.Plan.Writes)
        {
            statement = await constraints.GuardAsync(statement).ConfigureAwait(false);
        }

        try
        {
            return await session.Output.AwaitAsync(
                session.Block.Writing!.RunAsync(statement, session.Clock.Left, session.Cancellation.Token)).ConfigureAwait(false);
        }
        finally
        {
            if (bound.Plan.Defines || (bound.Plan.SchemaVersion == 0 && bound.Plan.Writes))
            {
                session.Block.ForgetSchema();
            }
        }
    }

    private ValueTask TakeForAsync(PlannedStatement plan, long schemaVersion) => plan switch
    {
        { Writes: true } => TakeAsync(plan.Tag, session.Settings.LockTimeout, schemaVersion),
        { Locking: { NoWait: true } now } => TakeNowAsync(TagOf(now), RowNotObtained(plan), schemaVersion),

        // The writer locks all rows there are, so SKIP LOCKED finds none to skip.
        { Locking: { } locking } => TakeAsync(TagOf(locking), session.Settings.LockTimeout, schemaVersion),
        _ => TakeAsync(plan.Tag, session.Settings.LockTimeout, schemaVersion),
    };

    /// <summary>How a transaction on the writer is opened.</summary>
    public TransactionOptions BlockOptions(TimeSpan? lockTimeout, long schemaVersion = 0) => new()
    {
        SchemaVersion = schemaVersion,
        Options = SessionState.Options,
        Caller = session.Caller,
        LockTimeout = lockTimeout,
        IdleTimeout = session.Settings.IdleInTransactionTimeout + s_idleGrace,
        WriterSlice = session.Settings.WriterSlice,
        CommitTimeout = session.Context.Options.RequestTimeout,
        UnixMicroseconds = session.Block.UnixMicroseconds,
        IdempotencyKey = session.Block.IdempotencyKey,
    };

    public static PgException ReadOnly(string tag) =>
        new(SqlState.ReadOnlySqlTransaction, $"cannot execute {tag} in a read-only transaction");

    public static string TagOf(LockingClause locking) => $"SELECT FOR {locking.Strength}";

    /// <summary>The message of NOWAIT.</summary>
    public static string RowNotObtained(PlannedStatement plan) => plan.LockedRelation is { } relation
        ? $"could not obtain lock on row in relation \"{relation}\""
        : "could not obtain lock on row";
}
