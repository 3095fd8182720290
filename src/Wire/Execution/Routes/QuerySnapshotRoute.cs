using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution.Routes;

internal sealed class QuerySnapshotRoute(SessionState session) : IStatementRoute
{
    private readonly Replanning _replanning = new(session);

    public bool Pinned => session.QuerySnapshot is not null;

    /// <summary>Makes all reads of a query string see one snapshot.</summary>
    public async ValueTask PinAsync()
    {
        if (!session.Block.Open)
        {
            session.QuerySnapshot ??= await session.Output.AwaitAsync(
                session.Database.BeginReadAsync(session.Reads() with { Caller = session.Caller }, session.Cancellation.Token)).ConfigureAwait(false);
        }
    }

    public async ValueTask UnpinAsync()
    {
        if (session.QuerySnapshot is { } pinned)
        {
            session.QuerySnapshot = null;
            await pinned.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask<RowCursor> RunAsync(BoundStatement bound)
    {
        session.Horizon.HasQueried = true;
        var pinned = session.QuerySnapshot!;
        var statement = await _replanning.AdaptAsync(bound, pinned.SchemaVersion).ConfigureAwait(false);
        var cursor = await session.Output.AwaitAsync(pinned.ReadAsync(
            statement, SessionState.Options, session.Clock.Left, session.Cancellation.Token)).ConfigureAwait(false);
        session.Horizon.NoteRead(cursor);
        return cursor;
    }
}
