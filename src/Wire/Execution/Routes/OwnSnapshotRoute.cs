using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution.Routes;

internal sealed class OwnSnapshotRoute(SessionState session) : IStatementRoute
{
    public async ValueTask<RowCursor> RunAsync(BoundStatement bound)
    {
        var read = session.Reads(bound.Plan.Hint);
        if (read.StatementTimeout is not null)
        {
            read = read with { StatementTimeout = session.Clock.Left };
        }

        if (session.Block.Open)
        {
            session.Block.NoteQuery();
        }
        else
        {
            session.Horizon.HasQueried = true;
        }

        var cursor = await session.Output.AwaitAsync(
            session.Database.ReadAsync(bound.Statement, SessionState.Options, read, session.Cancellation.Token)).ConfigureAwait(false);
        session.Horizon.NoteRead(cursor);
        return cursor;
    }
}
