using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>
/// Runs statements that were planned for a version of the schema. Where the schema has another one by now they are planned again, and run with the
/// values that they were bound to.
/// </summary>
internal sealed class Replanning(SessionState session)
{
    private const int TriesMax = 5;

    private readonly SessionPlanning _planning = new(session);

    /// <param name="run">Runs the statements for the given version of the schema, 0 for any.</param>
    /// <param name="refusal">The <see cref="ClusterError.SchemaMoved"/> of a first try; null for none.</param>
    /// <exception cref="ClusterException">
    /// <see cref="ClusterError.SchemaMoved"/>: the schema changes too often, or a statement takes other values with it.
    /// </exception>
    public async ValueTask<T> RunAsync<T>(IReadOnlyList<BoundStatement> statements, Func<IReadOnlyList<Statement>, long, ValueTask<T>> run, ClusterException? refusal = null)
    {
        var texts = new Statement[statements.Count];
        var plans = new PlannedStatement[statements.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            (texts[i], plans[i]) = (statements[i].Statement, statements[i].Plan);
        }

        for (var tries = 1; ; tries++)
        {
            if (refusal is not null)
            {
                // A follower may be behind the leader, whose schema the statement has met.
                await session.Database.WaitForIndexAsync(refusal.Index, session.Cancellation.Token).ConfigureAwait(false);
            }

            // All have to be for one version, since the database compares one.
            var version = 0L;
            foreach (var plan in plans)
            {
                version = Math.Max(version, plan.SchemaVersion);
            }

            var stale = false;
            for (var i = 0; i < plans.Length; i++)
            {
                if (plans[i].SchemaVersion != 0 && (refusal is not null || plans[i].SchemaVersion != version || IsOfAnother(plans[i])))
                {
                    (texts[i], plans[i]) = await ReplanAsync(statements[i]).ConfigureAwait(false);
                    stale |= plans[i].SchemaVersion != version;
                }
            }

            refusal = null;
            if (stale)
            {
                if (tries >= TriesMax)
                {
                    throw ClusterException.SchemaMoved(session.Horizon.LastWritten);
                }

                continue;
            }

            try
            {
                return await run(texts, version).ConfigureAwait(false);
            }
            catch (ClusterException e) when (e.Error == ClusterError.SchemaMoved && tries < TriesMax)
            {
                refusal = e;
            }
        }
    }

    /// <summary>True for a plan that may be tried as it is: only the database knows whether the schema has its version still.</summary>
    public bool MayHold(PlannedStatement plan) => !IsOfAnother(plan);

    private bool Holds(PlannedStatement plan, long version) => plan.SchemaVersion == 0 || (plan.SchemaVersion == version && !IsOfAnother(plan));

    /// <summary>The statement for a snapshot or a transaction that is open: it has its schema, whatever was committed since.</summary>
    /// <param name="version">The schema of a snapshot; null for the block's transaction on the writer.</param>
    /// <exception cref="ClusterException"><see cref="ClusterError.SchemaMoved"/>.</exception>
    public async ValueTask<Statement> AdaptAsync(BoundStatement bound, long? version)
    {
        if (bound.Plan.SchemaVersion == 0 || version == 0)
        {
            return bound.Statement;
        }

        if (version is null && session.Block.SchemaVersion == 0)
        {
            await _planning.TranslationAsync().ConfigureAwait(false);
        }

        version ??= session.Block.SchemaVersion;
        if (Holds(bound.Plan, version.Value))
        {
            return bound.Statement;
        }

        var (statement, plan) = await ReplanAsync(bound).ConfigureAwait(false);
        return plan.SchemaVersion == version ? statement : throw ClusterException.SchemaMoved(session.Horizon.LastWritten);
    }

    /// <summary>
    /// Binds values to a prepared statement. Where search_path or their types may have changed since it was planned, such as an enum with new labels, it
    /// is planned again before they are read.
    /// </summary>
    public async ValueTask<BoundStatement> BindAsync(PreparedStatement prepared, Func<PlannedStatement, Statement> bind)
    {
        if (prepared.Plan.SchemaVersion == 0
            || (HasPath(prepared.Plan) && Array.TrueForAll(prepared.Plan.ParameterTypes, static type => type == 0 || PgTypes.Find(type) is not null)))
        {
            return new BoundStatement(prepared, bind(prepared.Plan));
        }

        await RefreshAsync(prepared).ConfigureAwait(false);
        var plan = prepared.Plan;
        try
        {
            return new BoundStatement(prepared, bind(plan));
        }
        catch (Exception e) when (e is PgException or TypeException)
        {
            // Another node may have just given the type what the value needs.
            if (!await _planning.CatchUpAsync().ConfigureAwait(false))
            {
                throw;
            }

            await RefreshAsync(prepared).ConfigureAwait(false);
            if (prepared.Plan == plan)
            {
                throw;
            }

            return new BoundStatement(prepared, bind(prepared.Plan));
        }
    }

    private async ValueTask RefreshAsync(PreparedStatement prepared)
    {
        var plan = prepared.Plan;
        var context = await _planning.TranslationAsync().ConfigureAwait(false);
        var hasPath = HasPath(plan);
        if (hasPath && Holds(plan, context.Schema.Version))
        {
            return;
        }

        var again = await session.Context.Planner.PlanAsync(plan.Part, plan.ParameterTypes, _planning).ConfigureAwait(false);
        if (HasColumnsOf(again, plan) && again.ParameterTypes.SequenceEqual(plan.ParameterTypes))
        {
            prepared.Renew(again);
        }
        else if (!hasPath)
        {
            throw PlannedStatement.ResultChanged();
        }
    }

    private bool HasPath(PlannedStatement plan) =>
        plan.PlannedPath is not { } path || ReferenceEquals(path, session.Settings.SearchPath) || path.SequenceEqual(session.Settings.SearchPath);

    private static bool HasColumnsOf(PlannedStatement again, PlannedStatement plan) =>
        (again.Columns ?? []).Select(static column => (column.Name, column.Type)).SequenceEqual(
            (plan.Columns ?? []).Select(static column => (column.Name, column.Type)));

    // A version that was undone may come again, with another schema.
    private bool IsOfAnother(PlannedStatement plan) =>
        plan.Uncommitted is { } origin && !(origin.TryGetTarget(out var schema) && ReferenceEquals(schema, session.Block.Schema));

    private async ValueTask<(Statement Statement, PlannedStatement Plan)> ReplanAsync(BoundStatement bound)
    {
        var plan = bound.Plan;
        var again = await session.Context.Planner.PlanAsync(plan.Part, plan.ParameterTypes, _planning).ConfigureAwait(false);
        if (bound.Prepared.PromisesColumns && !HasColumnsOf(again, plan))
        {
            throw PlannedStatement.ResultChanged();
        }

        if (!again.ParameterTypes.SequenceEqual(plan.ParameterTypes) || again.Rebind(bound.Statement, plan, session.Block.Moment) is not { } statement)
        {
            throw ClusterException.SchemaMoved(session.Horizon.LastWritten);
        }

        bound.Prepared.Renew(again);
        return (statement, again);
    }
}
