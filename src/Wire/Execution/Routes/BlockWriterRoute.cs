using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution.Routes;

internal sealed class BlockWriterRoute(SessionState session, WriterAccess writer) : IStatementRoute
{
    public async ValueTask<RowCursor> RunAsync(BoundStatement bound)
    {
        var plan = bound.Plan;
        if (plan.Writes)
        {
            await writer.TakeAsync(plan.Tag, session.Settings.LockTimeout).ConfigureAwait(false);
        }
        else if (plan.Locking is { NoWait: true } now)
        {
            await writer.TakeNowAsync(WriterAccess.TagOf(now), WriterAccess.RowNotObtained(plan)).ConfigureAwait(false);
        }
        else if (plan.Locking is { } locking)
        {
            // The writer locks all rows there are, so SKIP LOCKED finds none to skip.
            await writer.TakeAsync(WriterAccess.TagOf(locking), session.Settings.LockTimeout).ConfigureAwait(false);
        }

        return await writer.RunAsync(bound.Statement, session.Clock.Left).ConfigureAwait(false);
    }
}
