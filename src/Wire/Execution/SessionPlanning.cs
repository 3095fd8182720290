using Rqlite.Pg.Dialect;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>Lets planners ask the database in the name of a session.</summary>
internal sealed class SessionPlanning(SessionState session) : IPlanningSession
{
    public bool InBlock => session.Block.Open;

    public bool IsLeader => session.Context.Leadership.IsLeader;

    public bool Translates => session.Settings.Show("rqlite.dialect") == "postgresql";

    public async ValueTask<TranslationContext> TranslationAsync()
    {
        var token = session.Cancellation.Token;
        ISchema schema = await session.Output.AwaitAsync(
            session.Database.InspectAsync(SnapshotCache.Of, session.Horizon.LastWritten, token)).ConfigureAwait(false);
        if (session.Block.Writing is { } writing)
        {
            schema = await session.Output.AwaitAsync(TransactionSchema.LoadAsync(writing, schema, token)).ConfigureAwait(false);
        }

        return new TranslationContext(schema, session.Settings.SearchPath, session.Settings.User, session.DatabaseName);
    }

    public async ValueTask<StatementShape> DescribeAsync(Statement statement)
    {
        using var limited = session.Clock.Left is { } limit ? session.Cancellation.Within(limit) : null;
        var token = limited?.Token ?? session.Cancellation.Token;
        try
        {
            return await session.Output.AwaitAsync(session.Block.Writing is { } writing
                ? writing.DescribeAsync(statement, token)
                : session.Database.DescribeAsync(statement, SessionState.Options, session.Horizon.LastWritten, token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!session.Cancellation.Token.IsCancellationRequested)
        {
            throw new PgException(ErrorMapping.StatementTimeout());
        }
    }
}
