using Rqlite.Pg.Cluster;
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

        var cursor = _replanning.MayHold(bound.Plan)
            ? await TryAsync(bound, read).ConfigureAwait(false)
            : await ReplanAsync(bound, read, null).ConfigureAwait(false);

        session.Horizon.NoteRead(cursor);
        return cursor;
    }

    private async ValueTask<RowCursor> TryAsync(BoundStatement bound, ReadOptions read)
    {
        try
        {
            return await OpenAsync(bound.Statement, read, bound.Plan.SchemaVersion).ConfigureAwait(false);
        }
        catch (ClusterException moved) when (moved.Error == ClusterError.SchemaMoved)
        {
            return await ReplanAsync(bound, read, moved).ConfigureAwait(false);
        }
    }

    private ValueTask<RowCursor> ReplanAsync(BoundStatement bound, ReadOptions read, ClusterException? moved) =>
        _replanning.RunAsync([bound], (statements, version) => OpenAsync(statements[0], read, version), moved);

    private async ValueTask<RowCursor> OpenAsync(Statement statement, ReadOptions read, long schemaVersion)
    {
        var token = session.Cancellation.Token;
        if (schemaVersion == 0)
        {
            return await session.Output.AwaitAsync(session.Database.ReadAsync(statement, SessionState.Options, read, token)).ConfigureAwait(false);
        }

        var cursor = await session.Output.AwaitAsync(session.Database.ReadAsync(
            statement, SessionState.Options, read with { SchemaVersion = schemaVersion }, token)).ConfigureAwait(false);
        try
        {
            // The first wait for rows is where another version shows.
            await session.Output.AwaitAsync(cursor.WaitToReadAsync(token)).ConfigureAwait(false);
            return cursor;
        }
        catch
        {
            await cursor.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
