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
                        if (await ReplanAsync(statements[i].Plan).ConfigureAwait(false) is not { } plan)
                        {
                            throw;
                        }

                        version = plan.SchemaVersion;
                    }
                }
            }
        }
    }

    /// <returns>Null if the statement means something else now, so that its parameters or its columns may be others.</returns>
    private async ValueTask<PlannedStatement?> ReplanAsync(PlannedStatement plan)
    {
        var again = await session.Context.Planner.PlanAsync(plan.Part, plan.ParameterTypes, _planning).ConfigureAwait(false);
        var same = again.Steps.Count == plan.Steps.Count && again.Answer == plan.Answer && again.ParameterTypes.SequenceEqual(plan.ParameterTypes)
            && (again.Columns ?? []).Select(static column => (column.Name, column.Type)).SequenceEqual(
                (plan.Columns ?? []).Select(static column => (column.Name, column.Type)));
        for (var i = 0; same && i < plan.Steps.Count; i++)
        {
            same = plan.Steps[i].Sql.Span.SequenceEqual(again.Steps[i].Sql.Span);
        }

        return same ? again : null;
    }
}
