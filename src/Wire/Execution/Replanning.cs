using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>
/// Runs statements that were planned for a version of the schema. Where the schema has another one by now they are planned again, usually to
/// the same text, and run once more.
/// </summary>
internal sealed class Replanning(SessionState session)
{
    private const int TriesMax = 5;

    private readonly SessionPlanning _planning = new(session);

    /// <param name="run">Runs the statements for the given version of the schema, 0 for any.</param>
    /// <exception cref="ClusterException"><see cref="ClusterError.SchemaMoved"/>: the schema changes too often, or a statement's text with it.</exception>
    public async ValueTask<T> RunAsync<T>(IReadOnlyList<BoundStatement> statements, Func<IReadOnlyList<Statement>, long, ValueTask<T>> run)
    {
        var texts = statements.Select(static bound => bound.Statement).ToArray();
        var version = statements.Max(static bound => bound.Plan.SchemaVersion);
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await run(texts, version).ConfigureAwait(false);
            }
            catch (ClusterException moved) when (moved.Error == ClusterError.SchemaMoved && tries < TriesMax)
            {
                // A follower may be behind the leader, whose schema the statement has met.
                await session.Database.WaitForIndexAsync(moved.Index, session.Cancellation.Token).ConfigureAwait(false);
                for (var i = 0; i < texts.Length; i++)
                {
                    if (statements[i].Plan.SchemaVersion != 0)
                    {
                        (texts[i], version) = await ReplanAsync(statements[i]).ConfigureAwait(false);
                    }
                }
            }
        }
    }

    /// <summary>The statement for a snapshot or a transaction that is open: it has its schema, whatever was committed since.</summary>
    /// <param name="version">The schema of a snapshot; null for the block's transaction on the writer.</param>
    /// <exception cref="ClusterException"><see cref="ClusterError.SchemaMoved"/>.</exception>
    public async ValueTask<Statement> AdaptAsync(BoundStatement bound, long? version)
    {
        var planned = bound.Plan.SchemaVersion;
        if (planned == 0 || version == 0)
        {
            return bound.Statement;
        }

        if (version is null && session.Block.SchemaVersion == 0)
        {
            await _planning.TranslationAsync().ConfigureAwait(false);
        }

        version ??= session.Block.SchemaVersion;
        if (planned == version)
        {
            return bound.Statement;
        }

        var (statement, now) = await ReplanAsync(bound).ConfigureAwait(false);
        return now == version ? statement : throw ClusterException.SchemaMoved(session.Horizon.LastWritten);
    }

    private async ValueTask<(Statement Statement, long Version)> ReplanAsync(BoundStatement bound)
    {
        var plan = bound.Plan;
        var again = await session.Context.Planner.PlanAsync(plan.Part, plan.ParameterTypes, _planning).ConfigureAwait(false);
        if (!(again.Columns ?? []).Select(static column => (column.Name, column.Type)).SequenceEqual(
            (plan.Columns ?? []).Select(static column => (column.Name, column.Type))))
        {
            throw PlannedStatement.ResultChanged();
        }

        var statement = again.ParameterTypes.SequenceEqual(plan.ParameterTypes)
            ? again.Rebind(bound.Statement, plan) : null;
        return statement is not null
            ? (statement, again.SchemaVersion)
            : throw ClusterException.SchemaMoved(session.Horizon.LastWritten);
    }
}
