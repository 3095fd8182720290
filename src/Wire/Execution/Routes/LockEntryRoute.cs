using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution.Routes;

/// <summary>
/// Runs a statement that uses advisory locks as an entry of its own: it is no part of the transaction around it, since other sessions must see
/// its effect at once. It is answered when its locks are granted.
/// </summary>
internal sealed class LockEntryRoute(SessionState session) : IStatementRoute
{
    private static readonly Statement s_releaseAll = new("SELECT pg_advisory_unlock_all()"u8.ToArray(), default);

    public async ValueTask<RowCursor> RunAsync(BoundStatement bound)
    {
        var result = await RunAsync(bound.Statement, session.Caller).ConfigureAwait(false);
        session.Warnings = result.Warnings;
        return await result.Result.NextAsync(CancellationToken.None).ConfigureAwait(false)
            ?? throw new InvalidOperationException("A statement left no result.");
    }

    /// <summary>Gives back the session-level locks.</summary>
    public async ValueTask ReleaseAllAsync()
    {
        if (session.Locks.MayHold)
        {
            await RunAsync(s_releaseAll, session.Caller).ConfigureAwait(false);
        }
    }

    private async ValueTask<LockedResult> RunAsync(Statement statement, CallerSession caller)
    {
        // The holder of the lock may have to write before it gives the lock back.
        if (session.Block.Writing is { } writing
            && !await session.Output.AwaitAsync(writing.SuspendAsync(session.Cancellation.Token)).ConfigureAwait(false))
        {
            throw new PgException(
                SqlState.FeatureNotSupported,
                "advisory locks cannot be taken or given back in a transaction that has done this much",
                "Take the lock before the first write, and give it back behind the end of the transaction.");
        }

        using var limited = session.Cancellation.Within(session.Clock.Left);

        // The session's key is not used: a lock belongs to its session, and no other one could get it by repeating the request.
        var write = new WriteOptions { Timeout = session.Context.Options.RequestTimeout };
        var batch = new StatementBatch([statement], SessionState.Options) { Caller = caller };
        session.Wait = SessionWait.AdvisoryLock;
        try
        {
            var result = await session.Output.AwaitAsync(
                session.Locks.Session!.RunAsync(batch, write, session.Settings.LockTimeout, limited.Token)).ConfigureAwait(false);
            session.Horizon.NoteWrite(result.Index);
            return result;
        }
        catch (OperationCanceledException) when (!session.Cancellation.Token.IsCancellationRequested)
        {
            throw new PgException(ErrorMapping.StatementTimeout());
        }
        catch (ClusterException e) when (e.Error == ClusterError.LocksLost)
        {
            throw HeldLocks.Lost();
        }
        finally
        {
            session.Wait = SessionWait.None;
        }
    }
}
