using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>Lets planners ask the database in the name of a session.</summary>
internal sealed class SessionPlanning(SessionState session) : IPlanningSession
{
    // A name that does not exist is an error, for which nobody waits long without a leader.
    private static readonly TimeSpan s_catchUp = TimeSpan.FromSeconds(2);

    // Values count microseconds since 2000, blocks since 1970.
    private static readonly long s_epoch = (new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public bool InBlock => session.Block.Open;

    public bool IsLeader => session.Context.Leadership.IsLeader;

    public bool Translates => session.Settings.Translates;

    public async ValueTask<TranslationContext> TranslationAsync()
    {
        var token = session.Cancellation.Token;
        var committed = await session.Output.AwaitAsync(
            session.Database.InspectAsync(SnapshotCache.Of, session.Horizon.LastWritten, token)).ConfigureAwait(false);
        var schema = session.Block.Writing is { } writing ? await SchemaOfAsync(writing, committed, token).ConfigureAwait(false)
            : (session.Block.Snapshot ?? session.QuerySnapshot) is { SchemaVersion: not 0 } snapshot && snapshot.SchemaVersion != committed.Version
                ? await SchemaOfAsync(snapshot, token).ConfigureAwait(false)
            : (ISchema)committed;
        return new TranslationContext(schema, session.Settings.SearchPath, session.Settings.User, session.DatabaseName)
        {
            Moment = new ValueContext(session.Settings.Format, (session.Block.UnixMicroseconds ?? TransactionBlock.Present) - s_epoch),
            IsShared = ReferenceEquals(schema, committed),
            MayBeUndone = session.Block.Writing is not null && !ReferenceEquals(schema, committed),
        };
    }

    private async ValueTask<ISchema> SchemaOfAsync(IReadTransaction snapshot, CancellationToken token)
    {
        if (session.PinnedSchema is not { } pinned || pinned.Snapshot != snapshot)
        {
            pinned = (snapshot, await session.Output.AwaitAsync(UncommittedSchema.LoadAsync(snapshot, token)).ConfigureAwait(false));
            session.PinnedSchema = pinned;
        }

        return pinned.Schema;
    }

    private async ValueTask<ISchema> SchemaOfAsync(ITransaction writing, SchemaSnapshot committed, CancellationToken token)
    {
        var block = session.Block;
        if (block.SchemaVersion == 0 || (block.Schema is null && block.SchemaVersion != committed.Version))
        {
            var schema = await session.Output.AwaitAsync(UncommittedSchema.LoadAsync(writing, committed, token)).ConfigureAwait(false);
            block.KnowSchema(schema.Version, schema);
        }

        return block.Schema ?? committed;
    }

    public async ValueTask<bool> CatchUpAsync()
    {
        if (IsLeader || session.Block is { Writing: not null } or { Pinned: true } || session.QuerySnapshot is not null)
        {
            return false;
        }

        try
        {
            var read = session.Reads() with { Consistency = ReadConsistency.Linearizable, Timeout = s_catchUp };
            var snapshot = await session.Output.AwaitAsync(
                session.Database.BeginReadAsync(read, session.Cancellation.Token)).ConfigureAwait(false);
            await snapshot.DisposeAsync().ConfigureAwait(false);
            return true;
        }
        catch (ClusterException)
        {
            return false;
        }
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
