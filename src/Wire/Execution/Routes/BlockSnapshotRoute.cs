using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution.Routes;

internal sealed class BlockSnapshotRoute(SessionState session) : IStatementRoute
{
    private readonly Replanning _replanning = new(session);

    public async ValueTask<RowCursor> RunAsync(BoundStatement bound)
    {
        // A hint is for the first statement, which takes the snapshot.
        var token = session.Cancellation.Token;
        session.Block.NoteQuery();
        var read = session.Reads(bound.Plan.Hint);
        if (!session.Block.Pinned)
        {
            read = read with { Caller = session.Caller };
        }

        var snapshot = await session.Block.SnapshotAsync(session.Database, read, token).ConfigureAwait(false);
        var statement = await _replanning.AdaptAsync(bound, snapshot.SchemaVersion).ConfigureAwait(false);
        var cursor = await session.Output.AwaitAsync(
            snapshot.ReadAsync(statement, SessionState.Options, session.Clock.Left, token)).ConfigureAwait(false);
        session.Horizon.NoteRead(cursor);
        return cursor;
    }
}
