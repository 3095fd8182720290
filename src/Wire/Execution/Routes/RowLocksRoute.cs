using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution.Routes;

/// <summary>
/// Reads with row locks, which end with the statement: it waits for the writer, and reads what the transaction before it has committed.
/// </summary>
internal sealed class RowLocksRoute(SessionState session, WriterAccess writer) : IStatementRoute
{
    private readonly Replanning _replanning = new(session);

    public ValueTask<RowCursor> RunAsync(BoundStatement bound) =>
        _replanning.RunAsync([bound], (texts, version) => RunAsync(bound, texts[0], version));

    private async ValueTask<RowCursor> RunAsync(BoundStatement bound, Statement statement, long schemaVersion)
    {
        var nowait = bound.Plan.Locking!.NoWait;
        using var limited = session.Cancellation.Within(session.Clock.Left);
        session.Wait = SessionWait.Writer;
        try
        {
            var options = writer.BlockOptions(nowait ? TimeSpan.Zero : session.Settings.LockTimeout, schemaVersion);
            var transaction = await session.Output.AwaitAsync(
                session.Database.BeginAsync(options, null, limited.Token)).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                var rows = await session.Output.AwaitAsync(
                    transaction.RunAsync(statement, session.Clock.Left, limited.Token)).ConfigureAwait(false);
                if (await rows.WaitToReadAsync(limited.Token).ConfigureAwait(false) || rows.Outcome.Error is null)
                {
                    await session.Output.AwaitAsync(transaction.CommitAsync(limited.Token)).ConfigureAwait(false);
                }

                return rows;
            }
        }
        catch (ClusterException e) when (nowait && e.Error == ClusterError.LockTimeout)
        {
            throw new PgException(SqlState.LockNotAvailable, WriterAccess.RowNotObtained(bound.Plan));
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
}
