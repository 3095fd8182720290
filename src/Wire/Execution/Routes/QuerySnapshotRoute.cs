using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution.Routes;

internal sealed class QuerySnapshotRoute(SessionState session) : IStatementRoute
{
    private IReadTransaction? _pinned;

    public bool Pinned => _pinned is not null;

    /// <summary>Makes all reads of a query string see one snapshot.</summary>
    public async ValueTask PinAsync()
    {
        if (!session.Block.Open)
        {
            _pinned ??= await session.Output.AwaitAsync(
                session.Database.BeginReadAsync(session.Reads() with { Caller = session.Caller }, session.Cancellation.Token)).ConfigureAwait(false);
        }
    }

    public async ValueTask UnpinAsync()
    {
        if (_pinned is { } pinned)
        {
            _pinned = null;
            await pinned.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask<RowCursor> RunAsync(BoundStatement bound)
    {
        session.Horizon.HasQueried = true;
        var cursor = await session.Output.AwaitAsync(_pinned!.ReadAsync(
            bound.Statement, SessionState.Options, session.Clock.Left, session.Cancellation.Token)).ConfigureAwait(false);
        session.Horizon.NoteRead(cursor);
        return cursor;
    }
}
