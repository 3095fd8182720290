using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution.Routes;

internal sealed class OwnSnapshotRoute(SessionState session) : IStatementRoute
{
    private readonly Replanning _replanning = new(session);

    public async ValueTask<RowCursor> RunAsync(BoundStatement bound)
    {
        var read = session.Reads(bound.Plan.Hint);
        if (bound.Plan.AsksCaller)
        {
            read = read with { Caller = session.Caller };
        }

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

        var token = session.Cancellation.Token;
        var cursor = bound.Plan.SchemaVersion == 0
            ? await session.Output.AwaitAsync(session.Database.ReadAsync(bound.Statement, SessionState.Options, read, token)).ConfigureAwait(false)
            : await _replanning.RunAsync([bound], async (statements, version) =>
            {
                var opened = await session.Output.AwaitAsync(session.Database.ReadAsync(
                    statements[0], SessionState.Options, read with { SchemaVersion = version }, token)).ConfigureAwait(false);
                try
                {
                    // The first wait for rows is where another version shows.
                    await session.Output.AwaitAsync(opened.WaitToReadAsync(token)).ConfigureAwait(false);
                    return opened;
                }
                catch
                {
                    await opened.DisposeAsync().ConfigureAwait(false);
                    throw;
                }
            }).ConfigureAwait(false);
        session.Horizon.NoteRead(cursor);
        return cursor;
    }
}
